"""Gates drawn by hand: one bar per step and gate; cell and output follow while the reader drags."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from rnn_core.theme import css_variables
from ui.components import packed

HERE = Path(__file__).parent
GATES = ("f", "i", "o")


def show_sandbox(
    key: str,
    x: Sequence[float],
    c_0: float,
    gates: Mapping[str, Sequence[float]],
    wanted: Mapping[str, Sequence[float | None]],
    strings: Mapping[str, str],
    on_change: Callable[[dict[str, list[float]]], None],
) -> None:
    """Draw the unit. `gates` f, i, o in 0 … 1 per step; `wanted` c and h per step, None where anything goes.

    `on_change` gets the gates when the reader lets go; a message that is not three rows of numbers in 0 … 1 is dropped.
    """

    def changed() -> None:
        found = read_gates(st.session_state[key].get("gates"), len(x))
        if found is not None:
            on_change(found)

    _component()(
        key=key,
        data=packed(
            {
                "x": list(x),
                "c0": c_0,
                "gates": {name: list(gates[name]) for name in GATES},
                "wanted": {name: list(row) for name, row in wanted.items()},
                "strings": dict(strings),
            }
        ),
        on_gates_change=changed,
    )


def read_gates(message: Any, T: int) -> dict[str, list[float]] | None:
    """Three rows of T numbers in 0 … 1, or None.

    >>> read_gates({"f": [1], "i": [0.5], "o": [0]}, 1)
    {'f': [1.0], 'i': [0.5], 'o': [0.0]}
    >>> read_gates({"f": [2], "i": [0], "o": [0]}, 1) is None
    True
    """
    if not isinstance(message, Mapping):
        return None
    out = {}
    for name in GATES:
        row = message.get(name)
        if not isinstance(row, Sequence) or isinstance(row, str) or len(row) != T:
            return None
        if not all(type(v) in (int, float) and 0 <= v <= 1 for v in row):
            return None
        out[name] = [float(v) for v in row]
    return out


@cache
def _component() -> Any:
    css = (HERE / "sandbox.css").read_text("utf-8")
    return st.components.v2.component(
        "unrolled_sandbox",
        html=(HERE / "sandbox.html").read_text("utf-8"),
        css=f".sandbox{{{css_variables()}}}\n{css}",
        js=(HERE / "sandbox.js").read_text("utf-8"),
    )
