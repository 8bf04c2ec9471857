"""Which cell can go on counting beyond what it was trained on? (CLM-13, "less expressive")

aⁿbⁿ: after n times a come n times b, then the end; at every b the net says whether the end comes next. Trained with n from 1
to 20, ten units, 3,000 steps of 32 sequences. `right`: of n = 1 … 60, how many are right at every b.
Source: Weiss et al. (2018), who trained longer and on longer sequences.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rnn_core.labs.speed import CELLS
from rnn_core.training.clipping import clip_by_norm
from rnn_core.training.optim import Adam

HIDDEN, STEPS, LONGEST, TESTED, RATE = 10, 3000, 20, 60, 0.01

GRID = [{"cell": cell} for cell in ("lstm", "gru", "rnn")]
SEEDS = range(10)


def sequences(counts: Sequence[int]) -> tuple[Tensor, Tensor]:
    """aⁿbⁿ for each n: one-hot inputs `(T, B, 2)`, zeros after the end; targets `(T, B)`, 1 at the last b, 0 at the others, −1 where
    nothing is asked."""
    T = 2 * max(counts)
    x, target = torch.zeros(T, len(counts), 2), torch.full((T, len(counts)), -1)
    for k, n in enumerate(counts):
        x[:n, k, 0] = 1
        x[n : 2 * n, k, 1] = 1
        target[n : 2 * n, k] = 0
        target[2 * n - 1, k] = 1
    return x, target


def right(net: nn.RNNBase, readout: nn.Linear, counts: Sequence[int]) -> int:
    """How many of the counts are right at every b."""
    x, target = sequences(counts)
    with torch.no_grad():
        said = readout(net(x)[0]).argmax(-1)
    return int(((said == target) | (target < 0)).all(0).sum())


def run(cell: dict[str, str], seed: int) -> dict[str, float]:
    """The score after training."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    net = CELLS[cell["cell"]](2, HIDDEN)
    readout = nn.Linear(HIDDEN, 2)
    parameters = [*net.parameters(), *readout.parameters()]
    optimizer = Adam(parameters, RATE)
    for step in range(STEPS):
        x, target = sequences(torch.randint(1, LONGEST + 1, (32,)).tolist())
        said = readout(net(x)[0])
        loss = F.cross_entropy(said.flatten(0, 1), target.flatten(), ignore_index=-1)
        loss.backward()  # type: ignore[no-untyped-call]
        clip_by_norm(parameters, 1.0)
        optimizer.lr = RATE * (1 - step / STEPS) + 1e-5
        optimizer.step()
    return {"right": float(right(net, readout, range(1, TESTED + 1)))}
