"""How wrong is a truncated gradient? Blocks of k steps against a sliding window of k steps.

Both cut the way back after at most k steps; they are not the same (a question that the lecture asks).

    blocks   the sequence is cut into pieces of k steps; a loss reaches back to the start of its own piece, between 1 and
             k steps, and the state is carried over. This is what trains large nets: k new steps, one update.
    window   every loss reaches back exactly k steps (fewer at the start of the sequence).

For a loss at the last step alone, blocks see the steps of the last piece only.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from rnn_core.backward.bptt import LaneGradients, step_backward
from rnn_core.forward.tracing import Lane, Trace


class TruncationError(NamedTuple):
    """‖g_k − g‖ / ‖g‖ over all recurrent weights, and the cosine between the two, for one k."""

    k: int
    blocks: float
    window: float
    cosine_blocks: float
    cosine_window: float


def window_gradients(run: Trace, grad_output: Tensor, window: int) -> dict[str, Tensor]:
    """The weights' gradients by name when every step's loss reaches back `window` steps (itself the first).

    One layer, one direction. `grad_output` as in `rnn_core.backpropagate`. Carries `window` gradients at once, one for each
    age. Raises ValueError for a window below 1, another shape, or more than one lane.

    >>> from torch import nn
    >>> from rnn_core.backward.bptt import backpropagate
    >>> from rnn_core.forward.tracing import trace
    >>> run, ones = trace(nn.RNN(1, 2), torch.ones(4, 1)), torch.ones(4, 2)
    >>> full, seen = backpropagate(run, ones).lane().weights, window_gradients(run, ones, 4)
    >>> all(torch.allclose(full[name], seen[name]) for name in full)
    True
    """
    if window < 1:
        raise ValueError(f"window must be at least 1, got {window}")
    lane, by_age = _deltas_by_age(run, grad_output, window)
    return _weights(lane, by_age, torch.ones(len(lane["h"]), window))


def _deltas_by_age(run: Trace, grad_output: Tensor, ages: int) -> tuple[Lane, dict[str, Tensor]]:
    """∂E/∂(each pre-activation and x) of the one lane, told apart by how many steps later the loss lies: `(T, ages, B, H)`."""
    if len(run.lanes) != 1 or run.lengths is not None:
        raise ValueError("truncation is written for one layer and sequences of equal length")
    if grad_output.dim() == 2:
        grad_output = grad_output[:, None]
    (lane,) = run.lanes
    if lane.held:
        raise ValueError("a run with values held by hand has no gradient here: use autograd")
    T, B, H = lane["h"].shape
    if grad_output.shape != run.output.shape:
        raise ValueError(f"grad_output must be {tuple(run.output.shape)}, got {tuple(grad_output.shape)}")
    previous = {name: lane.previous(name) for name in lane.state_names}
    W = {name: w.detach() for name, w in lane.weights.items()}
    dh = grad_output.new_zeros(ages, B, H)  # dh[j]: from the loss j steps later
    dc = torch.zeros_like(dh)
    kept: list[dict[str, Tensor]] = []
    with torch.no_grad():
        for t in range(T - 1, -1, -1):
            dh[0] = grad_output[t]
            values = {name: tensor[t] for name, tensor in lane.values.items()}
            before = {name: tensor[t] for name, tensor in previous.items()}
            deltas = step_backward(lane.kind, lane.fn, dh, dc, values, before, W)
            dh = _one_step_older(deltas.pop("h_prev"))
            dc = _one_step_older(deltas.pop("c_prev", dc))
            kept.append(deltas)
    kept.reverse()
    return lane, {name: torch.stack([step[name] for step in kept]) for name in kept[0]}


def _weights(lane: Lane, by_age: dict[str, Tensor], seen: Tensor) -> dict[str, Tensor]:
    """The weights' gradients when step t sees the loss j steps later as `seen[t, j]` (1 or 0) says.

    They are linear in the deltas, so the deltas of all ages are summed first.
    """
    summed = {n: torch.einsum("tjbh,tj->tbh", d, seen.to(d)) for n, d in by_age.items()}
    x, nothing = summed.pop("x"), torch.zeros_like(lane["h"])
    return LaneGradients(lane, summed, nothing, x, nothing[0], None, frozenset()).weights


def _one_step_older(rows: Tensor) -> Tensor:
    """Move every row one age on; what is older than the window is dropped."""
    return torch.cat([torch.zeros_like(rows[:1]), rows[:-1]])


def block_lengths(steps: int, k: int, cut_at: int = 0) -> tuple[list[int], int]:
    """The lengths of the blocks that a training loop cuts, and the steps left over at its end, counted by running the loop.

    The loop adds one loss per step and, where i % k == `cut_at`, goes back, updates and cuts the graph: with 0, as one source
    writes it, it cuts at i = 0 already; with k − 1 every block has k steps. Raises ValueError for k below 1 or `cut_at`
    outside 0 … k − 1.

    >>> block_lengths(10, 4), block_lengths(10, 4, 3)
    (([1, 4, 4], 1), ([4, 4], 2))
    """
    if k < 1 or not 0 <= cut_at < k:
        raise ValueError(f"k must be at least 1 and cut_at from 0 to k − 1, got {k} and {cut_at}")
    blocks, gathered = [], 0
    for i in range(steps):
        gathered += 1  # loss += …
        if i % k == cut_at:  # loss.backward(), update, cut
            blocks.append(gathered)
            gathered = 0
    return blocks, gathered


def truncation_errors(run: Trace, grad_output: Tensor, ks: list[int]) -> list[TruncationError]:
    """Both kinds of truncation against the whole gradient, for every k. One layer, one direction.

    One way back serves every k: each step's deltas are kept apart by the age of their loss, `(T, T, B, H)` numbers, and a k says
    which of them count. Raises ValueError as `window_gradients` does.
    """
    T = run.output.shape[0]
    lane, by_age = _deltas_by_age(run, grad_output, T)
    t, j = torch.meshgrid(torch.arange(T), torch.arange(T), indexing="ij")
    full = _flat(_weights(lane, by_age, torch.ones(T, T)))
    out = []
    for k in ks:
        blocks = _flat(_weights(lane, by_age, (t + j) // k == t // k))
        window = _flat(_weights(lane, by_age, j < k))
        out.append(
            TruncationError(
                k,
                _error(blocks, full),
                _error(window, full),
                _cosine(blocks, full),
                _cosine(window, full),
            )
        )
    return out


def _flat(weights: dict[str, Tensor]) -> Tensor:
    return torch.cat([w.flatten() for w in weights.values()]).double()


def _error(found: Tensor, full: Tensor) -> float:
    return float((found - full).norm() / full.norm())


def _cosine(found: Tensor, full: Tensor) -> float:
    return float(found @ full / (found.norm() * full.norm()))
