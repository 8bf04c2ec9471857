"""Chapter `check` of the lesson `hello`."""

from __future__ import annotations

from functools import cache

import numpy as np
import streamlit as st

from lessons.hello.shared import Text
from rnn_core.models.hello import WORD
from ui.blocks import percent, quiz, signed, table
from ui.errata import Erratum, show_errata
from ui.i18n import text
from ui.server import models
from ui.state import View

QZ4 = (
    "W_hy @ (W_xh @ x_1 + W_hh @ h_0 + b_h) + b_y",
    "W_hy @ np.tanh(W_xh @ x_1 + W_hh @ h_1 + b_h) + b_y",
    "W_hy @ np.tanh(W_xh @ x_1 + W_hh @ h_0 + b_h) + b_y",
    "np.tanh(W_hy @ (W_xh @ x_1 + W_hh @ h_0 + b_h) + b_y)",
)
QZ4_RIGHT = 2


def show(view: View, content: Text) -> None:
    """Quizzes of the lecture, and its errors put right."""
    quiz(view, "qz2", [text(f"hello.qz2_choice{k}") for k in range(4)], right=1)
    quiz(view, "qz4", QZ4, QZ4_RIGHT, code=True, after=_qz4_values)
    show_errata("hello", ERRATA)


def qz4_values() -> list[list[float]]:
    """What every line of QZ-4 returns for the lecture's network; h_1 is the true next state."""
    model = models.shared("hello-lecture")
    reading = model.read(WORD[:-1])
    lane, W = reading.trace.lane(), reading.trace.lane().weights
    space = {"np": np} | {name: weight.numpy() for name, weight in W.items()}
    space |= {
        "W_hy": model.readout.weight.numpy(),
        "b_y": model.readout.bias.numpy(),
        "x_1": lane.x[0, 0].numpy(),
        "h_0": lane.h_0[0].numpy(),
        "h_1": lane.h[0, 0].numpy(),
    }
    # our own four lines, never a visitor's text
    return [list(map(float, eval(line, {"__builtins__": {}}, space))) for line in QZ4]  # noqa: S307


def _qz4_values() -> None:
    truth = models.shared("hello-lecture").read(WORD[:1]).scores[0].tolist()
    st.markdown(text("blocks.returns"))
    rows = [[line, *[signed(v) for v in row]] for line, row in zip(QZ4, qz4_values(), strict=True)]
    rows.append([text("blocks.network"), *[signed(v) for v in truth]])
    marks = [k == QZ4_RIGHT for k in range(len(QZ4))] + [True]
    table([text("blocks.choice"), "h", "e", "l", "o"], rows, marks)


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
