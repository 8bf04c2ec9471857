"""Lesson `translation`: English to Japanese and back, the encoder's memory, attention, what-ifs, beams, the bottleneck."""

import streamlit as st

from ui.blocks import chapters, prose
from ui.i18n import lesson, texts
from ui.server import warm
from ui.state import View, answer, choice, flag, integer, string, typed

warm.wait()
from lessons.translation.whatif import LONGEST_LINK, LONGEST_SHARES, LONGEST_WORD, read_rows  # noqa: E402
from lessons.translation.words import MOST as MOST_CUT  # noqa: E402
from lessons.translation.words import is_clean as is_clean_cut  # noqa: E402
from rnn_core.networks.translator import REWARD  # noqa: E402  (imports torch, which the line above made ready)
from ui import translation_chapters  # noqa: E402
from ui.networks.translators import DIRECTIONS, MOST, is_clean  # noqa: E402

CHAPTERS = ("read", "whatif", "beam", "bottleneck", "learning", "words", "check")

view = View(
    "translation",
    {
        "part": choice(CHAPTERS),
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
        "qz13": answer(4),
        "qz14": answer(4),
        "qz17a": answer(3),
        "qz17b": answer(3),
    },
)
text = lesson("translation")
prose(text["title"], level=1)
labels = texts("translation", "chapter_")
title = texts("translation")["chapter"]
chosen = chapters(view, "part", {name: labels[name] for name in CHAPTERS}, title)
getattr(translation_chapters, f"show_{chosen}")(view, text)
st.divider()
prose(text["sources"], level=3)
view.write()
