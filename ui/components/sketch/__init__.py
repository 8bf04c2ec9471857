"""A series drawn by hand, with the pointer or with the arrow keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from rnn_core.theme import css_variables
from ui.components import packed

HERE = Path(__file__).parent


def show_sketch(key: str, values: Sequence[int], label: str, on_change: Callable[[list[int]], None]) -> None:
    """Draw `values`, whole numbers from 0 to 99. `on_change` gets the new ones when the reader lets go; a message that is not
    as many such numbers is dropped."""

    def changed() -> None:
        found = read_values(st.session_state[key].get("values"), len(values))
        if found is not None:
            on_change(found)

    _component()(key=key, data=packed({"values": list(values), "label": label}), on_values_change=changed)


def read_values(message: Any, count: int) -> list[int] | None:
    """So many whole numbers from 0 to 99, or None.

    >>> read_values([0, 99], 2), read_values([0, 100], 2), read_values([0], 2), read_values("00", 2)
    ([0, 99], None, None, None)
    """
    if not isinstance(message, Sequence) or isinstance(message, str) or len(message) != count:
        return None
    if not all(type(v) is int and 0 <= v <= 99 for v in message):
        return None
    return [int(v) for v in message]


@cache
def _component() -> Any:
    css = (HERE / "sketch.css").read_text("utf-8")
    return st.components.v2.component(
        "unrolled_sketch",
        html=(HERE / "sketch.html").read_text("utf-8"),
        css=f".sketch{{{css_variables()}}}\n{css}",
        js=(HERE / "sketch.js").read_text("utf-8"),
    )
