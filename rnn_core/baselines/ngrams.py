"""The floor of every character model: n-grams with interpolated Kneser–Ney smoothing.

Counting alone, no network: what a recurrent net must beat to have learnt anything beyond short windows.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class _Order:
    counts: Counter[str]  # gram of length n -> count (continuation count below the highest order)
    totals: Counter[str]  # context of length n − 1 -> sum of the counts
    kinds: Counter[str]  # context -> how many different symbols follow
    discount: float


class KneserNey:
    """Interpolated Kneser–Ney over characters, orders 1 … n.

        p_k(w | u) = (max(c(uw) − D_k, 0) + D_k N(u·) p_{k−1}(w | u'))/ c(u·)        p_0 = 1/V

    w the next character, u the k − 1 before it, u' = u without its first; c counts, at the highest order, how often;
    below it, after how many different characters (the continuation counts). N(u·): how many different characters
    follow u. D_k = n₁/(n₁ + 2 n₂) with n₁, n₂ the number of grams counted once and twice. A context never seen passes
    the question on. Source: Kneser and Ney (1995); Chen and Goodman (1999).
    Raises ValueError for an order below 1 or a text shorter than the order.
    """

    def __init__(self, text: str, order: int, vocabulary: int) -> None:
        if order < 1:
            raise ValueError(f"order must be at least 1, got {order}")
        if len(text) < order:
            raise ValueError(f"the text has {len(text)} characters, fewer than the order {order}")
        self.order, self.vocabulary = order, vocabulary
        self._orders: list[_Order] = []
        higher: Counter[str] | None = None
        for n in range(order, 0, -1):
            if higher is None:
                counts = Counter(text[i : i + n] for i in range(len(text) - n + 1))
            else:
                counts = Counter(gram[1:] for gram in higher)
            totals: Counter[str] = Counter()
            kinds: Counter[str] = Counter()
            for gram, count in counts.items():
                totals[gram[:-1]] += count
                kinds[gram[:-1]] += 1
            often = Counter(counts.values())
            discount = often[1] / (often[1] + 2 * often[2]) if often[1] else 0.0
            self._orders.insert(0, _Order(counts, totals, kinds, discount))
            higher = counts

    def probability(self, context: str, symbol: str) -> float:
        """p(symbol | context); only the last n − 1 characters of the context count."""
        p = 1 / self.vocabulary
        for n, level in enumerate(self._orders, start=1):
            u = context[len(context) - n + 1 :] if n > 1 else ""
            if len(u) < n - 1 or not (total := level.totals[u]):
                break
            D = level.discount
            p = (max(level.counts[u + symbol] - D, 0) + D * level.kinds[u] * p) / total
        return p

    def nats_per_character(self, text: str) -> float:
        """Mean −log p of every character of the text but the first, each given all before it."""
        n = self.order - 1
        total = 0.0
        for i in range(1, len(text)):
            total -= math.log(self.probability(text[max(0, i - n) : i], text[i]))
        return total / (len(text) - 1)
