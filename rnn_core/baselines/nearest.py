"""The floor of a translator: the translation of the training sentence that is most like the one given.

    tf-idf: v_w = n_w · (1 + log((1 + N) / (1 + d_w))), likeness = cosine of v,

n_w how often w, a word or a pair of neighbours, is in the sentence, d_w in how many of N training sentences. Of sentences
equally alike the first is taken.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor


def _terms(words: Sequence[str]) -> list[str]:
    return [*words, *(f"{a} {b}" for a, b in pairwise(words))]


class NearestSentence:
    """Finds the most similar of the sentences given, in tokens."""

    def __init__(self, sentences: Sequence[Sequence[str]]) -> None:
        found = Counter(w for words in sentences for w in set(_terms(words)))
        self.index = {w: k for k, w in enumerate(found)}
        self.idf = {w: 1 + math.log((1 + len(sentences)) / (1 + n)) for w, n in found.items()}
        self.vectors = self._vectors(sentences)

    def _vectors(self, sentences: Sequence[Sequence[str]]) -> Tensor:
        rows, columns, values = [], [], []
        for row, words in enumerate(sentences):
            counts = {w: n for w, n in Counter(_terms(words)).items() if w in self.index}
            v = {w: n * self.idf[w] for w, n in counts.items()}
            length = math.sqrt(sum(x * x for x in v.values())) or 1.0
            for w, x in v.items():
                rows.append(row)
                columns.append(self.index[w])
                values.append(x / length)
        return torch.sparse_coo_tensor(
            torch.tensor([rows, columns], dtype=torch.long),
            torch.tensor(values),
            (len(sentences), len(self.index)),
            check_invariants=True,
        ).coalesce()

    def nearest(self, sentences: Sequence[Sequence[str]]) -> list[int]:
        """The number of the nearest sentence for each of these."""
        asked = self._vectors(sentences).to_dense()
        likeness = torch.sparse.mm(self.vectors, asked.T)
        found: list[int] = likeness.argmax(0).tolist()
        return found
