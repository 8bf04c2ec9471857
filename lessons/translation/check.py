"""The card with its failures, and the quizzes of the lecture."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from lessons.translation.bottleneck import examples_table
from lessons.translation.errata import ERRATA
from ui.blocks import prose, quiz, table
from ui.errata import show_errata
from ui.i18n import Section, text
from ui.networks import translators as translations
from ui.state import View

Text = Mapping[str, Section]

QZ14 = ("E.dot(w)", "w.dot(E)", "E * w", "E + w")
QZ14_RIGHT = 0
QZ14_AT = {"E": np.array([[1, 2, 3, 4], [5, 6, 7, 8]]), "w": np.array([0, 0, 1, 0])}


def show(view: View, content: Text) -> None:
    """QZ-13, QZ-14, QZ-17; the errors of the sources; and what the network cannot do."""
    prose(content["check"])
    quiz(view, "qz13", [text(f"translation.qz13_choice{k}") for k in range(4)], right=2)
    quiz(view, "qz14", QZ14, QZ14_RIGHT, code=True, after=_qz14_table)
    quiz(view, "qz17a", [text(f"translation.qz17a_choice{k}") for k in range(3)], right=1)
    quiz(view, "qz17b", [text(f"translation.qz17b_choice{k}") for k in range(3)], right=2)
    show_errata("translation", ERRATA)
    direction = translations.direction_of(view)
    prose(content["card"], level=2, **translations.card_numbers(direction))
    for kind in ("by-lot", "worst"):
        prose(content[kind])
        keys = ("source", "reference", "attention")
        examples_table(direction, kind.replace("-", "_"), keys)


def qz14_values() -> list[str]:
    """What every line of QZ-14 returns for `QZ14_AT`, or what NumPy says against it."""
    found = []
    for line in QZ14:
        try:  # our own four lines, never a visitor's text
            value = eval(line, {"__builtins__": {}}, dict(QZ14_AT))  # noqa: S307
            found.append(str(value.tolist()))
        except ValueError as error:
            found.append(f"ValueError: {error}")
    return found


def _qz14_table() -> None:
    E, w = (str(QZ14_AT[n].tolist()) for n in ("E", "w"))
    st.markdown(text("blocks.returns_at", values=f"E = {E}, w = {w}"))
    table(
        [text("blocks.choice"), "x"],
        [[line, value] for line, value in zip(QZ14, qz14_values(), strict=True)],
        [k == QZ14_RIGHT for k in range(len(QZ14))],
    )
