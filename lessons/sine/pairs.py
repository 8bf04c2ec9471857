"""Chapter `pairs` of the lesson `sine`."""

from __future__ import annotations

import streamlit as st
from torch import Tensor

from figures.sine import (
    pair_figure,
)
from lessons.sine.shared import chosen_series
from rnn_core.labs.sine import (
    windows,
)
from ui.blocks import chart, prose, signed, table
from ui.components.page_frame import is_dark
from ui.controls import between
from ui.i18n import text
from ui.page import Content
from ui.state import View

SHOWN = 60
"""Values of the series that the pairs are shown in."""


def show(view: View, content: Content) -> None:
    """From a series to explanatory and target variable, one row of the table under the curve."""
    prose(content["pairs"])
    values = chosen_series(view)[:SHOWN]
    a, b = st.columns(2)
    a.slider(text("sine.window"), **between(view, "window"))
    most = len(values) - view["window"]
    view["pair"] = min(view["pair"], most)
    b.slider(text("sine.pair"), **between(view, "pair", high=most))
    first = view["pair"] - 1
    labels = {n: text(f"sine.head_{n}") for n in ("explanatory", "target")} | {"t": text("sine.t")}
    chart(
        pair_figure(values.tolist(), first, view["window"], labels, is_dark()),
        "sine.pairs",
        text("sine.pairs_alt"),
    )
    x, target = windows(values, view["window"])
    start = max(0, min(first - 2, len(x) - 6))
    rows = [
        [
            str(k + 1),
            f"{k + 1} – {k + view['window']}",
            _row(x[k]),
            str(k + view["window"] + 1),
            signed(float(target[k]), 3),
        ]
        for k in range(start, min(start + 6, len(x)))
    ]
    heads = [text(f"sine.head_{n}") for n in ("pair", "places", "explanatory", "place", "target")]
    table(heads, rows, [row[0] == str(view["pair"]) for row in rows])
    st.caption(text("sine.pairs_note", count=len(x), values=len(values)))
    prose(content["pairs-why"])


def _row(values: Tensor) -> str:
    """A window in few characters."""
    shown = [signed(v, 3) for v in values.tolist()]
    return ", ".join(shown if len(shown) <= 5 else [*shown[:2], "…", *shown[-2:]])
