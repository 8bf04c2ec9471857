"""What of a text stood in the training texts: the n-grams seen often enough, in a Bloom filter.

A network knows a word only through the texts that it learnt from; what stood there once or never it can hardly know,
even where each character of it is familiar. Leaves out what a word means, and whether it was judged.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import torch
from torch import Tensor, nn

LEAST = 3
"""What stood fewer times than this in the training texts is hardly known."""

HASHES = 4
"""Bits that an n-gram sets."""

_START = "\x02"


class Familiar(nn.Module):
    """The n-grams of `order` units (words, or characters) that stood in texts at least `LEAST` times.

        g is in it  ⇔  bits (u + i v) mod M are set for i = 0 … HASHES − 1,  (u, v) = the halves of BLAKE2b(g)

    M = 8 × the length of `bits` (uint8). Whatever was added is found; of N added n-grams, one that was not is taken for
    one of them with probability (1 − e^(−HASHES N/M))^HASHES or so. Before a text of longer n-grams stands a mark of its
    own, so that the first unit is in as many n-grams as it would be within a sentence. Raises ValueError for an order
    or a number of bytes below 1. Source: Bloom (1970); the two halves: Kirsch and Mitzenmacher (2006).
    """

    bits: Tensor

    def __init__(self, order: int, size: int) -> None:
        super().__init__()
        if order < 1 or size < 1:
            raise ValueError(f"order and size must be at least 1, got {order} and {size}")
        self.order = order
        self.register_buffer("bits", torch.zeros(size, dtype=torch.uint8))
        self._holds = lru_cache(maxsize=1 << 16)(self._look)

    def grams(self, units: Sequence[str]) -> list[tuple[str, ...]]:
        """All n-grams of a text, those with the mark of its start first."""
        padded = [_START] * (self.order > 1) + list(units)
        return [tuple(padded[k : k + self.order]) for k in range(len(padded) - self.order + 1)]

    def often(self, texts: Iterable[Sequence[str]]) -> list[tuple[str, ...]]:
        """The n-grams that stand at least `LEAST` times in the texts (in units), in the order of their first place."""
        counted = Counter(gram for units in texts for gram in self.grams(units))
        return [gram for gram, count in counted.items() if count >= LEAST]

    def add(self, grams: Iterable[tuple[str, ...]]) -> None:
        """Make n-grams known."""
        table = self.bits.numpy()
        for gram in grams:
            for bit in self._places(gram):
                table[bit >> 3] |= 1 << (bit & 7)
        self._holds.cache_clear()

    def known(self, grams: Iterable[tuple[str, ...]]) -> list[bool]:
        """Whether each n-gram is (taken for) one of those that were added."""
        return [self._holds(gram) for gram in grams]

    def known_after(self, units: Sequence[str]) -> list[int | None]:
        """For each unit: how many units must be read until a known n-gram holds it; None if none does."""
        after: list[int | None] = [None] * len(units)
        mark = int(self.order > 1)
        for start, known in enumerate(self.known(self.grams(units))):
            if known:
                end = start + self.order - mark
                for k in range(max(0, start - mark), end):
                    after[k] = after[k] or end
        return after

    def strange(self, units: Sequence[str]) -> list[bool]:
        """Which units are hardly known: those that count (`counts`) and that no known n-gram holds."""
        after = self.known_after(units)
        return [end is None and counts(unit) for unit, end in zip(units, after, strict=True)]

    def shares(self, units: Sequence[str], ends: Sequence[int]) -> list[float]:
        """r: of the first `ends[t]` units that count, the share that is hardly known by then; 0 where none counts."""
        which = [(k, known) for k, known in enumerate(self.known_after(units)) if counts(units[k])]
        found = []
        for end in ends:
            so_far = [known for k, known in which if k < end]
            strange = sum(known is None or known > end for known in so_far)
            found.append(strange / len(so_far) if so_far else 0.0)
        return found

    def _look(self, gram: tuple[str, ...]) -> bool:
        table = self.bits.numpy()
        return all(table[bit >> 3] >> (bit & 7) & 1 for bit in self._places(gram))

    def _places(self, gram: tuple[str, ...]) -> list[int]:
        key = "\x01".join(gram).encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(key, digest_size=16).digest()
        u, v = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")
        return [(u + i * v) % (8 * len(self.bits)) for i in range(HASHES)]


def counts(unit: str) -> bool:
    """Whether a unit can be known or not: it has a letter or a picture. Marks, numbers and spaces have neither.

    >>> [counts(unit) for unit in ("n't", "店", "👍", "3.5", "、", "ー")]
    [True, True, True, False, False, True]
    """
    return any(c.isalpha() or unicodedata.category(c) == "So" for c in unit)
