"""A simple RNN over one-hot symbols: the network of the "hello" figure and its like for any short word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rnn_core.forward.tracing import Trace, trace

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
        index = torch.tensor([self.symbols.index(s) for s in symbols], device=self.readout.weight.device)
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
