"""Lesson `adder`: two binary numbers added bit by bit; the carry found; trained live; broken; the notes' claims measured."""

from __future__ import annotations

from lessons.adder import add, claims, fail, train
from lessons.adder.claims import QUESTIONS
from lessons.adder.fail import is_number
from lessons.adder.runs import CHOICES, GOALS, NOTES, decode_runs
from lessons.adder.shared import NETS
from lessons.adder.verdicts import VERDICTS
from ui.page import Lesson
from ui.state import Param, choice, integer, string


def knob(name: str) -> Param:
    """A knob of the training: one of its values, the notes' at first."""
    written = {f"{v:g}" if isinstance(v, float) else str(v): v for v in CHOICES[name]}
    return Param(
        getattr(NOTES, name),
        written.get,
        lambda v: f"{v:g}" if isinstance(v, float) else str(v),
        options=tuple(CHOICES[name]),
    )


LESSON = Lesson(
    "adder",
    params={
        "of": choice(NETS),
        "long": choice(NETS, "early"),
        "a": integer(107, 0, 255),
        "b": integer(53, 0, 255),
        "cell": knob("cell"),
        "act": knob("activation"),
        "start": knob("start"),
        "scale": knob("scale"),
        "hidden": knob("hidden"),
        "lr": knob("lr"),
        "opt": knob("optimizer"),
        "clip": Param(
            None,
            {"0.1": 0.1, "1": 1.0, "10": 10.0}.get,
            lambda v: f"{v:g}",
            options=tuple(CHOICES["clip"][1:]),
        ),
        "batch": knob("batch"),
        "loss": knob("loss"),
        "seed": integer(0, 0, 999),
        "goal": integer(3, 0, len(GOALS) - 1),
        "done": integer(0, 0, GOALS[-1]),
        "runs": string("", 400, lambda raw: decode_runs(raw) is not None),
        "big_a": string(str(2**61 - 1), 19, is_number),
        "big_b": string("1", 19, is_number),
        "claim": choice(tuple(QUESTIONS)),
    },
    chapters={
        "add": add.show,
        "train": train.show,
        "break": fail.show,
        "claims": claims.show,
    },
    verdicts=VERDICTS,
    errata=claims.ERRATA,
    opened={"done": "100", "goal": "0"},
    views={
        "adder": {"t": "3"},
        "train": {
            "part": "train",
            "done": "500",
            "runs": "rnn~tanh~he~1~16~0.1~sgd~None~1~squared~0",
        },
        "claims": {"part": "claims", "claim": "clm7"},
    },
)
