"""A recurrent net trained on a memory task, a few steps at a time.

`memory_net` builds any of the cells with any of the starts that the literature proposes; `MemoryTraining` trains it
and keeps loss, gradient norm and accuracy. Leaves out early stopping on a validation set: every batch is new.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from rnn_core.cells.arrays import ACTIVATIONS
from rnn_core.cells.layers import StepLayer
from rnn_core.labs.tasks import Task
from rnn_core.training.clipping import clip_by_norm, clip_by_value, grad_norm
from rnn_core.training.optim import Adam

CELLS = ("rnn", "lstm", "gru", "irnn")
STARTS = ("torch", "normal", "xavier", "he", "orthogonal", "identity")


def recurrent(
    cell: str,
    input_size: int,
    hidden: int,
    *,
    activation: str = "tanh",
    start: str = "torch",
    scale: float = 1.0,
    forget_bias: float = 0.0,
    seed: int = 0,
) -> nn.Module:
    """A recurrent layer with a chosen start.

    `cell`: "rnn", "lstm", "gru", or "irnn" (simple RNN, ReLU, W_hh = identity, small W_xh, zero bias: Le, Jaitly and
    Hinton 2015). `activation` counts for "rnn": tanh and relu give torch's own `nn.RNN`, sigmoid and identity our
    `StepLayer`. `start` says how every W_h· is drawn, per gate, n = H:

        torch       uniform in ±1/√H                 normal      N(0, 1/H), spectral radius near 1 (Ginibre)
        xavier      uniform in ±√(6/2H)              he          N(0, 2/H)
        orthogonal  random, orthogonal (Saxe)        identity    the identity

    and `scale` multiplies it: for "orthogonal" and "identity" it is the exact common singular value. Other weights start
    as torch's; `forget_bias` is added to the LSTM's forget gate (Gers et al. 2000 argue for a positive one).
    Same seed, same weights. Raises ValueError for an unknown name, and for a start or scale given to "irnn", which is
    a start of its own.
    """
    if cell not in CELLS:
        raise ValueError(f"no cell {cell!r}; there are {', '.join(CELLS)}")
    if start not in STARTS:
        raise ValueError(f"no start {start!r}; there are {', '.join(STARTS)}")
    if activation not in ACTIVATIONS:
        raise ValueError(f"no activation {activation!r}; there are {', '.join(sorted(ACTIVATIONS))}")
    if cell == "irnn" and (start != "torch" or scale != 1.0):
        raise ValueError(f"irnn starts from the identity; got start={start!r}, scale={scale}")
    module: nn.Module
    if cell == "lstm":
        module = nn.LSTM(input_size, hidden)
    elif cell == "gru":
        module = nn.GRU(input_size, hidden)
    elif cell == "irnn":
        module = nn.RNN(input_size, hidden, nonlinearity="relu")
    elif activation in ("tanh", "relu"):
        module = nn.RNN(input_size, hidden, nonlinearity=activation)
    else:
        module = StepLayer("rnn", input_size, hidden, activation)
    generator = torch.Generator().manual_seed(seed)
    bound = 1 / math.sqrt(hidden)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(-bound, bound, generator=generator)
        W_hh = module.W_hh if isinstance(module, StepLayer) else module.weight_hh_l0
        assert isinstance(W_hh, Tensor)
        if cell == "irnn":
            for name, parameter in module.named_parameters():
                if "bias" in name:
                    parameter.zero_()
                elif parameter is not W_hh:
                    parameter.mul_(0.1 / bound)
            W_hh.copy_(torch.eye(hidden))
        else:
            for gate in torch.split(W_hh, hidden):
                _start(gate, start, generator)
                gate.mul_(scale)
        if cell == "lstm" and forget_bias:
            bias = module.bias_ih_l0
            assert isinstance(bias, Tensor)
            bias[hidden : 2 * hidden] += forget_bias
    return module


def _start(W: Tensor, start: str, generator: torch.Generator) -> None:
    """Fill one `(H, H)` matrix in place."""
    H = len(W)
    if start == "normal":
        W.normal_(0, 1 / math.sqrt(H), generator=generator)
    elif start == "xavier":
        bound = math.sqrt(3 / H)
        W.uniform_(-bound, bound, generator=generator)
    elif start == "he":
        W.normal_(0, math.sqrt(2 / H), generator=generator)
    elif start == "orthogonal":
        W.copy_(torch.linalg.qr(torch.randn(H, H, generator=generator))[0])
    elif start == "identity":
        W.copy_(torch.eye(H))


class MemoryNet(nn.Module):
    """A recurrent layer with a linear readout at every step: x `(T, B, D)` to scores y `(T, B, V)`."""

    def __init__(self, rnn: nn.Module, hidden: int, output_size: int, seed: int = 0) -> None:
        super().__init__()
        self.rnn = rnn
        self.readout = nn.Linear(hidden, output_size)
        generator = torch.Generator().manual_seed(seed + 1)
        bound = 1 / math.sqrt(hidden)
        with torch.no_grad():
            for parameter in self.readout.parameters():
                parameter.uniform_(-bound, bound, generator=generator)

    def forward(self, x: Tensor) -> Tensor:
        """Scores y `(T, B, V)`."""
        states, _ = self.rnn(x)
        scores: Tensor = self.readout(states)
        return scores


class MemoryTraining:
    """Train a net on a memory task; every batch is new.

    Adam, or plain gradient descent (`optimizer="sgd"`), learning rate `lr`; `clip` (None: never) by "norm" or "value".
    With `decay` = K the rate falls to 0 in a cosine, lr (1 + cos(π k / K)) / 2 at step k, and stays there.
    `losses[k]`, `norms[k]` (‖g‖ before clipping) belong to step k + 1; `checks` holds (steps, accuracy on 256 fresh
    sequences that no step ever sees). A loss or norm that is no number ends the training: `broken` tells at which step.
    Same settings and seed, same numbers. Raises ValueError for an unknown optimizer or clipping and for sizes ≤ 0. Sequences of a
    tiny task may also turn up among the fresh ones: there are only so many.
    """

    def __init__(
        self,
        net: MemoryNet,
        task: Task,
        *,
        lr: float,
        batch: int = 32,
        clip: float | None = 1.0,
        clip_by: str = "norm",
        optimizer: str = "adam",
        seed: int = 0,
        check_every: int = 50,
        decay: int | None = None,
    ) -> None:
        if optimizer not in ("adam", "sgd"):
            raise ValueError(f"optimizer must be 'adam' or 'sgd', got {optimizer!r}")
        if clip_by not in ("norm", "value"):
            raise ValueError(f"clip_by must be 'norm' or 'value', got {clip_by!r}")
        for what, value in (
            ("lr", lr),
            ("batch", batch),
            ("check_every", check_every),
            ("decay", decay or 1),
        ):
            if not value > 0:
                raise ValueError(f"{what} must be positive, got {value}")
        if clip is not None and not clip > 0:
            raise ValueError(f"clip must be positive, or None for no clipping, got {clip}")
        self.net, self.task, self.lr, self.batch = net.train(), task, lr, batch
        self.clip, self.clip_by, self.check_every = clip, clip_by, check_every
        self.decay = decay
        self.parameters = list(net.parameters())
        self.optimizer = Adam(self.parameters, lr) if optimizer == "adam" else None
        self.generator = torch.Generator().manual_seed(seed)
        self.fresh = task.make(256, torch.Generator().manual_seed(seed + 10_000))
        self.losses: list[float] = []
        self.norms: list[float] = []
        self.checks: list[tuple[int, float]] = [(0, self.accuracy())]
        self.broken: int | None = None

    @property
    def steps(self) -> int:
        """How many steps have been taken."""
        return len(self.losses)

    @property
    def solved_at(self) -> int | None:
        """The first check with at least 95 % right, or None."""
        return next((k for k, right in self.checks if right >= 0.95), None)

    def accuracy(self) -> float:
        """The share of right answers on the fresh sequences, now. 0 for a net that gives no numbers any more."""
        with torch.inference_mode():
            y = self.net(self.fresh[0])
            return self.task.right(y, self.fresh[1]) if bool(y.isfinite().all()) else 0.0

    def advance(self, steps: int) -> None:
        """Take `steps` more steps, or fewer if the numbers end."""
        for _ in range(steps):
            if self.broken is not None:
                return
            x, target = self.task.make(self.batch, self.generator)
            loss = self.task.loss(self.net(x), target)
            loss.backward()  # type: ignore[no-untyped-call]
            if self.clip is None:
                norm = grad_norm(self.parameters)
            else:
                by = clip_by_norm if self.clip_by == "norm" else clip_by_value
                norm = by(self.parameters, self.clip)
            self.losses.append(float(loss.detach()))
            self.norms.append(norm)
            if not (math.isfinite(self.losses[-1]) and math.isfinite(norm)):
                self.broken = self.steps
            self._step()
            if self.broken is not None or self.steps % self.check_every == 0:
                self.checks.append((self.steps, self.accuracy()))

    @torch.no_grad()
    def _step(self) -> None:
        lr = self.lr
        if self.decay is not None:  # the loss of this step is in the list already
            lr *= (1 + math.cos(math.pi * min(1.0, (self.steps - 1) / self.decay))) / 2
        if self.optimizer is not None:
            self.optimizer.lr = lr
            self.optimizer.step()
            return
        for p in self.parameters:
            if p.grad is not None:
                p.sub_(p.grad, alpha=lr)
                p.grad = None


def memory_training(
    cell: str,
    task: Task,
    hidden: int,
    seed: int,
    lr: float,
    start: dict[str, Any] | None = None,
    **how: Any,
) -> MemoryTraining:
    """Net and training in one call: `start` goes to `recurrent`, `how` to `MemoryTraining`."""
    rnn = recurrent(cell, task.input_size, hidden, seed=seed, **(start or {}))
    net = MemoryNet(rnn, hidden, task.output_size, seed)
    return MemoryTraining(net, task, lr=lr, seed=seed, **how)


class SideBySide:
    """Several trainings in step, for comparison; `steps` is how far the farthest has come."""

    def __init__(self, runs: dict[str, MemoryTraining]) -> None:
        self.runs = runs

    @property
    def steps(self) -> int:
        """Steps taken by those that are still running (or by the longest, if none is)."""
        return max(run.steps for run in self.runs.values())

    @property
    def ended(self) -> bool:
        """Whether none of them can go on."""
        return all(run.broken is not None for run in self.runs.values())

    def advance(self, steps: int) -> None:
        """Take `steps` more steps with each that can."""
        for run in self.runs.values():
            run.advance(steps)
