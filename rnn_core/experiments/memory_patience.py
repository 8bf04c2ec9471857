"""Ten times the training of `memory-span`: does patience carry the standard cells further? (CLM-1)

The cells that fail at 50 and 100 steps in that table, with the same settings but up to 15,000 steps of 32 sequences.
"""

from __future__ import annotations

import torch

from rnn_core.experiments.memory_span import training

STEPS = 15_000
GRID = [
    {"distance": distance, "cell": cell} for distance in (50, 100) for cell in ("rnn", "lstm", "lstm, bias 5", "gru")
]
SEEDS = range(5)


def run(cell: dict[str, object], seed: int) -> dict[str, float]:
    """As in `memory-span`."""
    torch.set_num_threads(1)
    live = training(str(cell["cell"]), int(str(cell["distance"])), seed)
    while live.steps < STEPS and live.solved_at is None and live.broken is None:
        live.advance(live.check_every)
    return {
        "right": live.checks[-1][1],
        "learned": float(live.solved_at is not None),
        "steps": float(live.solved_at if live.solved_at is not None else STEPS),
    }
