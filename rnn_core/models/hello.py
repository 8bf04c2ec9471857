"""The character network of the lecture's "hello" figure, and its like for any short word.

`hello-lecture` holds weights that were solved for, not trained: they reproduce every number printed in
the figure (inputs h, e, l, l; targets e, l, l, o; three hidden units). `hello-trained` is what gradient
descent makes of them. `WordTraining` trains such a network on any word, step by step.
Leaves out mini-batches and validation: the training set is one word.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rnn_core.equations import READOUT, numpy_line, rnn_equations
from rnn_core.models import ModelSpec, TrainOptions
from rnn_core.optim import Adam
from rnn_core.tracing import Trace, trace
from rnn_core.weights import module_weights

SYMBOLS = ("h", "e", "l", "o")
"""The lecture's vocabulary in the order of its one-hot vectors."""

WORD = "hello"

FIGURE_HIDDEN = np.array([[0.3, -0.1, 0.9], [1.0, 0.3, 0.1], [0.1, -0.5, -0.3], [-0.3, 0.9, 0.7]])
"""Hidden states printed in the figure, `(T, H)`, to one decimal."""

FIGURE_SCORES = np.array(
    [[1.0, 2.2, -3.0, 4.1], [0.5, 0.3, -1.0, 1.2], [0.1, 0.5, 1.9, -1.1], [0.2, -1.5, -0.1, 2.2]]
)
"""Scores printed in the figure, `(T, V)`, to one decimal; they are logits, not probabilities."""

ROUNDS_TO_ONE = 0.96
"""What the printed 1.0 stands for: tanh never reaches 1, and 0.96 prints as 1.0."""

MAX_SYMBOLS, MAX_HIDDEN, MAX_STEPS = 24, 16, 1000
"""Bounds that the library itself keeps, whatever a page lets through."""


class CharRNN(nn.Module):
    """A simple RNN over one-hot symbols with a linear readout.

        h_t = tanh(W_xh x_t + W_hh h_{t-1} + b_h)     y_t = W_hy h_t + b_y     p_t = softmax(y_t)

    Input `(T, V)` or `(T, B, V)` one-hot in the order of `symbols`; output the scores y of the same shape.
    `rnn` is an `nn.RNN(V, H)`, `readout` an `nn.Linear(H, V)`. Source: Elman (1990); CS231n notes.
    """

    def __init__(self, symbols: Sequence[str], hidden: int) -> None:
        super().__init__()
        if len(set(symbols)) != len(symbols) or not symbols:
            raise ValueError(f"symbols must be distinct and not empty, got {list(symbols)!r}")
        if not 1 <= hidden <= MAX_HIDDEN:
            raise ValueError(f"hidden must lie in 1 … {MAX_HIDDEN}, got {hidden}")
        self.symbols = tuple(symbols)
        self.rnn = nn.RNN(len(symbols), hidden)
        self.readout = nn.Linear(hidden, len(symbols))

    def forward(self, x: Tensor) -> Tensor:
        """Scores y, `(T, V)` or `(T, B, V)` like the input."""
        states, _ = self.rnn(x)
        scores: Tensor = self.readout(states)
        return scores

    def one_hot(self, symbols: Sequence[str]) -> Tensor:
        """The inputs `(T, V)` for a sequence of symbols; raises ValueError for an unknown one."""
        unknown = [s for s in symbols if s not in self.symbols]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not in the vocabulary {self.symbols!r}")
        index = torch.tensor(
            [self.symbols.index(s) for s in symbols], device=self.readout.weight.device
        )
        return F.one_hot(index, len(self.symbols)).to(self.readout.weight)

    def read(self, symbols: Sequence[str]) -> Reading:
        """Read the symbols and keep every number."""
        run = trace(self.rnn, self.one_hot(symbols))
        with torch.inference_mode():
            scores = self.readout(run.output[:, 0])
        return Reading(tuple(symbols), self, run, scores, scores.softmax(-1))


@dataclass(frozen=True)
class Reading:
    """One pass over a word: the trace, the scores y `(T, V)` and the probabilities p `(T, V)`."""

    inputs: tuple[str, ...]
    model: CharRNN
    trace: Trace
    scores: Tensor
    probabilities: Tensor

    def arrays(self) -> dict[str, np.ndarray]:
        """Every number of the run by name, for `numpy.savez`."""
        W = self.model.readout
        return self.trace.arrays() | {
            "y": self.scores.cpu().numpy(),
            "p": self.probabilities.cpu().numpy(),
            "readout.weights.W_hy": W.weight.detach().cpu().numpy(),
            "readout.weights.b_y": W.bias.detach().cpu().numpy(),
            "inputs": np.array(self.inputs),
            "symbols": np.array(self.model.symbols),
        }


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


def word_network(word: Sequence[str], hidden: int, seed: int) -> CharRNN:
    """An untrained network for a word: its distinct symbols in order of appearance, weights by `seed`."""
    model = CharRNN(tuple(dict.fromkeys(word)), hidden)
    generator = torch.Generator().manual_seed(seed)
    bound = 1 / math.sqrt(hidden)  # torch's own default for recurrent layers
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.uniform_(-bound, bound, generator=generator)
    return model


class WordTraining:
    """Teach a network to predict each next symbol of one word, a few steps at a time.

    Loss: L = −(1/T) Σ_t log p_t[target_t], in nats. Optimiser: Adam (Kingma and Ba 2015) on all T steps at
    once, gradient by BPTT over the whole word. Same word, start, learning rate and number of steps give
    the same weights. `losses[k]` is the loss after k steps, so `losses[0]` is that of the start.
    Raises ValueError for a word under 2 or over 24 symbols or a learning rate outside (0, 1].
    """

    def __init__(self, model: CharRNN, word: Sequence[str], lr: float) -> None:
        if not 2 <= len(word) <= MAX_SYMBOLS:
            raise ValueError(f"the word must have 2 to {MAX_SYMBOLS} symbols, got {len(word)}")
        if not 0 < lr <= 1:
            raise ValueError(f"lr must lie in (0, 1], got {lr}")
        self.model, self.word = model.train(), tuple(word)
        self.x = model.one_hot(self.word[:-1])
        self.target = model.one_hot(self.word[1:]).argmax(-1)
        self.optimizer = Adam(model.parameters(), lr)
        self.losses: list[float] = []
        self.first: list[list[float]] = []
        self._measure()

    @property
    def steps(self) -> int:
        """How many steps have been taken."""
        return len(self.losses) - 1

    def advance(self, steps: int) -> None:
        """Take `steps` more steps (never beyond 1000 in all)."""
        for _ in range(min(steps, MAX_STEPS - self.steps)):
            self._loss.backward()  # type: ignore[no-untyped-call]
            self.optimizer.step()
            self._measure()

    def _measure(self) -> None:
        scores = self.model(self.x)
        self._loss = F.cross_entropy(scores, self.target)
        self.losses.append(float(self._loss.detach()))
        self.first.append(scores[0].detach().softmax(-1).tolist())


def right_predictions(model: CharRNN, word: Sequence[str]) -> int:
    """At how many of the word's steps the most probable symbol is the next one."""
    reading = model.read(word[:-1])
    guesses = reading.scores.argmax(-1).tolist()
    return sum(model.symbols[g] == s for g, s in zip(guesses, word[1:], strict=True))


def figure_digits_right(model: CharRNN) -> int:
    """How many of the figure's 28 printed numbers (12 hidden, 16 scores) the network reproduces."""
    reading = model.read(WORD[:-1])
    hidden = reading.trace.lane()["h"][:, 0].cpu().double().numpy().round(1)
    scores = reading.scores.cpu().double().numpy().round(1)
    return int((hidden == FIGURE_HIDDEN).sum() + (scores == FIGURE_SCORES).sum())


def as_script(model: CharRNN, word: Sequence[str]) -> str:
    """A Python program (NumPy only) that reads the word with these weights and prints the same numbers."""
    W = module_weights(model.rnn)
    values = {
        "W_xh": W["W_xh"],
        "W_hh": W["W_hh"],
        "b_h": W["b_h"],
        "W_hy": model.readout.weight,
        "b_y": model.readout.bias,
    }
    lines = [
        '"""The run that was on the page: a simple RNN reads a word, symbol by symbol."""',
        "",
        "import numpy as np",
        "",
        f"symbols = {list(model.symbols)!r}",
        f"word = {list(word)!r}",
    ]
    lines += [
        f"{name} = np.array({np.round(w.detach().cpu().double().numpy(), 7).tolist()!r})"
        for name, w in values.items()
    ]
    lines += [
        "",
        f"h_prev = np.zeros({model.rnn.hidden_size})",
        "for t, symbol in enumerate(word[:-1], start=1):",
        "    x_t = np.eye(len(symbols))[symbols.index(symbol)]",
        "    " + "".join(f.text for f in numpy_line(rnn_equations()["h"])),
        "    " + "".join(f.text for f in numpy_line(READOUT["y"])),
        "    p_t = np.exp(y_t - y_t.max()) / np.exp(y_t - y_t.max()).sum()",
        "    guess = symbols[int(p_t.argmax())]",
        '    print(f"t={t} input={symbol!r} target={word[t]!r} guess={guess!r}")',
        '    print("  h", np.round(h_t, 4), " y", np.round(y_t, 4), " p", np.round(p_t, 4))',
        "    h_prev = h_t",
        "",
    ]
    return "\n".join(lines)


# --- as shipped ----------------------------------------------------------------------------------

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
