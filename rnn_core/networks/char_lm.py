"""A character language model to look into: one recurrent layer between an embedding and a readout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rnn_core.forward.probing import FEATURES, score, scores
from rnn_core.forward.tracing import Trace, trace

UNKNOWN = "\ufffd"
"""Stands for every character outside the vocabulary; itself the first symbol of it."""

CELLS: dict[str, Callable[[int, int], nn.RNNBase]] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}

State: TypeAlias = Tensor | tuple[Tensor, Tensor] | None


class CharLM(nn.Module):
    """Predict the next character.

        x_t = E[s_t]      h_t = cell(x_t, h_{t-1})      y_t = W_hy h_t + b_y      p_t = softmax(y_t)

    `symbols`: the vocabulary, `symbols[0]` the unknown character. Input ids `(T, B)`, output scores y `(T, B, V)`.
    `tied`: W_hy is E itself, one table that reads and writes (Press and Wolf 2017). In training, `dropout` falls on x and
    on h on its way to the readout, never on the state itself (Zaremba et al. 2014).
    Raises ValueError for a tied model whose embedding is not as wide as its state.
    """

    def __init__(
        self,
        cell: str,
        symbols: Sequence[str],
        embedding: int,
        hidden: int,
        tied: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if tied and embedding != hidden:
            raise ValueError(f"tied needs embedding = hidden, got {embedding} and {hidden}")
        self.symbols = tuple(symbols)
        self.index = {symbol: i for i, symbol in enumerate(self.symbols)}
        self.dropout = dropout
        self.embedding = nn.Embedding(len(self.symbols), embedding)
        self.rnn = CELLS[cell](embedding, hidden)
        bound = hidden**-0.5
        nn.init.uniform_(self.embedding.weight, -bound, bound)
        self.own_W_hy = None
        if not tied:
            self.own_W_hy = nn.Parameter(torch.empty(len(self.symbols), hidden))
            nn.init.uniform_(self.own_W_hy, -bound, bound)
        self.b_y = nn.Parameter(torch.zeros(len(self.symbols)))

    @property
    def W_hy(self) -> Tensor:
        """The readout's weights, `(V, H)`."""
        return self.embedding.weight if self.own_W_hy is None else self.own_W_hy

    def forward(self, ids: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Scores y `(T, B, V)` and the last state."""
        x = F.dropout(self.embedding(ids), self.dropout, self.training)
        h, state = self.rnn(x, state)
        return F.linear(F.dropout(h, self.dropout, self.training), self.W_hy, self.b_y), state

    def encode(self, text: str) -> Tensor:
        """Ids `(T,)`; a character outside the vocabulary becomes the unknown one."""
        device = self.b_y.device
        return torch.tensor([self.index.get(c, 0) for c in text], dtype=torch.long, device=device)

    def read(self, text: str) -> CharReading:
        """Read a text from a zero state and keep every number; raises ValueError for an empty text."""
        if not text:
            raise ValueError("the text is empty")
        with torch.inference_mode():
            ids = self.encode(text)
            run = trace(self.rnn, self.embedding(ids))
            scores = F.linear(run.output[:, 0], self.W_hy, self.b_y)
            return CharReading(text, ids, self, run, scores, scores.log_softmax(-1))

    @torch.inference_mode()
    def nats_per_character(self, text: str, block: int = 2000) -> float:
        """Mean −log p of every character but the first, the state carried through the whole text."""
        ids = self.encode(text)
        total = 0.0
        state: State = None
        for start in range(0, len(ids) - 1, block):
            y, state = self(ids[start : min(start + block, len(ids) - 1), None], state)
            target = ids[start + 1 : start + 1 + len(y)]
            total += float(F.cross_entropy(y[:, 0].double(), target, reduction="sum"))
        return total / (len(ids) - 1)

    @property
    def memory(self) -> str:
        """Which value is the unit's memory: c for the LSTM, h for the others."""
        return "c" if isinstance(self.rnn, nn.LSTM) else "h"

    @torch.inference_mode()
    def memories(self, text: str, block: int = 2000) -> np.ndarray:
        """What every unit holds after each character, `(N, H)`, the state carried through the whole text."""
        ids = self.encode(text)
        parts, state = [], None
        for start in range(0, len(ids), block):
            x = self.embedding(ids[start : start + block])
            lane = trace(self.rnn, x, state).lane()
            parts.append(lane[self.memory][:, 0].cpu().numpy())
            last = [lane[name][-1] for name in lane.state_names]
            state = (last[0], last[1]) if len(last) == 2 else last[0]
        return np.concatenate(parts)


@dataclass(frozen=True)
class CharReading:
    """One pass over a text: ids `(T,)`, the trace, scores y `(T, V)` and log p `(T, V)` of the next character."""

    text: str
    ids: Tensor
    model: CharLM
    trace: Trace
    scores: Tensor
    log_p: Tensor

    def next_log_p(self) -> np.ndarray:
        """log p of each character but the first, `(T − 1,)`, in float64."""
        rows = self.log_p[:-1].gather(1, self.ids[1:, None])[:, 0]
        found: np.ndarray = rows.double().cpu().numpy()
        return found


class FoundUnit(NamedTuple):
    """The unit that tells a feature best on dev: its `score` there and on test (see `rnn_core.forward.probing.score`).

    `scores` has every unit's on dev, `(H,)`.
    """

    feature: str
    unit: int
    dev: float
    test: float
    scores: list[float]


def find_units(model: CharLM, language: str, dev: str, test: str) -> list[FoundUnit]:
    """For every feature of the language, the unit whose memory tells it best: chosen on dev, measured on test."""
    on_dev, on_test = model.memories(dev), model.memories(test)
    found = []
    for feature in FEATURES[language]:
        by_unit = scores(on_dev, feature.label(dev), feature.yes_no)
        unit = int(np.abs(by_unit).argmax())
        there = score(on_test[:, unit], feature.label(test), feature.yes_no)
        every = by_unit.round(3).tolist()
        found.append(FoundUnit(feature.name, unit, float(by_unit[unit]), there, every))
    return found
