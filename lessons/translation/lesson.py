"""Lesson `translation`: English to Japanese and back, the encoder's memory, attention, what-ifs, beams, the bottleneck."""

from __future__ import annotations

from lessons.translation import beam, bottleneck, check, errata, learning, read, whatif, words
from lessons.translation.verdicts import VERDICTS
from lessons.translation.whatif import LONGEST_LINK, LONGEST_SHARES, LONGEST_WORD, read_rows
from lessons.translation.words import MOST as MOST_CUT
from lessons.translation.words import is_clean as is_clean_cut
from rnn_core.networks.translator import REWARD
from ui.networks.translators import DIRECTIONS, MOST, is_clean
from ui.page import Lesson
from ui.state import choice, flag, integer, string, typed

LESSON = Lesson(
    "translation",
    params={
        "dir": choice(("", *DIRECTIONS)),
        "text": string("", MOST, is_clean),
        "swap": integer(0, 0, 40),
        "by": typed("", LONGEST_WORD),
        "prefix": typed("", 100),
        "cut": flag(),
        "row": integer(0, 0, 99),
        "place": integer(0, 0, 99),
        "shares": typed("", LONGEST_SHARES),
        "looks": string("", LONGEST_LINK, lambda raw: read_rows(raw) is not None),
        "width": integer(5, 1, 10),
        "alpha": integer(0, 0, 10),
        "reward": integer(round(10 * REWARD), 0, 15),
        "step": integer(0, 0, 99),
        "tau": integer(10, 1, 30),
        "seed": integer(0, 0, 999),
        "which": integer(0, 0, 99),
        "at": integer(999, 0, 999),
        "cuttext": string("", MOST_CUT, is_clean_cut),
    },
    chapters={
        "read": read.show,
        "whatif": whatif.show,
        "beam": beam.show,
        "bottleneck": bottleneck.show,
        "learning": learning.show,
        "words": words.show,
        "check": check.show,
    },
    quizzes=check.QUIZZES,
    verdicts=VERDICTS,
    errata=errata.ERRATA,
    opened={
        "dir": "en-ja",
        "qz13": "0",
        "qz14": "0",
        "qz17a": "0",
        "qz17b": "0",
        "swap": "1",
        "by": "book",
    },
)
