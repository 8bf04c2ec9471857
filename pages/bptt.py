"""Lesson `bptt`: backpropagation through time with its real numbers, forward and back, step by step."""

import streamlit as st

from lessons.bptt.runs import split_numbers
from ui.blocks import chapters, prose
from ui.i18n import lesson, texts
from ui.server import warm
from ui.state import Param, View, answer, choice, integer, string
from ui.typed.words import LONGEST, split_word

warm.wait()
from lessons import bptt as bptt_chapters  # noqa: E402  (imports torch, which the line above made ready)

CHAPTERS = ("run", "own", "cut", "check")


def steps_named(raw: str) -> str | None:
    """A prediction: "1" … "24" or "skip"."""
    return (
        raw if raw == "skip" or (raw.isascii() and raw.isdigit() and 1 <= int(raw) <= 24) else None
    )


view = View(
    "bptt",
    {
        "part": choice(CHAPTERS),
        "guess": Param("", steps_named),
        "loss": choice(("all", "last")),
        "k": integer(4, 1, 4),
        "kind": choice(("word", "numbers")),
        "word": string("apple", LONGEST, lambda text: split_word(text).problem is None),
        "numbers": string(
            "1.5, 2.3, 0.2, 5.2, 4.9, 3.1", 400, lambda text: split_numbers(text).problem is None
        ),
        "hidden": integer(3, 1, 6),
        "seed": integer(0, 0, 999),
        "trained": integer(0, 0, 200),
        "oloss": choice(("all", "last")),
        "ok": integer(24, 1, 24),
        "cell": choice(("rnn", "lstm", "gru")),
        "T": integer(40, 4, 120),
        "sigma": integer(100, 50, 150),
        "ck": integer(8, 1, 120),
        "closs": choice(("all", "last")),
        "cseed": integer(0, 0, 999),
        "qz5": answer(4),
        "qb1": answer(4),
        "qb2": answer(3),
    },
)
text = lesson("bptt")
prose(text["title"], level=1)
labels = texts("bptt", "chapter_")
chosen = chapters(view, "part", {name: labels[name] for name in CHAPTERS}, texts("bptt")["chapter"])
getattr(bptt_chapters, f"show_{chosen}")(view, text)
st.divider()
prose(text["sources"], level=3)
view.write()
