"""The ladder from the constant error carousel to the LSTM: each rung trained on a task that the rung below cannot do.

    cec        c_t = c_{t−1} + g_t, h_t = tanh(c_t)          i = f = o = 1        Hochreiter (1991)
    gates      c_t = c_{t−1} + i ⊙ g_t, h_t = o ⊙ tanh(c_t)   f = 1               Hochreiter and Schmidhuber (1997)
    forget     c_t = f ⊙ c_{t−1} + i ⊙ g_t                                        Gers et al. (2000)
    peephole   gates also see c                                                   Gers and Schmidhuber (2000)

One or two units and a linear readout, so that a net cannot get round what its cell lacks. Leaves out long sequences.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnn_core.cells.layers import StepLayer
from rnn_core.training.clipping import clip_by_norm
from rnn_core.training.optim import Adam

RUNGS: dict[str, tuple[str, dict[str, float]]] = {
    "cec": ("lstm", {"i": 1.0, "f": 1.0, "o": 1.0}),
    "gates": ("lstm", {"f": 1.0}),
    "forget": ("lstm", {}),
    "peephole": ("peephole", {}),
}
"""Kind of cell and the gates that are held open for good."""

STEPS, BATCH = 600, 32


def latch(B: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Say, at the last of 20 steps, the one number that was marked. Inputs: a number in −1 … 1 and the mark.

    Returns inputs `(T, B, 2)`, targets `(T, B)` and which steps count `(T, B)`. A cell without input gate adds up every
    number, marked or not: the weight conflict of input and output.
    """
    T = 20
    values = torch.rand(T, B, generator=generator) * 2 - 1
    at = torch.randint(0, T - 2, (B,), generator=generator)
    column = torch.arange(B)
    marks = torch.zeros(T, B)
    marks[at, column] = 1
    counts = torch.zeros(T, B)
    counts[-1] = 1
    return torch.stack([values, marks], -1), values[at, column].expand(T, B), counts


def count(B: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Say at every one of 30 steps how many steps ago the last reset was (in units of 20). Inputs: the reset, and 1.

    Shapes as in `latch`. A cell without forget gate cannot be emptied at once.
    """
    T = 30
    resets = (torch.rand(T, B, generator=generator) < 0.12).float()
    resets[0] = 1
    since, n = torch.zeros(T, B), torch.zeros(B)
    for t in range(T):
        n = torch.where(resets[t] > 0, torch.zeros(B), n + 1)
        since[t] = n
    return torch.stack([resets, torch.ones(T, B)], -1), since / 20, torch.ones(T, B)


def above(B: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Say at each of 20 steps the sum of the numbers so far, but nothing (0) while it is below 0. Input: a number in −½ … ½.

    Shapes as in `latch`, with one input. While the output gate is shut, h is 0 and tells the gates nothing of c: only a
    gate that sees c itself knows when to open again (Gers and Schmidhuber 2000 argue so for the timing of spikes).
    """
    x = torch.rand(20, B, generator=generator) - 0.5
    return x[..., None], x.cumsum(0).clamp(min=0), torch.ones(20, B)


@dataclass(frozen=True)
class Task:
    """`make(B, generator)` draws sequences of `inputs` numbers a step; a net of `units` units learns it at rate `lr`."""

    make: Callable[[int, torch.Generator], tuple[Tensor, Tensor, Tensor]]
    inputs: int
    units: int
    lr: float


TASKS = {
    "latch": Task(latch, inputs=2, units=2, lr=0.03),
    "count": Task(count, inputs=2, units=2, lr=0.03),
    "above": Task(above, inputs=1, units=1, lr=0.06),  # a second unit would show c to the gates
}


class LadderTraining:
    """One rung on one task. `losses[k]` belongs to step k + 1: mean squared error over the steps that count.

    Adam, the task's learning rate falling to 0 over 600 steps, clipping at 1, batches of 32 new sequences. Same rung, task and
    seed, same numbers. Raises KeyError for an unknown rung or task.
    """

    def __init__(self, rung: str, task: str, seed: int) -> None:
        kind, fixed = RUNGS[rung]
        self.rung, self.task, kept = rung, task, TASKS[task]
        self.make, self.lr = kept.make, kept.lr
        devices: list[int] = []
        with torch.random.fork_rng(devices):
            torch.manual_seed(seed)
            self.layer = StepLayer(kind, kept.inputs, kept.units, fixed=fixed)
            self.readout = nn.Linear(kept.units, 1)
        if "b_f" in self.layer.named_weights():
            with torch.no_grad():
                self.layer.get_parameter("b_f").add_(1)
        self.parameters = [*self.layer.parameters(), *self.readout.parameters()]
        self.optimizer = Adam(self.parameters, self.lr)
        self.generator = torch.Generator().manual_seed(seed)
        self.fresh = self.make(256, torch.Generator().manual_seed(seed + 10_000))
        self.losses: list[float] = []

    @property
    def steps(self) -> int:
        """How many steps have been taken."""
        return len(self.losses)

    def outputs(self, x: Tensor) -> Tensor:
        """What the net says at every step, `(T, B)`."""
        h, _ = self.layer(x)
        said: Tensor = self.readout(h)[..., 0]
        return said

    def advance(self, steps: int) -> None:
        """Take `steps` more steps, never beyond 600 in all."""
        for _ in range(min(steps, STEPS - self.steps)):
            x, target, counts = self.make(BATCH, self.generator)
            loss = ((self.outputs(x) - target).square() * counts).sum() / counts.sum()
            loss.backward()  # type: ignore[no-untyped-call]
            clip_by_norm(self.parameters, 1.0)
            self.optimizer.lr = self.lr * (1 - self.steps / STEPS) + 1e-4
            self.optimizer.step()
            self.losses.append(float(loss.detach()))

    @torch.no_grad()
    def relative_error(self) -> float:
        """Root mean squared error on 256 fresh sequences over that of always saying the mean: 1 is no better than that."""
        x, target, counts = self.fresh
        total = counts.sum()
        error = ((self.outputs(x) - target).square() * counts).sum() / total
        mean = (target * counts).sum() / total
        spread = ((target - mean).square() * counts).sum() / total
        return float((error / spread).sqrt())
