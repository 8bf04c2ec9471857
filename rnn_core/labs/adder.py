"""Adding two binary numbers with a recurrent net, one bit of each per step, from the lowest up.

What must be carried from step to step is one bit, the carry. Networks, their training (`rnn_core.labs.remember`), the check of all
sums, and which unit holds the carry. Leaves out subtraction and signs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rnn_core.cells.arrays import ACTIVATIONS as RNN_ACTIVATIONS
from rnn_core.cells.layers import StepLayer
from rnn_core.labs.remember import MemoryNet, MemoryTraining
from rnn_core.labs.tasks import Task

STARTS = ("normal", "xavier", "lecun", "he", "orthogonal")
ACTIVATIONS = ("sigmoid", "tanh", "relu")
_LOSS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "squared": lambda y, s: 0.5 * (y.sigmoid() - s).square(),
    "cross-entropy": partial(F.binary_cross_entropy_with_logits, reduction="none"),
}
LOSSES = tuple(_LOSS)
MOST_BITS = 61
"""Bits of a number, so that the sum still fits an int64."""


def bits_of(numbers: Tensor, bits: int) -> Tensor:
    """Whole numbers `(…,)` as bits `(bits, …)`, the lowest first.

    >>> bits_of(torch.tensor([6]), 4)[:, 0].tolist()
    [0, 1, 1, 0]
    """
    places = torch.arange(bits).view(-1, *[1] * numbers.dim())
    return (numbers >> places) & 1


def addition(bits: int = 8, loss: str = "squared") -> Task:
    """a + b for a, b below 2^bits: T = bits + 1 steps, x_t the two bits at place t (0 at the last), the target the sum's.

    One score y per step, p = σ(y). `loss`, per sum, summed over its T steps and averaged over the batch:

        squared        ½ Σ_t (σ(y_t) − s_t)²        the lecture's
        cross-entropy  −Σ_t log p(s_t)

    `right` is the share of bits. Chance ½. Raises ValueError for another loss and for bits outside 1 … 61.

    >>> x, s = addition(3).make(1, torch.Generator().manual_seed(0))
    >>> a, b, c = (int((v * 2 ** torch.arange(4)).sum()) for v in (x[:, 0, 0], x[:, 0, 1], s[:, 0]))
    >>> a + b == c
    True
    """
    if not 1 <= bits <= MOST_BITS:
        raise ValueError(f"bits must be from 1 to {MOST_BITS}, got {bits}")
    if loss not in LOSSES:
        raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {loss!r}")

    def make(B: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        return sums(torch.randint(0, 2**bits, (B, 2), generator=generator), bits)

    return Task(
        "addition",
        bits,
        bits + 1,
        2,
        1,
        0.5,
        make,
        lambda y, target: _LOSS[loss](y[..., 0], target).sum(0).mean(),
        lambda y, target: float(((y[..., 0] > 0) == target.bool()).double().mean()),
    )


def sums(pairs: Tensor, bits: int) -> tuple[Tensor, Tensor]:
    """Pairs of numbers `(B, 2)` as inputs `(T, B, 2)` and the bits of their sums `(T, B)`, T = bits + 1."""
    return bits_of(pairs, bits + 1).float(), bits_of(pairs.sum(1), bits + 1).float()


def carries(pairs: Tensor, bits: int) -> Tensor:
    """The carry after each step, `(T, B)`: 1 where the bits up to there add up to more than fits.

    >>> carries(torch.tensor([[3, 1]]), 2)[:, 0].tolist()
    [1, 1, 0]
    """
    places = torch.arange(1, bits + 2)[:, None, None]
    low = pairs % (1 << places)
    return (low.sum(-1) >> places[..., 0]) & 1


def adder_net(
    cell: str = "rnn",
    hidden: int = 16,
    *,
    activation: str = "sigmoid",
    start: str = "normal",
    scale: float = 1.0,
    seed: int = 0,
) -> MemoryNet:
    """A net for `addition`, all of its weight matrices drawn alike, the biases 0.

        normal      N(0, 1)                          xavier      N(0, 2 / (n_in + n_out))  (Glorot and Bengio 2010)
        he          N(0, 2 / n_in)  (He et al. 2015) lecun       N(0, 1 / n_in)  (LeCun et al. 1998)
        orthogonal  W_hh orthogonal (Saxe et al. 2014), the others as xavier

    times `scale`. What many notes call Xavier, `randn / sqrt(n_in)`, is lecun; for a square matrix the two are the same. `cell`: "rnn" (with `activation`), "lstm" or "gru", per gate. Raises ValueError for unknown names and
    sizes below 1.
    """
    if start not in STARTS or activation not in ACTIVATIONS or cell not in ("rnn", "lstm", "gru"):
        raise ValueError(f"no such net: {cell}, {activation}, {start}")
    if hidden < 1:
        raise ValueError(f"hidden must be at least 1, got {hidden}")
    rnn: nn.Module
    if cell == "rnn":
        rnn = StepLayer("rnn", 2, hidden, activation)
    else:
        rnn = nn.LSTM(2, hidden) if cell == "lstm" else nn.GRU(2, hidden)
    net = MemoryNet(rnn, hidden, 1)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in net.parameters():
            if parameter.dim() == 1:
                parameter.zero_()
                continue
            for W in torch.split(parameter, hidden if len(parameter) > 1 else 1):
                _draw(W, start, generator)
                W.mul_(scale)
    return net


def _draw(W: Tensor, start: str, generator: torch.Generator) -> None:
    n_out, n_in = W.shape
    if start == "orthogonal" and n_in == n_out:
        W.copy_(torch.linalg.qr(torch.randn(n_in, n_in, generator=generator))[0])
        return
    variance = {"normal": 1.0, "he": 2 / n_in, "lecun": 1 / n_in}.get(start, 2 / (n_in + n_out))
    W.normal_(0, math.sqrt(variance), generator=generator)


@dataclass(frozen=True)
class Settings:
    """All that a training of an adder depends on; the defaults are the lecture's."""

    cell: str = "rnn"
    activation: str = "sigmoid"
    start: str = "normal"
    scale: float = 1.0
    hidden: int = 16
    lr: float = 0.1
    optimizer: str = "sgd"
    clip: float | None = None
    batch: int = 1
    loss: str = "squared"
    bits: int = 7
    seed: int = 0


def adder_training(settings: Settings, check_every: int = 100) -> MemoryTraining:
    """The training of `settings`, not yet begun."""
    s = settings
    net = adder_net(s.cell, s.hidden, activation=s.activation, start=s.start, scale=s.scale, seed=s.seed)
    return MemoryTraining(
        net,
        addition(s.bits, s.loss),
        lr=s.lr,
        batch=s.batch,
        clip=s.clip,
        optimizer=s.optimizer,
        seed=s.seed,
        check_every=check_every,
    )


class SeedsAtOnce:
    """`adder_training` of one setting and several seeds, as one computation: the weights have the seeds in front, `(R, …)`.

    For experiments: a step of ten nets takes about as long as a step of one. Simple RNN and plain gradient descent only; raises
    ValueError for other settings. A run whose loss is no number is `broken` at that step and left there.
    """

    def __init__(self, settings: Settings, seeds: Sequence[int]) -> None:
        s = settings
        if s.cell != "rnn" or s.optimizer != "sgd":
            raise ValueError("several seeds at once: simple RNN and plain gradient descent only")
        self.settings, self.steps = s, 0
        self.nets = [
            adder_net("rnn", s.hidden, activation=s.activation, start=s.start, scale=s.scale, seed=seed)
            for seed in seeds
        ]
        names = [name for name, _ in self.nets[0].named_parameters()]
        self.weights = {
            name: torch.stack([net.get_parameter(name).detach() for net in self.nets]).requires_grad_()
            for name in names
        }
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.losses: list[list[float]] = []
        self.broken: list[int | None] = [None] * len(seeds)

    def advance(self, steps: int) -> None:
        """Take `steps` more steps with every net."""
        s, W = self.settings, self.weights
        for _ in range(steps):
            numbers = [torch.randint(0, 2**s.bits, (s.batch, 2), generator=g) for g in self.generators]
            x, target = sums(torch.cat(numbers), s.bits)
            y = self._scores(x.view(len(x), -1, s.batch, 2))  # (T, R, B)
            target = target.view(len(x), -1, s.batch)
            loss = _LOSS[s.loss](y, target).sum(0).mean(-1)  # (R,)
            loss.sum().backward()  # type: ignore[no-untyped-call]
            self.steps += 1
            self.losses.append(loss.tolist())
            with torch.no_grad():
                shrink = self._shrink()
                for p in W.values():
                    assert p.grad is not None
                    p -= s.lr * p.grad * shrink.view(-1, *[1] * (p.dim() - 1))
                    p.grad = None
            for r, value in enumerate(self.losses[-1]):
                if self.broken[r] is None and not math.isfinite(value):
                    self.broken[r] = self.steps

    def trained(self) -> list[MemoryNet]:
        """The nets with their weights of now."""
        with torch.no_grad():
            for r, net in enumerate(self.nets):
                for name, values in self.weights.items():
                    net.get_parameter(name).copy_(values[r])
        return self.nets

    def _scores(self, x: Tensor) -> Tensor:
        """y `(T, R, B)` of inputs `(T, R, B, 2)`."""
        W, fn = self.weights, RNN_ACTIVATIONS[self.settings.activation]
        a_x = x @ W["rnn.W_xh"].mT + W["rnn.b_h"][:, None]
        h, states = torch.zeros_like(a_x[0]), []
        for a in a_x:
            h = fn(a + h @ W["rnn.W_hh"].mT)
            states.append(h)
        y: Tensor = (torch.stack(states) @ W["readout.weight"].mT)[..., 0] + W["readout.bias"]
        return y

    def _shrink(self) -> Tensor:
        """What each net's gradient is multiplied by to be clipped by norm, `(R,)`."""
        grads = [p.grad for p in self.weights.values() if p.grad is not None]
        norm = torch.stack([g.flatten(1).double().square().sum(1) for g in grads]).sum(0).sqrt()
        if self.settings.clip is None:
            return torch.ones_like(norm).float()
        return torch.where(norm >= self.settings.clip, self.settings.clip / norm, 1.0).float()


# --- what it can do ------------------------------------------------------------------------------


@cache
def all_pairs(bits: int) -> Tensor:
    """Every pair of numbers below 2^bits, `(4^bits, 2)`. Raises ValueError for more than 8 bits."""
    if bits > 8:
        raise ValueError(f"there are 4^{bits} pairs of {bits} bits; 8 is the most here")
    n = torch.arange(2**bits)
    return torch.stack([n.repeat_interleave(len(n)), n.repeat(len(n))], 1)


@torch.inference_mode()
def said(net: MemoryNet, pairs: Tensor, bits: int) -> Tensor:
    """The bits `(T, B)` that the net says for pairs of numbers `(B, 2)`."""
    found: Tensor = net(sums(pairs, bits)[0])[..., 0] > 0
    return found.long()


def sums_right(net: MemoryNet, bits: int = 8, pairs: Tensor | None = None) -> int:
    """How many of all 4^bits sums (or of `pairs`) come out right in every bit."""
    pairs = all_pairs(bits) if pairs is None else pairs
    return int((said(net, pairs, bits) == bits_of(pairs.sum(1), bits + 1)).all(0).sum())


def right_by_bits(net: MemoryNet, lengths: tuple[int, ...], count: int = 500, seed: int = 0) -> list[float]:
    """The share of sums of random numbers that are right in every bit, by the numbers' length in bits."""
    generator = torch.Generator().manual_seed(seed)
    found = []
    for bits in lengths:
        pairs = torch.randint(0, 2**bits, (count, 2), generator=generator)
        found.append(sums_right(net, bits, pairs) / count)
    return found


class CarryUnit(NamedTuple):
    """How well one unit of a state tells the carry: above `threshold` means carry (below, if `turned`); right in the share `right`."""

    unit: int
    threshold: float
    turned: bool
    right: float


@torch.inference_mode()
def carry_units(states: Tensor, carry: Tensor) -> list[CarryUnit]:
    """For each unit of states `(…, H)` the threshold that tells the carry `(…)` best; the best unit first.

    All cuts between neighbouring values are tried, so `right` is the most that any threshold gets on these states.
    Raises ValueError for shapes that do not fit.

    >>> carry_units(torch.tensor([[0.1], [0.9], [0.8]]), torch.tensor([1, 0, 0]))[0]
    CarryUnit(unit=0, threshold=0.45, turned=True, right=1.0)
    """
    if states.shape[:-1] != carry.shape:
        raise ValueError(f"states {tuple(states.shape)} do not fit the carry {tuple(carry.shape)}")
    values, truth = states.flatten(0, -2), carry.flatten().long()
    found = []
    for unit in range(values.shape[1]):
        v, order = values[:, unit].double().sort()
        ones = truth[order].cumsum(0)
        n, total = torch.arange(1, len(v) + 1), ones[-1]
        right = (n - ones) + (total - ones)  # zeros below the cut, ones above it
        cut = torch.ones_like(right, dtype=torch.bool)
        cut[:-1] = v[1:] > v[:-1]  # no cut between equal values
        up = torch.where(cut, right, 0).max(0)
        down = torch.where(cut, len(v) - right, 0).max(0)
        turned = bool(down.values > up.values)
        best = down if turned else up
        k = int(best.indices)
        threshold = float((v[k] + v[min(k + 1, len(v) - 1)]) / 2)
        found.append(CarryUnit(unit, round(threshold, 6), turned, float(best.values) / len(v)))
    return sorted(found, key=lambda one: -one.right)


def read_sum(bits: Any) -> int:
    """The number of bits, the lowest first.

    >>> read_sum([0, 1, 1])
    6
    """
    return sum(int(bit) << k for k, bit in enumerate(bits))
