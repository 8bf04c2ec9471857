"""The sine of the lecture (CLM-10): how long a window and how many epochs until the prediction is nearly exact?

200 values of sin(0.125 t); simple RNN, 32 units, Adam; every epoch is one step on all windows. Told on the 200 values after
them.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from rnn_core.labs.sine import Settings, free_run, held_until, lag, one_step, series_training, wave

COUNT = 200
GRID = [{"window": window, "epochs": epochs} for window in (2, 5, 10, 25) for epochs in (100, 500, 3000)]
SEEDS = range(10)
QUICK = (0, 6)
"""Rows that a test makes again."""


def run(cell: dict[str, Any], seed: int) -> dict[str, float]:
    """`loss`: mean squared error at the last epoch; `new`: on the values after; `lag`: in steps, on these; `held`: steps of
    a free run from the last window until it is off by more than 0.1 (200 at most)."""
    torch.set_num_threads(1)
    settings = Settings(seed=seed, **cell)
    training = series_training(wave(COUNT), settings)
    training.advance(settings.epochs)
    W = settings.window
    after = wave(COUNT + W, COUNT - W)
    said = one_step(training.net, after, W)
    return {
        "loss": float(f"{training.losses[-1]:.3g}"),
        "new": float(f"{float(F.mse_loss(said, after[W:])):.3g}"),
        "lag": lag(said, after[W:]),
        "held": float(held_until(free_run(training.net, after[:W], COUNT), after[W:])),
    }
