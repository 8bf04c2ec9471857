"""Lesson `hello`: the lecture's character network, run, trained, and made for any word."""

from __future__ import annotations

from lessons.hello import check, run, train, word
from lessons.hello.edits import dump_edits, parse_edits
from lessons.hello.shared import LEARNING_RATES
from ui.page import Lesson
from ui.state import Param, choice, integer, number, string
from ui.typed.words import LONGEST, split_word

LESSON = Lesson(
    "hello",
    params={
        "guess": choice(("", "h", "e", "l", "o", "skip")),
        "edit": Param({}, parse_edits, dump_edits),
        "lr": number(0.01, LEARNING_RATES),
        "steps": integer(60, 10, 300),
        "done": integer(0, 0, 300),
        "word": string("apple", LONGEST, lambda text: split_word(text).problem is None),
        "hidden": integer(4, 1, 16),
        "seed": integer(0, 0, 999),
        "wlr": number(0.03, LEARNING_RATES),
        "wsteps": integer(100, 10, 300),
        "wdone": integer(0, 0, 300),
        "wedit": Param({}, parse_edits, dump_edits),
    },
    chapters={
        "run": run.show,
        "train": train.show,
        "word": word.show,
        "check": check.show,
    },
    quizzes=check.QUIZZES,
    errata=check.ERRATA,
    opened={
        "guess": "o",
        "edit": "W_hh,0,0,1",
        "done": "20",
        "wdone": "10",
        "qz2": "0",
        "qz4": "0",
    },
    views={
        "run": {"guess": "e", "t": "2", "open": "/l0.h~2~1"},
        "cell": {"guess": "o", "t": "2", "open": "l0/"},
        "box": {"guess": "o", "t": "2", "draw": "box"},
        "train": {"part": "train", "done": "60"},
        "word": {"part": "word", "word": "mississippi", "wdone": "100"},
        "check": {"part": "check", "qz2": "1", "qz4": "0"},
    },
)
