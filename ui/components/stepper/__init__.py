"""The stepper of `rnn_core.stepper` on a page of ours: what the reader changes in it comes back to Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeGuard

import streamlit as st

from rnn_core.stepper import front, strings
from rnn_core.stepper.run import Run
from rnn_core.theme import css_variables
from ui.components import packed
from ui.i18n import language

DRAWINGS = ("unrolled", "folded", "box", "lstm_style", "cut")


@dataclass(frozen=True)
class Edit:
    """A weight that the reader typed over: `weight[row, col]` (or `weight[row]`) of a lane or "readout"."""

    owner: str
    weight: str
    row: int
    col: int | None
    value: float


def show_stepper(
    run: Run,
    key: str,
    *,
    url: Mapping[str, str] | None = None,
    drawing: str = "unrolled",
    start: int = 0,
    compact: bool = False,
    autoplay: bool = False,
    veil: Mapping[str, Any] | None = None,
    before: str = "training",
    on_edit: Callable[[Edit], None] | None = None,
) -> None:
    """Draw a run.

    `url` names the query parameters that keep step, drawing and open number ({"t": "t", "draw": "draw",
    "open": "open"}); the browser reads and writes them itself. `before` says what lies between the run and the
    one it is compared with: "training" or "edit". `drawing` is one of `DRAWINGS`. `veil` hides
    nodes until a prediction is made: {"nodes": ["y", "p"], "from": 0}. `on_edit` makes weights editable. `autoplay`: whether it
    begins to play by itself, round and round until touched, unless the reader prefers less motion.
    """
    if drawing not in DRAWINGS:
        raise ValueError(f"drawing must be one of {DRAWINGS}, got {drawing!r}")
    kept = f"{key}.rows"

    def edited() -> None:
        edit = _read_edit(st.session_state[key].get("edit"))
        if on_edit is not None and edit is not None:
            on_edit(edit)

    def asked() -> None:
        question = st.session_state[key].get("ask")
        lane, unit = _read_question(question)
        weights = run.weights_of_unit(lane, unit)
        if weights is not None:
            st.session_state[kept] = {"lane": lane, "unit": unit, "weights": weights}

    _component()(
        key=key,
        data=packed(
            {
                "lang": language(),
                "strings": strings(language()),
                "url": None if url is None else dict(url),
                "options": {
                    "drawing": drawing,
                    "start": start,
                    "compact": compact,
                    "autoplay": autoplay,
                    "veil": None if veil is None else dict(veil),
                    "editable": on_edit is not None,
                    "before": before,
                },
                "rows": st.session_state.get(kept),
            },
            run.text,
        ),
        on_edit_change=edited,
        on_ask_change=asked,
    )


def _read_edit(message: Any) -> Edit | None:
    """An edit as the browser sends it; anything else (a hand-made message) is dropped."""
    if not isinstance(message, Mapping):
        return None
    owner, weight, row = message.get("owner"), message.get("weight"), message.get("row")
    col, value = message.get("col"), message.get("value")
    if not (isinstance(owner, str) and isinstance(weight, str)):
        return None
    if not (_is_index(row) and (col is None or _is_index(col))):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not -10 <= value <= 10:
        return None
    return Edit(owner, weight, row, col, float(value))


def _is_index(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value < 100_000


def _read_question(message: Any) -> tuple[str, int]:
    """The lane and unit whose weights the browser asks for; nothing sensible becomes no lane at all."""
    if not isinstance(message, Mapping):
        return "", 0
    lane, unit = message.get("lane"), message.get("unit")
    return (lane, unit) if isinstance(lane, str) and _is_index(unit) else ("", 0)


@cache
def _component() -> Any:
    html, css, js = front()
    return st.components.v2.component("unrolled_stepper", html=html, css=f".stepper{{{css_variables()}}}\n{css}", js=js)
