"""Lesson `bptt`: backpropagation through time with its real numbers, forward and back, step by step."""

from __future__ import annotations

from lessons.bptt import check, cut, own, run
from lessons.bptt.runs import split_numbers
from ui.page import Lesson
from ui.state import Param, choice, integer, string
from ui.typed.words import LONGEST, split_word


def steps_named(raw: str) -> str | None:
    """A prediction: "1" … "24" or "skip"."""
    return raw if raw == "skip" or (raw.isascii() and raw.isdigit() and 1 <= int(raw) <= 24) else None


LESSON = Lesson(
    "bptt",
    params={
        "guess": Param("", steps_named),
        "loss": choice(("all", "last")),
        "k": integer(4, 1, 4),
        "kind": choice(("word", "numbers")),
        "word": string("apple", LONGEST, lambda text: split_word(text).problem is None),
        "numbers": string("1.5, 2.3, 0.2, 5.2, 4.9, 3.1", 400, lambda text: split_numbers(text).problem is None),
        "hidden": integer(3, 1, 6),
        "seed": integer(0, 0, 999),
        "trained": integer(0, 0, 200),
        "oloss": choice(("all", "last")),
        "ok": integer(24, 1, 24),
        "cell": choice(("rnn", "lstm", "gru")),
        "T": integer(40, 4, 120),
        "sigma": integer(100, 50, 150),
        "ck": integer(8, 1, 120),
        "closs": choice(("all", "last")),
        "cseed": integer(0, 0, 999),
    },
    chapters={
        "run": run.show,
        "own": own.show,
        "cut": cut.show,
        "check": check.show,
    },
    quizzes=check.QUIZZES,
    errata=check.ERRATA,
    opened={"guess": "2", "k": "2", "qz5": "0", "qb1": "0", "qb2": "0"},
    views={
        "bptt": {"guess": "2", "t": "7", "open": "/l0.d~2~1"},
        "own": {"part": "own", "kind": "numbers", "wt": "8"},
        "check": {"part": "check", "qz5": "0", "qb1": "0"},
    },
)
