"""The numbers that the verdicts of the lesson `adder` quote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from statistics import fmean
from typing import Any

from rnn_core.experiments import results


def runs_of(**cell: Any) -> list[dict[str, float]]:
    """The runs of one setting, the rest as in the notes. Raises StopIteration for a setting that was not run."""
    wanted = {"activation": "sigmoid", "start": "normal", "scale": 1.0, "hidden": 16, "lr": 0.1, "clip": None} | cell
    return list(next(r for r in results("adder")["rows"] if r["cell"] == wanted)["runs"].values())


def median_begun(runs: Sequence[Mapping[str, float]]) -> str:
    """The median over all runs of the step at which the loss fell below 0.1; "—" where half of them or more never got there.

    >>> median_begun([{"begun": 200.0}, {"begun": 0.0}, {"begun": 300.0}]), median_begun([{"begun": 0.0}])
    ('300', '—')
    """
    middle = sorted(r["begun"] or float("inf") for r in runs)[len(runs) // 2]
    return f"{middle:,.0f}" if middle < float("inf") else "—"


@cache
def verdict_numbers() -> dict[str, dict[str, str]]:
    """What the verdicts quote, by claim: in how many of the runs every sum came out right, and when they began to add."""

    def learned(**cell: Any) -> str:
        runs = runs_of(**cell)
        return f"{sum(r['learned'] for r in runs):.0f}/{len(runs)}"

    def begun(**cell: Any) -> str:
        return median_begun(runs_of(**cell))

    def loss(**cell: Any) -> str:
        return f"{fmean(r['loss'] for r in runs_of(**cell)):.2g}"

    relu = {"activation": "relu", "start": "he"}
    tanh = {"activation": "tanh"}
    return {
        "clm5": {
            "s001": learned(scale=0.01),
            "s01": learned(scale=0.1),
            "s05": learned(scale=0.5),
            "s1": learned(),
            "s2": learned(scale=2.0),
            "lecun": learned(start="lecun"),
            "xavier": learned(start="xavier"),
            "he": learned(start="he"),
            "lecun_fast": learned(start="lecun", lr=1.0),
            "xavier_fast": learned(start="xavier", lr=1.0),
            "he_fast": learned(start="he", lr=1.0),
            "fast": learned(lr=1.0),
            "s01_fast": learned(scale=0.1, lr=1.0),
            "s001_fast": learned(scale=0.01, lr=1.0),
        },
        "clm6": {
            "r01": learned(),
            "b01": begun(),
            "r1": learned(lr=1.0),
            "b1": begun(lr=1.0),
            "l01": loss(),
            "l1": loss(lr=1.0),
            "ce1": learned(loss="cross-entropy", lr=1.0),
            "ce01": learned(loss="cross-entropy"),
            "r3": learned(lr=3.0),
            "r10": learned(lr=10.0),
            "r001": learned(lr=0.01),
        },
        "clm7": {f"h{h}": learned(hidden=h) for h in (2, 4, 8, 16, 32, 64, 128)}
        | {"h128_he": learned(hidden=128, start="he")},
        "clm8": {
            "broken": f"{sum(r['broken'] for lr in (0.01, 0.1, 1.0) for r in runs_of(**relu, lr=lr)):.0f}",
            "runs": str(sum(len(runs_of(**relu, lr=lr)) for lr in (0.01, 0.1, 1.0))),
            "r01": learned(**relu),
            "r1": learned(**relu, lr=1.0),
            "c1": learned(**relu, lr=1.0, clip=1.0),
            "c01": learned(**relu, clip=1.0),
            "l1": loss(**relu, lr=1.0),
            "sigmoid": learned(start="he"),
            "tanh": learned(**tanh, start="he"),
        },
        "clm9": {
            "best": learned(**tanh, start="lecun"),
            "begun": begun(**tanh, start="lecun"),
            "glorot": learned(**tanh, start="xavier"),
            "glorot_begun": begun(**tanh, start="xavier"),
            "he": learned(**tanh, start="he"),
            "he_begun": begun(**tanh, start="he"),
            "sigmoid": learned(lr=1.0),
            "sigmoid_begun": begun(lr=1.0),
            "sighe_begun": begun(start="he", lr=1.0),
            "tanh1": learned(**tanh, start="lecun", lr=1.0),
        },
    }
