"""A network that learns one word in front of the reader.

Leaves out mini-batches and validation: the training set is one word.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F

from rnn_core.cells.equations import READOUT, rnn_equations
from rnn_core.cells.lines import numpy_line
from rnn_core.cells.weights import module_weights
from rnn_core.networks.char_rnn import MAX_STEPS, MAX_SYMBOLS, CharRNN
from rnn_core.training.optim import Adam


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
        f"{name} = np.array({np.round(w.detach().cpu().double().numpy(), 7).tolist()!r})" for name, w in values.items()
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
