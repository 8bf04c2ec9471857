"""Does every rung of the ladder do what the rung below cannot? (SYS-15) One or two units, 600 steps of 32 sequences.

`error`: root mean squared error on 256 fresh sequences over that of always saying the mean; 1 is no better than that.
`learned`: 1 if the error is below 0.15.
"""

from __future__ import annotations

import torch

from rnn_core.labs.ladder import RUNGS, STEPS, TASKS, LadderTraining

LEARNED = 0.15
GRID = [{"task": task, "rung": rung} for task in TASKS for rung in RUNGS]
SEEDS = range(10)


def run(cell: dict[str, str], seed: int) -> dict[str, float]:
    """The error at the end."""
    torch.set_num_threads(1)
    training = LadderTraining(cell["rung"], cell["task"], seed)
    training.advance(STEPS)
    error = training.relative_error()
    return {"error": float(f"{error:.4g}"), "learned": float(error < LEARNED)}
