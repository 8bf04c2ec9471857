"""Attention of a decoder over the states of an encoder: three scores, one softmax.

    general    e_ts = h_tᵀ W_a h̄_s                       Luong et al. (2015)
    additive   e_ts = v_aᵀ tanh(W_q h_t + W_k h̄_s)        Bahdanau et al. (2015)
    dot        e_ts = h_tᵀ h̄_s                           Luong et al. (2015)

    a_t = softmax(e_t)        r_t = Σ_s a_ts h̄_s

All three compare a query with a key per source word; what of it does not change with t is computed once per sentence.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

SCORES = ("general", "additive", "dot")


class Attention(nn.Module):
    """Scores, weights and the context r of queries h `(T, B, H)` over memory h̄ `(S, B, H)`.

    `score`: one of `SCORES`. `real` `(S, B)` says which source words there are; the others get weight 0.
    Raises ValueError for an unknown score.
    """

    def __init__(self, size: int, score: str = "general") -> None:
        super().__init__()
        if score not in SCORES:
            raise ValueError(f"score must be one of {', '.join(SCORES)}, got {score!r}")
        self.score = score
        bound = size**-0.5
        if score == "general":
            self.W_a = nn.Parameter(torch.empty(size, size).uniform_(-bound, bound))
        elif score == "additive":
            self.W_q = nn.Parameter(torch.empty(size, size).uniform_(-bound, bound))
            self.W_k = nn.Parameter(torch.empty(size, size).uniform_(-bound, bound))
            self.v_a = nn.Parameter(torch.empty(size).uniform_(-bound, bound))

    def keys(self, memory: Tensor) -> Tensor:
        """What each source word is compared by, `(S, B, H)`: W_a h̄_s, W_k h̄_s, or h̄_s itself."""
        if self.score == "general":
            return memory @ self.W_a.T
        return memory @ self.W_k.T if self.score == "additive" else memory

    def scores(self, h: Tensor, keys: Tensor) -> Tensor:
        """e `(T, B, S)` of queries h `(T, B, H)` over `keys(memory)`."""
        if self.score == "additive":
            q = h @ self.W_q.T
            return torch.tanh(q[:, None] + keys).permute(0, 2, 1, 3) @ self.v_a
        # (B, T, H) × (B, H, S)
        return torch.bmm(h.transpose(0, 1), keys.permute(1, 2, 0)).transpose(0, 1)

    def weights(self, h: Tensor, keys: Tensor, real: Tensor) -> Tensor:
        """a `(T, B, S)`; each row sums to 1."""
        e = self.scores(h, keys).float()
        return e.masked_fill(~real.T, -math.inf).softmax(-1)

    @staticmethod
    def context(a: Tensor, memory: Tensor) -> Tensor:
        """r `(T, B, H)` = Σ_s a_ts h̄_s, what is read from the memory."""
        return torch.bmm(a.transpose(0, 1), memory.transpose(0, 1)).transpose(0, 1)
