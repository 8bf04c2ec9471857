"""Chapter `check` of the lesson `hello`."""

from __future__ import annotations

from functools import cache

from rnn_core.models.hello import WORD
from ui.blocks import percent, signed
from ui.errata import Erratum, show_errata
from ui.page import Content
from ui.quizzes import CodeQuiz, Quiz, Space, ask_all
from ui.server import models
from ui.state import View


def _first_step() -> list[Space]:
    """The lecture's network at its first step; h_1 is the true next state."""
    model = models.shared("hello-lecture")
    lane = model.read(WORD[:-1]).trace.lane()
    return [
        {name: weight.numpy() for name, weight in lane.weights.items()}
        | {
            "W_hy": model.readout.weight.numpy(),
            "b_y": model.readout.bias.numpy(),
            "x_1": lane.x[0, 0].numpy(),
            "h_0": lane.h_0[0].numpy(),
            "h_1": lane.h[0, 0].numpy(),
        }
    ]


def _first_scores() -> tuple[str, list[float]]:
    return "blocks.network", models.shared("hello-lecture").read(WORD[:1]).scores[0].tolist()


QUIZZES = (
    Quiz("qz2", right=1, choices=4),
    CodeQuiz(
        "qz4",
        right=2,
        lines=(
            "W_hy @ (W_xh @ x_1 + W_hh @ h_0 + b_h) + b_y",
            "W_hy @ np.tanh(W_xh @ x_1 + W_hh @ h_1 + b_h) + b_y",
            "W_hy @ np.tanh(W_xh @ x_1 + W_hh @ h_0 + b_h) + b_y",
            "np.tanh(W_hy @ (W_xh @ x_1 + W_hh @ h_0 + b_h) + b_y)",
        ),
        spaces=_first_step,
        heads=("h", "e", "l", "o"),
        truth=_first_scores,
    ),
)


def show(view: View, content: Content) -> None:
    """Quizzes of the lecture, and its errors put right."""
    ask_all(view, QUIZZES)
    show_errata("hello", ERRATA)


@cache
def _scores_and_probabilities() -> dict[str, str]:
    """Of the lecture's network after h: the largest score and the smallest, what the scores add up to, and the same as probabilities."""
    reading = models.shared("hello-lecture").read(WORD[:-1])
    scores, p = reading.scores[0], reading.probabilities[0]
    return {
        "most": signed(float(scores.max())),
        "least": signed(float(scores.min())),
        "sum": signed(float(scores.sum())),
        "p_most": percent(float(p.max())),
        "p_sum": percent(float(p.sum())),
    }


ERRATA = (
    Erratum("logits", "S4", _scores_and_probabilities),
    Erratum("index", "S4"),
)
