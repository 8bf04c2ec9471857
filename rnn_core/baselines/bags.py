"""The floor of every sentiment model: a bag of n-grams with logistic regression. No order beyond n tokens, no network."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Push(NamedTuple):
    """One n-gram of a text: where it stands, its tokens, and what it adds to the score."""

    start: int
    gram: tuple[str, ...]
    push: float


class BagOfNgrams(nn.Module):
    """Logistic regression on which n-grams of 1 to `order` tokens occur in a text.

        s = b + Σ_{g ∈ G} w_g        P(positive) = σ(s)

    G the set of the text's n-grams, w_g the weight of n-gram g in the table `weight (buckets,)` and b the `bias ()`. A
    gram's row is crc32(its tokens joined by U+0001) mod `buckets` (the hashing trick: Weinberger et al. 2009), so no list
    of n-grams is stored; two grams that meet in one row share it. Raises ValueError for order or buckets below 1.
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, order: int, buckets: int) -> None:
        super().__init__()
        if order < 1 or buckets < 1:
            raise ValueError(f"order and buckets must be at least 1, got {order} and {buckets}")
        self.order, self.buckets = order, buckets
        self.register_buffer("weight", torch.zeros(buckets))
        self.register_buffer("bias", torch.zeros(()))

    def grams(self, tokens: Sequence[str]) -> list[tuple[int, tuple[str, ...]]]:
        """Every n-gram where it first occurs: (start, tokens)."""
        found: dict[tuple[str, ...], int] = {}
        for n in range(1, self.order + 1):
            for start in range(len(tokens) - n + 1):
                found.setdefault(tuple(tokens[start : start + n]), start)
        return [(start, gram) for gram, start in found.items()]

    def row(self, gram: Sequence[str]) -> int:
        """The gram's row in `weight`."""
        return zlib.crc32("\x01".join(gram).encode("utf-8", "surrogatepass")) % self.buckets

    def rows(self, tokens: Sequence[str]) -> list[int]:
        """The rows of the text's n-grams."""
        return [self.row(gram) for _, gram in self.grams(tokens)]

    def pushes(self, tokens: Sequence[str]) -> list[Push]:
        """The terms of the score s, without b."""
        return [Push(k, g, float(self.weight[self.row(g)])) for k, g in self.grams(tokens)]

    def forward(self, texts: Iterable[Sequence[str]]) -> Tensor:
        """s of each text, `(N,)`; a text without tokens has s = b."""
        return self.scores(*self.flat(texts))

    def flat(self, texts: Iterable[Sequence[str]]) -> tuple[Tensor, Tensor]:
        """The rows of all texts in one line, and where each text starts."""
        rows = [torch.tensor(self.rows(tokens), dtype=torch.long) for tokens in texts]
        lengths = torch.tensor([0, *(len(r) for r in rows[:-1])][: len(rows)], dtype=torch.long)
        return torch.cat(rows) if rows else torch.empty(0, dtype=torch.long), lengths.cumsum(0)

    def scores(self, rows: Tensor, starts: Tensor, weight: Tensor | None = None) -> Tensor:
        """s from the rows of all texts in one line and where each text starts."""
        table = (self.weight if weight is None else weight)[:, None]
        return F.embedding_bag(rows, table, starts, mode="sum")[:, 0] + self.bias

    def fit(self, flat: tuple[Tensor, Tensor], positive: Tensor, decay: float, iterations: int = 100) -> None:
        """At most `iterations` steps of L-BFGS from 0 on the mean cross-entropy plus decay · ‖w‖² / 2.

        `flat`: the texts, see there; `positive (N,)` is 1 or 0.
        """
        rows, starts = flat
        used, rows = torch.unique(rows, return_inverse=True)  # far fewer than the table has
        w = torch.zeros(len(used), requires_grad=True)
        b = torch.zeros((), requires_grad=True)
        optimizer = torch.optim.LBFGS([w, b], max_iter=iterations, line_search_fn="strong_wolfe")

        def loss() -> Tensor:
            optimizer.zero_grad()
            s = self.scores(rows, starts, w) - self.bias + b
            value = F.binary_cross_entropy_with_logits(s, positive) + decay * (w @ w) / 2
            value.backward()  # type: ignore[no-untyped-call]
            return value

        optimizer.step(loss)  # type: ignore[no-untyped-call]
        with torch.no_grad():
            self.weight.zero_()
            self.weight[used] = w
            self.bias.copy_(b)
