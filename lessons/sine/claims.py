"""Chapter `claims` of the lesson `sine`."""

from __future__ import annotations

from statistics import median

import numpy as np
import streamlit as st

from figures.sine import (
    epochs_table_figure,
    slopes_figure,
)
from lessons.sine import series
from lessons.sine.numbers import (
    WINDOWS,
    card_numbers,
    runs_of,
    slopes,
)
from lessons.sine.shared import EPOCHS, show_prediction
from lessons.sine.verdicts import VERDICTS
from rnn_core.experiments import results
from rnn_core.experiments.sine import COUNT
from rnn_core.models.sine import RECIPE
from ui.blocks import chart, number_of, prose, signed, table
from ui.components.page_frame import is_dark
from ui.i18n import text
from ui.page import Content
from ui.server import models
from ui.state import View, control
from ui.verdicts import show_verdicts


def show(view: View, content: Content) -> None:
    """CLM-10 with ten seeds, the shipped net, and CLM-23."""
    prose(content["claims"])
    show_verdicts(VERDICTS, "clm10")
    rows = {w: {e: [r["new"] for r in runs_of(w, e)] for e in EPOCHS} for w in WINDOWS}
    labels = {n: text(f"sine.axis_{n}") for n in ("epochs", "error", "window")}
    chart(epochs_table_figure(rows, labels, is_dark()), "sine.table", text("sine.table_alt"))
    heads = [text(f"sine.head_{n}") for n in ("window", "epochs", "error", "lag", "held")]
    table(
        heads,
        [
            [
                str(w),
                f"{e:,}",
                number_of(median(r["new"] for r in runs)),
                signed(median(r["lag"] for r in runs)),
                f"{sum(r['held'] == COUNT for r in runs)} / {len(runs)}",
            ]
            for w in WINDOWS
            for e in EPOCHS
            for runs in [runs_of(w, e)]
        ],
    )
    shipped = results("sine")
    st.caption(text("sine.made_by", command=f"`{shipped['command']}`", date=shipped["date"]))
    prose(content["shipped"], level=2, **card_numbers())
    values = series.made("sine")
    show_prediction(models.shared("sine"), 0, values, series.split_of(values), RECIPE.window)
    prose(content["second"])
    show_verdicts(VERDICTS, "clm23")
    names = {n: n for n in ("tanh", "σ", "ReLU")}
    st.segmented_control(text("sine.function"), list(names), required=True, **control(view, "fn"))
    a = np.linspace(-6, 6, 241)
    chart(
        slopes_figure(
            a,
            slopes(view["fn"], a),
            {"a": "a", "f": f"{view['fn']}(a)", "f1": text("sine.first"), "f2": text("sine.second")},
            is_dark(),
        ),
        "sine.slopes",
        text("sine.slopes_alt"),
    )
