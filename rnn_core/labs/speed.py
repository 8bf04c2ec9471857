"""How fast are RNN, LSTM and GRU here and now, and how large?

Timings are taken side by side and interleaved, and reported as medians: on a shared machine a single one means
little. Leaves out anything but one layer on one device.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median

import torch
from torch import nn

from rnn_core.work import Work, finished

CELLS: dict[str, type[nn.RNN] | type[nn.LSTM] | type[nn.GRU]] = {
    "rnn": nn.RNN,
    "gru": nn.GRU,
    "lstm": nn.LSTM,
}


@dataclass(frozen=True)
class Speed:
    """Milliseconds of one forward pass, and of one forward and backward pass."""

    forward: float
    training: float


def parameters(cell: str, input_size: int, hidden: int) -> int:
    """How many numbers the module of one layer holds, counted from the module.

    >>> parameters("gru", 10, 20) * 4 == parameters("lstm", 10, 20) * 3
    True
    """
    return sum(p.numel() for p in CELLS[cell](input_size, hidden).parameters())


def measure(input_size: int, hidden: int, steps: int = 100, batch: int = 16, rounds: int = 7) -> dict[str, Speed]:
    """Median times of every cell over the same random input `(T, B, D)`, the cells taking turns.

    Raises ValueError for a size below 1.
    """
    return finished(measure_in_turns(input_size, hidden, steps, batch, rounds))


def measure_in_turns(
    input_size: int, hidden: int, steps: int = 100, batch: int = 16, rounds: int = 7
) -> Work[dict[str, Speed]]:
    """`measure` with a pause before every cell's turn; what is done in the pause is not timed."""
    if min(input_size, hidden, steps, batch, rounds) < 1:
        raise ValueError("sizes and rounds must be at least 1")
    modules = {name: cls(input_size, hidden) for name, cls in CELLS.items()}
    x = torch.randn(steps, batch, input_size, generator=torch.Generator().manual_seed(0))
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in modules}
    for k in range(rounds + 1):
        for name, module in modules.items():
            yield k / (rounds + 1)
            start = time.perf_counter()
            with torch.inference_mode():
                module(x)
            middle = time.perf_counter()
            with torch.enable_grad():
                module(x)[0].sum().backward()
            taken[name].append((middle - start, time.perf_counter() - middle))
            module.zero_grad(set_to_none=True)
    return {
        name: Speed(*(1000 * median(row[k] for row in rows[1:]) for k in (0, 1)))  # the first warms up
        for name, rows in taken.items()
    }
