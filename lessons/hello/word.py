"""Chapter `word` of the lesson `hello`."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from lessons.hello.edits import apply_edits
from lessons.hello.shared import (
    copy_of,
    curves,
    edit_note,
    training_buttons,
    weight_editor,
)
from rnn_core.labs.word import WordTraining, as_script, right_predictions, word_network
from rnn_core.networks.char_rnn import Reading
from ui.blocks import escaped, percent, prose, table
from ui.components.stepper import show_stepper
from ui.controls import between, one_of
from ui.i18n import text
from ui.networks.word import best, reading_run
from ui.page import Content
from ui.state import View
from ui.training import live_training, replay, run_live
from ui.typed.box import text_box
from ui.typed.tables import as_csv
from ui.typed.words import is_right_to_left, read_word, shown, split_word

WORD_URL = {"t": "wt", "draw": "draw", "open": "wopen"}


def show(view: View, content: Content) -> None:
    """A network for the reader's own word, trained from nothing."""
    prose(content["word"])
    word = _word_controls(view)

    def make() -> WordTraining:
        return WordTraining(word_network(word, view["hidden"], view["seed"]), word, view["wlr"])

    signature = (word, view["hidden"], view["seed"], view["wlr"])
    live = live_training("hello.word.live", signature, make)
    replay(live, view["wdone"])
    training_buttons(view, live, "wsteps", "wdone")

    def draw() -> None:
        trainer = live.trainer
        if trainer.steps or live.running:
            curves(live, view["wsteps"])
        model = copy_of(trainer.model)
        applied = 0 if live.running else apply_edits(model, view["wedit"])
        reading = model.read(word[:-1])
        right = right_predictions(model, word)
        says = "hello.word_says" if trainer.steps else "hello.word_says_untrained"
        st.markdown(text(says, done=trainer.steps, right=right, total=len(word) - 1))
        clean = trainer.model.read(word[:-1]) if applied else None
        show_stepper(
            reading_run(reading, word, before=clean),
            "hello.word.stepper",
            url=WORD_URL,
            before="edit",
            on_edit=None if live.running else weight_editor(view, "wedit"),
        )
        edit_note(view, "wedit", applied)
        if not live.running:
            _downloads(reading, word)
            prose(content["edit"])
            prose(content["pairs"])
            _pairs(reading, word)

    run_live(live, view["wsteps"], 10, draw, finished=partial(view.__setitem__, "wdone"), tick=0.05)


def _word_controls(view: View) -> tuple[str, ...]:
    """The controls; returns the last good word, whatever stands in the box."""
    left, middle, right = st.columns([2, 1, 1])
    before = split_word(view["word"]).symbols
    word = text_box(
        view,
        "word",
        text("hello.word"),
        read_word,
        place=left,
        help=text("hello.word_help"),
    )
    middle.slider(text("hello.hidden"), **between(view, "hidden"))
    right.number_input(text("hello.seed"), **between(view, "seed"))
    left, right = st.columns(2)
    left.select_slider(text("hello.lr"), **one_of(view, "wlr"))
    right.slider(text("hello.steps"), step=10, **between(view, "wsteps"))
    symbols = split_word(word.text).symbols
    if symbols != before:
        view["wedit"], view["wdone"] = {}, 0
    if is_right_to_left(symbols):
        st.caption(text("hello.rtl"))
    return symbols


def _pairs(reading: Reading, word: Sequence[str]) -> None:
    names = ("pair_t", "pair_input", "pair_target", "pair_guess", "pair_p")
    rows, marks = [], []
    for t, row in enumerate(reading.probabilities.tolist()):
        target, guess = shown(word[t + 1]), best(reading.model, row)
        p = row[reading.model.symbols.index(word[t + 1])]
        rows.append((str(t + 1), shown(word[t]), target, guess, percent(p)))
        marks.append(guess == target)
    table([text(f"hello.{name}") for name in names], rows, marks)
    for symbol in dict.fromkeys(word[:-1]):
        nexts = dict.fromkeys(shown(b) for a, b in itertools.pairwise(word) if a == symbol)
        if len(nexts) > 1:
            # one sentence is enough to make the point
            st.markdown(text("hello.twofold", symbol=escaped(shown(symbol)), nexts=escaped(", ".join(nexts))))
            break


def as_sheet(reading: Reading) -> bytes:
    """Every number of a run as CSV; the reader's symbols stay text in a spreadsheet."""
    rows: list[Sequence[str | float]] = [("t", "input", "name", "unit", "value")]
    for _, _, t, _, name, unit, value in reading.trace.to_rows():
        entry = reading.model.symbols[unit] if name == "x" else unit
        rows.append((t + 1, reading.inputs[t], name, entry, value))
    for name, values in (("y", reading.scores), ("p", reading.probabilities)):
        for t, row in enumerate(values.tolist()):
            for symbol, value in zip(reading.model.symbols, row, strict=True):
                rows.append((t + 1, reading.inputs[t], name, symbol, value))
    return as_csv(rows)


def _downloads(reading: Reading, word: Sequence[str]) -> None:
    def npz() -> bytes:
        file = io.BytesIO()
        np.savez_compressed(file, **reading.arrays())  # type: ignore[arg-type]
        return file.getvalue()

    def script() -> bytes:
        return as_script(reading.model, word).encode()

    st.markdown(f"**{text('hello.downloads')}**")
    with st.container(horizontal=True):
        for name, make, file in (
            ("npz", npz, "unrolled.npz"),
            ("csv", partial(as_sheet, reading), "unrolled.csv"),
            ("script", script, "unrolled.py"),
        ):
            st.download_button(
                text(f"hello.download_{name}"),
                make,
                file,
                key=f"hello.download.{name}",
                on_click="ignore",
            )
