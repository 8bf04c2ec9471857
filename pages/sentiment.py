"""Lesson `sentiment`: a review's verdict word by word, the words that pushed it, pairs, scores, many at once."""

import streamlit as st

from ui.blocks import chapters, prose
from ui.i18n import lesson, texts
from ui.networks.reviews import CELLS, MOST, is_clean
from ui.server import warm
from ui.state import View, answer, choice, flag, integer, string

warm.wait()
from lessons import sentiment as sentiment_chapters  # noqa: E402  (imports torch, which the line above made ready)

CHAPTERS = ("read", "why", "pairs", "scores", "many", "check")

view = View(
    "sentiment",
    {
        "part": choice(CHAPTERS),
        "of": choice(("", "en", "ja")),
        "text": string("", MOST, is_clean),
        "cell": choice(CELLS),
        "all": flag(),
        "pguess": choice(("", "bag", "rnn", "gru", "lstm", "bi")),
        "pair": integer(3, 0, 9),
        "qs1": answer(3),
        "qs2": answer(3),
        "qs3": answer(3),
    },
)
text = lesson("sentiment")
prose(text["title"], level=1)
labels = texts("sentiment", "chapter_")
title = texts("sentiment")["chapter"]
chosen = chapters(view, "part", {name: labels[name] for name in CHAPTERS}, title)
getattr(sentiment_chapters, f"show_{chosen}")(view, text)
st.divider()
prose(text["sources"], level=3)
view.write()
