"""Predicting a series from a window of its last values: one step ahead, or on and on from its own answers.

Windows and targets, training, the two ways to predict, and how far a prediction lags behind. Leaves out several series at once
and everything seasonal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from rnn_core.labs.remember import MemoryNet, MemoryTraining, memory_training
from rnn_core.labs.tasks import Task

STEP = 0.125
"""Radians between two values of the sine: 50.3 to a period, so that no window comes twice exactly."""


def wave(count: int, first: int = 0, noise: float = 0.0, seed: int = 0) -> Tensor:
    """sin(0.125 t) for t = first … first + count − 1, with normal noise of that standard deviation, `(count,)`."""
    t = torch.arange(first, first + count, dtype=torch.double)
    more = torch.randn(count, generator=torch.Generator().manual_seed(seed), dtype=torch.double)
    return (torch.sin(STEP * t) + noise * more).float()


def scaled(series: Sequence[float], trained: int) -> Tensor:
    """(x − m) / r for every value, `(count,)`, with the middle m and half the range r of the first `trained` ones.

    Those span −1 … 1; later ones may leave it. What is to be predicted must not decide the scale: its largest value would
    already tell how far the series will go. Computed in float64; a value too far away for float32 becomes ±inf. Raises
    ValueError if there is no value to train on, or no two different ones.

    >>> scaled([2.0, 4.0, 3.0, 6.0], 3).tolist()
    [-1.0, 1.0, 0.0, 3.0]
    """
    found = torch.tensor(series, dtype=torch.double)
    known = found[:trained]
    if not len(known) or known.min() == known.max():
        raise ValueError(f"no two different values among the first {trained}")
    low, high = known.min(), known.max()
    return (2 * ((found - low) / (high - low)) - 1).float()


def windows(series: Tensor, window: int) -> tuple[Tensor, Tensor]:
    """Explanatory and target variable: every `window` values in a row `(N, window)`, and the value after them `(N,)`.

    N = len(series) − window. Raises ValueError if not even one pair fits, and for a window below 1.

    >>> windows(torch.tensor([1.0, 2.0, 3.0, 4.0]), 2)
    (tensor([[1., 2.],
            [2., 3.]]), tensor([3., 4.]))
    """
    if window < 1 or len(series) <= window:
        raise ValueError(f"no pair of {window} values and a next one in {len(series)} values")
    return series.unfold(0, window, 1)[:-1], series[window:]


def next_value(series: Tensor, window: int) -> Task:
    """Say the value after each window; every batch is the whole series, so a step is an epoch.

    x `(window, N, 1)`, the answer counts at the last step. Loss: mean squared error. `right`: the share within 0.04.
    Raises ValueError as `windows` does.
    """
    x, target = windows(series, window)
    x = x.T[..., None].contiguous()
    return Task(
        "next_value",
        window,
        window,
        1,
        1,
        0.0,
        lambda B, generator: (x, target),
        lambda y, target: F.mse_loss(y[-1, :, 0], target),
        lambda y, target: float(((y[-1, :, 0] - target).abs() < 0.04).double().mean()),
    )


@dataclass(frozen=True)
class Settings:
    """All that a training depends on besides the series."""

    cell: str = "rnn"
    window: int = 5
    hidden: int = 32
    epochs: int = 500
    lr: float = 0.01
    seed: int = 0


def series_training(series: Tensor, settings: Settings) -> MemoryTraining:
    """Adam, clipping at norm 1, the rate falling to 0 in a cosine over `settings.epochs` epochs; not yet begun."""
    s = settings
    return memory_training(
        s.cell,
        next_value(series, s.window),
        s.hidden,
        s.seed,
        s.lr,
        {"start": "orthogonal"},
        decay=s.epochs,
        check_every=max(1, s.epochs),
    )


@torch.inference_mode()
def one_step(net: MemoryNet, series: Tensor, window: int) -> Tensor:
    """What the net says for every next value, each time from the true window, `(N,)`."""
    x, _ = windows(series, window)
    said: Tensor = net(x.T[..., None])[-1, :, 0]
    return said


@torch.inference_mode()
def free_run(net: MemoryNet, begin: Tensor, steps: int) -> Tensor:
    """`steps` values after `begin` `(window,)`, the net fed with its own answers, `(steps,)`."""
    seen = begin.tolist()
    for _ in range(steps):
        x = torch.tensor(seen[-len(begin) :])[:, None, None]
        seen.append(float(net(x)[-1, 0, 0]))
    return torch.tensor(seen[len(begin) :])


def lag(said: Tensor, truth: Tensor, most: float = 5.0) -> float:
    """By how many steps `said` comes late: the shift k in −most … most, in steps of 0.05, with the least Σ (said_t − truth_{t−k})².

    Between two values the truth is taken to be a straight line. NaN if nothing can be shifted: fewer than 2 · most + 2 values, or
    a truth that never changes.

    >>> x = wave(100); lag(x[:-1], x[1:])
    1.0
    """
    n, m = len(truth), math.ceil(most)
    if len(said) != n or n < 2 * m + 2 or not said.isfinite().all() or truth.max() == truth.min():
        return math.nan
    t = torch.arange(m, n - m)
    errors = {}
    for j in range(-round(most / 0.05), round(most / 0.05) + 1):
        k = j * 0.05
        low = math.floor(-k)
        share = -k - low
        shifted = (1 - share) * truth[t + low] + share * truth[(t + low + 1).clamp(max=n - 1)]
        errors[round(k, 2)] = float((said[t] - shifted).double().square().mean())
    return min(errors, key=lambda k: (errors[k], abs(k)))


def held_until(said: Tensor, truth: Tensor, tolerance: float = 0.1) -> int:
    """How many steps a free run stays within `tolerance` of the truth.

    >>> held_until(torch.tensor([0.0, 0.05, 0.3, 0.0]), torch.zeros(4))
    2
    """
    off = (~((said - truth).abs() <= tolerance)).nonzero()
    return int(off[0]) if len(off) else len(truth)
