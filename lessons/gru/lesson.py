"""Lesson `gru`: the same sentence through a GRU, z in both conventions, from LSTM to GRU, and the claim measured."""

from __future__ import annotations

from lessons.gru import check, compare, read, rewire
from lessons.gru.compare import HIDDEN
from lessons.gru.verdicts import VERDICTS
from rnn_core.forward.probing import FEATURES
from ui.networks.chars import MOST, is_clean
from ui.page import Lesson
from ui.state import choice, integer, number, string

SORTS = ("moves", "number", *dict.fromkeys(f.name for row in FEATURES.values() for f in row))

LESSON = Lesson(
    "gru",
    params={
        "corpus": choice(("", "en", "ja")),
        "text": string("", MOST, is_clean),
        "sort": choice(SORTS),
        "z": choice(("torch", "chung")),
        "frame": integer(1, 1, 5),
        "hidden": number(128, HIDDEN),
    },
    chapters={
        "read": read.show,
        "rewire": rewire.show,
        "compare": compare.show,
        "check": check.show,
    },
    quizzes=check.QUIZZES,
    verdicts=VERDICTS,
    errata=check.ERRATA,
    opened={"qz10": "0", "qz11": "0"},
    views={
        "gru": {"t": "12", "z": "chung", "open": "l0/"},
        "rewire": {"part": "rewire", "frame": "4"},
        "check": {"part": "check", "qz10": "0"},
    },
)
