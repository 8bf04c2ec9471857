"""Figures of the lessons on gates. Arrays and ready labels in, Plotly figures out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from figures.drawing import Drawing
from figures.training import frame_layout
from rnn_core.theme import CELLS, DARK, LIGHT


def surprise_figure(
    characters: Sequence[str],
    untouched: np.ndarray,
    operated: np.ndarray,
    held: tuple[int, int] | None,
    labels: Mapping[str, str],
    dark: bool,
) -> go.Figure:
    """−log p of every character but the first, with and without something held; `held` (from, to) is shaded.

    `characters` `(T − 1,)` are those that were predicted; position k on the axis is step k + 2 of the text.
    """
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    if held is not None:
        # what is held at a step shows in the prediction of the next
        figure.add_band(held[0] + 1.5, held[1] + 1.5, palette.band, labels["held"])
    lines = {
        labels["untouched"]: (untouched, palette.ink, "solid"),
        labels["operated"]: (operated, palette.now, "dash"),
    }
    _surprise_lines(figure, characters, lines, labels)
    return figure.figure()


def compare_figure(
    characters: Sequence[str],
    curves: Mapping[str, tuple[str, np.ndarray]],
    labels: Mapping[str, str],
    dark: bool,
) -> go.Figure:
    """−log p of every character but the first for several models: name to (kind of cell, `(T − 1,)`)."""
    figure = Drawing(frame_layout(dark))
    lines = {}
    for name, (cell, values) in curves.items():
        light, night, dash = CELLS[cell]
        lines[name] = (values, night if dark else light, dash)
    _surprise_lines(figure, characters, lines, labels)
    return figure.figure()


def _surprise_lines(
    figure: Drawing,
    characters: Sequence[str],
    lines: Mapping[str, tuple[np.ndarray, str, str]],
    labels: Mapping[str, str],
) -> None:
    """One line per name (values, colour, dash), the characters under the axis."""
    x = list(range(2, len(characters) + 2))
    for name, (values, colour, dash) in lines.items():
        figure.add_scatter(
            x=x,
            y=values.tolist(),
            mode="lines+markers",
            name=name,
            marker={"size": 5},
            line={"color": colour, "width": 2, "dash": dash},
            customdata=list(characters),
            hovertemplate="%{customdata}: %{y:.2f}",
        )
    figure.update_xaxes(title_text=labels["axis_char"], tickvals=x, ticktext=list(characters), tickangle=0)
    figure.update_yaxes(title_text=labels["axis_surprise"], rangemode="tozero")
    figure.update_layout(height=330, hovermode="x unified")


def ladder_figure(
    target: np.ndarray,
    counts: np.ndarray,
    outputs: Mapping[str, np.ndarray],
    marks: np.ndarray,
    labels: Mapping[str, str],
    dark: bool,
) -> go.Figure:
    """One sequence: what should be said at every step (rings where it counts) and what two nets say, `(T,)` each.

    `outputs`: "below" and "this" to what they say; `marks` is 1 at steps with a mark or a reset, drawn as lines.
    """
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    x = list(range(1, len(target) + 1))
    for t in np.flatnonzero(marks):
        figure.add_vline(int(t) + 1, line={"color": palette.gate_line, "width": 1, "dash": "dot"})
    kept = [k for k in range(len(x)) if counts[k]]
    figure.add_scatter(
        x=[x[k] for k in kept],
        y=[float(target[k]) for k in kept],
        mode="markers",
        name=labels["target"],
        marker={"symbol": "circle-open", "size": 11, "color": palette.right, "line": {"width": 2}},
        hovertemplate="%{y:.2f}",
    )
    for name, colour, dash in (("below", palette.now, "dash"), ("this", palette.ink, "solid")):
        figure.add_scatter(
            x=x,
            y=outputs[name].tolist(),
            mode="lines",
            name=labels[name],
            line={"color": colour, "width": 2.2, "dash": dash},
            hovertemplate="%{y:.2f}",
        )
    figure.update_xaxes(title_text=labels["axis_steps"])
    low, high = min(0.0, float(target.min())), max(0.5, float(target.max()))
    room = 0.35 * (high - low)  # for answers that miss
    figure.update_yaxes(title_text=labels["axis_says"], range=[low - room, high + room])
    figure.update_layout(height=320, hovermode="x unified")
    return figure.figure()
