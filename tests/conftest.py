"""For all tests: torch computes on one thread, as in the app; Plotly checks every figure that is drawn, which the app leaves
out for speed."""

import pickle
from functools import lru_cache

import plotly.graph_objects as go
import pytest

from figures.drawing import Drawing
from ui.server import warm

warm.one_thread_each()  # two workers with two threads each wait for one another more than they compute


@lru_cache(maxsize=200)
def _checked(words):
    """One and the same drawing is checked once."""
    traces, layout = pickle.loads(words)
    return go.Figure(data=traces, layout=layout)


@pytest.fixture(autouse=True)
def checked_figures(monkeypatch):
    monkeypatch.setattr(Drawing, "figure", lambda drawing: _checked(pickle.dumps((drawing.traces, drawing.layout))))
