"""What several chapters of the lesson `adder` use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from lessons.adder import runs as adders
from lessons.adder.runs import BITS, CHOICES, MOST_RUNS, NOTES
from rnn_core.labs.adder import Settings, right_by_bits
from rnn_core.labs.remember import MemoryNet
from rnn_core.work import Work
from ui.controls import choose
from ui.i18n import text
from ui.state import View
from ui.training import computed

LENGTHS = (2, 4, 8, 12, 16, 24, 32, 48, 61)


NETS = ("shipped", "early", "own")
"""The shipped net, one stopped early, and the one that the reader has trained in this session."""


def chosen_net(view: View, key: str) -> tuple[MemoryNet, str, int]:
    """The net that is chosen; its name; steps it was trained here."""
    own = adders.kept().get(settings_of(view))
    names = {of: text(f"adder.of_{of}", steps=adders.STOPPED) for of in NETS}
    if own is None or not own.steps:
        del names["own"]
        if view[key] == "own":
            view[key] = view.params[key].default
    choose(view, key, text("adder.of"), names)
    if own is None or "own" not in names:
        st.caption(text("adder.none_own"))
    elif view[key] == "own":
        return own.net, names["own"], own.steps
    if view[key] == "early":
        return adders.early(), names["early"], adders.STOPPED
    return adders.shipped(), names["shipped"], 0


def sum_told(a: int, b: int, answer: int) -> None:
    key = "right" if answer == a + b else "wrong"
    (st.success if key == "right" else st.error)(
        text(f"adder.says_{key}", a=f"{a:,}", b=f"{b:,}", answer=f"{answer:,}", truth=f"{a + b:,}")
    )


def percent(share: float) -> str:
    """A share as it is told: 100 % only where nothing is missing.

    >>> percent(1.0), percent(0.99996), percent(0.5)
    ('100%', '99.9%', '50.0%')
    """
    return "100%" if share == 1 else f"{min(99.9, 100 * share):.1f}%"


def settings_of(view: View) -> Settings:
    """The run that the knobs are set to."""
    return Settings(
        view["cell"],
        view["act"],
        view["start"],
        view["scale"],
        view["hidden"],
        view["lr"],
        view["opt"],
        view["clip"],
        view["batch"],
        view["loss"],
        BITS,
        view["seed"],
    )


def set_knobs(view: View, settings: Settings) -> None:
    names = {"activation": "act", "optimizer": "opt"}
    for name in CHOICES:
        view[names.get(name, name)] = getattr(settings, name)
    view["done"] = 0


def knob_told(name: str, value: Any) -> str:
    """A knob's value in words."""
    if name == "cell":
        return str(value).upper()
    if name == "optimizer":
        return "SGD" if value == "sgd" else "Adam"
    if name == "clip" and value is None:
        return text("adder.no_clip")
    if name == "loss":
        return text(f"adder.loss_{value.replace('-', '_')}")
    if name == "activation":
        return "ReLU" if value == "relu" else str(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def described(settings: Settings, other: Settings = NOTES) -> str:
    """In what a run differs from the notes', in the words of the knobs."""
    parts = []
    for name in CHOICES:
        value = getattr(settings, name)
        if name == "cell":
            if value != "rnn":
                parts.append(knob_told(name, value))
        elif name == "activation":
            if settings.cell == "rnn" and value != other.activation:
                parts.append(knob_told(name, value))
        elif name == "start":
            if value != other.start:
                parts.append(text(f"adder.start_{value}"))
        elif value != getattr(other, name):
            parts.append(f"{text(f'adder.knob_{name}')} {knob_told(name, value)}")
    return ", ".join(parts) or text("adder.notes_name")


@dataclass(frozen=True)
class _Checked:
    right: np.ndarray  # of every sum
    seconds: float
    shares: dict[int, float]  # of longer sums, by bits


def checked_sums(net: MemoryNet, steps: int) -> _Checked | None:
    """Every sum, and longer ones, tried once for the weights after `steps` steps; None while they cannot be."""
    kept: dict[MemoryNet, tuple[int, _Checked]] = st.session_state.setdefault("adder.checked", {})
    if net not in kept or kept[net][0] != steps:
        found = computed("adder.checking", (net, steps), partial(_checking, net))
        if found is None:
            return None
        if len(kept) > 2 * MOST_RUNS:
            kept.clear()
        kept[net] = (steps, found)
    return kept[net][1]


def _checking(net: MemoryNet) -> Work[_Checked]:
    right, seconds = yield from adders.grid_in_parts(net)
    yield 1.0
    return _Checked(right, seconds, dict(zip(LENGTHS, right_by_bits(net, LENGTHS), strict=True)))
