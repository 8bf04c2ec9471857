"""The card with its failures, and the quizzes of the lecture."""

from __future__ import annotations

import numpy as np

from lessons.translation.bottleneck import examples_table
from lessons.translation.errata import ERRATA
from ui.blocks import prose
from ui.errata import show_errata
from ui.networks import translators as translations
from ui.page import Content
from ui.quizzes import CodeQuiz, Quiz, ask_all
from ui.state import View

AT = {"E": np.array([[1, 2, 3, 4], [5, 6, 7, 8]]), "w": np.array([0, 0, 1, 0])}

QUIZZES = (
    Quiz("qz13", right=2, choices=4),
    CodeQuiz(
        "qz14",
        right=0,
        lines=("E.dot(w)", "w.dot(E)", "E * w", "E + w"),
        spaces=lambda: [AT],
        heads=("x[0]", "x[1]"),
        told=", ".join(f"{name} = {value.tolist()}" for name, value in AT.items()),
        show=lambda value: f"{value:g}",
    ),
    Quiz("qz17a", right=1),
    Quiz("qz17b", right=2),
)


def show(view: View, content: Content) -> None:
    """QZ-13, QZ-14, QZ-17; the errors of the sources; and what the network cannot do."""
    prose(content["check"])
    ask_all(view, QUIZZES)
    show_errata("translation", ERRATA)
    direction = translations.direction_of(view)
    prose(content["card"], level=2, **translations.card_numbers(direction))
    for kind in ("by-lot", "worst"):
        prose(content[kind])
        keys = ("source", "reference", "attention")
        examples_table(direction, kind.replace("-", "_"), keys)
