"""Which words pushed a verdict: two answers that may disagree, because they ask different questions."""

from __future__ import annotations

import torch
from torch import Tensor

from rnn_core.networks.review import ReviewNet, positive


def occlusion(model: ReviewNet, tokens: list[str]) -> Tensor:
    """What taking a token out changes: P(positive | all) − P(positive | all but token t), `(T,)`.

    A token is made unknown, so that the others keep their places (Zeiler and Fergus 2014, on pictures). Positive: the
    token pushed towards positive. Asks: what if it had not been there? T + 1 readings of the text, all at the temperature
    of the whole text: how sure the network may be is not what is asked.
    Raises ValueError for no tokens.
    """
    if not tokens:
        raise ValueError("there are no tokens")
    without = [[*tokens[:t], UNREADABLE, *tokens[t + 1 :]] for t in range(len(tokens))]
    p = positive((model.sure_scores([tokens, *without]) / _tau(model, tokens)).softmax(-1))
    return p[0] - p[1:]


def _tau(model: ReviewNet, tokens: list[str]) -> float:
    return model.temperature(model.strange_share(tokens))


def gradient_times_input(model: ReviewNet, tokens: list[str]) -> Tensor:
    """How the score would grow with the token's vector: Σ_d x_{t,d} ∂s/∂x_{t,d} with s = y(positive) − y(negative), `(T,)`.

    Asks: if this vector were a little longer, would the score rise? Right for small changes only, where a gate is
    saturated it says 0 (Simonyan et al. 2014; Shrikumar et al. 2017). One reading forward and back.
    Raises ValueError for no tokens.
    """
    if not tokens:
        raise ValueError("there are no tokens")
    x = model.embedding(model.encode(tokens)).detach()[:, None].requires_grad_(True)
    y = model.answer(x, torch.tensor([len(tokens)]))[0] / _tau(model, tokens)
    (slope,) = torch.autograd.grad(y[2] - y[0], x)
    pushes: Tensor = (slope.detach() * x.detach()).sum(-1)[:, 0]
    return pushes


UNREADABLE = "\ufffd"
"""A token that no vocabulary holds."""
