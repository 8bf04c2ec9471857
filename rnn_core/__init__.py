"""rnn_core: every gate, state and gradient of the recurrent nets you already have.

    import torch, rnn_core
    lstm = torch.nn.LSTM(8, 16)
    run = rnn_core.trace(lstm, torch.randn(20, 8))
    run.lane().f                      # the forget gates, (T, B, H)
    run.explain("f", t=3, unit=5)     # the terms whose sum, activated, is that number
    rnn_core.gradient_profile(lstm, torch.randn(20, 8)).grad_h        # ‖∂L/∂h_t‖ for every t
    rnn_core.backpropagate(run, torch.ones(20, 1, 16)).lane()["a_f"]  # BPTT by hand: every delta

Importing the package costs no torch: names load their modules on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnn_core.backward.bptt import Gradients, LaneGradients, backpropagate
    from rnn_core.backward.profile import GradientProfile, gradient_profile
    from rnn_core.cells import gru_step, lstm_step, peephole_lstm_step, rnn_step
    from rnn_core.cells.layers import StepLayer
    from rnn_core.forward.tracing import Explanation, Lane, Term, Trace, trace
    from rnn_core.models import load
    from rnn_core.store import StoreError, save

_HOMES = {
    "GradientProfile": "backward.profile",
    "gradient_profile": "backward.profile",
    "Gradients": "backward.bptt",
    "LaneGradients": "backward.bptt",
    "backpropagate": "backward.bptt",
    "rnn_step": "cells",
    "lstm_step": "cells",
    "peephole_lstm_step": "cells",
    "gru_step": "cells",
    "StepLayer": "cells.layers",
    "StoreError": "store",
    "load": "models",
    "save": "store",
    "Explanation": "forward.tracing",
    "Lane": "forward.tracing",
    "Term": "forward.tracing",
    "Trace": "forward.tracing",
    "trace": "forward.tracing",
}

__all__ = [
    "Explanation",
    "GradientProfile",
    "Gradients",
    "Lane",
    "LaneGradients",
    "StepLayer",
    "StoreError",
    "Term",
    "Trace",
    "backpropagate",
    "gradient_profile",
    "gru_step",
    "load",
    "lstm_step",
    "peephole_lstm_step",
    "rnn_step",
    "save",
    "trace",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'rnn_core' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"rnn_core.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
