"""One step of each recurrent cell, its equations, and how libraries stack its gates. Needs no torch."""

from rnn_core.cells.steps import (
    GRUStep,
    LSTMStep,
    RNNStep,
    Weights,
    gru_step,
    lstm_step,
    peephole_lstm_step,
    rnn_step,
)

__all__ = [
    "GRUStep",
    "LSTMStep",
    "RNNStep",
    "Weights",
    "gru_step",
    "lstm_step",
    "peephole_lstm_step",
    "rnn_step",
]
