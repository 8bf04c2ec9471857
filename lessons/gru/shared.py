"""What several chapters of the lesson `gru` use."""

from __future__ import annotations

NAMES = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}
