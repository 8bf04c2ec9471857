"""For all tests: torch computes on one thread, as in the app; Plotly checks every figure that is drawn, which the app leaves
out for speed."""

import plotly.graph_objects as go
import pytest

from figures.drawing import Drawing
from ui.server import warm

warm.one_thread_each()  # two workers with two threads each wait for one another more than they compute


@pytest.fixture(autouse=True)
def checked_figures(monkeypatch):
    monkeypatch.setattr(
        Drawing, "figure", lambda drawing: go.Figure(data=drawing.traces, layout=drawing.layout)
    )
