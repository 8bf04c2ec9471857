"""The page's language, told to the browser; Streamlit's own words put into it; whole addresses in its history; a rerun when the
reader changes the theme."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from ui.components import packed


def set_page_frame(lang: str, words: Sequence[tuple[str, str]]) -> None:
    """Set `<html lang>` and watch the theme; draws nothing.

    `words`: what may stand on the page in another language, and what is to stand there; {…} in both is whatever is put there.
    """
    _component()(
        key="page_frame",
        data=packed({"lang": lang, "dark": is_dark(), "words": words}),
        height=1,
        on_theme_change=lambda: None,
    )


def is_dark() -> bool:
    """Whether the reader's theme is dark, for figures that are drawn on the server."""
    return st.context.theme.type == "dark"


@cache
def _component() -> Any:
    source = Path(__file__).parent / "page_frame.js"
    return st.components.v2.component("unrolled_page_frame", js=source.read_text("utf-8"))
