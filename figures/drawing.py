"""A figure put together without asking Plotly about every property.

Plotly's own `add_…` methods check each property as it comes, and the figure they make is copied twice on its way out, at every
click. Here the same words only fill dicts; in the tests Plotly checks every figure (`tests/conftest.py`).
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import plotly.graph_objects as go


class Unchecked(go.Figure):  # type: ignore[misc]
    """A figure that is its own JSON already: all that Streamlit asks of it."""

    def __init__(self, traces: list[dict[str, Any]], layout: dict[str, Any]) -> None:
        # not Plotly's own: it makes an object of every property
        self._words = {"data": [_typed_arrays(t) for t in traces], "layout": layout}

    def to_dict(self) -> dict[str, Any]:
        return self._words


def _typed_arrays(trace: dict[str, Any]) -> dict[str, Any]:
    """The trace with its arrays as plotly.js reads them: bytes where it knows the type, else lists."""
    return {k: _typed(v) if isinstance(v, np.ndarray) else v for k, v in trace.items()}


def _typed(array: np.ndarray) -> Any:
    kind = array.dtype.str[1:]
    if kind not in ("u1", "f4", "f8"):
        return array.tolist()
    data = base64.b64encode(array.tobytes()).decode()
    shape = {} if array.ndim == 1 else {"shape": ", ".join(map(str, array.shape))}
    return {"dtype": kind, "bdata": data, **shape}


class Drawing:
    """Traces and layout in Plotly's own words; `figure()` makes the `go.Figure`.

    `heights`: the shares of several plots one above the other, from the top, which have their x axis in common, `gap` of the whole
    between two. What takes a `row` (from 1) goes into that plot.
    """

    def __init__(self, layout: Mapping[str, Any], heights: Sequence[float] = (1.0,), gap: float = 0.0) -> None:
        self.traces: list[dict[str, Any]] = []
        self.layout: dict[str, Any] = {k: deepcopy(v) for k, v in layout.items()}
        self.rows = range(1, len(heights) + 1)
        if len(heights) == 1:
            return
        axes = {which: self.layout.pop(which) for which in ("xaxis", "yaxis")}
        share = (1 - gap * (len(heights) - 1)) / sum(heights)
        top, last = 1.0, _number(self.rows[-1])
        for row, height in zip(self.rows, heights, strict=True):
            k = _number(row)
            bottom = max(0.0, top - share * height)
            x: dict[str, Any] = {"anchor": f"y{k}"}
            if k != last:
                x |= {"matches": f"x{last}", "showticklabels": False}
            self.layout[f"xaxis{k}"] = deepcopy(axes["xaxis"]) | x
            self.layout[f"yaxis{k}"] = deepcopy(axes["yaxis"]) | {"anchor": f"x{k}", "domain": [bottom, top]}
            top = bottom - gap

    def add_scatter(self, row: int = 1, **trace: Any) -> None:
        self._trace("scatter", row, trace)

    def add_bar(self, row: int = 1, **trace: Any) -> None:
        self._trace("bar", row, trace)

    def add_heatmap(self, row: int = 1, **trace: Any) -> None:
        self._trace("heatmap", row, trace)

    def update_xaxes(self, title_text: str | None = None, row: int | None = None, **axis: Any) -> None:
        """Of one plot, or of all."""
        self._axis("xaxis", title_text, row, axis)

    def update_yaxes(self, title_text: str | None = None, row: int | None = None, **axis: Any) -> None:
        """Of one plot, or of all."""
        self._axis("yaxis", title_text, row, axis)

    def update_layout(self, **layout: Any) -> None:
        self.layout.update(layout)

    def add_vline(self, x: float, line: Mapping[str, Any], label: str = "") -> None:
        """An upright line over the whole height of every plot, its label to the right of its foot."""
        for row in self.rows:
            at = {"xref": f"x{_number(row)}", "yref": f"y{_number(row)} domain"}
            self._shape({"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line, **at})
            if label:
                self._note({"text": label, "x": x, "y": 0, "xanchor": "left", "yanchor": "bottom", **at})

    def add_hline(self, y: float, line: Mapping[str, Any], label: str, row: int = 1) -> None:
        """A level line over the whole width of a plot, its label above its right end. On a logarithmic axis, y is the value itself."""
        k = _number(row)
        at = {"xref": f"x{k} domain", "yref": f"y{k}"}
        self._shape({"type": "line", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line, **at})
        log = self.layout[f"yaxis{k}"].get("type") == "log"  # notes count in powers there
        height = math.log10(y) if log else y
        self._note(
            {
                "text": label,
                "x": 1,
                "y": height,
                "xanchor": "right",
                "yanchor": "bottom",
                "font": {"color": line["color"]},
                **at,
            }
        )

    def add_words(self, x: float, y: float, words: str, colour: str, size: int, paper: str) -> None:
        """Words that begin at a point, on paper of their own: lines pass behind them."""
        font = {"color": colour, "size": size}
        self._note(
            {
                "text": words,
                "x": x,
                "y": y,
                "xanchor": "left",
                "xshift": 4,
                "yanchor": "middle",
                "bgcolor": paper,
                "borderpad": 2,
                "font": font,
                "xref": "x",
                "yref": "y",
            }
        )

    def add_band(self, x0: float, x1: float, fill: str, label: str) -> None:
        """A band behind everything from x0 to x1, its label at the upper left inside."""
        at = {"xref": "x", "yref": "y domain"}
        self._shape(
            {
                "type": "rect",
                "x0": x0,
                "x1": x1,
                "y0": 0,
                "y1": 1,
                "fillcolor": fill,
                "line": {"width": 0},
                "layer": "below",
                **at,
            }
        )
        self._note({"text": label, "x": x0, "y": 1, "xanchor": "left", "yanchor": "top", **at})

    def figure(self) -> go.Figure:
        """What has been drawn, unchecked."""
        return Unchecked(self.traces, self.layout)

    def _trace(self, kind: str, row: int, trace: dict[str, Any]) -> None:
        k = _number(row)
        where = {"xaxis": f"x{k}", "yaxis": f"y{k}"} if k else {}
        self.traces.append({"type": kind, **where, **trace})

    def _axis(self, which: str, title: str | None, row: int | None, axis: Mapping[str, Any]) -> None:
        for one in self.rows if row is None else [row]:
            words = self.layout[f"{which}{_number(one)}"]
            words.update(axis)
            if title is not None:
                words["title"]["text"] = title

    def _shape(self, shape: dict[str, Any]) -> None:
        self.layout.setdefault("shapes", []).append(shape)

    def _note(self, note: dict[str, Any]) -> None:
        self.layout.setdefault("annotations", []).append({"showarrow": False, **note})


def _number(row: int) -> str:
    """How Plotly's names of the axes of a plot end: x, x2, x3 …"""
    return "" if row == 1 else str(row)
