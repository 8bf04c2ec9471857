"""Chapter `check` of the lesson `gru`."""

from __future__ import annotations

from functools import cache

from rnn_core.labs.slips import slipped_nats
from rnn_core.models.chars import SAMPLES
from ui.blocks import values_told
from ui.errata import Erratum, show_errata
from ui.networks import chars
from ui.page import Content
from ui.quizzes import CodeQuiz, Quiz, ask_all
from ui.state import View

AT = {"z": 0.25, "r": 0.5, "n": -0.6, "h": 0.8}

QUIZZES = (
    CodeQuiz(
        "qz10",
        right=0,
        lines=(
            "(1 - z) * h + z * n",
            "z * h + (1 - r) * n",
            "r * h + z * n",
            "(1 - z) * n * h",
        ),
        spaces=lambda: [AT],
        heads=("h",),
        told=values_told(AT),
    ),
    Quiz("qz11", right=1),
)


def show(view: View, content: Content) -> None:
    """The quizzes of the lecture on the GRU, and what a source leaves open."""
    ask_all(view, QUIZZES)
    show_errata("gru", ERRATA)


@cache
def _z_turned() -> dict[str, str]:
    """Nats per character on the models' sample texts, with z as it was trained and read the other way round."""
    return {
        f"{name}_{corpus}": f"{slipped_nats(chars.model_of('gru', corpus), SAMPLES[corpus], slip):.2f}"
        for corpus in ("en", "ja")
        for name, slip in (("right", ""), ("wrong", "z_turned"))
    }


ERRATA = (Erratum("z", "S2", _z_turned),)
