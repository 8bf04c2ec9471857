"""Chapter `train` of the lesson `hello`."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lessons.hello.shared import URL, curves, training_buttons
from rnn_core import load
from rnn_core.labs.word import WordTraining, right_predictions
from rnn_core.models.hello import WORD
from ui.blocks import percent, prose
from ui.components.stepper import show_stepper
from ui.controls import between, one_of
from ui.i18n import text
from ui.networks.word import best, reading_run
from ui.page import Content
from ui.server import models
from ui.state import View
from ui.training import live_training, replay, run_live


def show(view: View, content: Content) -> None:
    """Train the lecture's network here and now, then step it, with the numbers from before beside it."""
    prose(content["train"])
    start = models.shared("hello-lecture")
    before = start.read(WORD[:-1])
    left, right = st.columns(2)
    left.select_slider(text("hello.lr"), **one_of(view, "lr"))
    right.slider(text("hello.steps"), step=10, **between(view, "steps"))

    def make() -> WordTraining:
        return WordTraining(load("hello-lecture").requires_grad_(), WORD, view["lr"])

    live = live_training("hello.train.live", view["lr"], make)
    replay(live, view["done"])
    training_buttons(view, live, "steps", "done")

    def draw() -> None:
        trainer = live.trainer
        if trainer.steps or live.running:
            curves(live, view["steps"])
        now = trainer.model.read(WORD[:-1])
        row = now.probabilities[0].tolist()
        if trainer.steps:
            message = text(
                "hello.says_now",
                done=trainer.steps,
                best=best(now.model, row),
                p=percent(max(row)),
                right=right_predictions(now.model, WORD),
            )
        else:
            message = text("hello.says_before", best=best(now.model, row), p=percent(max(row)))
        st.markdown(message)
        show_stepper(
            reading_run(now, WORD, before=before if trainer.steps else None),
            "hello.train.stepper",
            url=URL,
        )

    run_live(live, view["steps"], 25, draw, finished=partial(view.__setitem__, "done"))
    if live.trainer.steps and not live.running:
        prose(content["compare"])
