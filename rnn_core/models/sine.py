"""`sine`: a simple RNN that says the next value of a sine from the ten before it.

The floor says the last value again. Leaves out every other series.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch.nn.functional as F
from torch import nn

from rnn_core.labs.remember import MemoryNet, recurrent
from rnn_core.labs.sine import (
    Settings,
    free_run,
    held_until,
    lag,
    one_step,
    series_training,
    wave,
    windows,
)
from rnn_core.models import ModelSpec, TrainOptions

RECIPE = Settings(window=10, hidden=32, epochs=20_000, lr=0.01)
COUNT = 200
FREE = 1000
_SEEDS = (0, 1, 2)


def _build(config: Mapping[str, Any]) -> MemoryNet:
    return MemoryNet(recurrent("rnn", 1, config["hidden"]), config["hidden"], 1)


def _train(options: TrainOptions) -> tuple[nn.Module, dict[str, Any]]:
    began = time.perf_counter()
    seeds = _SEEDS if options.seed is None else (options.seed,)
    made = []
    for seed in seeds:
        training = series_training(wave(COUNT), replace(RECIPE, seed=seed))
        training.advance(RECIPE.epochs if options.steps is None else options.steps)
        made.append(training.net.requires_grad_(False))
    each = [_loss(net, COUNT) for net in made]
    best = min(range(len(made)), key=lambda k: each[k])
    return made[best], {
        "data": f"made: sin(0.125 t), t = 0 … {COUNT - 1}",
        "licence": "MIT",
        "failures": "Knows one sine. Left to itself it drifts off in the end; another period or height is not followed.",
        "config": {"hidden": RECIPE.hidden, "window": RECIPE.window},
        "seed": seeds[best],
        "training": asdict(RECIPE)
        | {"optimizer": "Adam, cosine, clipping at 1", "chosen": "the seed with the least loss"},
        "training_seconds": round(time.perf_counter() - began, 1),
        "seeds": {"seeds": list(seeds), "loss": {"each": each}},
        "baseline": {"name": "the last value again", "loss": floor()},
    }


def _loss(net: MemoryNet, count: int, first: int = 0) -> float:
    """Mean squared error of one-step predictions of `count` values from `first` on."""
    series = wave(count, first)
    _, truth = windows(series, RECIPE.window)
    return float(F.mse_loss(one_step(net, series, RECIPE.window), truth))


def floor() -> float:
    """Mean squared error of saying the last value again."""
    x, truth = windows(wave(COUNT), RECIPE.window)
    return float(F.mse_loss(x[:, -1], truth))


def _evaluate(model: nn.Module, data: Path | None) -> dict[str, float]:
    assert isinstance(model, MemoryNet)
    W = RECIPE.window
    after = wave(FREE + W, COUNT - W)
    said = one_step(model, after, W)
    return {
        "loss": _loss(model, COUNT),
        "loss_after": float(F.mse_loss(said, after[W:])),
        "lag": lag(said, after[W:]),
        "held": held_until(free_run(model, after[:W], FREE), after[W:]),
    }


MODELS = {"sine": ModelSpec(_build, _train, _evaluate)}
