"""Lesson `lstm`: every gate of a trained LSTM on the reader's own sentence; gates by hand; gates held; whose slice is whose."""

from __future__ import annotations

from lessons.lstm import check, errata, ladder, read, sandbox, slices, surgery, totemo
from lessons.lstm.sandbox import read_rows
from lessons.lstm.slices import MOST_NUMBERS
from lessons.lstm.verdicts import VERDICTS
from rnn_core.forward.probing import FEATURES
from rnn_core.labs.hand import CHALLENGES
from ui.networks.chars import MOST, is_clean
from ui.page import Lesson
from ui.state import choice, integer, string, typed

SORTS = ("moves", "number", *dict.fromkeys(f.name for row in FEATURES.values() for f in row))

LESSON = Lesson(
    "lstm",
    params={
        "corpus": choice(("", "en", "ja")),
        "text": string("", MOST, is_clean),
        "sort": choice(SORTS),
        "task": choice(tuple(c.name for c in CHALLENGES)),
        "gates": string("", 200, lambda raw: read_rows(raw) is not None),
        "rung": choice(("gates", "forget", "peephole")),
        "ltask": choice(("latch", "count", "above")),
        "lseed": integer(1, 0, 999),
        "ldone": integer(0, 0, 600),
        "hold": choice(("f", "i", "o", "g", "c", "h")),
        "to": integer(100, -100, 100),
        "from": integer(10, 1, MOST),
        "until": integer(MOST, 1, MOST),
        "which": typed("", 60),
        "order": choice(("torch", "keras")),
        "row": integer(0, 0, 100_000),
        "module": integer(0, 0, 99),
        "numbers": typed("", MOST_NUMBERS),
    },
    chapters={
        "read": read.show,
        "sandbox": sandbox.show,
        "ladder": ladder.show,
        "surgery": surgery.show,
        "totemo": totemo.show,
        "slices": slices.show,
        "check": check.show,
    },
    quizzes=check.QUIZZES,
    verdicts=VERDICTS,
    errata=errata.ERRATA,
    opened={
        "corpus": "ja",
        "hold": "f",
        "to": "0",
        "qz7": "0",
        "qz8": "0",
        "qz9a": "0",
        "qz9b": "0",
    },
    views={
        "lstm": {"t": "12"},
        "cell": {"t": "12", "open": "l0/l0.f~12~58", "sort": "number"},
        "sandbox": {"part": "sandbox", "task": "deliver"},
        "surgery": {"part": "surgery", "hold": "f", "to": "0"},
        "slices": {"part": "slices", "row": "5"},
        "check": {"part": "check", "qz8": "1", "qz7": "1"},
    },
)
