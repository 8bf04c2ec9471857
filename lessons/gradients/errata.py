"""The errors of the sources that the lesson `gradients` puts right, with the numbers."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import torch

from lessons.gradients.shared import LONG, product_run
from rnn_core.backward.bptt import backpropagate
from rnn_core.experiments import clipping
from rnn_core.forward.tracing import trace
from rnn_core.labs.forgetting import (
    products,
)
from rnn_core.labs.remember import recurrent
from rnn_core.labs.slips import off_by
from rnn_core.models.hello import WORD
from rnn_core.training.clipping import clip_each_by_norm
from ui.blocks import (
    number_of,
)
from ui.errata import Erratum
from ui.server import models

SHORT = 20
"""Steps of the sequence whose gradient is taken apart."""


@cache
def _one_path() -> dict[str, str]:
    """∂L/∂W_hh of 32 units over `SHORT` steps, L at the end: the share of single paths, from h_0 = 0 and from a random h_0."""
    rnn = recurrent("rnn", 8, 32, seed=0)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(SHORT, 1, 8, generator=generator)
    last = torch.zeros(SHORT, 1, 32)
    last[-1] = torch.randn(1, 32, generator=generator)
    h_0 = torch.randn(1, 1, 32, generator=generator)
    shares = []
    for start in (torch.zeros_like(h_0), h_0):
        steps = backpropagate(trace(rnn, x, start), last).lane().contributions("W_hh")
        shares.append((steps.flatten(1).norm(dim=1) / steps.sum(0).norm()).tolist())
    return {
        "steps": str(SHORT),
        "first": number_of(shares[0][0]),
        "random": number_of(shares[1][0]),
        "last": number_of(shares[0][-1]),
    }


@cache
def _pulled_out() -> dict[str, str]:
    """The product with W outside against the true one, for the net that chapter 2 begins with."""
    W, slopes = product_run("normal", 100, 100, 0)
    found = products(W, slopes)
    first, second = (np.diag(s) @ W for s in slopes[:2])
    two = off_by(np.diag(slopes[0] * slopes[1]) @ W @ W, first @ second)
    return {
        "two": f"{100 * two.error:.0f}",
        "d": str(LONG),
        "times": number_of(10 ** (found.pulled_out[-1] - found.true[-1])),
    }


@cache
def _clip_each() -> dict[str, str]:
    """The first gradient of the training that chapter 3 begins with, every array clipped by its own norm: how far it turns."""
    run = clipping.training("relu", 2.0, None, "norm", 0)
    x, target = run.task.make(run.batch, run.generator)
    run.task.loss(run.net(x), target).backward()  # type: ignore[no-untyped-call]

    def gradient() -> torch.Tensor:
        return torch.cat([p.grad.flatten() for p in run.parameters if p.grad is not None])

    before = gradient()
    norm = clip_each_by_norm(run.parameters, 1.0)
    found = off_by(gradient(), before)
    return {
        "norm": f"{norm:.0f}",
        "degrees": f"{math.degrees(math.acos(found.cosine)):.0f}",
        "cosine": f"{found.cosine:.2f}",
    }


@cache
def _linear_only() -> dict[str, str]:
    """W in place of W diag(f'(u)) for the lecture's network: the smallest and the largest error of its steps."""
    lane = models.shared("hello-lecture").read(WORD[:-2]).trace.lane()
    W = lane.weights["W_hh"]
    errors = [off_by(W, W * (1 - h**2)).error for h in lane.h[:, 0]]
    return {"least": f"{100 * min(errors):.0f}", "most": f"{100 * max(errors):.0f}"}


ERRATA = (
    Erratum("one_path", "S4", _one_path),
    Erratum("pulled_out", "S4", _pulled_out),
    Erratum("clip_each", "S2", _clip_each),
    Erratum("linear_only", "S2", _linear_only),
)
