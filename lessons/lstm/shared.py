"""What several chapters of the lesson `lstm` use."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F

from rnn_core.forward.surgery import Clamp, operate
from rnn_core.networks.char_lm import CharLM, CharReading


def operated(model: CharLM, typed: str, clamps: Sequence[Clamp]) -> CharReading:
    """The reading of a text with values held by hand."""
    with torch.inference_mode():
        ids = model.encode(typed)
        run = operate(model.rnn, model.embedding(ids), clamps)
        scores = F.linear(run.output[:, 0], model.W_hy, model.b_y)
        return CharReading(typed, ids, model, run, scores, scores.log_softmax(-1))
