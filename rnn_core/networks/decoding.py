"""From scores to a sentence: greedy, by lot, or with a beam; many sentences at once.

Works on any network that can be asked step by step: `step(tokens, state)` takes the last token of each row `(N,)` and the
state (tensors with the rows in their second dimension), and returns log p `(N, V)` and the next state. Nothing here knows
of encoders or attention. Every decoding ends: at the end token, or after `most` steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

State = tuple[Tensor, ...]
Step = Callable[[Tensor, State], tuple[Tensor, State]]


@dataclass(frozen=True)
class Hypothesis:
    """A decoded sentence: its tokens with the end token (without, if it was cut off), Σ log p, and what it is ranked by."""

    tokens: tuple[int, ...]
    log_p: float
    score: float


@dataclass(frozen=True)
class Node:
    """One candidate of a beam: it adds `token` to `parent` (an index among the nodes of the step before, −1 at the start).

    `fate`: "kept" (goes on), "ended" (chose the end token) or "given up".
    """

    parent: int
    token: int
    log_p: float
    fate: str


@dataclass(frozen=True)
class Beam:
    """What a beam found for one sentence, best first; `steps[t]` its candidates at step t, if they were asked for."""

    hypotheses: list[Hypothesis]
    steps: list[list[Node]] = field(default_factory=list)


def ranked_by(log_p: float, length: int, alpha: float, reward: float = 0.0) -> float:
    """Σ log p / length^α + γ · length, against the pull to short sentences, which have fewer factors.

    With α = 0 and γ = 0 the probability itself, with α = 1 its mean per token (Wu et al. 2016 use a near relative); γ, `reward`,
    pays for every token (He et al. 2016, "Improved Neural Machine Translation with SMT Features").

    >>> ranked_by(-6.0, 3, 0.0), ranked_by(-6.0, 3, 1.0), ranked_by(-6.0, 3, 0.0, 0.5)
    (-6.0, -2.0, -4.5)
    """
    return float(log_p / length**alpha + reward * length)


@torch.inference_mode()
def greedy(
    step: Step,
    state: State,
    begin: int,
    end: int,
    most: int,
    *,
    temperature: float = 0.0,
    generator: torch.Generator | None = None,
) -> list[Hypothesis]:
    """The likeliest token at every step, or one drawn from p^(1/τ) if `temperature` τ is not 0.

    Returns one hypothesis per row of `state`. Raises ValueError for τ below 0 or `most` below 1.
    """
    if temperature < 0 or most < 1:
        raise ValueError(f"temperature must not be negative and most at least 1, got {temperature} and {most}")
    N = state[0].shape[1]
    device = state[0].device
    tokens = torch.full((N,), begin, dtype=torch.long, device=device)
    total = torch.zeros(N, dtype=torch.double, device=device)
    ended = torch.zeros(N, dtype=torch.bool, device=device)
    said: list[list[int]] = [[] for _ in range(N)]
    for _ in range(most):
        log_p, state = step(tokens, state)
        if temperature:
            p = (log_p.float() / temperature).softmax(-1)
            tokens = torch.multinomial(p.cpu(), 1, generator=generator)[:, 0].to(device)
        else:
            tokens = log_p.argmax(-1)
        added = log_p.gather(1, tokens[:, None])[:, 0].double()
        total += torch.where(ended, 0.0, added)
        for n, (token, over) in enumerate(zip(tokens.tolist(), ended.tolist(), strict=True)):
            if not over:
                said[n].append(token)
        ended |= tokens == end
        if ended.all():
            break
    return [Hypothesis(tuple(row), value, value) for row, value in zip(said, total.tolist(), strict=True)]


@torch.inference_mode()
def beam_search(
    step: Step,
    state: State,
    begin: int,
    end: int,
    most: int,
    width: int,
    alpha: float = 1.0,
    reward: float = 0.0,
    *,
    owed: Sequence[int] | None = None,
    unknown: int = 0,
    keep_steps: bool = False,
) -> list[Beam]:
    """Keep the `width` likeliest beginnings of each sentence; rank what has ended by Σ log p / length^α + γ · length, γ = `reward`.

    A sentence is done when `width` of its hypotheses have ended, so a width of 1 is greedy. What has not ended after `most`
    steps is cut off. `owed`: how often each sentence has to say the token `unknown` before it may end; it then keeps `width` beginnings
    for every number of them said (Hokamp and Liu 2017, "Lexically Constrained Decoding … Using Grid Beam Search", for a single token).
    Returns a `Beam` per row of `state`, with at most `width`
    hypotheses. Raises ValueError for a width or `most` below 1 or α outside 0 … 1, γ below 0.
    """
    if width < 1 or most < 1 or not 0 <= alpha <= 1 or not reward >= 0:
        raise ValueError(
            f"width and most must be at least 1, alpha in 0 … 1, reward not negative, got {width}, {most}, {alpha}, {reward}"
        )
    B = state[0].shape[1]
    device = state[0].device
    owed = [0] * B if owed is None else owed
    levels = max(owed, default=0) + 1
    last = torch.tensor(owed, device=device)[:, None]
    level = torch.arange(levels, device=device)
    rows = levels * width
    state = tuple(s.repeat_interleave(rows, 1) for s in state)
    totals = torch.full((B, rows), -math.inf, device=device)
    totals[:, 0] = 0  # all rows of a sentence are equal at first
    tokens = torch.full((B * rows,), begin, dtype=torch.long, device=device)
    live: list[list[tuple[int, ...]]] = [[()] * rows for _ in range(B)]
    at: list[list[int]] = [[-1] * rows for _ in range(B)]  # where a live one is among the nodes
    found: list[list[Hypothesis]] = [[] for _ in range(B)]
    steps: list[list[list[Node]]] = [[] for _ in range(B)]
    open_ = list(range(B))
    for _ in range(most):
        log_p, state = step(tokens, state)
        V = log_p.shape[-1]
        grown = (totals[..., None] + log_p.view(B, rows, V)).view(B, levels, width, V)
        # whoever says the token goes one level up, but on the last
        up = grown[..., unknown].masked_fill((level >= last)[..., None], -math.inf).roll(1, 1)
        grown[..., unknown].masked_fill_((level < last)[..., None], -math.inf)
        grown[..., end].masked_fill_((level < last)[..., None], -math.inf)
        best, flat = torch.cat([grown.flatten(2), up], 2).topk(min(2 * width, width * (V + 1)))
        values, columns = best.tolist(), flat.tolist()
        chosen = torch.zeros(B, rows, dtype=torch.long)
        following = torch.full((B, rows), end, dtype=torch.long)
        kept_totals = torch.full((B, rows), -math.inf)
        still = []
        for b in open_:
            nodes: list[Node] = []
            new: list[tuple[int, ...]] = [()] * rows
            new_at = [-1] * rows
            for c in range(owed[b] + 1):
                k = c * width
                for rank, (value, index) in enumerate(zip(values[b][c], columns[b][c], strict=True)):
                    if value == -math.inf:
                        break
                    slot, token = divmod(index, V)
                    if slot >= width:  # from the level below
                        slot, token = index - width * V - width, unknown
                    parent = c * width + slot
                    fate = "given up"
                    if token == end:
                        if rank < width:
                            fate = "ended"
                            text = (*live[b][parent], token)
                            score = ranked_by(value, len(text), alpha, reward)
                            found[b].append(Hypothesis(text, value, score))
                    elif k < (c + 1) * width:
                        fate = "kept"
                        chosen[b, k], following[b, k], kept_totals[b, k] = parent, token, value
                        new[k] = (*live[b][parent], token)
                        new_at[k] = len(nodes)
                        k += 1
                    nodes.append(Node(at[b][parent], token, value, fate))
            if keep_steps:
                order = sorted(range(len(nodes)), key=lambda n: -nodes[n].log_p)
                place = {n: k for k, n in enumerate(order)} | {-1: -1}
                steps[b].append([nodes[n] for n in order])
                new_at = [place[n] for n in new_at]
            live[b], at[b] = new, new_at
            if len(found[b]) < width and any(new):
                still.append(b)
        open_ = still
        if not open_:
            break
        totals = kept_totals.to(device)
        tokens = following.flatten().to(device)
        rows_of = (torch.arange(B)[:, None] * rows + chosen).flatten().to(device)
        state = tuple(s.index_select(1, rows_of) for s in state)
    for b in range(B):
        if not found[b]:  # nothing ended: what was kept last, having said the token most often
            ranked = list(zip(live[b], totals[b].tolist(), strict=True))
            parts = (ranked[c * width : (c + 1) * width] for c in range(owed[b], -1, -1))
            kept = next(part for part in parts if part[0][0])
            found[b] = [
                Hypothesis(text, value, ranked_by(value, len(text), alpha, reward)) for text, value in kept if text
            ]
    return [Beam(sorted(found[b], key=lambda h: -h.score)[:width], steps[b]) for b in range(B)]
