"""Chapter `check` of the lesson `gradients`."""

from __future__ import annotations

import numpy as np

from lessons.gradients.errata import ERRATA
from lessons.gradients.verdicts import VERDICTS
from ui.blocks import (
    prose,
)
from ui.errata import show_errata
from ui.page import Content
from ui.quizzes import CodeQuiz, Quiz, Space, ask, ask_all
from ui.state import View
from ui.verdicts import show_verdicts


def _two_gradients() -> list[Space]:
    """A long gradient and a short one."""
    return [
        {"g": g, "norm": float(np.linalg.norm(g)), "threshold": 1.0}
        for g in (np.array([3.0, -4.0]), np.array([0.03, -0.04]))
    ]


QZ6 = CodeQuiz(
    "qz6",
    right=2,
    lines=(
        "g * norm / threshold if norm >= threshold else g",
        "g * threshold / norm",
        "g * threshold / norm if norm >= threshold else g",
        "np.minimum(g, threshold)",
    ),
    spaces=_two_gradients,
    heads=("g₁ = 3", "g₂ = −4", "g₁ = 0.03", "g₂ = −0.04"),
)
THREE_LINES = (Quiz("qz18a", right=1), Quiz("qz18b", right=0), Quiz("qz18c", right=2))
QUIZZES = (QZ6, *THREE_LINES)


def show(view: View, content: Content) -> None:
    """Quizzes, the verdicts on the claims with the numbers behind them, and the errors of the sources."""
    ask(view, QZ6)
    prose(content["three-lines"])
    ask_all(view, THREE_LINES)
    prose(content["verdicts"])
    show_verdicts(VERDICTS)
    show_errata("gradients", ERRATA)
