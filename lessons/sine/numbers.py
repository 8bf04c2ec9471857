"""The numbers that the verdicts of the lesson `sine` quote."""

from __future__ import annotations

from functools import cache
from statistics import fmean, median

import numpy as np

from lessons.sine.shared import EPOCHS, held_told
from rnn_core.experiments import results
from rnn_core.models.sine import FREE
from ui.blocks import number_of
from ui.server import models


def runs_of(window: int, epochs: int) -> list[dict[str, float]]:
    """The runs of one cell of the table."""
    wanted = {"window": window, "epochs": epochs}
    return list(next(r for r in results("sine")["rows"] if r["cell"] == wanted)["runs"].values())


WINDOWS = (2, 5, 10, 25)


def slopes(name: str, a: np.ndarray) -> dict[str, np.ndarray]:
    """A function and its first two derivatives at a.

    >>> {k: float(v[0]) for k, v in slopes("tanh", np.zeros(1)).items()}
    {'f': 0.0, 'f1': 1.0, 'f2': -0.0}
    """
    if name == "tanh":
        f = np.tanh(a)
        return {"f": f, "f1": 1 - f**2, "f2": -2 * f * (1 - f**2)}
    if name == "σ":
        f = 0.5 * (1 + np.tanh(a / 2))
        return {"f": f, "f1": f * (1 - f), "f2": f * (1 - f) * (1 - 2 * f)}
    return {"f": np.maximum(a, 0), "f1": (a > 0).astype(float), "f2": np.zeros_like(a)}


def slope_numbers() -> dict[str, str]:
    """What the verdict on CLM-23 quotes."""
    at = np.array([3.0, 5.0])
    tanh, sigma = slopes("tanh", at), slopes("σ", at)
    return {
        "first3": f"{tanh['f1'][0]:.4f}",
        "first5": f"{tanh['f1'][1]:.5f}",
        "second5": f"{abs(tanh['f2'][1]):.5f}",
        "sigma5": f"{abs(sigma['f2'][1]):.5f}",
        "most": f"{slopes('σ', np.zeros(1))['f1'][0]:.2f}",
    }


@cache
def verdict_numbers() -> dict[str, str]:
    """What the verdict on CLM-10 quotes: medians of ten seeds on values after those trained on."""
    out = {}
    for w in WINDOWS:
        for e in EPOCHS:
            runs = runs_of(w, e)
            out[f"w{w}_{e}"] = number_of(median(r["new"] for r in runs))
            out[f"lag{w}_{e}"] = f"{median(r['lag'] for r in runs):.2f}"
            out[f"held{w}_{e}"] = f"{median(r['held'] for r in runs):.0f}"
    return out


def card_numbers() -> dict[str, str]:
    """What the shipped net's card says."""
    card = models.shared("sine").card
    return {
        "loss": number_of(card["scores"]["loss"]),
        "after": number_of(card["scores"]["loss_after"]),
        "held": held_told(round(card["scores"]["held"]), FREE),
        "floor": number_of(card["baseline"]["loss"]),
        "epochs": f"{card['training']['epochs']:,}",
        "mean": number_of(fmean(card["seeds"]["loss"]["each"])),
        "each": ", ".join(number_of(v) for v in card["seeds"]["loss"]["each"]),
    }
