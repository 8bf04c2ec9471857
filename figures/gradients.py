"""Gradients over time: how much is left, what truncation loses, where training explodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import plotly.graph_objects as go

from figures.theme import DARK, LIGHT
from figures.training import frame_layout


class CutError(Protocol):
    """One point of `truncation_figure`."""

    @property
    def k(self) -> int: ...
    @property
    def blocks(self) -> float: ...
    @property
    def window(self) -> float: ...


def truncation_figure(
    errors: Sequence[CutError], k: int, labels: Mapping[str, str], dark: bool
) -> go.Figure:
    """Relative error of the truncated gradient against k, for blocks and for a window; log scale, floor 1e-6.

    `labels` needs `k`, `error`, `blocks`, `window`. The chosen `k` is marked on both curves.
    """
    palette = DARK if dark else LIGHT
    figure = go.Figure(layout=frame_layout(dark))
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
    figure.update_yaxes(
        title_text=labels["error"], type="log", range=[-6.2, 0.6], dtick=1, exponentformat="power"
    )
    figure.update_layout(height=320)
    return figure
