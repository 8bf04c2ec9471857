"""Chapter `compare` of the lesson `gru`."""

from __future__ import annotations

from functools import cache, partial

import streamlit as st

from lessons.gru.numbers import over_seeds, verdict_numbers
from lessons.gru.shared import NAMES, Text
from rnn_core.experiments import results
from rnn_core.labs.speed import CELLS, measure_in_turns, parameters
from ui.blocks import judged, prose, table
from ui.controls import one_of
from ui.i18n import text
from ui.networks import chars
from ui.server import models
from ui.state import View
from ui.training import computed

HIDDEN = (16, 32, 64, 128, 256)


def show(view: View, content: Text) -> None:
    """CLM-13: parameters counted, speed measured here and now, quality from the cards."""
    prose(content["compare"])
    st.select_slider(text("gru.hidden"), **one_of(view, "hidden"))
    H = int(view["hidden"])
    counts = {cell: parameters(cell, H, H) for cell in CELLS}
    table(
        [text(f"gru.head_{n}") for n in ("cell", "parameters", "ratio")],
        [[NAMES[cell], f"{n:,}", f"{n / counts['lstm']:.2f}"] for cell, n in counts.items()],
    )
    prose(content["speed"])
    asked = st.button(text("gru.measure"), key="gru.measure")
    speeds = computed("gru.speed", H, partial(measure_in_turns, H, H), asked)
    if speeds is not None:
        base = speeds["lstm"]
        table(
            [text(f"gru.head_{n}") for n in ("cell", "forward", "ratio", "training", "ratio")],
            [
                [
                    NAMES[cell],
                    f"{s.forward:.2f}",
                    f"{s.forward / base.forward:.2f}",
                    f"{s.training:.2f}",
                    f"{s.training / base.training:.2f}",
                ]
                for cell, s in speeds.items()
            ],
        )
        st.caption(text("gru.measured"))
    prose(content["quality"])
    rows = []
    for corpus in ("en", "ja"):
        for cell in ("lstm", "gru"):
            card = chars.card_of(cell, corpus)
            rows.append(
                [
                    text(f"chars.corpus_{corpus}"),
                    NAMES[cell],
                    f"{card['parameters']:,}",
                    f"{card['scores']['nats_per_character']:.3f}",
                    f"{over_seeds(card)} ({len(card['seeds']['seeds'])})",
                    f"{card['baseline']['nats_per_character']:.3f}",
                ]
            )
    heads = ("corpus", "cell", "parameters", "nats", "seeds", "floor")
    table([text(f"gru.head_{n}") for n in heads], rows)
    prose(content["verdict"], level=2, **verdict_numbers())
    judged("gru.clm33", task_numbers())


@cache
def task_numbers() -> dict[str, str]:
    """CLM-33: LSTM and GRU on every task that both were trained on; means ± standard deviations over the seeds where there are any."""
    keys = ("lstm_en", "gru_en", "lstm_ja", "gru_ja", "counted_lstm", "counted_gru")
    out = {key: verdict_numbers()[key] for key in keys}
    for of, key in (("en", "accuracy"), ("ja", "accuracy_economy_watchers")):
        for cell in ("lstm", "gru"):
            found = models.card_of(f"sentiment-{of}" + ("" if cell == "lstm" else "-gru"))["seeds"][key]  # fmt: skip
            out[f"review_{cell}_{of}"] = f"{100 * found['mean']:.2f} ± {100 * found['standard_deviation']:.2f}"  # fmt: skip
    recall = {"lstm": "recall_lstm", "lstm, bias 5": "recall_open", "gru": "recall_gru"}
    for row in results("memory-span")["rows"]:
        if row["cell"]["distance"] == 50 and row["cell"]["cell"] in recall:
            learned = [run["learned"] for run in row["runs"].values()]
            out[recall[row["cell"]["cell"]]] = f"{sum(learned):.0f}/{len(learned)}"
    return out
