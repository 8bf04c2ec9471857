"""How fast do RNN, LSTM and GRU forget? Gradient profiles over several seeds, and the matrix products behind them.

Leaves out plots and words. `ProfileRuns` does one net at a time, and each in small pieces, so that a page can show progress and be stopped.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from rnn_core.backward.profile import gradient_profile
from rnn_core.forward.tracing import trace
from rnn_core.labs.remember import MemoryNet, MemoryTraining, recurrent
from rnn_core.labs.tasks import first_symbol
from rnn_core.work import Work, finished

CELLS = ("rnn", "lstm", "gru")
SEEDS = 5
POINTS = 60
"""Distances at which Jacobians are computed, evenly spread and both ends included."""

TRAINING = {"rnn": 0.003, "lstm": 0.01, "gru": 0.01}
"""Learning rates of the short training, those of the experiment `memory-span`."""


@dataclass(frozen=True)
class ProfileSettings:
    """What is profiled: sequences of T steps of the task first-symbol recall, H hidden units, and the nets' start.

    `activation` counts for the RNN, `forget_bias` for the LSTM. `trained`: steps of training beforehand, on recall over
    min(T − 1, 10) steps. `jacobian`: also the singular values of ∂h_T/∂h_t.
    """

    T: int
    hidden: int
    start: str = "torch"
    scale: float = 1.0
    activation: str = "tanh"
    forget_bias: float = 0.0
    seed: int = 0
    trained: int = 0
    jacobian: bool = False

    @property
    def distances(self) -> list[int]:
        """The distances T − t that are kept, from 0 to T − 1: every step, or every second, third … one for a long sequence."""
        apart = max(1, math.ceil((self.T - 1) / POINTS))
        return sorted({*range(0, self.T, apart), self.T - 1})


class Profile(NamedTuple):
    """log10 values by distance for one net; `h` and `c` of ‖∂L/∂·‖, `largest` and `smallest` singular values."""

    h: np.ndarray
    c: np.ndarray | None
    largest: np.ndarray | None
    smallest: np.ndarray | None


class Spread(NamedTuple):
    """Mean, lowest and highest over the seeds of a log10 value, `(distances,)`; NaN where no seed gives a finite one.

    `zero` counts the seeds whose value is exactly 0 at the largest distance, `broken` those that gave no number there.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    zero: int
    broken: int


class ProfileRuns:
    """The profiles of all cells and seeds, one net per step; `steps` counts the nets done."""

    total = len(CELLS) * SEEDS

    def __init__(self, settings: ProfileSettings) -> None:
        self.settings = settings
        self.done: dict[str, list[Profile]] = {cell: [] for cell in CELLS}
        self._begun: Work[Profile] | None = None  # the net that is under way

    @property
    def steps(self) -> int:
        """How many nets have been profiled."""
        return sum(map(len, self.done.values()))

    def advance(self, steps: int) -> None:
        """Profile `steps` more nets, the cells taking turns."""
        for _ in self.pieces(steps):
            pass

    def pieces(self, steps: int) -> Iterator[None]:
        """The same with pauses inside each net; one that was left in the middle goes on there the next time."""
        goal = min(self.steps + steps, self.total)
        while self.steps < goal:
            seed, k = divmod(self.steps, len(CELLS))
            net = self._begun or profile_in_steps(CELLS[k], self.settings, self.settings.seed + seed)
            self._begun = None
            try:
                next(net)
                self._begun = net
            except StopIteration as end:
                self.done[CELLS[k]].append(end.value)
            yield

    def spread(self, cell: str, what: str) -> Spread | None:
        """Over the seeds done so far, `what` a field of `Profile`; None where there is nothing yet."""
        rows = [getattr(p, what) for p in self.done[cell]]
        if not rows or rows[0] is None:
            return None
        return spread_of(np.array(rows))


def spread_of(values: np.ndarray) -> Spread:
    """Mean and range of log10 values `(seeds, distances)` over the seeds that are finite.

    >>> spread_of(np.array([[0.0, -2.0], [0.0, -np.inf]]))[::3]
    (array([ 0., -2.]), 1)
    """
    finite = np.where(np.isfinite(values), values, np.nan)
    some = np.isfinite(finite).any(axis=0)
    mean, low, high = (np.full(values.shape[1], np.nan) for _ in range(3))
    mean[some] = np.nanmean(finite[:, some], axis=0)
    low[some] = np.nanmin(finite[:, some], axis=0)
    high[some] = np.nanmax(finite[:, some], axis=0)
    last = values[:, -1]
    return Spread(
        mean,
        low,
        high,
        int(np.isneginf(last).sum()),
        int((np.isnan(last) | np.isposinf(last)).sum()),
    )


def profile(cell: str, settings: ProfileSettings, seed: int) -> Profile:
    """One net: built, trained if asked, and profiled on one sequence."""
    return finished(profile_in_steps(cell, settings, seed))


def profile_in_steps(cell: str, settings: ProfileSettings, seed: int) -> Work[Profile]:
    """`profile` with a pause after every step of training and of the sweep that carries the Jacobian."""
    task = first_symbol(settings.T - 1) if settings.T > 1 else None
    if task is None:
        raise ValueError(f"T must be at least 2, got {settings.T}")
    module = recurrent(
        cell,
        task.input_size,
        settings.hidden,
        activation=settings.activation,
        start=settings.start,
        scale=settings.scale,
        forget_bias=settings.forget_bias,
        seed=seed,
    )
    if settings.trained:
        short = first_symbol(min(settings.T - 1, 10))
        net = MemoryNet(module, settings.hidden, short.output_size, seed)
        training = MemoryTraining(net, short, lr=TRAINING[cell], seed=seed, check_every=10**9)
        while training.steps < settings.trained and training.broken is None:
            training.advance(1)
            yield None
    x, _ = task.make(1, torch.Generator().manual_seed(seed))
    distances = settings.distances
    steps = [settings.T - 1 - d for d in distances]
    found = gradient_profile(module, x, at=steps)

    def kept(tensor: torch.Tensor) -> np.ndarray:
        return tensor[steps].cpu().numpy()

    c = None if found.log10_grad_c is None else kept(found.log10_grad_c)
    if not settings.jacobian or not bool(torch.isfinite(found.log10_grad_h).all()):
        nothing = np.full(len(distances), np.nan) if settings.jacobian else None
        return Profile(kept(found.log10_grad_h), c, nothing, nothing)
    spectrum = yield from found.spectrum_in_steps("h")
    return Profile(kept(found.log10_grad_h), c, kept(spectrum.largest), kept(spectrum.smallest))


# --- the product of matrices that does not come apart ----------------------------------------------


class Products(NamedTuple):
    """log10 of spectral norms by distance d = 0 … D, and what they are compared with.

    `true`: ‖Π_{k=1..d} diag(s_k) W‖, the Jacobian of a simple RNN. `pulled_out`: ‖Π diag(s_k) · W^d‖, the same factors with W
    pulled out, which is wrong unless they commute. `powers`: ‖W^d‖, without any activation. `sigma`: d log10 σ₁(W), an upper
    bound of both. `radius`: d log10 ρ(W), where `powers` goes in the long run.
    """

    true: np.ndarray
    pulled_out: np.ndarray
    powers: np.ndarray
    sigma: np.ndarray
    radius: np.ndarray


def products(W: np.ndarray, slopes: np.ndarray) -> Products:
    """Norms of the products of d = 0 … D factors diag(s_k) W. `W` `(H, H)`; `slopes` `(D, H)`, the last step first.

    Raises ValueError for shapes that do not fit. Source: Pascanu, Mikolov and Bengio (2013), section 2.1.

    >>> found = products(0.5 * np.eye(2), np.ones((3, 2)))
    >>> found.true.round(3).tolist() == found.sigma.round(3).tolist() == found.radius.round(3).tolist()
    True
    """
    H = len(W)
    if W.shape != (H, H) or slopes.ndim != 2 or slopes.shape[1] != H:
        raise ValueError(f"W must be (H, H) and slopes (D, H), got {W.shape} and {slopes.shape}")
    D = len(slopes)
    true, power, scale = np.eye(H), np.eye(H), np.ones(H)
    out = {name: np.zeros(D + 1) for name in ("true", "pulled_out", "powers")}
    logs = {"true": 0.0, "powers": 0.0, "scale": 0.0}
    for d in range(1, D + 1):
        true, logs["true"] = _unit(true @ (slopes[d - 1][:, None] * W), logs["true"])
        power, logs["powers"] = _unit(power @ W, logs["powers"])
        scale, logs["scale"] = _unit(scale * slopes[d - 1], logs["scale"])
        out["true"][d] = _log_norm(true) + logs["true"]
        out["powers"][d] = _log_norm(power) + logs["powers"]
        out["pulled_out"][d] = _log_norm(scale[:, None] * power) + logs["powers"] + logs["scale"]
    distances = np.arange(D + 1)
    sigma, radius = _log_norm(W), math.log10(max(abs(np.linalg.eigvals(W)).max(), 1e-300))
    return Products(out["true"], out["pulled_out"], out["powers"], distances * sigma, distances * radius)


def _unit(values: np.ndarray, log: float) -> tuple[np.ndarray, float]:
    """Values of size 1 and the logarithm of what they were divided by: nothing under- or overflows."""
    top = float(np.abs(values).max())
    return (values, log) if top == 0 else (values / top, log + math.log10(top))


def _log_norm(matrix: np.ndarray) -> float:
    with np.errstate(divide="ignore"):
        return float(np.log10(np.linalg.norm(matrix, 2)))


def rnn_slopes(rnn: nn.RNN, x: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """W_hh `(H, H)` and the slopes tanh'(a_t) of a run, `(T − 1, H)`, the last step first, in float64."""
    lane = trace(rnn, x).lane()
    h = lane.h[:, 0].double().numpy()
    return lane.weights["W_hh"].detach().double().numpy(), (1 - h * h)[:0:-1]
