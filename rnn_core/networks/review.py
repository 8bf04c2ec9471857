"""A network that judges a review: what it reads, what it answers after every word, and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from rnn_core.baselines.bags import BagOfNgrams
from rnn_core.data.pieces import Pieces
from rnn_core.data.reviews import (
    NEUTRAL,
    POSITIVE,
    english_tokens,
)
from rnn_core.forward.tracing import Trace, trace
from rnn_core.networks.familiar import Familiar

UNKNOWN = "\ufffd"
"""Stands for every token outside the vocabulary; itself the first symbol of it."""

ROOM = 16_384
"""Steps of a batch, texts times the longest: bounds the memory, whatever is asked."""

CELLS: dict[str, tuple[Callable[..., nn.RNNBase], bool]] = {
    "lstm": (nn.LSTM, False),
    "gru": (nn.GRU, False),
    "rnn": (nn.RNN, False),
    "bi": (nn.LSTM, True),
}
"""Recurrent layer and whether it reads in both directions."""


@dataclass(frozen=True)
class Doubt:
    """How much less sure a network is where it hardly knows the text.

        τ_t = 1 + a r_t

    r_t: of the words (in Japanese: the letters) of the first t tokens, the share that no known n-gram holds (`Familiar`).
    `slope`: a, chosen on dev.
    """

    familiar: Familiar
    slope: float


class ReviewNet(nn.Module):
    """Negative, neither or positive.

        x_t = E[w_t]    h_t = cell(x_t, h_{t-1})    m_t = max(h_1, …, h_t)
        y_t = (W_hy h_t + W_my m_t + b_y) / τ_t    p_t = softmax(y_t)

    τ_t ≥ 1 is larger the more of the first t tokens is hardly known (`Doubt`); 1 without a `doubt`. The verdict on a text
    of T tokens is p_T; the maximum m is taken unit by unit, so that what was read early is not lost.
    P(positive) = p(positive) + p(neither)/2. In both directions h_t stands for [h_t forward; h_1 backward] of the first
    t tokens alone, and m_t for the maximum over them. `symbols`: the vocabulary, `symbols[0]` the unknown token. The
    constant temperature that calibrates p is part of the shipped W_hy, W_my and b_y. `floor`: the bag of n-grams, if it is
    shipped with the network.
    """

    def __init__(
        self,
        cell: str,
        language: str,
        symbols: Sequence[str],
        embedding: int,
        hidden: int,
        floor: BagOfNgrams | None = None,
        dropout: Dropout | None = None,
    ) -> None:
        super().__init__()
        layer, self.both = CELLS[cell]
        self.language, self.symbols = language, tuple(symbols)
        self.index = {symbol: i for i, symbol in enumerate(self.symbols)}
        self.dropout = dropout or Dropout()
        self.embedding = nn.Embedding(len(self.symbols), embedding)
        self.rnn = layer(embedding, hidden, bidirectional=self.both)
        width = hidden * (1 + self.both)
        self.W_hy = nn.Parameter(torch.empty(3, width).uniform_(-(hidden**-0.5), hidden**-0.5))
        self.W_my = nn.Parameter(torch.empty(3, width).uniform_(-(hidden**-0.5), hidden**-0.5))
        self.b_y = nn.Parameter(torch.zeros(3))
        self.floor = floor
        self.doubt: Doubt | None = None
        self.cut: Callable[[str], list[str]] = english_tokens if language == "en" else Pieces(self.symbols[1:])
        if layer is nn.LSTM:  # remember at first (Gers et al. 2000; Jozefowicz et al. 2015)
            with torch.no_grad():
                for name, bias in self.rnn.named_parameters():
                    if name.startswith("bias_ih"):
                        bias[hidden : 2 * hidden] += 1

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Scores of whole texts before any doubt (τ = 1), `(B, 3)`, from ids `(T, B)` and their lengths `(B,)` on the CPU."""
        return self.answer(self.embedding(ids), lengths)

    def answer(self, x: Tensor, lengths: Tensor) -> Tensor:
        """The same `(B, 3)` from the vectors x `(T, B, D)`."""
        if self.training:
            x = x * F.dropout(torch.ones_like(x[:1]), self.dropout.embedding)
        steps = torch.arange(len(x), device=x.device)[:, None]
        ends = lengths.to(x.device)
        real = steps < ends  # (T, B)
        column = torch.arange(x.shape[1], device=x.device)
        h = self._states(x, "l0")
        last = h[ends - 1, column]
        if self.both:  # turned round within its own length, a text can be read backwards like any other
            turned = torch.where(real, ends - 1 - steps, steps)
            back = self._states(x[turned, column], "l0_reverse")
            last = torch.cat([last, back[ends - 1, column]], 1)
            h = torch.cat([h, back], 2)
        m = h.masked_fill(~real[:, :, None], -math.inf).amax(0)
        return self._answer(last, m)

    def _answer(self, h: Tensor, m: Tensor) -> Tensor:
        h, m = (F.dropout(v, self.dropout.readout, self.training) for v in (h, m))
        return h @ self.W_hy.T + m @ self.W_my.T + self.b_y

    def _states(self, x: Tensor, lane: str) -> Tensor:
        """h `(T, B, H)` of one direction, by torch's own kernel; in training with weights of W_hh dropped."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        flat: list[Tensor] = [self.rnn.get_parameter(f"{name}_{lane}") for name in names]
        flat[1] = F.dropout(flat[1], self.dropout.recurrent, self.training)
        zero = x.new_zeros(1, x.shape[1], self.rnn.hidden_size)
        options = (True, 1, 0.0, self.training, False, False)
        if isinstance(self.rnn, nn.LSTM):
            return torch.lstm(x, (zero, zero), flat, *options)[0]
        kernel = torch.gru if isinstance(self.rnn, nn.GRU) else torch.rnn_tanh
        return kernel(x, zero, flat, *options)[0]

    def tokens(self, text: str) -> list[str]:
        """The text as the network's tokens: words of English, pieces of Japanese."""
        return self.cut(text)

    def floor_tokens(self, tokens: Sequence[str]) -> list[str]:
        """The same text in words (English) or characters (Japanese): the tokens of the floor, the units of the doubt."""
        return _floor_tokens(self.language, tokens)

    def strange(self, tokens: Sequence[str]) -> list[bool]:
        """Which units of a text, as `floor_tokens` cuts it, are hardly known; none without a doubt."""
        units = self.floor_tokens(tokens)
        return self.doubt.familiar.strange(units) if self.doubt else [False] * len(units)

    def strange_shares(self, tokens: Sequence[str]) -> Tensor:
        """r after each token, `(T,)`."""
        if self.doubt is None:
            return torch.zeros(len(tokens))
        ends = list(accumulate(len(self.floor_tokens([token])) for token in tokens))
        return torch.tensor(self.doubt.familiar.shares(self.floor_tokens(tokens), ends))

    def strange_share(self, tokens: Sequence[str]) -> float:
        """r of the whole text."""
        units = self.floor_tokens(tokens)
        return self.doubt.familiar.shares(units, [len(units)])[0] if self.doubt else 0.0

    def temperature(self, strange: float) -> float:
        """τ = 1 + a r from r."""
        return 1 + self.doubt.slope * strange if self.doubt else 1.0

    def encode(self, tokens: Sequence[str]) -> Tensor:
        """Ids `(T,)`; a token outside the vocabulary becomes the unknown one."""
        device = self.b_y.device
        return torch.tensor([self.index.get(w, 0) for w in tokens], dtype=torch.long, device=device)

    def probabilities(self, texts: Sequence[Sequence[str]], batch: int = 128) -> Tensor:
        """p of each text (in tokens), `(N, 3)`: negative, neither, positive. Raises ValueError for a text without tokens."""
        return self.scores(texts, batch).softmax(-1)

    def scores(self, texts: Sequence[Sequence[str]], batch: int = 128) -> Tensor:
        """y of each text (in tokens), `(N, 3)` on the CPU. Raises as `probabilities` does."""
        tau = torch.tensor([self.temperature(self.strange_share(tokens)) for tokens in texts])
        return self.sure_scores(texts, batch) / tau[:, None]

    @torch.inference_mode()
    def sure_scores(self, texts: Sequence[Sequence[str]], batch: int = 128) -> Tensor:
        """The same before any doubt (τ = 1).

        Texts of like length go together, at most `batch` of them and at most `ROOM` steps, padding included.
        """
        for k, tokens in enumerate(texts):
            if not tokens:
                raise ValueError(f"text {k} has nothing to read")
        order = sorted(range(len(texts)), key=lambda k: len(texts[k]))
        y = torch.empty(len(texts), 3)
        while order:
            count = max(1, min(batch, ROOM // len(texts[order[-1]])))
            some, order = order[-count:], order[:-count]
            ids = pad_sequence([self.encode(texts[k]) for k in some])
            lengths = torch.tensor([len(texts[k]) for k in some])
            y[some] = self(ids, lengths).cpu()
        return y

    def predict(self, texts: Sequence[str]) -> list[float]:
        """P(positive) of each text. Raises ValueError for a text without tokens, TypeError for one string alone."""
        if isinstance(texts, str):
            raise TypeError("predict takes a list of texts; for one text give [text]")
        return self.positive_of([self.tokens(text) for text in texts])

    def positive_of(self, texts: Sequence[Sequence[str]]) -> list[float]:
        """P(positive) of each text, given in tokens."""
        found: list[float] = positive(self.probabilities(texts)).tolist()
        return found

    def read(self, text: str) -> ReviewReading:
        """Read a text and keep every number; raises ValueError for a text without tokens."""
        return self.read_tokens(self.tokens(text))

    @torch.inference_mode()
    def read_tokens(self, tokens: list[str]) -> ReviewReading:
        """The same for a text in tokens."""
        if not tokens:
            raise ValueError("the text has nothing to read")
        ids = self.encode(tokens)
        run = trace(self.rnn, self.embedding(ids))
        if self.both:
            scores = self._prefixes(ids)
        else:
            h = run.output[:, 0]
            scores = self._answer(h, h.cummax(0).values)
        tau = torch.tensor([self.temperature(float(r)) for r in self.strange_shares(tokens)])
        scores = scores / tau.to(scores)[:, None]
        return ReviewReading(tokens, ids, self, run, tau, scores, scores.softmax(-1))

    def _prefixes(self, ids: Tensor) -> Tensor:
        """Scores of the first 1, 2, …, T tokens before any doubt: the backward direction starts anew at each."""
        T = len(ids)
        parts = [
            self(ids[: min(stop, T), None].expand(-1, stop - start).contiguous(), torch.arange(start, stop) + 1)
            for start in range(0, T, 64)
            for stop in (min(start + 64, T),)
        ]
        return torch.cat(parts)


def _floor_tokens(language: str, tokens: Sequence[str]) -> list[str]:
    """Words in English, characters in Japanese: what makes the stronger floor."""
    return list(tokens) if language == "en" else list("".join(tokens))


@dataclass(frozen=True)
class Dropout:
    """Where numbers are dropped in training, and how many.

    `token`: whole tokens become the unknown one; `embedding`: the same columns of x at every step (Gal and Ghahramani
    2016); `recurrent`: weights of W_hh, the same at every step (Merity et al. 2018), never the state itself; `readout`:
    of [h; m].
    """

    token: float = 0.0
    embedding: float = 0.0
    recurrent: float = 0.0
    readout: float = 0.0


@dataclass(frozen=True)
class ReviewReading:
    """One pass over a text: tokens, ids `(T,)`, the trace, τ `(T,)`, and scores y and p `(T, 3)` after each token."""

    tokens: list[str]
    ids: Tensor
    model: ReviewNet
    trace: Trace
    tau: Tensor
    scores: Tensor
    p: Tensor

    @property
    def positive(self) -> Tensor:
        """P(positive) after each token, `(T,)`."""
        return positive(self.p)


def positive(p: Tensor) -> Tensor:
    """P(positive) = p(positive) + p(neither)/2 from p `(…, 3)`."""
    return p[..., POSITIVE] + p[..., NEUTRAL] / 2
