"""Gradients over time: how much is left, what truncation loses, where training explodes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import plotly.graph_objects as go

from figures.drawing import Drawing
from figures.training import frame_layout
from rnn_core.theme import CELLS, DARK, LIGHT


class CutError(Protocol):
    """One point of `truncation_figure`."""

    @property
    def k(self) -> int: ...
    @property
    def blocks(self) -> float: ...
    @property
    def window(self) -> float: ...


def truncation_figure(errors: Sequence[CutError], k: int, labels: Mapping[str, str], dark: bool) -> go.Figure:
    """Relative error of the truncated gradient against k, for blocks and for a window; log scale, floor 1e-6.

    `labels` needs `k`, `error`, `blocks`, `window`. The chosen `k` is marked on both curves.
    """
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    ks = [e.k for e in errors]
    for name, colour, dash in (
        ("blocks", palette.gradient_line, "solid"),
        ("window", palette.ink, "dash"),
    ):
        values = [max(getattr(e, name), 1e-6) for e in errors]
        figure.add_scatter(
            x=ks,
            y=values,
            mode="lines+markers",
            name=labels[name],
            line={"color": colour, "width": 2.5, "dash": dash},
            marker={
                "size": [12 if j == k else 5 for j in ks],
                "color": [palette.now if j == k else colour for j in ks],
            },
            hovertemplate="k=%{x}: %{y:.3g}<extra></extra>",
        )
    figure.update_xaxes(title_text=labels["k"], range=[0, max(ks) + 0.5])
    figure.update_yaxes(title_text=labels["error"], type="log", range=[-6.2, 0.6], dtick=1, exponentformat="power")
    figure.update_layout(height=320)
    return figure.figure()


class Curve(NamedTuple):
    """log10 values by distance: their mean and range over seeds; NaN leaves a gap. `cell` names colour and dash."""

    name: str
    cell: str
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    dotted: bool = False


def profile_figure(
    distances: Sequence[int],
    curves: Sequence[Curve],
    here: int,
    labels: Mapping[str, str],
    dark: bool,
) -> go.Figure:
    """Size of the gradient against distance for several cells, above it bands, below it one strip per cell.

    The axis is log10 itself, so that 10^-500 has a place; ticks read as powers of ten. One hover reads all curves.
    `labels` needs `distance`, `size`; `here` is the distance that is marked.
    """
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark), heights=(0.78, 0.22), gap=0.04)
    finite = [v for c in curves for row in (c.low, c.high) for v in row if math.isfinite(v)]
    low, high = (min(finite), max(finite)) if finite else (-1.0, 1.0)
    for curve in curves:
        light, night, dash = CELLS[curve.cell]
        colour = night if dark else light
        keep = [k for k, v in enumerate(curve.mean) if math.isfinite(v)]
        x = [distances[k] for k in keep]
        figure.add_scatter(
            x=x + x[::-1],
            y=[curve.high[k] for k in keep] + [curve.low[k] for k in reversed(keep)],
            fill="toself",
            fillcolor=_faint(colour),
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
        )
        figure.add_scatter(
            x=x,
            y=[curve.mean[k] for k in keep],
            mode="lines",
            name=curve.name,
            line={"color": colour, "width": 2.5, "dash": "dot" if curve.dotted else dash},
            customdata=[_power(curve.mean[k]) for k in keep],
            hovertemplate="%{customdata}",
        )
    strips = [c for c in curves if not c.dotted]
    figure.add_heatmap(
        x=list(distances),
        y=[c.name for c in reversed(strips)],
        z=[[v if math.isfinite(v) else None for v in c.mean] for c in reversed(strips)],
        colorscale=[[0, palette.zero], [1, palette.gradient_line]],
        zmin=max(low, -12.0),
        zmax=min(max(high, 0.0), 12.0),
        showscale=False,
        hoverinfo="skip",
        row=2,
    )
    figure.add_vline(x=here, line={"color": palette.now, "width": 1.5})
    _power_axis(figure, low, high, labels["size"], row=1)
    figure.update_xaxes(title_text=labels["distance"], row=2)
    figure.update_layout(height=460, hovermode="x unified")
    return figure.figure()


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.16)"


def _power(log: float, whole: bool = False) -> str:
    """10^log in Plotly's words: "3.2 × 10<sup>−5</sup>", or "10<sup>−5</sup>" for a whole power."""
    if whole:
        return _ten_to(round(log))
    power = math.floor(log)
    digit = 10 ** (log - power)
    if -3 <= power < 4:
        return f"{10**log:.3g}"
    return f"{digit:.1f} × {_ten_to(power)}"


def _ten_to(power: int) -> str:
    return f"10<sup>{power}</sup>".replace("-", "−")


def products_figure(logs: Mapping[str, Sequence[float]], labels: Mapping[str, str], dark: bool) -> go.Figure:
    """log10 of norms of matrix products by distance: the true one, W pulled out, W alone, and the two straight lines."""
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark))
    styles = {
        "true": (palette.gradient_line, 3.0, "solid"),
        "pulled_out": (palette.now, 2.0, "dash"),
        "powers": (palette.ink, 2.0, "solid"),
        "sigma": (palette.muted, 1.5, "dot"),
        "radius": (palette.muted, 1.5, "dashdot"),
    }
    every = [v for row in logs.values() for v in row if math.isfinite(v)]
    low, high = min(every), max(every)
    for name, (colour, width, dash) in styles.items():
        figure.add_scatter(
            x=list(range(len(logs[name]))),
            y=[v if math.isfinite(v) else None for v in logs[name]],
            mode="lines",
            name=labels[name],
            line={"color": colour, "width": width, "dash": dash},
            customdata=[_power(v) if math.isfinite(v) else "0" for v in logs[name]],
            hovertemplate="%{customdata}",
        )
    _power_axis(figure, low, high, labels["size"])
    figure.update_xaxes(title_text=labels["distance"])
    figure.update_layout(height=400, hovermode="x unified")
    return figure.figure()


def _power_axis(figure: Drawing, low: float, high: float, title: str, row: int | None = None) -> None:
    """A y axis of logarithms, its ticks written as powers of ten."""
    span = max(high - low, 1.0)
    step = max(1, math.ceil(span / 8))
    ticks = [step * k for k in range(math.floor(low / step), math.ceil(high / step) + 1)]
    figure.update_yaxes(
        title_text=title,
        tickvals=ticks,
        ticktext=[_power(t, whole=True) for t in ticks],
        range=[low - 0.06 * span, high + 0.08 * span],
        row=row,
    )


def explosion_figure(
    runs: Mapping[str, tuple[Sequence[float], Sequence[float], int | None]],
    threshold: float | None,
    steps: int,
    labels: Mapping[str, str],
    dark: bool,
) -> go.Figure:
    """Loss (above) and gradient norm before clipping (below) of two trainings; both on logarithmic axes.

    `runs`: "with" and "without" to (losses, norms, the step at which the numbers ended or None). What is no number
    is not drawn; a cross and the word NaN mark where that begins. `threshold` is the clipping line.
    """
    palette = DARK if dark else LIGHT
    figure = Drawing(frame_layout(dark), heights=(1, 1), gap=0.06)
    styles = {"without": (palette.now, "dash"), "with": (palette.gradient_line, "solid")}
    for name, (losses, norms, broken) in runs.items():
        colour, dash = styles[name]
        for row, values in ((1, losses), (2, norms)):
            points = [(k + 1, v) for k, v in enumerate(values) if math.isfinite(v) and v > 0]
            figure.add_scatter(
                row,
                x=[k for k, _ in points],
                y=[v for _, v in points],
                mode="lines",
                name=labels[name],
                legendgroup=name,
                showlegend=row == 1,
                line={"color": colour, "width": 2.2, "dash": dash},
                hovertemplate="%{x}: %{y:.3g}<extra></extra>",
            )
            if broken is not None and points:
                figure.add_scatter(
                    row,
                    x=[broken],
                    y=[points[-1][1]],
                    mode="markers+text",
                    text=["NaN"],
                    textposition="middle right",
                    textfont={"color": colour},
                    marker={"symbol": "x", "size": 11, "color": colour},
                    showlegend=False,
                    hovertemplate=f"NaN: {broken}<extra></extra>",
                )
    figure.update_xaxes(range=[0, steps])
    figure.update_xaxes(title_text=labels["axis_steps"], row=2)
    for row, name in ((1, "axis_loss"), (2, "axis_norm")):
        figure.update_yaxes(title_text=labels[name], row=row, type="log", exponentformat="power")
    if threshold is not None:
        figure.add_hline(threshold, {"color": palette.muted, "dash": "dot"}, labels["threshold"], row=2)
    figure.update_layout(height=480)
    return figure.figure()


def span_figure(
    lines: Mapping[str, tuple[str, Sequence[tuple[int, float, float, float]]]],
    labels: Mapping[str, str],
    dark: bool,
) -> go.Figure:
    """Share of runs that learned, by distance, with intervals. `lines`: name to (cell, [(distance, share, low, high)])."""
    figure = Drawing(frame_layout(dark))
    seen: dict[str, int] = {}
    for k, (name, (cell, points)) in enumerate(lines.items()):
        light, night, _ = CELLS[cell]
        colour = night if dark else light
        second = seen.get(cell, 0)
        seen[cell] = second + 1
        # a little to the side, so that the intervals of different cells do not hide each other
        figure.add_scatter(
            x=[d * 1.03 ** (k - 2.5) for d, *_ in points],
            y=[share for _, share, _, _ in points],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [high - share for _, share, _, high in points],
                "arrayminus": [share - low for _, share, low, _ in points],
                "thickness": 1,
                "width": 3,
                "color": colour,
            },
            mode="lines+markers",
            name=name,
            line={"color": colour, "width": 2.2, "dash": "dot" if second else "solid"},
            marker={"size": 7, "symbol": "diamond" if second else "circle"},
            customdata=[d for d, *_ in points],
            hovertemplate="%{customdata}: %{y:.0%}<extra>" + name + "</extra>",
        )
    ticks = sorted({d for _, points in lines.values() for d, *_ in points})
    figure.update_xaxes(title_text=labels["distance"], type="log", tickvals=ticks, ticktext=[str(d) for d in ticks])
    figure.update_yaxes(title_text=labels["share"], range=[-0.04, 1.06], tickformat=".0%")
    figure.update_layout(height=420)
    return figure.figure()
