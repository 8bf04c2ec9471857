"""The binary adder of the lecture (CLM-5 … CLM-9): which start, rate, size and activation learn to add?

As in the lecture's notes: numbers below 128, one sum per step, ½ Σ (y − s)², plain gradient descent, 10,000 steps. One setting is
varied at a time from the notes' (sigmoid, N(0, 1), rate 0.1, 16 units), and activation × start × rate as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from rnn_core.labs.adder import SeedsAtOnce, Settings, all_pairs, bits_of, said

STEPS, BITS, WINDOW = 10_000, 7, 200
LEARNED = 0.1
"""A run has begun to add where the mean loss of `WINDOW` sums is below this: two or three bits in a hundred wrong."""

NOTES: dict[str, Any] = {
    "activation": "sigmoid",
    "start": "normal",
    "scale": 1.0,
    "hidden": 16,
    "lr": 0.1,
    "clip": None,
}


def _grid() -> list[dict[str, Any]]:
    cells = [NOTES | {"scale": scale} for scale in (0.01, 0.1, 0.5, 1.0, 2.0)]
    cells += [NOTES | {"start": start} for start in ("xavier", "he", "orthogonal")]
    cells += [NOTES | {"lr": lr} for lr in (0.01, 0.3, 1.0, 3.0, 10.0)]
    cells += [NOTES | {"hidden": hidden} for hidden in (2, 4, 8, 32, 64, 128)]
    cells += [
        NOTES | {"activation": activation, "start": start, "lr": lr}
        for activation in ("sigmoid", "tanh", "relu")
        for start in ("normal", "xavier", "he")
        for lr in (0.01, 0.1, 1.0)
    ]
    cells += [NOTES | {"activation": "relu", "start": "he", "lr": lr, "clip": 1.0} for lr in (0.01, 0.1, 1.0)]
    cells += [NOTES | {"scale": scale, "lr": 1.0} for scale in (0.01, 0.1)]
    cells += [NOTES | {"hidden": 128, "start": "he"}]
    cells += [NOTES | {"loss": "cross-entropy", "lr": lr} for lr in (0.1, 1.0)]
    # what the notes call Xavier
    cells += [
        NOTES | {"activation": activation, "start": "lecun", "lr": lr}
        for activation in ("sigmoid", "tanh", "relu")
        for lr in (0.1, 1.0)
    ]
    return [cell for k, cell in enumerate(cells) if cell not in cells[:k]]


GRID = _grid()
SEEDS = range(20)
QUICK = (3, 10)
"""Rows that a test makes again: long ReLU runs magnify the last digit."""


def run_seeds(cell: dict[str, Any], seeds: Sequence[int]) -> list[dict[str, float]]:
    """Per seed. `sums`, `bits`: the share of all 16,384 sums, and of their bits, that are right; `loss`: the mean of the last 500;
    `begun`: the first step at which the mean loss of the last 200 sums was below 0.1, 0 for never; `broken`: 1 where the loss ended
    as no number (a squared error is bounded, so only weights that are none can do that); `learned`: 1 where every sum is right."""
    torch.set_num_threads(1)
    training = SeedsAtOnce(Settings(bits=BITS, **cell), seeds)
    training.advance(STEPS)
    losses = torch.tensor(training.losses, dtype=torch.double)  # (steps, R)
    means = torch.cat([torch.zeros_like(losses[:1]), losses.cumsum(0)])
    means = (means[WINDOW:] - means[:-WINDOW]) / WINDOW
    pairs = all_pairs(BITS)
    truth = bits_of(pairs.sum(1), BITS + 1)
    found = []
    for r, net in enumerate(training.trained()):
        broken = training.broken[r] is not None
        right = (said(net, pairs, BITS) == truth) & (not broken)
        below = (means[:, r] < LEARNED).nonzero()
        sums = float(right.all(0).double().mean())
        loss = 0.0 if broken else float(f"{losses[-500:, r].mean():.4g}")
        found.append(
            {
                "sums": round(sums, 5),
                "bits": round(float(right.double().mean()), 5),
                "loss": loss,
                "begun": 0.0 if broken or not len(below) else float(below[0] + WINDOW),
                "broken": float(broken),
                "learned": float(sums == 1),
            }
        )
    return found


def run(cell: dict[str, Any], seed: int) -> dict[str, float]:
    """One seed of `run_seeds`."""
    return run_seeds(cell, [seed])[0]
