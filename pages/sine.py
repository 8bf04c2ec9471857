"""Lesson `sine`: windows and targets, training live, one step ahead and running free, the lag measured, claims."""

import streamlit as st

from ui.blocks import chapters, prose
from ui.i18n import lesson, texts
from ui.server import warm
from ui.state import View, choice, integer, number, string

warm.wait()
from lessons import sine as sine_chapters  # noqa: E402  (imports torch, which the line above made ready)
from lessons.sine.series import SOURCES, decode_drawn  # noqa: E402
from lessons.sine.shared import EPOCHS  # noqa: E402

CHAPTERS = ("pairs", "train", "claims")

view = View(
    "sine",
    {
        "part": choice(CHAPTERS),
        "source": choice(SOURCES),
        "drawn": string("", 240, lambda raw: decode_drawn(raw) is not None),
        "window": integer(5, 1, 25),
        "pair": integer(1, 1, 600),
        "epochs": number(500, EPOCHS),
        "hidden": integer(32, 2, 64),
        "cell": choice(("rnn", "lstm", "gru")),
        "seed": integer(0, 0, 999),
        "done": integer(0, 0, EPOCHS[-1]),
        "fn": choice(("tanh", "σ", "ReLU")),
    },
)
text = lesson("sine")
prose(text["title"], level=1)
labels = texts("sine", "chapter_")
title = texts("sine")["chapter"]
chosen = chapters(view, "part", {name: labels[name] for name in CHAPTERS}, title)
getattr(sine_chapters, f"show_{chosen}")(view, text)
st.divider()
prose(text["sources"], level=3)
view.write()
