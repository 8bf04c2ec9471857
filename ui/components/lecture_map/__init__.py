"""The map of the lecture: parts in order, one card per lesson, what is ready in full ink."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from rnn_core.theme import css_variables
from ui.components import packed

HERE = Path(__file__).parent


def show_map(parts: Sequence[Mapping[str, Any]], title: str) -> str | None:
    """Draw the map; returns the word of the lesson that the reader just chose, if any.

    `parts`: {"title", "lessons": [{"word", "title", "note", "ready", "first", "href"}]}, all ready to show.
    """
    result = _component()(
        key="lecture_map",
        data=packed({"parts": list(parts), "title": title}),
        on_open_change=lambda: None,
    )
    return None if result.open is None else str(result.open)


@cache
def _component() -> Any:
    return st.components.v2.component(
        "unrolled_map",
        html=(HERE / "lecture_map.html").read_text("utf-8"),
        css=f".map{{{css_variables()}}}\n" + (HERE / "lecture_map.css").read_text("utf-8"),
        js=(HERE / "lecture_map.js").read_text("utf-8"),
    )
