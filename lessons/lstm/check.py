"""The quizzes of the lecture on the LSTM."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from lessons.lstm.errata import ERRATA
from ui.blocks import quiz, signed, table, values_told
from ui.errata import show_errata
from ui.i18n import Section, text
from ui.state import View

Text = Mapping[str, Section]

QZ8 = (
    "f * c + i * g",
    "(1 - f) * c + f * g",
    "f * (c + i * g)",
    "o * np.tanh(f * c + i * g)",
)
QZ8_RIGHT = 0
QZ8_AT = {"f": 0.5, "i": 0.8, "g": -0.5, "o": 0.6, "c": 2.0}


def show(view: View, content: Text) -> None:
    """The quizzes of the lecture on the LSTM, and the errors of the sources."""
    quiz(view, "qz7", [text(f"lstm.qz7_choice{k}") for k in range(3)], right=1)
    quiz(view, "qz8", QZ8, QZ8_RIGHT, code=True, after=_qz8_table)
    for name, right in (("qz9a", 2), ("qz9b", 0)):
        quiz(view, name, [text(f"lstm.{name}_choice{k}") for k in range(3)], right=right)
    show_errata("lstm", ERRATA)


def qz8_values() -> list[float]:
    """What every line of QZ-8 returns for the values of `QZ8_AT`."""
    space = {"np": np} | QZ8_AT
    # our own four lines, never a visitor's text
    return [float(eval(line, {"__builtins__": {}}, space)) for line in QZ8]  # noqa: S307


def _qz8_table() -> None:
    st.markdown(text("blocks.returns_at", values=values_told(QZ8_AT)))
    table(
        [text("blocks.choice"), "c"],
        [[line, signed(v)] for line, v in zip(QZ8, qz8_values(), strict=True)],
        [k == QZ8_RIGHT for k in range(4)],
    )
