"""For tests of pages: an empty queue each, so that a training left behind by another test holds no seat."""

import pytest

from ui import training
from ui.server.turns import Turns


@pytest.fixture(autouse=True)
def empty_queue(monkeypatch):
    monkeypatch.setattr(training, "TURNS", Turns())
