"""The numbers that the verdicts of the lesson `gru` quote."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from functools import cache
from typing import Any

from rnn_core.experiments import results
from rnn_core.labs.speed import parameters
from ui.networks import chars
from ui.server import models


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


@cache
def task_numbers() -> dict[str, str]:
    """CLM-33: LSTM and GRU on every task that both were trained on; means ± standard deviations over the seeds where there are any."""
    keys = ("lstm_en", "gru_en", "lstm_ja", "gru_ja", "counted_lstm", "counted_gru")
    out = {key: verdict_numbers()[key] for key in keys}
    for of, key in (("en", "accuracy"), ("ja", "accuracy_economy_watchers")):
        for cell in ("lstm", "gru"):
            found = models.card_of(f"sentiment-{of}" + ("" if cell == "lstm" else "-gru"))["seeds"][key]
            out[f"review_{cell}_{of}"] = f"{100 * found['mean']:.2f} ± {100 * found['standard_deviation']:.2f}"
    recall = {"lstm": "recall_lstm", "lstm, bias 5": "recall_open", "gru": "recall_gru"}
    for row in results("memory-span")["rows"]:
        if row["cell"]["distance"] == 50 and row["cell"]["cell"] in recall:
            learned = [run["learned"] for run in row["runs"].values()]
            out[recall[row["cell"]["cell"]]] = f"{sum(learned):.0f}/{len(learned)}"
    return out
