"""Figures of the lesson on translation. Plain values and ready labels in, Plotly figures out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from figures.drawing import Drawing
from figures.training import escape, frame_layout
from rnn_core.theme import DARK, LIGHT


class Candidate(NamedTuple):
    """One word a beam weighed: `parent` is its place among the candidates of the step before (−1 at the start)."""

    parent: int
    word: str
    log_p: float
    fate: str  # "kept", "ended" or "given up"


def beam_figure(
    steps: Sequence[Sequence[Candidate]],
    best: Sequence[tuple[int, int]],
    labels: Mapping[str, str],
    dark: bool,
) -> go.Figure:
    """The tree of a beam: steps from left to right, candidates of a step from the likeliest down, a line to what each grew from.

    `best`: (step, place) of the words of the sentence that won; its way is drawn strong. What was given up is pale.
    """
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    won = set(best)
    for strong in (False, True):
        xs: list[float | None] = []
        ys: list[float | None] = []
        for t, candidates in enumerate(steps):
            for k, candidate in enumerate(candidates):
                if ((t, k) in won) != strong or not (strong or candidate.fate != "given up"):
                    continue
                xs += [t, t + 1, None]
                ys += [candidate.parent if t else 0, k, None]
        figure.add_scatter(
            x=xs,
            y=ys,
            mode="lines",
            line={
                "color": palette.now if strong else palette.muted,
                "width": 2.6 if strong else 1,
            },
            hoverinfo="skip",
            showlegend=False,
        )
    colours = {"kept": palette.ink, "ended": palette.right, "given up": palette.muted}
    for fate, colour in colours.items():
        points = [
            (t + 1, k, candidate)
            for t, candidates in enumerate(steps)
            for k, candidate in enumerate(candidates)
            if candidate.fate == fate
        ]
        figure.add_scatter(
            x=[x for x, _, _ in points],
            y=[y for _, y, _ in points],
            mode="markers",
            marker={"size": 6, "color": colour},
            text=[escape(c.word) for _, _, c in points],
            name=labels[fate],
            customdata=[[c.log_p] for _, _, c in points],
            hovertemplate="%{text}  log p = %{customdata[0]:.2f}",
        )
        for x, y, candidate in points:
            figure.add_words(x, y, escape(candidate.word), colour, 12 if fate == "given up" else 14, palette.paper)
    deepest = max((len(candidates) for candidates in steps), default=1)
    figure.update_xaxes(
        title_text=labels["axis_step"],
        range=[-0.2, len(steps) + 1.2],
        tickvals=list(range(1, len(steps) + 1)),
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(visible=False, range=[deepest - 0.4, -0.6])
    figure.update_layout(height=max(220, 26 * deepest + 110), hovermode="closest")
    return figure.figure()


def length_figure(
    names: Sequence[str],
    scores: Mapping[str, Sequence[tuple[float, float, float]]],
    labels: Mapping[str, str],
    dark: bool,
) -> go.Figure:
    """BLEU by length of the source: a point and an interval (value, low, high) per class `names`, for "attention" and "plain"."""
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    looks = {"attention": (palette.gate_line, "circle"), "plain": (palette.ink, "diamond-open")}
    for shift, (name, (colour, symbol)) in zip((-0.06, 0.06), looks.items(), strict=True):
        found = scores[name]
        figure.add_scatter(
            x=[k + shift for k in range(len(names))],
            y=[value for value, _, _ in found],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [high - value for value, _, high in found],
                "arrayminus": [value - low for value, low, _ in found],
                "color": colour,
                "thickness": 1.4,
            },
            mode="markers+lines",
            name=labels[name],
            line={"color": colour, "width": 2, "dash": "solid" if name == "attention" else "dot"},
            marker={"size": 9, "symbol": symbol, "color": colour},
            hovertemplate="%{y:.1f}",
        )
    figure.update_xaxes(title_text=labels["axis_length"], tickvals=list(range(len(names))), ticktext=list(names))
    figure.update_yaxes(title_text="BLEU", rangemode="tozero")
    figure.update_layout(height=340)
    return figure.figure()


def looks_figure(rows: np.ndarray, source: Sequence[str], said: Sequence[str], dark: bool) -> go.Figure:
    """Weights of the attention a `(T, S)`, 0 to 1: a row per word said, a column per source word."""
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    figure.add_heatmap(
        z=rows.tolist(),
        x=list(range(len(source))),
        y=list(range(len(said))),
        zmin=0,
        zmax=1,
        colorscale=[[0, palette.zero], [1, palette.gate]],
        textfont={"color": palette.ink},
        xgap=2,
        ygap=2,
        text=[[f"{v:.2f}" if v >= 0.05 else "" for v in row] for row in rows],
        texttemplate="%{text}",
        showscale=False,
        customdata=[[f"{escape(word)} → {escape(s)}" for s in source] for word in said],
        hovertemplate="%{customdata}: %{z:.2f}<extra></extra>",
    )
    figure.update_xaxes(
        tickvals=list(range(len(source))),
        ticktext=[*map(escape, source)],
        side="top",
        showgrid=False,
    )
    figure.update_yaxes(
        tickvals=list(range(len(said))),
        ticktext=[*map(escape, said)],
        autorange="reversed",
        showgrid=False,
    )
    figure.update_layout(height=34 * len(said) + 120)
    return figure.figure()


def share_figure(shares: Sequence[tuple[str, float]], labels: Mapping[str, str], dark: bool) -> go.Figure:
    """Words with their probabilities, the likeliest on top. `labels`: "axis"."""
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    figure.add_bar(
        x=[p for _, p in shares],
        y=list(range(len(shares))),
        orientation="h",
        marker={"color": palette.gate_line},
        text=[f"{100 * p:.1f}%" for _, p in shares],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )
    figure.update_xaxes(title_text=labels["axis"], range=[0, 1.08], tickformat=".0%")
    figure.update_yaxes(
        tickvals=list(range(len(shares))),
        ticktext=[escape(word) for word, _ in shares],
        autorange="reversed",
        showgrid=False,
    )
    figure.update_layout(height=30 * len(shares) + 110, bargap=0.35)
    return figure.figure()
