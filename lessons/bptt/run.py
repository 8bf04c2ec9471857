"""Chapter `run` of the lesson `bptt`."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
import torch

from lessons.bptt.runs import backward_run
from lessons.bptt.shared import code_twin, loss_control
from rnn_core.backward.readout import BackwardPass, backward_pass
from rnn_core.models.hello import WORD
from ui.blocks import (
    number_of,
    percent,
    predict,
    prose,
    same_question,
)
from ui.components.stepper import show_stepper
from ui.controls import between
from ui.i18n import text
from ui.page import Content
from ui.server import models
from ui.state import View

URL = {"t": "t", "draw": "draw", "open": "open", "grad": "grad"}


def show(view: View, content: Content) -> None:
    """The lecture's network: forward, then back; predict which step counts most."""
    model = models.shared("hello-lecture")
    T = len(WORD) - 1
    left, right = st.columns(2)
    loss_control(left, view, "loss")
    right.slider(text("bptt.k"), help=text("bptt.k_help"), **between(view, "k", high=T))
    done = backward_pass(
        model.rnn,
        model.readout,
        model.one_hot(WORD[:-1]),
        model.one_hot(WORD[1:]),
        loss_steps=None if view["loss"] == "all" else [T - 1],
        block=view["k"] if view["k"] < T else None,
    )
    guess = _prediction(view, done, list(WORD[:-1]))
    show_stepper(
        backward_run(done, model.readout, list(WORD[:-1]), list(model.symbols)),
        "bptt.run.stepper",
        url=URL,
        veil=None if guess else {"nodes": ["gradients"], "from": 0},
    )
    prose(content["figure"])
    prose(content["equations"])
    if done.block is not None:
        full = backward_pass(
            model.rnn,
            model.readout,
            model.one_hot(WORD[:-1]),
            model.one_hot(WORD[1:]),
            loss_steps=done.loss_steps,
        )
        prose(content["cut-here"], k=str(done.block), error=percent(_error(done, full)))
    code_twin(done, model.rnn, model.readout, list(WORD[:-1]), content)


def _prediction(view: View, done: BackwardPass, labels: Sequence[str]) -> str:
    """Ask which step adds most to ∂E/∂W_hh, and grade the answer with the numbers of this run."""
    options = {str(t + 1): f"t={t + 1} {label}" for t, label in enumerate(labels)}
    guess = predict(view, "guess", text("bptt.predict"), options | {"skip": text("bptt.predict_skip")})
    if not guess:
        return guess
    shares = done.shares("W_hh")
    most = max(range(len(shares)), key=shares.__getitem__)
    same = same_question("bptt.guess", guess, (done.block, done.loss_steps))
    kind = "shown" if guess == "skip" or not same else "right" if guess == str(most + 1) else "wrong"
    message = text(f"bptt.predict_{kind}", guess=guess, best=most + 1, share=number_of(shares[most]))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{message} {text('bptt.first_is_zero')}", width="stretch")
        st.button(
            text("bptt.predict_again"),
            type="tertiary",
            on_click=view.__setitem__,
            args=("guess", ""),
        )
    return guess


def _error(done: BackwardPass, full: BackwardPass) -> float:
    """‖g_k − g‖ / ‖g‖ over the weights of the recurrent layer."""
    ours, theirs = (torch.cat([g.flatten() for g in p.grads.weights.values()]) for p in (done, full))
    return float((ours - theirs).norm() / theirs.norm())
