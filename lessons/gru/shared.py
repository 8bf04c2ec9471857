"""What several chapters of the lesson `gru` use."""

from __future__ import annotations

from collections.abc import Mapping

from ui.i18n import Section

Text = Mapping[str, Section]
NAMES = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}
