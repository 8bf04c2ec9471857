"""Lesson `gru`: the same sentence through a GRU, z in both conventions, from LSTM to GRU, and the claim measured."""

import streamlit as st

from ui.blocks import chapters, prose
from ui.i18n import lesson, texts
from ui.networks.chars import MOST, is_clean
from ui.server import warm
from ui.state import View, answer, choice, integer, number, string

warm.wait()
from lessons import gru as gru_chapters  # noqa: E402  (imports torch, which the line above made ready)
from lessons.gru.compare import HIDDEN  # noqa: E402
from rnn_core.forward.probing import FEATURES  # noqa: E402

CHAPTERS = ("read", "rewire", "compare", "check")
SORTS = ("moves", "number", *dict.fromkeys(f.name for row in FEATURES.values() for f in row))

view = View(
    "gru",
    {
        "part": choice(CHAPTERS),
        "corpus": choice(("", "en", "ja")),
        "text": string("", MOST, is_clean),
        "sort": choice(SORTS),
        "z": choice(("torch", "chung")),
        "frame": integer(1, 1, 5),
        "hidden": number(128, HIDDEN),
        "qz10": answer(4),
        "qz11": answer(3),
    },
)
text = lesson("gru")
prose(text["title"], level=1)
labels = texts("gru", "chapter_")
chosen = chapters(view, "part", {name: labels[name] for name in CHAPTERS}, texts("gru")["chapter"])
getattr(gru_chapters, f"show_{chosen}")(view, text)
st.divider()
prose(text["sources"], level=3)
view.write()
