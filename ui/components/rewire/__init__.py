"""From LSTM to GRU: one drawing whose wires move from frame to frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from rnn_core.theme import css_variables
from ui.components import packed

HERE = Path(__file__).parent
FRAMES = 5


def show_rewire(key: str, frame: int, strings: Mapping[str, str], on_change: Callable[[int], None]) -> None:
    """Draw frame 1 (LSTM) to 5 (GRU); `on_change` hears which one the reader went to."""

    def changed() -> None:
        found = st.session_state[key].get("frame")
        if type(found) is int and 1 <= found <= FRAMES:
            on_change(found)

    _component()(
        key=key,
        data=packed({"frame": frame, "frames": FRAMES, "strings": dict(strings)}),
        on_frame_change=changed,
    )


@cache
def _component() -> Any:
    return st.components.v2.component(
        "unrolled_rewire",
        html=(HERE / "rewire.html").read_text("utf-8"),
        css=f".rewire{{{css_variables()}}}\n" + (HERE / "rewire.css").read_text("utf-8"),
        js=(HERE / "rewire.js").read_text("utf-8"),
    )
