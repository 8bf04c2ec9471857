"""What several chapters of the lesson `hello` use."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from figures.training import loss_figure, probability_figure
from lessons.hello.edits import with_edit
from rnn_core.labs.word import WordTraining
from rnn_core.networks.char_rnn import CharRNN
from ui.blocks import percent
from ui.components.page_frame import is_dark
from ui.components.stepper import Edit
from ui.i18n import text
from ui.state import View
from ui.training import Live, buttons, progress
from ui.typed.words import shown

LEARNING_RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
URL = {"t": "t", "draw": "draw", "open": "open"}


def weight_editor(view: View, key: str) -> Callable[[Edit], None]:
    def on_edit(edit: Edit) -> None:
        view[key] = with_edit(view[key], edit)

    return on_edit


def edit_note(view: View, key: str, applied: int) -> None:
    if not applied:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(text("hello.edits", count=applied), width="content")
        st.button(
            text("hello.edits_reset"),
            key=f"hello.{key}.reset",
            type="tertiary",
            on_click=view.__setitem__,
            args=(key, {}),
        )


def training_buttons(view: View, live: Live, goal: str, done: str) -> None:
    buttons(
        live,
        f"hello.{done}",
        view[goal],
        partial(view.__setitem__, done),
        text("hello.start"),
        text("hello.reset"),
    )


def curves(live: Live, goal: int) -> None:
    trainer: WordTraining = live.trainer
    span = max(goal, trainer.steps)
    loss, target = trainer.losses[-1], int(trainer.target[0])
    symbols = [shown(s) for s in trainer.model.symbols]
    labels = {
        "steps": text("hello.axis_steps"),
        "loss": text("hello.axis_loss"),
        "probability": text("hello.axis_probability"),
    }
    label = text("hello.progress", done=trainer.steps, goal=goal, loss=f"{loss:.4f}")
    progress(live, goal, label)
    left, right = st.columns(2)
    left.plotly_chart(
        loss_figure(trainer.losses, span, labels, is_dark()),
        theme=None,
        key="hello.loss",
        alt=text("hello.figure_loss_alt", loss=f"{loss:.4f}"),
        config={"displayModeBar": False},
    )
    right.plotly_chart(
        probability_figure(trainer.first, symbols, target, span, labels, is_dark()),
        theme=None,
        key="hello.probability",
        alt=text(
            "hello.figure_probability_alt",
            target=symbols[target],
            p=percent(trainer.first[-1][target]),
        ),
        config={"displayModeBar": False},
    )


def copy_of(model: CharRNN) -> CharRNN:
    copy = CharRNN(model.symbols, model.rnn.hidden_size)
    copy.load_state_dict(model.state_dict())
    return copy.requires_grad_(False).eval()
