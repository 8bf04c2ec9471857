"""Tells the browser the page's language (Streamlit itself always says English)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from ui.components import packed


def set_page_language(lang: str) -> None:
    """Set `<html lang>`; draws nothing."""
    _component()(key="page_language", data=packed({"lang": lang}), height=1)


@cache
def _component() -> Any:
    source = Path(__file__).parent / "page_language.js"
    return st.components.v2.component("unrolled_page_language", js=source.read_text("utf-8"))
