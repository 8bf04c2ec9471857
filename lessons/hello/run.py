"""Chapter `run` of the lesson `hello`."""

from __future__ import annotations

import streamlit as st

from lessons.hello.edits import apply_edits
from lessons.hello.shared import URL, copy_of, edit_note, weight_editor
from rnn_core.models.hello import WORD
from rnn_core.networks.char_rnn import Reading
from ui.blocks import percent, predict, prose, signed
from ui.components.stepper import show_stepper
from ui.i18n import text
from ui.networks.word import best, reading_run
from ui.page import Content
from ui.server import models
from ui.state import View


def show(view: View, content: Content) -> None:
    """The lecture's network: predict, step, open numbers, change weights."""
    lecture = models.shared("hello-lecture")
    clean = lecture.read(WORD[:-1])
    guess = predict(
        view,
        "guess",
        text("hello.predict"),
        {s: s for s in lecture.symbols} | {"skip": text("hello.predict_skip")},
    )
    edited = copy_of(lecture)
    applied = apply_edits(edited, view["edit"])
    reading = edited.read(WORD[:-1])
    if guess:
        _reveal(view, clean, guess, bool(applied))
    show_stepper(
        reading_run(reading, WORD, before=clean if applied else None),
        "hello.run.stepper",
        url=URL,
        before="edit",
        veil=None if guess else {"nodes": ["y", "p"], "from": 0},
        on_edit=weight_editor(view, "edit"),
    )
    edit_note(view, "edit", applied)
    prose(content["figure"], h_20=signed(float(clean.trace.lane().h[1, 0, 0])))
    prose(content["equation"])
    prose(content["drawings"])
    if guess:
        prose(content["scores"], level=2, **first_step(reading))


def first_step(reading: Reading) -> dict[str, str]:
    """Of step 1, as the weights are now: the symbol with the largest score and the right one, their scores and probabilities."""
    scores, p = reading.scores[0].tolist(), reading.probabilities[0].tolist()
    top, right = best(reading.model, scores), WORD[1]
    k, e = (reading.model.symbols.index(s) for s in (top, right))
    return {
        "best": top,
        "y_best": signed(scores[k]),
        "y_right": signed(scores[e]),
        "p_best": percent(p[k]),
        "p_right": percent(p[e]),
    }


def _reveal(view: View, reading: Reading, guess: str, edited: bool) -> None:
    """Grade the guess by the figure's own weights, and say so where they have been `edited` since."""
    scores = reading.scores[0].tolist()
    top, target = best(reading.model, scores), WORD[1]
    kind = "shown" if guess == "skip" else "right" if guess == top else "wrong"
    message = text(
        f"hello.predict_{kind}",
        guess=guess,
        best=top,
        score=signed(max(scores)),
        target=target,
        target_score=signed(scores[reading.model.symbols.index(target)]),
    )
    if edited:
        message = f"{message} {text('hello.predict_before')}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(message, width="stretch")
        st.button(
            text("hello.predict_again"),
            type="tertiary",
            on_click=view.__setitem__,
            args=("guess", ""),
        )
