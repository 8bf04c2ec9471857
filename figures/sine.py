"""Figures of the lesson on the sine. Plain values and ready labels in, Plotly figures out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from figures.drawing import Drawing
from figures.training import frame_layout
from rnn_core.theme import DARK, LIGHT


def pair_figure(series: Sequence[float], first: int, window: int, labels: Mapping[str, str], dark: bool) -> go.Figure:
    """A series with one window (values `first` … `first + window − 1`) and the value after it. `labels`: "t", "explanatory", "target"."""
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    figure.add_scatter(
        x=list(range(1, len(series) + 1)),
        y=list(series),
        mode="lines+markers",
        showlegend=False,
        line={"color": palette.muted, "width": 1.2},
        marker={"size": 4},
        hovertemplate="t=%{x}: %{y:.3f}<extra></extra>",
    )
    t = list(range(first + 1, first + window + 1))
    figure.add_scatter(
        x=t,
        y=[series[k - 1] for k in t],
        mode="markers",
        name=labels["explanatory"],
        marker={"size": 11, "color": palette.gate_line},
        hovertemplate="t=%{x}: %{y:.3f}<extra></extra>",
    )
    figure.add_scatter(
        x=[first + window + 1],
        y=[series[first + window]],
        mode="markers",
        name=labels["target"],
        marker={"size": 13, "symbol": "diamond", "color": palette.now},
        hovertemplate="t=%{x}: %{y:.3f}<extra></extra>",
    )
    figure.update_xaxes(title_text=labels["t"])
    figure.update_layout(height=260)
    return figure.figure()


def epochs_figure(losses: Sequence[float], goal: int, floor: float, labels: Mapping[str, str], dark: bool) -> go.Figure:
    """The loss of every epoch, logarithmic, beside that of saying the last value again. `labels`: "epochs", "loss", "floor"."""
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    step = max(1, len(losses) // 600)
    figure.add_scatter(
        x=list(range(1, len(losses) + 1, step)),
        y=list(losses[::step]),
        mode="lines",
        showlegend=False,
        line={"color": palette.ink, "width": 2},
        hovertemplate="%{x:,}: %{y:.2e}<extra></extra>",
    )
    figure.add_scatter(
        x=[0, goal],
        y=[floor, floor],
        mode="lines",
        name=labels["floor"],
        line={"color": palette.muted, "dash": "dot"},
        hoverinfo="skip",
    )
    figure.update_xaxes(title_text=labels["epochs"], range=[0, goal])
    figure.update_yaxes(title_text=labels["loss"], type="log", exponentformat="power", automargin=True)
    figure.update_layout(height=260)
    return figure.figure()


def prediction_figure(
    truth: Sequence[float],
    split: int,
    one_step: tuple[int, Sequence[float]],
    free: tuple[int, Sequence[float]],
    labels: Mapping[str, str],
    dark: bool,
) -> go.Figure:
    """A series, what was said of every next value, and what was said without looking any more.

    `one_step` and `free`: the place of their first value (from 0) and their values. A free run that leaves the range is cut where
    it does. `labels`: "t", "truth", "one_step", "free", "split".
    """
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    low, high = min(truth), max(truth)
    room = 0.6 * (high - low)
    for name, first, values, style in (
        ("truth", 0, truth, {"color": palette.muted, "width": 3}),
        ("one_step", *one_step, {"color": palette.gate_line, "width": 1.8}),
        ("free", *free, {"color": palette.now, "width": 2, "dash": "dash"}),
    ):
        shown = [v if low - room <= v <= high + room else None for v in values]
        figure.add_scatter(
            x=list(range(first + 1, first + len(values) + 1)),
            y=shown,
            mode="lines",
            name=labels[name],
            line=style,
            hovertemplate="t=%{x}: %{y:.3f}<extra></extra>",
        )
    figure.add_vline(split + 0.5, line={"color": palette.ink, "dash": "dot", "width": 1}, label=labels["split"])
    figure.update_xaxes(title_text=labels["t"], range=[0, len(truth) + 1])
    figure.update_yaxes(range=[low - room, high + room])
    figure.update_layout(height=340)
    return figure.figure()


def epochs_table_figure(
    rows: Mapping[int, Mapping[int, Sequence[float]]], labels: Mapping[str, str], dark: bool
) -> go.Figure:
    """Errors by window and epochs: `rows[window][epochs]` one value per seed, logarithmic. `labels`: "epochs", "error", "window"."""
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    colours = (palette.muted, palette.gate_line, palette.ink, palette.now)
    symbols = ("circle", "diamond", "square", "triangle-up")
    for j, (window, by) in enumerate(rows.items()):
        for k, values in enumerate(by.values()):
            place = k + (j - (len(rows) - 1) / 2) * 0.17
            figure.add_scatter(
                x=[place] * len(values),
                y=list(values),
                mode="markers",
                marker={
                    "size": 7,
                    "opacity": 0.8,
                    "color": colours[j % 4],
                    "symbol": symbols[j % 4],
                },
                name=f"{labels['window']} {window}",
                legendgroup=str(window),
                showlegend=k == 0,
                hovertemplate="%{y:.2e}<extra></extra>",
            )
    names = [f"{epochs:,}" for epochs in next(iter(rows.values()))]
    figure.update_xaxes(title_text=labels["epochs"], tickvals=list(range(len(names))), ticktext=names)
    figure.update_yaxes(title_text=labels["error"], type="log", exponentformat="power", dtick=2, automargin=True)
    figure.update_layout(height=360)
    return figure.figure()


def slopes_figure(a: np.ndarray, curves: Mapping[str, np.ndarray], labels: Mapping[str, str], dark: bool) -> go.Figure:
    """A function and its first two derivatives, by the names in `labels`; also "a"."""
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    looks = zip(curves.items(), (palette.muted, palette.gate_line, palette.now), ("dot", "solid", "dash"), strict=True)
    for (name, values), colour, dash in looks:
        figure.add_scatter(
            x=a,
            y=values,
            mode="lines",
            name=labels[name],
            line={"color": colour, "width": 2.2, "dash": dash},
            hovertemplate="%{x:.2f}: %{y:.4f}<extra></extra>",
        )
    figure.update_xaxes(title_text=labels["a"])
    figure.update_layout(height=300)
    return figure.figure()
