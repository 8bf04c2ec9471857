"""Lesson `adder`: two binary numbers added bit by bit; the carry found; trained live; broken; the notes' claims measured."""

import streamlit as st

from ui.blocks import chapters, prose
from ui.i18n import lesson, texts
from ui.server import warm
from ui.state import Param, View, choice, integer, string

warm.wait()
from lessons import adder as adder_chapters  # noqa: E402  (imports torch, which the line above made ready)
from lessons.adder.claims import QUESTIONS  # noqa: E402
from lessons.adder.fail import is_number  # noqa: E402
from lessons.adder.runs import CHOICES, GOALS, NOTES, decode_runs  # noqa: E402
from lessons.adder.shared import NETS  # noqa: E402

CHAPTERS = ("add", "train", "break", "claims")


def knob(name: str) -> Param:
    """A knob of the training: one of its values, the notes' at first."""
    written = {f"{v:g}" if isinstance(v, float) else str(v): v for v in CHOICES[name]}
    return Param(
        getattr(NOTES, name),
        written.get,
        lambda v: f"{v:g}" if isinstance(v, float) else str(v),
        samples=CHOICES[name],
    )


view = View(
    "adder",
    {
        "part": choice(CHAPTERS),
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
            samples=CHOICES["clip"][1:],
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
)
text = lesson("adder")
prose(text["title"], level=1)
labels = texts("adder", "chapter_")
title = texts("adder")["chapter"]
chosen = chapters(view, "part", {name: labels[name] for name in CHAPTERS}, title)
getattr(adder_chapters, f"show_{chosen}")(view, text)
st.divider()
prose(text["sources"], level=3)
view.write()
