"""Chapter `own` of the lesson `bptt`."""

from __future__ import annotations

from functools import partial

import streamlit as st
import torch

from lessons.bptt.runs import backward_run, split_numbers
from lessons.bptt.shared import code_twin, loss_control, number_model
from rnn_core.backward.readout import backward_pass
from rnn_core.labs.word import WordTraining, word_network
from rnn_core.networks.char_rnn import CharRNN
from rnn_core.work import Work
from ui.blocks import (
    escaped,
    prose,
)
from ui.components.stepper import show_stepper
from ui.controls import between, choose
from ui.i18n import text
from ui.page import Content
from ui.state import View
from ui.training import computed
from ui.typed.box import Read, text_box
from ui.typed.words import read_word, shown, split_word

OWN_URL = {"t": "wt", "draw": "draw", "open": "wopen", "grad": "wgrad"}


def show(view: View, content: Content) -> None:
    """The reader's own word or numbers."""
    prose(content["own"])
    kinds = {name: text(f"bptt.kind_{name}") for name in ("word", "numbers")}
    choose(view, "kind", text("bptt.kind"), kinds)
    symbols, numbers = _input(view)
    left, middle, right = st.columns(3)
    left.slider(text("bptt.hidden"), **between(view, "hidden"))
    middle.number_input(text("bptt.seed"), **between(view, "seed"))
    if view["kind"] == "word":
        right.slider(text("bptt.trained"), step=10, **between(view, "trained"))
    T = len(symbols if view["kind"] == "word" else numbers) - 1
    view["ok"] = min(view["ok"], T) if view["ok"] < 24 else T
    left, right = st.columns(2)
    loss_control(left, view, "oloss")
    if T > 1:  # one step alone cannot be cut
        right.slider(text("bptt.k"), help=text("bptt.k_help"), **between(view, "ok", high=T))
    steps = None if view["oloss"] == "all" else [T - 1]
    block = view["ok"] if view["ok"] < T else None
    if view["ok"] == T:
        view["ok"] = 24  # "no truncation" stays so for a longer word
    if view["kind"] == "word":
        settings = (symbols, view["hidden"], view["seed"], view["trained"])
        model = computed("bptt.own.model", settings, partial(_word_model, *settings))
        if model is None:
            return
        labels, units = [shown(s) for s in symbols[:-1]], [shown(s) for s in model.symbols]
        rnn, readout = model.rnn, model.readout
        done = backward_pass(
            rnn,
            readout,
            model.one_hot(symbols[:-1]),
            model.one_hot(symbols[1:]),
            loss_steps=steps,
            block=block,
        )
    else:
        rnn, readout = number_model(view["hidden"], view["seed"])
        labels, units = [f"{value:g}".replace("-", "−") for value in numbers[:-1]], None
        values = torch.tensor(numbers)[:, None] / max(1.0, *map(abs, numbers))
        done = backward_pass(
            rnn,
            readout,
            values[:-1],
            values[1:],
            output="identity",
            loss_steps=steps,
            block=block,
        )
        st.caption(text("bptt.scaled", largest=f"{max(1.0, *map(abs, numbers)):g}"))
    st.markdown(text("bptt.loss_now", loss=f"{done.loss:.4f}"))
    show_stepper(backward_run(done, readout, labels, units), "bptt.own.stepper", url=OWN_URL)
    code_twin(done, rnn, readout, labels, content)


def _input(view: View) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The text box of the chosen kind; what is no good gets a sentence and the last good input stays."""
    key = str(view["kind"])
    read = read_word if key == "word" else _read_numbers
    text_box(view, key, text(f"bptt.input_{key}"), read, help=text(f"bptt.input_{key}_help"))
    return split_word(view["word"]).symbols, split_numbers(view["numbers"]).values


def _read_numbers(raw: str) -> Read:
    _, problem, found = split_numbers(raw)
    return Read(raw.strip(), problem and text(f"bptt.problem_{problem}", found=escaped(found)))


def _word_model(symbols: tuple[str, ...], hidden: int, seed: int, steps: int) -> Work[CharRNN]:
    """The network for a word, trained some steps."""
    training = WordTraining(word_network(symbols, hidden, seed), symbols, lr=0.03)
    for k in range(steps):
        yield k / steps
        training.advance(1)
    return training.model.requires_grad_(False).eval()
