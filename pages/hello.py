"""Lesson `hello`: the lecture's character network, run, trained, and made for any word."""

import streamlit as st

from lessons.hello.edits import dump_edits, parse_edits
from ui.blocks import chapters, prose
from ui.i18n import lesson, texts
from ui.server import warm
from ui.state import Param, View, answer, choice, integer, number, string
from ui.typed.words import LONGEST, split_word

warm.wait()
from lessons import hello as hello_chapters  # noqa: E402  (imports torch, which the line above made ready)

LEARNING_RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
CHAPTERS = ("run", "train", "word", "check")

view = View(
    "hello",
    {
        "part": choice(CHAPTERS),
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
        "qz2": answer(4),
        "qz4": answer(4),
    },
)
text = lesson("hello")
prose(text["title"], level=1)
labels = texts("hello", "chapter_")
chosen = chapters(
    view, "part", {name: labels[name] for name in CHAPTERS}, texts("hello")["chapter"]
)
getattr(hello_chapters, f"show_{chosen}")(view, text, LEARNING_RATES)
st.divider()
prose(text["sources"], level=3)
view.write()
