"""Figures of the lesson on the binary adder. Plain values and ready labels in, Plotly figures out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from figures.drawing import Drawing
from figures.training import frame_layout
from rnn_core.theme import DARK, LIGHT, Palette

POINTS, LEAST = 300, 20
"""Points of a curve at most, and values that are averaged into one at least: the loss of one sum says little."""


class Curve(NamedTuple):
    """One training: its name, the loss of every step, and (step, share of bits right) of its checks."""

    name: str
    losses: Sequence[float]
    checks: Sequence[tuple[int, float]]


def styles(palette: Palette) -> list[dict[str, str]]:
    """How up to four runs are told apart: by colour and by dash, so also in grey."""
    colours = (palette.gate_line, palette.now, palette.ink, palette.muted)
    return [{"color": c, "dash": d} for c, d in zip(colours, ("solid", "dash", "dot", "longdash"), strict=True)]


def thinned(values: Sequence[float], points: int = POINTS, least: int = LEAST) -> tuple[list[int], list[float]]:
    """Steps and means of so many blocks, the same number of values in each (fewer in the last), `least` or more.

    >>> thinned([1.0, 3.0, 5.0, 7.0, 9.0], 3, 1)
    ([2, 4, 5], [2.0, 6.0, 9.0])
    """
    size = max(least, math.ceil(len(values) / points))
    starts = range(0, len(values), size)
    return (
        [min(s + size, len(values)) for s in starts],
        [float(np.mean(values[s : s + size])) for s in starts],
    )


def losses_figure(curves: Sequence[Curve], goal: int, labels: Mapping[str, str], dark: bool) -> go.Figure:
    """The loss over the steps, logarithmic, of up to four runs. `labels`: "steps", "loss"."""
    figure = _runs_figure(
        [(c.name, *thinned([v for v in c.losses if math.isfinite(v)])) for c in curves],
        "%{x:,}: %{y:.3g}<extra></extra>",
        dark,
    )
    figure.update_xaxes(title_text=labels["steps"], range=[0, goal])
    figure.update_yaxes(title_text=labels["loss"], type="log")
    return figure.figure()


def rights_figure(curves: Sequence[Curve], goal: int, labels: Mapping[str, str], dark: bool) -> go.Figure:
    """The share of bits right at every check of up to four runs. `labels`: "steps", "right"."""
    figure = _runs_figure(
        [(c.name, [k for k, _ in c.checks], [right for _, right in c.checks]) for c in curves],
        "%{x:,}: %{y:.1%}<extra></extra>",
        dark,
    )
    figure.update_xaxes(title_text=labels["steps"], range=[0, goal])
    figure.update_yaxes(title_text=labels["right"], range=[0.4, 1.03], tickformat=".0%")
    return figure.figure()


def _runs_figure(lines: Sequence[tuple[str, Sequence[int], Sequence[float]]], hover: str, dark: bool) -> Drawing:
    figure = Drawing(frame_layout(dark))
    for (name, x, y), style in zip(lines, styles(DARK if dark else LIGHT), strict=False):
        figure.add_scatter(
            x=list(x),
            y=list(y),
            mode="lines",
            name=name,
            line=style | {"width": 2.2},
            showlegend=True,
            hovertemplate=hover,
        )
    figure.update_layout(height=300)
    return figure


def carry_figure(
    without: Sequence[float],
    carrying: Sequence[float],
    threshold: float,
    labels: Mapping[str, str],
    dark: bool,
) -> go.Figure:
    """How often one unit takes which value with a carry and without. `labels`: "unit", "count", "carry", "none"."""
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    low, high = min(*without, *carrying), max(*without, *carrying)
    edges = np.linspace(low, max(high, low + 1e-6), 41)  # counted here: 18,000 values need not travel
    for name, values, colour, pattern in (
        (labels["none"], without, palette.muted, ""),
        (labels["carry"], carrying, palette.now, "/"),
    ):
        figure.add_bar(
            x=((edges[1:] + edges[:-1]) / 2).round(4),
            y=np.histogram(values, edges)[0],
            width=edges[1] - edges[0],
            name=name,
            marker={"color": colour, "pattern": {"shape": pattern}},
            hovertemplate="%{x}: %{y}<extra></extra>",
        )
    figure.add_vline(threshold, line={"color": palette.ink, "dash": "dot"})
    figure.update_xaxes(title_text=labels["unit"])
    figure.update_yaxes(title_text=labels["count"])
    figure.update_layout(height=280, barmode="overlay", bargap=0)
    return figure.figure()


def sums_figure(right: np.ndarray, labels: Mapping[str, str], dark: bool) -> go.Figure:
    """Which of all sums a + b are right `(A, B)`: a square per pair. `labels`: "a", "b", "right", "wrong"."""
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    figure.add_heatmap(
        z=right.astype(np.uint8),
        zmin=0,
        zmax=1,
        colorscale=[[0, palette.now], [0.5, palette.now], [0.5, palette.zero], [1, palette.zero]],
        showscale=False,
        hovertemplate="%{y} + %{x}<extra></extra>",
    )
    figure.update_xaxes(title_text=labels["b"], constrain="domain", showgrid=False)
    figure.update_yaxes(title_text=labels["a"], scaleanchor="x", showgrid=False)
    figure.update_layout(height=420)
    return figure.figure()


def lengths_figure(shares: Mapping[int, float], trained: int, labels: Mapping[str, str], dark: bool) -> go.Figure:
    """The share of sums that are right by the numbers' length in bits; a line at what training had. `labels`: "bits", "right", "trained"."""
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    figure.add_scatter(
        x=list(shares),
        y=list(shares.values()),
        mode="lines+markers",
        line={"color": palette.gate_line, "width": 2.2},
        marker={"size": 8},
        hovertemplate="%{x}: %{y:.1%}<extra></extra>",
    )
    figure.add_vline(trained, line={"color": palette.muted, "dash": "dot"}, label=labels["trained"])
    figure.update_xaxes(title_text=labels["bits"], range=[0, 64])
    figure.update_yaxes(title_text=labels["right"], range=[-0.04, 1.06], tickformat=".0%")
    figure.update_layout(height=280, showlegend=False)
    return figure.figure()


class Outcome(NamedTuple):
    """One setting of an experiment: its name, every seed's share of sums right, and whether it is the one asked about."""

    name: str
    shares: Sequence[float]
    asked: bool = False


def outcomes_figure(rows: Sequence[Outcome], labels: Mapping[str, str], dark: bool) -> go.Figure:
    """A row per setting, a dot per seed: the share of all sums that came out right. `labels`: "right"."""
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    for k, row in enumerate(rows):
        order = np.argsort(row.shares, kind="stable")
        spread = np.linspace(-0.3, 0.3, len(order)) if len(order) > 1 else np.zeros(1)
        figure.add_scatter(
            x=[row.shares[j] for j in order],
            y=(k + spread).tolist(),
            mode="markers",
            marker={
                "size": 7,
                "opacity": 0.75,
                "color": palette.now if row.asked else palette.gate_line,
            },
            hovertemplate=row.name + ": %{x:.1%}<extra></extra>",
        )
    figure.update_xaxes(title_text=labels["right"], range=[-0.03, 1.03], tickformat=".0%")
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[row.name for row in rows],
        autorange="reversed",
        showgrid=False,
        automargin=True,
    )
    figure.update_layout(height=34 * len(rows) + 110, showlegend=False)
    return figure.figure()
