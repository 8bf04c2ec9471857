"""Chapter `compare` of the lesson `gru`."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lessons.gru.numbers import over_seeds, verdict_numbers
from lessons.gru.shared import NAMES
from lessons.gru.verdicts import VERDICTS
from rnn_core.labs.speed import CELLS, measure_in_turns, parameters
from ui.blocks import prose, table
from ui.controls import one_of
from ui.i18n import text
from ui.networks import chars
from ui.page import Content
from ui.state import View
from ui.training import computed
from ui.verdicts import show_verdicts

HIDDEN = (16, 32, 64, 128, 256)


def show(view: View, content: Content) -> None:
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
    show_verdicts(VERDICTS, "clm33")
