"""Does clipping cure explosion? (CLM-2) First-symbol recall over 20 steps, simple RNN, plain gradient descent.

The recurrent weights start as a rotation times `sigma`, so that all their singular values are `sigma`. Rate 0.1, 32 units,
300 steps of 32 sequences; a run counts as learned at 95 % right on 256 fresh sequences, as broken when loss or gradient is no
number any more.
"""

from __future__ import annotations

import torch

from rnn_core.labs.remember import MemoryTraining, memory_training
from rnn_core.labs.tasks import first_symbol

DISTANCE, HIDDEN, STEPS, RATE = 20, 32, 300, 0.1
CLIPS: dict[str, tuple[float | None, str]] = {
    "none": (None, "norm"),
    "norm 1": (1.0, "norm"),
    "norm 0.25": (0.25, "norm"),
    "value 0.1": (0.1, "value"),
}
GRID = [
    {"activation": activation, "sigma": sigma, "clip": clip}
    for activation, sigma in (("tanh", 0.5), ("tanh", 1.0), ("tanh", 1.5), ("relu", 2.0))
    for clip in CLIPS
]
SEEDS = range(20)


def training(activation: str, sigma: float, clip: float | None, clip_by: str, seed: int) -> MemoryTraining:
    """One run of the table, not yet begun; the lesson runs the same one live."""
    start = {"activation": activation, "start": "orthogonal", "scale": sigma}
    return memory_training(
        "rnn",
        first_symbol(DISTANCE),
        HIDDEN,
        seed,
        RATE,
        start,
        clip=clip,
        clip_by=clip_by,
        optimizer="sgd",
        check_every=25,
    )


def run(cell: dict[str, object], seed: int) -> dict[str, float]:
    """`learned`, `broken`: 1 or 0; `right`: accuracy at the end; `largest_norm`: the largest finite ‖g‖, before clipping."""
    torch.set_num_threads(1)
    clip, by = CLIPS[str(cell["clip"])]
    live = training(str(cell["activation"]), float(str(cell["sigma"])), clip, by, seed)
    live.advance(STEPS)
    finite = [n for n in live.norms if n < float("inf")]
    return {
        "learned": float(live.checks[-1][1] >= 0.95),
        "broken": float(live.broken is not None),
        "right": live.checks[-1][1],
        "largest_norm": float(f"{max(finite):.4g}"),
    }
