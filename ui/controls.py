"""Streamlit's controls with the bounds of their parameters: what a link may say and what a control offers is the same, said once.

a.slider(text("sine.window"), **between(view, "window"))
a.select_slider(text("gru.hidden"), **one_of(view, "hidden"))
choose(view, "z", text("gru.z"), {"torch": "PyTorch", "chung": "Chung et al."})
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ui.state import View, control


def between(view: View, key: str, low: int | None = None, high: int | None = None) -> dict[str, Any]:
    """For `st.slider` and `st.number_input`: value, change and bounds of a whole number; `low` and `high` narrow the bounds, where
    they depend on what else is chosen.

    Raises ValueError for bounds outside those of the parameter.
    """
    param = view.params[key]
    least, most = param.low if low is None else low, param.high if high is None else high
    if param.low is None or param.high is None or least is None or most is None:
        raise ValueError(f"{view.name}.{key} is no whole number with bounds")
    if not param.low <= least <= most <= param.high:
        raise ValueError(f"{view.name}.{key} lies in {param.low} … {param.high}, not {least} … {most}")
    return {"min_value": least, "max_value": most, **control(view, key)}


def one_of(view: View, key: str) -> dict[str, Any]:
    """For `st.select_slider` and `st.selectbox`: value, change and all options of a parameter.

    Raises ValueError for a parameter that has no list of options.
    """
    param = view.params[key]
    options: Any = param.options
    if not options and param.low is not None and param.high is not None:
        options = range(param.low, param.high + 1)
    if not options:
        raise ValueError(f"{view.name}.{key} has no list of options")
    return {"options": options, **control(view, key)}


def choose(view: View, key: str, label: str, names: Mapping[Any, str], place: Any = st) -> None:
    """A row of buttons of which one is on; `names` says what stands on each, by its value."""
    place.segmented_control(label, list(names), format_func=names.__getitem__, required=True, **control(view, key))
