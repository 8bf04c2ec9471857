"""Memory tasks with known answers: what must a net carry, and how far?

Each task makes batches from a `torch.Generator`, so the same seed gives the same data on every machine, and knows
its own accuracy and the score of a net that carries nothing. Inputs are `(T, B, D)`.
Leaves out how a net is trained on them: see `rnn_core.labs.remember`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Task:
    """A task of a given size. `make(B, generator)` gives inputs `(T, B, D)` and targets.

    `loss(y, target)` and `right(y, target)` read the scores y `(T, B, V)` of every step; `right` gives the share of
    answers that are right, 0 … 1. `chance` is what the best guess without any memory gets.
    """

    name: str
    distance: int
    steps: int
    input_size: int
    output_size: int
    chance: float
    make: Callable[[int, torch.Generator], tuple[Tensor, Tensor]]
    loss: Callable[[Tensor, Tensor], Tensor]
    right: Callable[[Tensor, Tensor], float]


def first_symbol(distance: int, symbols: int = 4) -> Task:
    """Say, at the last step, which symbol came first. `distance` d ≥ 1 steps lie between the two.

    The first input is one of `symbols` symbols; the d others are drawn from as many different ones, which say nothing.
    Input one-hot, D = 2 · symbols, T = d + 1; the answer counts at the last step. Chance 1/symbols.
    After Bengio, Simard and Frasconi (1994). Raises ValueError for a distance below 1 or fewer than 2 symbols.

    >>> x, target = first_symbol(3).make(2, torch.Generator().manual_seed(0))
    >>> x.shape, bool((x[0].argmax(-1) == target).all()), bool((x[1:].argmax(-1) >= 4).all())
    (torch.Size([4, 2, 8]), True, True)
    """
    _at_least(distance, 1, "distance")
    _at_least(symbols, 2, "symbols")

    def make(B: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        index = torch.randint(symbols, 2 * symbols, (distance + 1, B), generator=generator)
        index[0] = torch.randint(0, symbols, (B,), generator=generator)
        return F.one_hot(index, 2 * symbols).float(), index[0]

    return Task(
        "first_symbol",
        distance,
        distance + 1,
        2 * symbols,
        symbols,
        1 / symbols,
        make,
        lambda y, target: F.cross_entropy(y[-1], target),
        lambda y, target: float((y[-1].argmax(-1) == target).double().mean()),
    )


def copy(distance: int, symbols: int = 4, length: int = 3) -> Task:
    """Say `length` symbols again, in order, `distance` steps later, the last of which is a go signal.

    Input one-hot over the symbols, blank and go: D = symbols + 2, T = 2 · length + distance; the last `length` steps must answer. `right` is the share of symbols. Chance 1/symbols. After Hochreiter
    and Schmidhuber (1997) and Arjovsky et al. (2016). Raises ValueError for sizes below 1.

    >>> x, target = copy(2, length=2).make(1, torch.Generator().manual_seed(0))
    >>> x.argmax(-1)[:, 0].tolist()[:2] == target[:, 0].tolist(), x.argmax(-1)[2:, 0].tolist()
    (True, [4, 5, 4, 4])
    """
    _at_least(distance, 1, "distance")
    _at_least(symbols, 2, "symbols")
    _at_least(length, 1, "length")
    blank, go, T = symbols, symbols + 1, 2 * length + distance

    def make(B: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        index = torch.full((T, B), blank)
        index[:length] = torch.randint(0, symbols, (length, B), generator=generator)
        index[length + distance - 1] = go
        return F.one_hot(index, symbols + 2).float(), index[:length]

    return Task(
        "copy",
        distance,
        T,
        symbols + 2,
        symbols,
        1 / symbols,
        make,
        lambda y, target: F.cross_entropy(y[-length:].flatten(0, 1), target.flatten()),
        lambda y, target: float((y[-length:].argmax(-1) == target).double().mean()),
    )


def adding(distance: int) -> Task:
    """Add the two marked numbers of a sequence and say the sum at the last step.

    Each step gives a number uniform in [0, 1) and a mark; one mark lies in the first half, one in the second. D = 2,
    T = distance + 1. The answer is right within 0.04, the tolerance of the paper. `chance` is the share that always saying 1 gets
    right: P(|u + v − 1| < 0.04) = 1 − (1 − 0.04)² = 0.0784. Loss: mean squared error (1/6 for always saying 1).
    Hochreiter and Schmidhuber (1997), experiment 4. Raises ValueError for a distance below 1.

    >>> x, target = adding(9).make(3, torch.Generator().manual_seed(0))
    >>> bool(torch.isclose((x[..., 0] * x[..., 1]).sum(0), target).all()), x[..., 1].sum(0).tolist()
    (True, [2.0, 2.0, 2.0])
    """
    _at_least(distance, 1, "distance")
    T = distance + 1

    def make(B: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        numbers = torch.rand(T, B, generator=generator)
        first = torch.randint(0, T // 2, (B,), generator=generator)
        second = torch.randint(T // 2, T, (B,), generator=generator)
        marks = torch.zeros(T, B)
        column = torch.arange(B)
        marks[first, column] = marks[second, column] = 1
        target = numbers[first, column] + numbers[second, column]
        return torch.stack([numbers, marks], dim=-1), target

    return Task(
        "adding",
        distance,
        T,
        2,
        1,
        1 - 0.96**2,
        make,
        lambda y, target: F.mse_loss(y[-1, :, 0], target),
        lambda y, target: float(((y[-1, :, 0] - target).abs() < 0.04).double().mean()),
    )


def parity(distance: int) -> Task:
    """Is the number of ones so far odd? Asked at every step, counted at the last. D = 1, T = distance + 1, chance 1/2.

    Nothing may be forgotten: one bit read wrong at any step turns the answer round. Raises ValueError for a distance
    below 1. Source: Hochreiter and Schmidhuber (1997), who note that random weight guessing solves it for long sequences.

    >>> x, target = parity(4).make(1, torch.Generator().manual_seed(0))
    >>> (x[:, 0, 0].cumsum(0) % 2).long().tolist() == target[:, 0].tolist()
    True
    """
    _at_least(distance, 1, "distance")
    T = distance + 1

    def make(B: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        bits = torch.randint(0, 2, (T, B), generator=generator)
        return bits[..., None].float(), bits.cumsum(0) % 2

    return Task(
        "parity",
        distance,
        T,
        1,
        2,
        0.5,
        make,
        lambda y, target: F.cross_entropy(y.flatten(0, 1), target.flatten()),
        lambda y, target: float((y[-1].argmax(-1) == target[-1]).double().mean()),
    )


TASKS: dict[str, Callable[[int], Task]] = {
    "first_symbol": first_symbol,
    "copy": copy,
    "adding": adding,
    "parity": parity,
}


def _at_least(value: int, low: int, what: str) -> None:
    if value < low:
        raise ValueError(f"{what} must be at least {low}, got {value}")
