"""What several chapters of the lesson `gradients` use."""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import Any

import numpy as np
import torch
from torch import nn

from rnn_core.experiments import results
from rnn_core.labs.forgetting import (
    CELLS,
    SEEDS,
    ProfileRuns,
    ProfileSettings,
    rnn_slopes,
)
from rnn_core.labs.remember import STARTS as ALL_STARTS
from rnn_core.labs.remember import recurrent
from ui.blocks import (
    TIMES,
    number_of,
    ten_to,
)
from ui.i18n import text
from ui.state import View, control

STARTS = tuple(ALL_STARTS)


def start_names(place: Any, view: View, key: str) -> None:
    names = {name: text(f"gradients.start_{name}") for name in STARTS}
    place.selectbox(text("gradients.start"), STARTS, format_func=names.__getitem__, **control(view, key))


def log_text(log: float) -> str:
    if not math.isfinite(log):
        return "NaN" if math.isnan(log) else "0" if log < 0 else "∞"
    if abs(log) < 300:
        return number_of(10**log)
    power = math.floor(log)
    return f"{number_of(10.0 ** (log - power))}{TIMES}{ten_to(power)}"


LONG = 100


@lru_cache(maxsize=64)
def product_run(start: str, scale: int, drive: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """W_hh and the slopes of a simple RNN of 32 units over 101 random inputs of size `drive` %; 0 keeps the state at 0."""
    rnn = recurrent("rnn", 8, 32, start=start, scale=scale / 100, seed=seed)
    assert isinstance(rnn, nn.RNN)
    x = torch.randn(LONG + 1, 8, generator=torch.Generator().manual_seed(seed)) * drive / 100
    if not drive:
        with torch.no_grad():
            for name in ("bias_ih_l0", "bias_hh_l0"):
                rnn.get_parameter(name).zero_()
    return rnn_slopes(rnn, x)


def span_counts(name: str = "memory-span") -> dict[str, dict[int, tuple[int, int]]]:
    """How many runs learned, of how many, by cell and distance."""
    counts: dict[str, dict[int, tuple[int, int]]] = {}
    for row in results(name)["rows"]:
        runs = row["runs"].values()
        learned = (int(sum(r["learned"] for r in runs)), len(runs))
        counts.setdefault(row["cell"]["cell"], {})[row["cell"]["distance"]] = learned
    return counts


@cache
def mean_at_end(settings: ProfileSettings) -> dict[str, float]:
    """log10 ‖∂L/∂h_1‖ at distance T − 1, mean over seeds, by cell."""
    runs = ProfileRuns(settings)
    runs.advance(len(CELLS) * SEEDS)
    ends = {cell: runs.spread(cell, "h") for cell in CELLS}
    return {cell: float(s.mean[-1]) for cell, s in ends.items() if s is not None}
