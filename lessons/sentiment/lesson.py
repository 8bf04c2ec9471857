"""Lesson `sentiment`: a review's verdict word by word, the words that pushed it, pairs, scores, many at once."""

from __future__ import annotations

from lessons.sentiment import check, many, pairs, read, scores, why
from lessons.sentiment.verdicts import VERDICTS
from ui.networks.reviews import CELLS, MOST, is_clean
from ui.page import Lesson
from ui.state import choice, flag, integer, string

LESSON = Lesson(
    "sentiment",
    params={
        "of": choice(("", "en", "ja")),
        "text": string("", MOST, is_clean),
        "cell": choice(CELLS),
        "all": flag(),
        "pguess": choice(("", "bag", "rnn", "gru", "lstm", "bi")),
        "pair": integer(3, 0, 9),
    },
    chapters={
        "read": read.show,
        "why": why.show,
        "pairs": pairs.show,
        "scores": scores.show,
        "many": many.show,
        "check": check.show,
    },
    quizzes=check.QUIZZES,
    verdicts=VERDICTS,
    errata=check.ERRATA,
    opened={"of": "en", "all": "1", "pguess": "bi", "qs1": "0", "qs2": "0", "qs3": "0"},
    views={
        "sentiment": {"all": "1", "t": "5"},
        "both": {"cell": "bi"},
        "pairs": {"part": "pairs", "pguess": "bi"},
        "check": {"part": "check", "qs1": "1", "qs2": "0"},
    },
)
