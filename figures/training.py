"""Curves over training steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from figures.drawing import Drawing
from rnn_core.theme import DARK, LIGHT, TEXT_FONT, Palette


def frame_layout(dark: bool) -> dict[str, object]:
    """What every figure shares: own paper, quiet grid, own fonts, no decoration."""
    palette = DARK if dark else LIGHT
    axis = {
        "gridcolor": palette.line,
        "linecolor": palette.line,
        "zeroline": False,
        "ticks": "",
        "automargin": True,
        "tickfont": {"size": 13, "color": palette.muted},
        "title": {"font": {"size": 14, "color": palette.muted}, "standoff": 15},
    }
    return {
        "paper_bgcolor": palette.paper,
        "plot_bgcolor": palette.paper,
        "font": {"family": TEXT_FONT, "color": palette.ink, "size": 14},
        "xaxis": axis,
        "yaxis": axis,
        "margin": {"l": 56, "r": 16, "t": 40, "b": 48},
        "legend": {
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0,
            "font": {"size": 14},
        },
        "hoverlabel": {"font": {"family": TEXT_FONT}, "align": "left"},
        "hovermode": "closest",
        "autotypenumbers": "strict",
    }


def loss_figure(losses: Sequence[float], steps: int, labels: Mapping[str, str], dark: bool) -> go.Figure:
    """The loss after each training step; the axis spans the whole run of `steps` from the start.

    `losses[k]` is the loss after k steps. `labels` needs `steps` and `loss`, the axis titles.
    """
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    figure.add_scatter(
        x=list(range(len(losses))),
        y=list(losses),
        mode="lines",
        line={"color": palette.ink, "width": 2.5},
        hovertemplate="%{x}: %{y:.4f}<extra></extra>",
    )
    _mark_now(figure, len(losses) - 1, losses[-1], palette)
    figure.update_xaxes(title_text=labels["steps"], range=[0, max(steps, 1)])
    figure.update_yaxes(title_text=labels["loss"], range=[0, 1.08 * max(losses)])
    figure.update_layout(showlegend=False, height=260)
    return figure.figure()


def probability_figure(
    history: Sequence[Sequence[float]],
    symbols: Sequence[str],
    target: int,
    steps: int,
    labels: Mapping[str, str],
    dark: bool,
) -> go.Figure:
    """The probability of each symbol at one time step, after each training step.

    `history[k][v]` is p_v after k steps; the curve of the `target` stands out, the strongest rival at the
    start is drawn dashed, the rest is thin. `labels` needs `steps` and `probability`.
    """
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    rival = max((v for v in range(len(symbols)) if v != target), key=lambda v: history[0][v])
    for v, symbol in enumerate(symbols):
        style = {"color": palette.muted, "width": 1.0}
        if v == target:
            style = {"color": palette.right, "width": 3.0}
        elif v == rival:
            style = {"color": palette.ink, "width": 2.0, "dash": "dash"}
        figure.add_scatter(
            x=list(range(len(history))),
            y=[row[v] for row in history],
            mode="lines",
            name=escape(symbol),
            line=style,
            hovertemplate=f"%{{x}}: {escape(symbol)} %{{y:.1%}}<extra></extra>",
            showlegend=v in (target, rival),
        )
    _mark_now(figure, len(history) - 1, history[-1][target], palette)
    figure.update_xaxes(title_text=labels["steps"], range=[0, max(steps, 1)])
    figure.update_yaxes(title_text=labels["probability"], range=[0, 1.04], tickformat=".0%")
    figure.update_layout(height=260)
    return figure.figure()


def _mark_now(figure: Drawing, x: float, y: float, palette: Palette) -> None:
    figure.add_scatter(
        x=[x],
        y=[y],
        mode="markers",
        marker={"color": palette.now, "size": 10},
        showlegend=False,
        hoverinfo="skip",
        cliponaxis=False,
    )


def escape(text: str) -> str:
    """Plotly reads a few HTML tags and %{…} in labels; a visitor's symbol must stay text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("%", "&#37;")
