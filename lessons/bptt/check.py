"""Chapter `check` of the lesson `bptt`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial

import numpy as np
import streamlit as st

from lessons.bptt.shared import FIRST_BLOCK, number_model
from rnn_core.backward.readout import BackwardPass, backward_pass
from rnn_core.labs.slips import ScalarGradient, off_by, scalar_gradient, slipped_gradients
from rnn_core.models.hello import WORD
from ui.blocks import (
    signed,
    table,
)
from ui.errata import Erratum, show_errata
from ui.i18n import text
from ui.page import Content
from ui.quizzes import CodeQuiz, Quiz, Space, ask_all
from ui.server import models
from ui.state import View


def _lecture_pass() -> BackwardPass:
    model = models.shared("hello-lecture")
    return backward_pass(model.rnn, model.readout, model.one_hot(WORD[:-1]), model.one_hot(WORD[1:]))


def _second_step() -> list[Space]:
    """The lecture's network at its second step, on the way back."""
    done, model = _lecture_pass(), models.shared("hello-lecture")
    lane = done.run.lane()
    return [
        {
            "W_hh": lane.weights["W_hh"].numpy(),
            "W_hy": model.readout.weight.detach().numpy(),
            "h": lane.h[1, 0].numpy(),
            "delta_next": done.grads["a_h"][2, 0].numpy(),
            "d_out": done.out_deltas[1].numpy(),
        }
    ]


def _true_delta() -> tuple[str, list[float]]:
    return "blocks.true_delta", _lecture_pass().grads["a_h"][1, 0].tolist()


QUIZZES = (
    CodeQuiz(
        "qz5",
        right=1,
        lines=(
            "(W_hh @ delta_next + W_hy @ d_out) * (1 - h**2)",
            "(W_hh.T @ delta_next + W_hy.T @ d_out) * (1 - h**2)",
            "W_hh.T @ delta_next + W_hy.T @ d_out",
            "(W_hh.T @ delta_next + W_hy.T @ d_out) * (1 - h)",
        ),
        spaces=_second_step,
        heads=("δ₂[0]", "δ₂[1]", "δ₂[2]"),
        truth=_true_delta,
        show=partial(signed, digits=3),
    ),
    Quiz("qb1", right=0, choices=4),
    Quiz("qb2", right=1),
)


def show(view: View, content: Content) -> None:
    """Quizzes, and the errors of the sources put right."""
    ask_all(view, QUIZZES)
    show_errata("bptt", [e for e in ERRATA if e is not FIRST_BLOCK])
    _through_w_out_table()


SERIES, NETS = (1.5, 2.3, 0.2, 5.2), 1000
"""The lecture's measurements, as far as an article's three steps go: three are read, the fourth is the target."""


@cache
def through_w_out() -> tuple[tuple[ScalarGradient, ScalarGradient], tuple[ScalarGradient, ScalarGradient]]:
    """The gradient of a net with one unit, right and as the article writes it (back through time by w_out): of the number
    net of chapter 2, and of `NETS` nets with weights drawn evenly from −1 to 1, which is PyTorch's start for one unit."""
    values = np.array(SERIES) / max(SERIES)
    rnn, readout = number_model(1, 0)
    own = [p.detach().double().numpy()[0] for p in (*rnn.all_weights[0][:2], readout.weight)]
    drawn = np.random.default_rng(0).uniform(-1, 1, (3, NETS))

    def both(weights: Sequence[np.ndarray]) -> tuple[ScalarGradient, ScalarGradient]:
        found = [
            scalar_gradient(weights[0], weights[1], weights[2], values[:-1], values[-1], through)
            for through in ("hidden", "out")
        ]
        return found[0], found[1]

    return both(own), both(list(drawn))


@cache
def _w_out() -> dict[str, str]:
    (right, wrong), (rights, wrongs) = through_w_out()
    whole = [off_by(b, a) for a, b in zip(np.array(rights).T, np.array(wrongs).T, strict=True)]
    turned = np.array(rights.w_input) * np.array(wrongs.w_input) < 0
    return {
        "nets": f"{NETS:,}",
        "one": f"{off_by(np.array(wrong), np.array(right)).error * 100:.0f}",
        "error": f"{100 * np.median([o.error for o in whole]):.0f}",
        "cosine": f"{np.median([o.cosine for o in whole]):.2f}",
        "against": f"{100 * np.mean([o.cosine < 0 for o in whole]):.0f}",
        "turned": f"{100 * turned.mean():.0f}",
    }


def _through_w_out_table() -> None:
    """Per weight: the gradient right and as written, and in how many nets it is off by half or has the wrong sign."""
    (right, wrong), (rights, wrongs) = through_w_out()
    rows = []
    for name in ScalarGradient._fields:
        (a,), (b,) = getattr(right, name), getattr(wrong, name)
        all_a, all_b = getattr(rights, name), getattr(wrongs, name)
        rows.append(
            [
                f"∂E/∂{name}",
                signed(a, 4),
                signed(b, 4),
                f"{100 * np.mean(np.abs(all_b - all_a) > 0.5 * np.abs(all_a)):.0f}%",
                f"{100 * np.mean(all_a * all_b < 0):.0f}%",
            ]
        )
    table([text(f"bptt.head_{n}") for n in ("weight", "right", "written", "size", "turned")], rows)
    st.caption(text("bptt.through_note", nets=f"{NETS:,}"))


@cache
def _slips() -> dict[str, str]:
    """How far the gradients of the lecture's network are off with each slip of the study notes' tables."""
    done, model = _lecture_pass(), models.shared("hello-lecture")
    right = done.gradients()

    def off(slip: str, name: str) -> dict[str, str]:
        found = off_by(slipped_gradients(done, model.readout, slip)[name], right[name])
        return {
            f"{slip}_{name.lower()}": f"{100 * found.error:.0f}",
            f"{slip}_{name.lower()}_cosine": f"{found.cosine:.2f}".replace("-", "−"),
            f"{slip}_{name.lower()}_size": f"{found.ratio:.2f}",
        }

    pairs = (("same_step", "W_hh"), ("value", "W_hh"), ("no_path", "W_xh"), ("last_step", "W_hy"), ("last_step", "b_y"))
    return {key: value for slip, name in pairs for key, value in off(slip, name).items()}


ERRATA = (
    Erratum("w_out", "S1", _w_out),
    Erratum("same_name", "S1"),
    Erratum("copied", "S2"),
    Erratum("same_step", "S2", _slips),
    Erratum("delta", "S2", _slips),
    Erratum("sums", "S2", _slips),
    FIRST_BLOCK,
)
