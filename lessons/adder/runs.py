"""The adder on a page: knobs and their links, trainings of this session side by side, a sum as the stepper draws it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, lru_cache
from typing import Any

import numpy as np
import streamlit as st
import torch

from rnn_core.forward.tracing import trace
from rnn_core.labs.adder import (
    ACTIVATIONS,
    LOSSES,
    STARTS,
    CarryUnit,
    Settings,
    adder_training,
    all_pairs,
    bits_of,
    carries,
    carry_units,
    said,
    sums,
)
from rnn_core.labs.remember import MemoryNet, MemoryTraining
from rnn_core.models.adder import RECIPE
from rnn_core.stepper.run import Run, add_traced_lane
from rnn_core.work import Work, finished
from ui.server import models

BITS = 8
"""Bits of the numbers that are trained on and checked here."""

CHOICES: dict[str, tuple[Any, ...]] = {
    "cell": ("rnn", "lstm", "gru"),
    "activation": ACTIVATIONS,
    "start": STARTS,
    "scale": (0.01, 0.1, 0.5, 1.0, 2.0),
    "hidden": tuple(range(1, 129)),
    "lr": (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
    "optimizer": ("sgd", "adam"),
    "clip": (None, 0.1, 1.0, 10.0),
    "batch": (1, 32, 64),
    "loss": LOSSES,
    "seed": tuple(range(1000)),
}
"""What every knob may be set to; a run in a link is one of each, in this order."""

NOTES = Settings(bits=BITS)
"""As in the lecture's notes, but for one more bit."""

SHIPPED = replace(RECIPE, bits=BITS)

MOST_RUNS = 4
GOALS = (500, 1000, 3000, 10_000)
REPLAYED = 1500
"""Steps that a link may bring back at once, over all runs; more waits for the button."""


def encode(settings: Settings) -> str:
    """A run as a link keeps it.

    >>> encode(NOTES)
    'rnn~sigmoid~normal~1~16~0.1~sgd~None~1~squared~0'
    """
    values = asdict(settings)
    return "~".join(_written(values[name]) for name in CHOICES)


def decode(raw: str) -> Settings | None:
    """The other way of `encode`; None for anything that no knob can be set to.

    >>> decode(encode(SHIPPED)) == SHIPPED, decode("rnn"), decode("x~" * 11)
    (True, None, None)
    """
    pieces = raw.split("~")
    if len(pieces) != len(CHOICES):
        return None
    found: dict[str, Any] = {}
    for (name, allowed), piece in zip(CHOICES.items(), pieces, strict=True):
        names = {_written(value): value for value in allowed}
        if piece not in names:
            return None
        found[name] = names[piece]
    return Settings(**found, bits=BITS)


def decode_runs(raw: str) -> list[Settings] | None:
    """Several runs of a link, apart by commas; None if one of them is none."""
    found = [decode(piece) for piece in raw.split(",")] if raw else []
    runs = [one for one in found if one is not None]
    return runs if len(runs) == len(found) < MOST_RUNS else None


def _written(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


# --- trainings of this session -------------------------------------------------------------------


class Compared:
    """Several trainings side by side; those that lag behind go on first."""

    def __init__(self, runs: Mapping[Settings, MemoryTraining]) -> None:
        self.runs = dict(runs)

    @property
    def steps(self) -> int:
        """How far the last of those that can go on has come (the farthest, if none can)."""
        going = [run.steps for run in self.runs.values() if run.broken is None]
        return min(going) if going else max(run.steps for run in self.runs.values())

    @property
    def ended(self) -> bool:
        """Whether none of them can go on."""
        return all(run.broken is not None for run in self.runs.values())

    def advance(self, steps: int) -> None:
        """Bring all of them `steps` beyond the last."""
        goal = self.steps + steps
        for run in self.runs.values():
            run.advance(max(0, goal - run.steps))


def kept() -> dict[Settings, MemoryTraining]:
    """This session's trainings, those of other settings too: a run that is put aside goes on where it was."""
    found: dict[Settings, MemoryTraining] = st.session_state.setdefault("adder.trainings", {})
    return found


def trainings(runs: Sequence[Settings], fresh: bool) -> Compared:
    """The trainings of these runs; from their beginning if `fresh`."""
    store = kept()
    for settings in runs:
        if fresh or settings not in store:
            store.pop(settings, None)
            store[settings] = adder_training(settings)
    for settings in [s for s in store if s not in runs][: max(0, len(store) - 2 * MOST_RUNS)]:
        del store[settings]
    return Compared({settings: store[settings] for settings in runs})


# --- what a net can do ---------------------------------------------------------------------------


def shipped() -> MemoryNet:
    """The shipped adder."""
    net: MemoryNet = models.shared("adder")
    return net


STOPPED = 120
"""Steps after which `early` was stopped: it knows that there is a carry and often loses it."""


@cache
def early() -> MemoryNet:
    """A net trained like the shipped one (seed 0) and stopped early, so that there is one that fails; read only."""
    run = adder_training(SHIPPED)
    run.advance(STOPPED)
    net: MemoryNet = run.net
    return net.requires_grad_(False).eval()


PAIRS = 2000
"""Sums drawn by lot, on which the units are measured."""


@cache
def _sample() -> torch.Tensor:
    return torch.randint(0, 2**BITS, (PAIRS, 2), generator=torch.Generator().manual_seed(0))


@dataclass(frozen=True)
class Holding:
    """Which units tell the carry, the best first; the best one's values where there is a carry and where there is none."""

    units: list[CarryUnit]
    carrying: list[float]
    without: list[float]


@lru_cache(maxsize=32)
def holding(net: MemoryNet, steps: int) -> Holding:
    """Measured on `states_and_carries`, once for the weights after `steps` steps."""
    del steps  # tells the weights of one net apart
    states, carry = states_and_carries(net)
    units = carry_units(states, carry)
    values, holds = states[..., units[0].unit].flatten(), carry.flatten().bool()
    return Holding(units, values[holds].tolist(), values[~holds].tolist())


@torch.inference_mode()
def states_and_carries(net: MemoryNet) -> tuple[torch.Tensor, torch.Tensor]:
    """h `(T, B, H)` and carry `(T, B)` for `PAIRS` pairs drawn by lot."""
    states, _ = net.rnn(sums(_sample(), BITS)[0])
    return states, carries(_sample(), BITS)


def grid(net: MemoryNet) -> np.ndarray:
    """Which of all sums a + b are right, `(256, 256)` by a and b."""
    return finished(grid_in_parts(net))[0]


def grid_in_parts(net: MemoryNet) -> Work[tuple[np.ndarray, float]]:
    """The same, and the seconds of the processor that it took. In parts: all states at once would be 300 MB for the largest net."""
    right, seconds = [], 0.0
    parts = torch.split(all_pairs(BITS), 4096)
    for k, pairs in enumerate(parts):
        yield k / len(parts)
        start = time.thread_time()
        right.append((said(net, pairs, BITS) == bits_of(pairs.sum(1), BITS + 1)).all(0))
        seconds += time.thread_time() - start
    return np.asarray(torch.cat(right).view(2**BITS, 2**BITS)), seconds


def sum_run(net: MemoryNet, a: int, b: int, bits: int, lane: str) -> Run:
    """The net adding two numbers, a column per place; the two answers 0 and 1 are softmax(0, y), which is σ(y)."""
    pairs = torch.tensor([[a, b]])
    x, truth = sums(pairs, bits)
    run = Run([f"{int(v[0, 0])}+{int(v[0, 1])}" for v in x])
    run.add_input("x", x[:, 0].numpy(), units=["a", "b"], scale="onehot")
    read = trace(net.rnn, x[:, 0])
    lane_id = add_traced_lane(run, read.lane(), sources=["x"], title=lane)
    with torch.inference_mode():
        y = net(x)[:, 0, 0]
    w, bias = net.readout.weight[0].detach().numpy(), net.readout.bias[0].detach().numpy()
    p = y.sigmoid()
    run.add_readout(
        np.stack([0 * y, y], 1),
        np.stack([1 - p, p], 1),
        {"W_hy": np.stack([0 * w, w]), "b_y": np.stack([0 * bias, bias])},
        ["0", "1"],
        sources=[f"{lane_id}.h"],
        target=[int(s) for s in truth[:, 0]],
    )
    return run
