"""The numbers that the verdicts of the lesson `gru` quote."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import Any

from rnn_core.experiments import results
from rnn_core.labs.speed import parameters
from ui.networks import chars


def over_seeds(card: Mapping[str, Any]) -> str:
    """Test loss as mean ± standard deviation over the seeds of a card, without ± where there is one."""
    found = card["seeds"]["nats_per_character"]
    sd = found["standard_deviation"]
    return f"{found['mean']:.3f}" + ("" if sd is None else f" ± {sd:.3f}")


def verdict_numbers() -> dict[str, str]:
    """The numbers that the verdict quotes, from the modules, the cards and the table of `counting`."""
    out = {"share": f"{100 * parameters('gru', 128, 128) / parameters('lstm', 128, 128):.0f}"}
    for corpus in ("en", "ja"):
        for cell in ("lstm", "gru"):
            out[f"{cell}_{corpus}"] = over_seeds(chars.card_of(cell, corpus))
    counting = results("counting")
    for row in counting["rows"]:
        right, cell = [run["right"] for run in row["runs"].values()], row["cell"]["cell"]
        out[f"counted_{cell}"] = f"{statistics.median(right):g}"
        out[f"range_{cell}"] = f"{min(right):g}–{max(right):g}"
    return out
