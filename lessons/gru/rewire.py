"""Chapter `rewire` of the lesson `gru`."""

from __future__ import annotations

import streamlit as st

from ui.blocks import prose
from ui.components.rewire import show_rewire as rewiring
from ui.i18n import text
from ui.page import Content
from ui.state import View


def show(view: View, content: Content) -> None:
    """From LSTM to GRU in five drawings, one wire at a time."""
    prose(content["rewire"])
    rewiring(
        "gru.rewire",
        view["frame"],
        strings={n: text(f"gru.rewire_{n}") for n in ("play", "back", "next", "label")},
        on_change=lambda k: view.__setitem__("frame", k),
    )
    st.markdown(text(f"gru.frame_{view['frame']}"))
    prose(content["rewire-after"])
