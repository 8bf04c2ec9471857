"""Lesson `lstm`: every gate of a trained LSTM on the reader's own sentence; gates by hand; gates held; whose slice is whose."""

import streamlit as st

from ui.blocks import chapters, prose
from ui.i18n import lesson, texts
from ui.networks.chars import MOST, is_clean
from ui.server import warm
from ui.state import View, answer, choice, integer, string, typed

warm.wait()
from lessons.lstm.sandbox import read_rows  # noqa: E402
from lessons.lstm.slices import MOST_NUMBERS  # noqa: E402
from rnn_core.forward.probing import FEATURES  # noqa: E402
from rnn_core.labs.hand import CHALLENGES  # noqa: E402
from ui import lstm_chapters  # noqa: E402  (imports torch, which the line above made ready)

CHAPTERS = ("read", "sandbox", "ladder", "surgery", "totemo", "slices", "check")
SORTS = ("moves", "number", *dict.fromkeys(f.name for row in FEATURES.values() for f in row))

view = View(
    "lstm",
    {
        "part": choice(CHAPTERS),
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
        "qz8": answer(4),
        "qz9a": answer(3),
        "qz9b": answer(3),
        "qz7": answer(3),
    },
)
text = lesson("lstm")
prose(text["title"], level=1)
labels = texts("lstm", "chapter_")
chosen = chapters(view, "part", {name: labels[name] for name in CHAPTERS}, texts("lstm")["chapter"])
getattr(lstm_chapters, f"show_{chosen}")(view, text)
st.divider()
prose(text["sources"], level=3)
view.write()
