"""The quizzes of the lecture on the LSTM."""

from __future__ import annotations

from lessons.lstm.errata import ERRATA
from ui.blocks import values_told
from ui.errata import show_errata
from ui.page import Content
from ui.quizzes import CodeQuiz, Quiz, ask_all
from ui.state import View

AT = {"f": 0.5, "i": 0.8, "g": -0.5, "o": 0.6, "c": 2.0}

QUIZZES = (
    Quiz("qz7", right=1),
    CodeQuiz(
        "qz8",
        right=0,
        lines=(
            "f * c + i * g",
            "(1 - f) * c + f * g",
            "f * (c + i * g)",
            "o * np.tanh(f * c + i * g)",
        ),
        spaces=lambda: [AT],
        heads=("c",),
        told=values_told(AT),
    ),
    Quiz("qz9a", right=2),
    Quiz("qz9b", right=0),
)


def show(view: View, content: Content) -> None:
    """The quizzes of the lecture on the LSTM, and the errors of the sources."""
    ask_all(view, QUIZZES)
    show_errata("lstm", ERRATA)
