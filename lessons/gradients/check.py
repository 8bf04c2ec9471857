"""Chapter `check` of the lesson `gradients`."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import streamlit as st
import torch

from lessons.gradients.numbers import verdict_numbers
from lessons.gradients.shared import LONG, Text, product_run
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
    judged,
    number_of,
    prose,
    quiz,
    signed,
    table,
)
from ui.errata import Erratum, show_errata
from ui.i18n import text
from ui.server import models
from ui.state import View

QZ6 = (
    "g * norm / threshold if norm >= threshold else g",
    "g * threshold / norm",
    "g * threshold / norm if norm >= threshold else g",
    "np.minimum(g, threshold)",
)
QZ6_RIGHT = 2
QZ18 = (("qz18a", 1), ("qz18b", 0), ("qz18c", 2))


def show(view: View, content: Text) -> None:
    """Quizzes, the verdicts on the claims with the numbers behind them, and the errors of the sources."""
    quiz(view, "qz6", QZ6, QZ6_RIGHT, code=True, after=_qz6_table)
    prose(content["three-lines"])
    for name, right in QZ18:
        quiz(view, name, [text(f"gradients.{name}_choice{k}") for k in range(3)], right=right)
    prose(content["verdicts"])
    for claim, numbers in verdict_numbers().items():
        judged(f"gradients.{claim}", numbers)
    show_errata("gradients", ERRATA)


def qz6_values() -> list[list[float]]:
    """What every line of QZ-6 returns for g = (3, −4) and for g = (0.03, −0.04), threshold 1."""
    out = []
    for line in QZ6:
        row: list[float] = []
        for g in (np.array([3.0, -4.0]), np.array([0.03, -0.04])):
            space = {"np": np, "g": g, "norm": float(np.linalg.norm(g)), "threshold": 1.0}
            # our own four lines, never a visitor's text
            row += map(float, eval(line, {"__builtins__": {}}, space))  # noqa: S307
        out.append(row)
    return out


def _qz6_table() -> None:
    st.markdown(text("blocks.returns"))
    rows = [
        [line, f"({signed(a)}, {signed(b)})", f"({signed(c)}, {signed(d)})"]
        for line, (a, b, c, d) in zip(QZ6, qz6_values(), strict=True)
    ]
    table(
        [text("blocks.choice"), "g = (3, −4)", "g = (0.03, −0.04)"],
        rows,
        [k == QZ6_RIGHT for k in range(4)],
    )


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
