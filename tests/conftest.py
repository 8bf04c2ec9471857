"""For all tests: Plotly checks every figure that is drawn, which the app leaves out for speed."""

import plotly.graph_objects as go
import pytest

from figures.drawing import Drawing


@pytest.fixture(autouse=True)
def checked_figures(monkeypatch):
    monkeypatch.setattr(
        Drawing, "figure", lambda drawing: go.Figure(data=drawing.traces, layout=drawing.layout)
    )
