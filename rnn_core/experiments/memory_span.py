"""How far back can a net learn to look? First-symbol recall by distance (CLM-1, CLM-20).

Each cell gets the same task, size and number of training steps; learning rates were chosen once, on seeds that are
not in the table. "lstm" and "rnn" start as torch starts them; "rnn, orthogonal" differs in W_hh alone, "lstm, bias 5" in
the forget gate's bias alone. A run counts as learned at 95 % right on 256 fresh sequences.
"""

from __future__ import annotations

from typing import Any

import torch

from rnn_core.labs.remember import MemoryTraining, memory_training
from rnn_core.labs.tasks import first_symbol

HIDDEN, STEPS, SYMBOLS = 32, 1500, 4
CELLS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn", "lr": 0.003, "start": {}},
    "rnn, orthogonal": {"cell": "rnn", "lr": 0.003, "start": {"start": "orthogonal"}},
    "lstm": {"cell": "lstm", "lr": 0.01, "start": {}},
    "lstm, bias 5": {"cell": "lstm", "lr": 0.01, "start": {"forget_bias": 5.0}},
    "gru": {"cell": "gru", "lr": 0.01, "start": {}},
    "irnn": {"cell": "irnn", "lr": 0.001, "start": {}},
}
DISTANCES = (1, 2, 5, 10, 20, 50, 100, 200)

GRID = [{"distance": distance, "cell": cell} for distance in DISTANCES for cell in CELLS]
SEEDS = range(10)


def training(cell: str, distance: int, seed: int) -> MemoryTraining:
    """One run of the table, not yet begun; the lesson runs the same one live."""
    how = CELLS[cell]
    task = first_symbol(distance, SYMBOLS)
    return memory_training(how["cell"], task, HIDDEN, seed, how["lr"], how["start"])


def run(cell: dict[str, object], seed: int) -> dict[str, float]:
    """`right`: accuracy at the end; `learned`: 1 if it reached 95 %; `steps`: when, or all of them."""
    torch.set_num_threads(1)
    live = training(str(cell["cell"]), int(str(cell["distance"])), seed)
    while live.steps < STEPS and live.solved_at is None and live.broken is None:
        live.advance(live.check_every)
    learned = live.solved_at is not None
    return {
        "right": live.checks[-1][1],
        "learned": float(learned),
        "steps": float(live.solved_at if live.solved_at is not None else STEPS),
    }
