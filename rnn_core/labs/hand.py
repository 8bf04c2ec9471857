"""One LSTM unit whose gates are driven by hand, and the challenges that show what gates are for.

The unit is the real cell with f, i, o and g held: g is the input itself, so that what is written can be seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch

from rnn_core.cells.equations import LSTM
from rnn_core.cells.held import held_step


class HandRun(NamedTuple):
    """Cell states and hidden states, one per step."""

    c: list[float]
    h: list[float]


def run_by_hand(
    x: Sequence[float],
    f: Sequence[float],
    i: Sequence[float],
    o: Sequence[float],
    c_0: float = 0.0,
) -> HandRun:
    """Run the unit.

        c_t = f_t c_{t−1} + i_t x_t        h_t = o_t tanh(c_t)

    All of one length T; gates from 0 to 1. No units. Raises ValueError for other lengths or a gate outside.

    >>> run_by_hand([0.5, 0.9], f=[1, 1], i=[1, 0], o=[0, 1]).c
    [0.5, 0.5]
    """
    if not len(x) == len(f) == len(i) == len(o) > 0:
        raise ValueError("x, f, i and o must have one value per step each")
    if not all(0 <= gate <= 1 for gates in (f, i, o) for gate in gates):
        raise ValueError("gates lie between 0 and 1")
    state = {"h": torch.zeros(1, 1).double(), "c": torch.full((1, 1), c_0, dtype=torch.float64)}
    c, h = [], []
    for x_t, f_t, i_t, o_t in zip(x, f, i, o, strict=True):
        hold = {n: torch.tensor([v], dtype=torch.float64) for n, v in zip("gfio", (x_t, f_t, i_t, o_t), strict=True)}
        now = held_step(LSTM, torch.zeros(1, 1).double(), state, {}, hold)
        state = {"h": now["h"], "c": now["c"]}
        c.append(now["c"].item())
        h.append(now["h"].item())
    return HandRun(c, h)


@dataclass(frozen=True)
class Challenge:
    """A task for the gates: inputs, the cell before the first step, and what must come out.

    `wanted_c`, `wanted_h`: per step, None where anything goes. `solution`: gates (f, i, o) that do it.
    """

    name: str
    x: tuple[float, ...]
    c_0: float
    wanted_c: tuple[float | None, ...]
    wanted_h: tuple[float | None, ...]
    solution: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]

    def misses(self, run: HandRun) -> list[tuple[str, int]]:
        """The values that are off by more than 0.02, as ("c" or "h", step from 0)."""
        out = []
        for name, wanted, there in (("c", self.wanted_c, run.c), ("h", self.wanted_h, run.h)):
            for t, (goal, value) in enumerate(zip(wanted, there, strict=True)):
                if goal is not None and abs(goal - value) > TOLERANCE:
                    out.append((name, t))
        return out


TOLERANCE = 0.02
STEPS = 10
_X = (0.3, -0.6, 0.8, 0.5, -0.4, 0.9, -0.7, 0.2, 0.6, -0.5)
_ANY = (None,) * STEPS


def _tanh(value: float) -> float:
    return math.tanh(value)


def _row(test: Callable[[int], float]) -> tuple[float, ...]:
    return tuple(float(test(t)) for t in range(STEPS))


CHALLENGES = (
    Challenge("keep", _X, 0.8, (0.8,) * STEPS, _ANY, (_row(lambda t: 1), _row(lambda t: 0), _row(lambda t: 0))),
    Challenge(
        "deliver", _X, 0.0, _ANY, tuple(_tanh(0.8) if t == 7 else 0.0 for t in range(STEPS)),
        (_row(lambda t: 1), _row(lambda t: t == 2), _row(lambda t: t == 7)),
    ),
    Challenge(
        "replace", _X, -0.9, (*(-0.9,) * 5, *(0.9,) * 5), _ANY,
        (_row(lambda t: t != 5), _row(lambda t: t == 5), _row(lambda t: 0)),
    ),
    Challenge(
        "sum", _X, 0.0, (*_ANY[:9], 0.3 + 0.5 - 0.7), _ANY,
        (_row(lambda t: 1), _row(lambda t: t in (0, 3, 6)), _row(lambda t: 0)),
    ),
)  # fmt: skip
"""Keep what is in the cell; deliver the third number at the eighth step; replace the old by the sixth; add up three."""


def kept(f: float, steps: int) -> float:
    """The share of a cell's value that is left after so many steps at f and i = 0: f to the power of steps.

    >>> round(kept(0.99, 100), 2)
    0.37
    """
    return f**steps
