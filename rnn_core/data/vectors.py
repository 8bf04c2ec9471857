"""Word vectors from counts: which words stand near which, in the training text itself. No outside vectors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor


def word_vectors(
    sentences: Iterable[Sequence[str]],
    vocabulary: Sequence[str],
    dim: int,
    window: int = 5,
    seed: int = 0,
) -> Tensor:
    """Vectors of unit length `(V, dim)`: words that keep the same company lie close.

        M_ij = P(n_ij) + P(n_ji),   P(n) = max(0, log( n N^α / (n_i n_j^α) )),   N^α = Σ_j n_j^α
        M ≈ U S Vᵀ        E = rows of U √S, each divided by its length

    n_ij: how often word j stands d ≤ `window` places to the right of word i in a sentence, each counted 1/d, so that right
    and left neighbours are judged apart; n_i = Σ_j (n_ij + n_ji); α = 3/4 keeps rare neighbours from looking special. A word without neighbours gets the zero vector. Words outside the vocabulary
    leave a gap. `seed`: of the random projection of the truncated SVD (Halko et al. 2011).
    Source: Levy and Goldberg (2014); Levy, Goldberg and Dagan (2015).
    """
    M = neighbours(sentences, vocabulary, window)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        U, S, _ = torch.svd_lowrank(M, q=min(dim + 32, len(vocabulary)), niter=4)
    E = U[:, :dim] * S[:dim].sqrt()
    lonely = torch.ones(len(vocabulary), dtype=torch.bool)
    lonely[M.indices()[0]] = False
    E[lonely] = 0
    unit: Tensor = E / E.norm(dim=1, keepdim=True).clamp(min=1e-12)
    return unit


def neighbours(sentences: Iterable[Sequence[str]], vocabulary: Sequence[str], window: int) -> Tensor:
    """M `(V, V)` of `word_vectors`, sparse."""
    index = {word: i for i, word in enumerate(vocabulary)}
    V = len(vocabulary)
    gap = [-1] * window
    line = [k for s in sentences for k in (*(index.get(w, -1) for w in s), *gap)]
    ids = np.array(line, dtype=np.int64)
    pairs, counts = [], []
    for d in range(1, window + 1):
        left, right = ids[:-d], ids[d:]
        both = (left >= 0) & (right >= 0)
        found, often = np.unique(left[both] * V + right[both], return_counts=True)
        pairs.append(found)
        counts.append(often / d)
    keys, place = np.unique(np.concatenate(pairs), return_inverse=True)
    n = np.bincount(place, np.concatenate(counts))
    i, j, n = np.r_[keys // V, keys % V], np.r_[keys % V, keys // V], np.r_[n, n]
    n_i = np.bincount(i, n, V)
    smooth = n_i**0.75
    M = np.log(n * smooth.sum() / (n_i[i] * smooth[j]))
    some = M > 0
    return torch.sparse_coo_tensor(
        torch.from_numpy(np.stack([i[some], j[some]])),
        torch.from_numpy(M[some].astype(np.float32)),
        (V, V),
        check_invariants=True,
    ).coalesce()
