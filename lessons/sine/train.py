"""Chapter `train` of the lesson `sine`."""

from __future__ import annotations

from functools import partial

import streamlit as st
import torch.nn.functional as F
from torch import Tensor

from figures.sine import (
    epochs_figure,
)
from lessons.sine import series
from lessons.sine.shared import EPOCHS, chosen_series, show_prediction
from rnn_core.labs.sine import (
    Settings,
    series_training,
    windows,
)
from ui.blocks import chart, number_of, prose
from ui.components.page_frame import is_dark
from ui.controls import between
from ui.i18n import text
from ui.page import Content
from ui.state import View, control
from ui.training import Live, buttons, live_training, progress, replay, run_live

REPLAYED = 500
"""Epochs that a link may bring back at once."""


def show(view: View, content: Content) -> None:
    """Train on the first part of the series; predict one step ahead, and running free."""
    prose(content["train"])
    values = chosen_series(view)
    split = series.split_of(values)
    a, b, c = st.columns(3)
    most = min(25, split // 2)
    view["window"] = min(view["window"], most)
    a.slider(text("sine.window"), **between(view, "window", high=most))
    b.segmented_control(
        text("sine.epochs"),
        EPOCHS,
        format_func=lambda n: f"{n:,}",
        required=True,
        **control(view, "epochs"),
    )
    c.slider(text("sine.hidden"), **between(view, "hidden"))
    a, b, c = st.columns(3)
    a.segmented_control(
        text("sine.cell"),
        ("rnn", "lstm", "gru"),
        format_func=str.upper,
        required=True,
        **control(view, "cell"),
    )
    b.number_input(text("sine.seed"), **between(view, "seed"))
    settings = Settings(view["cell"], view["window"], view["hidden"], view["epochs"], 0.01, view["seed"])
    signature = (settings, tuple(values.tolist()))
    if st.session_state.get("sine.signature") not in (None, signature):
        view["done"] = 0
    st.session_state["sine.signature"] = signature
    live = live_training("sine.live", signature, lambda: series_training(values[:split], settings))
    goal = settings.epochs
    view["done"] = min(view["done"], goal)
    if not live.running and live.trainer.steps < view["done"]:
        if view["done"] <= REPLAYED:
            replay(live, view["done"])
        else:
            st.info(text("sine.not_replayed", epochs=f"{view['done']:,}"))
    buttons(live, "sine.train", goal, partial(view.__setitem__, "done"), text("sine.start"), text("sine.over"))
    draw = partial(_predictions, live, values, split, settings)
    run_live(live, goal, 20, draw, partial(view.__setitem__, "done"))
    prose(content["free"])
    prose(content["lag"])


def _predictions(live: Live, values: Tensor, split: int, settings: Settings) -> None:
    """Loss, then both kinds of prediction and their numbers."""
    run = live.trainer
    if not run.steps:
        st.caption(text("sine.not_yet"))
        return
    progress(
        live,
        settings.epochs,
        text("sine.progress", done=f"{run.steps:,}", goal=f"{settings.epochs:,}", loss=number_of(run.losses[-1])),
    )
    x, target = windows(values[:split], settings.window)
    floor = float(F.mse_loss(x[:, -1], target))
    labels = {n: text(f"sine.axis_{n}") for n in ("epochs", "loss", "floor")}
    chart(epochs_figure(run.losses, settings.epochs, floor, labels, is_dark()), "sine.loss", text("sine.loss_alt"))
    show_prediction(run.net, run.steps, values, split, settings.window)
