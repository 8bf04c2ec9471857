"""The character network of the lecture's "hello" figure, and its like for any short word.

`hello-lecture` holds weights that were solved for, not trained: they reproduce every number printed in
the figure (inputs h, e, l, l; targets e, l, l, o; three hidden units). `hello-trained` is what gradient
descent makes of them. `WordTraining` trains such a network on any word, step by step.
Leaves out mini-batches and validation: the training set is one word.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from rnn_core.labs.word import WordTraining, right_predictions
from rnn_core.models import ModelSpec, TrainOptions
from rnn_core.networks.char_rnn import CharRNN

SYMBOLS = ("h", "e", "l", "o")
"""The lecture's vocabulary in the order of its one-hot vectors."""

WORD = "hello"

FIGURE_HIDDEN = np.array([[0.3, -0.1, 0.9], [1.0, 0.3, 0.1], [0.1, -0.5, -0.3], [-0.3, 0.9, 0.7]])
"""Hidden states printed in the figure, `(T, H)`, to one decimal."""

FIGURE_SCORES = np.array([[1.0, 2.2, -3.0, 4.1], [0.5, 0.3, -1.0, 1.2], [0.1, 0.5, 1.9, -1.1], [0.2, -1.5, -0.1, 2.2]])
"""Scores printed in the figure, `(T, V)`, to one decimal; they are logits, not probabilities."""

ROUNDS_TO_ONE = 0.96
"""What the printed 1.0 stands for: tanh never reaches 1, and 0.96 prints as 1.0."""


def lecture_network() -> CharRNN:
    """Solve for weights that reproduce the lecture's figure exactly.

    The two l steps share one input column, so W_hh (h_3 − h_2) = atanh h_4 − atanh h_3. W_hh is the matrix of
    least norm that does it (rank 1); the input columns follow, b_h = 0, and W_hy with b_y solves the 4 × 4
    system [h 1] W = scores. The column of the never-read symbol o is 0.
    """
    h = FIGURE_HIDDEN.copy()
    h[1, 0] = ROUNDS_TO_ONE
    a = np.arctanh(h)  # pre-activations, (T, H)
    change = h[2] - h[1]
    W_hh = np.outer(a[3] - a[2], change) / (change @ change)
    W_xh = np.zeros((3, 4))
    W_xh[:, 0] = a[0]
    W_xh[:, 1] = a[1] - W_hh @ h[0]
    W_xh[:, 2] = a[2] - W_hh @ h[1]
    readout = np.linalg.solve(np.hstack([h, np.ones((4, 1))]), FIGURE_SCORES)  # (H + 1, V)
    model = CharRNN(SYMBOLS, 3)
    values = {
        "rnn.weight_ih_l0": W_xh,
        "rnn.weight_hh_l0": W_hh,
        "rnn.bias_ih_l0": np.zeros(3),
        "rnn.bias_hh_l0": np.zeros(3),
        "readout.weight": readout[:3].T,
        "readout.bias": readout[3],
    }
    model.load_state_dict({k: torch.tensor(v, dtype=torch.float32) for k, v in values.items()})
    return model.eval()


def figure_digits_right(model: CharRNN) -> int:
    """How many of the figure's 28 printed numbers (12 hidden, 16 scores) the network reproduces."""
    reading = model.read(WORD[:-1])
    hidden = reading.trace.lane()["h"][:, 0].cpu().double().numpy().round(1)
    scores = reading.scores.cpu().double().numpy().round(1)
    return int((hidden == FIGURE_HIDDEN).sum() + (scores == FIGURE_SCORES).sum())


_TRAINED = {"steps": 100, "lr": 0.01}


def _build(config: Mapping[str, Any]) -> CharRNN:
    return CharRNN(config["symbols"], config["hidden"])


def _evaluate(model: nn.Module, data: Path | None) -> dict[str, float]:
    assert isinstance(model, CharRNN)
    x = model.one_hot(WORD[:-1])
    target = model.one_hot(WORD[1:]).argmax(-1)
    with torch.inference_mode():
        loss = float(F.cross_entropy(model(x), target))
    right = right_predictions(model, WORD)
    return {"loss": loss, "accuracy": right / 4, "figure_digits_right": figure_digits_right(model)}


_CARD: dict[str, Any] = {
    "config": {"symbols": list(SYMBOLS), "hidden": 3},
    "licence": "MIT",
    "seed": None,
}


def _refuse_resume(options: TrainOptions) -> None:
    if options.resume:
        raise FileNotFoundError("the hello models take seconds and keep no checkpoint")


def _make_lecture(options: TrainOptions) -> tuple[nn.Module, dict[str, Any]]:
    _refuse_resume(options)
    card = _CARD | {
        "data": "28 numbers of the CS231n figure; the weights are solved for, not trained",
        "baseline": {"name": "chance", "accuracy": 0.25},
        "failures": "Predicts o after h and after he: this is the figure's untrained network.",
    }
    return lecture_network(), card


def _make_trained(options: TrainOptions) -> tuple[nn.Module, dict[str, Any]]:
    _refuse_resume(options)
    training = WordTraining(lecture_network(), WORD, lr=_TRAINED["lr"])
    training.advance(int(_TRAINED["steps"]) if options.steps is None else options.steps)
    lecture = _evaluate(lecture_network(), None)
    card = _CARD | {
        "data": "the word hello; started from hello-lecture",
        "training": _TRAINED | {"steps": training.steps, "optimizer": "Adam"},
        "baseline": {
            "name": "hello-lecture",
            "accuracy": lecture["accuracy"],
            "loss": lecture["loss"],
        },
        "failures": "Knows one word. Any other input is outside what it has seen.",
    }
    return training.model, card


MODELS = {
    "hello-lecture": ModelSpec(_build, _make_lecture, _evaluate),
    "hello-trained": ModelSpec(_build, _make_trained, _evaluate),
}
