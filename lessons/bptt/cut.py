"""Chapter `cut` of the lesson `bptt`."""

from __future__ import annotations

import time
from functools import lru_cache

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from figures.gradients import truncation_figure
from lessons.bptt.shared import FIRST_BLOCK, loss_control
from rnn_core import trace
from rnn_core.backward.rtrl import bptt, rtrl
from rnn_core.backward.truncation import TruncationError, truncation_errors
from rnn_core.labs.remember import recurrent
from rnn_core.work import Work
from ui.blocks import (
    chart,
    number_of,
    percent,
    prose,
    table,
)
from ui.components.page_frame import is_dark
from ui.controls import between, choose
from ui.errata import show_errata
from ui.i18n import text
from ui.page import Content
from ui.state import View
from ui.training import computed

UNITS, INPUTS = 16, 4


def show(view: View, content: Content) -> None:
    """Truncation in blocks and by a window, and the gradient carried forward (RTRL)."""
    prose(content["cut"])
    left, middle, right = st.columns([3, 4, 2])
    cells = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}
    choose(view, "cell", text("bptt.cell"), cells, place=left)
    loss_control(middle, view, "closs")
    right.number_input(text("bptt.seed"), **between(view, "cseed"))
    left, middle, right = st.columns(3)
    left.slider(text("bptt.length"), **between(view, "T"))
    middle.slider(text("bptt.sigma"), step=5, format="%d%%", help=text("bptt.sigma_help"), **between(view, "sigma"))
    view["ck"] = min(view["ck"], view["T"])
    right.slider(text("bptt.k"), **between(view, "ck", high=view["T"]))
    settings = tuple(view[key] for key in ("cell", "T", "sigma", "closs", "cseed", "ck"))
    errors = cut_errors(*settings)
    here = next(e for e in errors if e.k == view["ck"])
    labels = {
        "k": text("bptt.axis_k"),
        "error": text("bptt.axis_error"),
        "blocks": text("bptt.blocks"),
        "window": text("bptt.window"),
    }
    chart(
        truncation_figure(errors, view["ck"], labels, is_dark()),
        "bptt.truncation",
        text("bptt.truncation_alt"),
    )
    st.markdown(
        text(
            "bptt.cut_now",
            k=here.k,
            blocks=percent(here.blocks),
            window=percent(here.window),
            cosine_blocks=f"{here.cosine_blocks:.2f}".replace("-", "−"),
            cosine_window=f"{here.cosine_window:.2f}".replace("-", "−"),
        )
    )
    prose(content["not-the-same"])
    show_errata("bptt", [FIRST_BLOCK])
    prose(content["rtrl"])
    asked = st.button(text("bptt.measure"), key="bptt.measure")
    measured = computed("bptt.measured", None, measure_rtrl, asked)
    if measured is not None:
        heads = ["unit", "T", "bptt_ms", "rtrl_ms", "bptt_kept", "rtrl_kept", "difference"]
        table([text(f"bptt.head_{name}") for name in heads], measured)
        st.caption(text("bptt.measured"))


@lru_cache(maxsize=32)
def _cut_input(T: int, seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(T, INPUTS, generator=generator), torch.randn(T, UNITS, generator=generator)


@lru_cache(maxsize=64)
def cut_errors(cell: str, T: int, sigma: int, loss: str, seed: int, k: int) -> list[TruncationError]:
    """Errors for many k, the given one among them: a net of 16 units reads T random vectors; each step's (or the last) loss is a random direction."""
    module = recurrent(cell, INPUTS, UNITS, start="orthogonal", scale=sigma / 100, seed=seed)
    x, direction = _cut_input(T, seed)
    if loss == "last":
        direction = direction * (torch.arange(T) == T - 1)[:, None]
    ks = sorted({*range(1, min(T, 12) + 1), *np.geomspace(1, T, 20).round().astype(int).tolist(), T})
    ks = sorted({*ks, min(k, T)})
    return truncation_errors(trace(module, x), direction, ks)


def measure_rtrl() -> Work[list[list[str]]]:
    """Both gradients here and now: time, numbers kept, largest difference."""
    rng = np.random.default_rng(0)
    rows: list[list[str]] = []
    D = 8
    for H in (8, 16, 32):
        for T in (10, 100, 500):
            W = {
                "W_xh": rng.normal(size=(H, D)) / 3,
                "W_hh": rng.normal(size=(H, H)) / H,
                "b_h": np.zeros(H),
            }
            xs, h_0 = rng.normal(size=(T, D)), np.zeros(H)
            found, taken = [], []
            for way in (bptt, rtrl):
                times = []
                yield len(rows) / 9
                for _ in range(3):  # the first run warms up; other visitors may slow one down
                    start = time.perf_counter()
                    gradient = way(xs, h_0, W, lambda t, h: h)
                    times.append(1000 * (time.perf_counter() - start))
                found.append(gradient)
                taken.append(min(times))
            gap = max(float(np.abs(a - b).max()) for a, b in zip(*found, strict=True))
            kept = (T * H, H * H * (D + H + 1))
            rows.append(
                [
                    str(H),
                    str(T),
                    *[f"{ms:.1f}" for ms in taken],
                    *[f"{n:,}" for n in kept],
                    number_of(gap, 1),
                ]
            )
    return rows
