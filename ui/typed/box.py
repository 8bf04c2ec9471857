"""Boxes that visitors type into, drawn and read: one text in the link, a long text in the session, examples to pick.

now = text_box(view, "text", text("chars.text"), read, first=EXAMPLES[corpus], height=96)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import streamlit as st

from ui.state import View


class Read(NamedTuple):
    """What a typed text is, normalised, and what is wrong with it: a sentence in the page's language, None if nothing is."""

    text: str
    wrong: str | None


class Boxed(NamedTuple):
    """The good text in force, and whether it is what stands in the box now."""

    text: str
    fine: bool


def text_box(
    view: View,
    key: str,
    label: str,
    read: Callable[[str], Read],
    *,
    first: str | None = None,
    place: Any = st,
    note: str = "",
    **options: Any,
) -> Boxed:
    """A box whose text is the parameter `key`, and so in the link, as long as `read` finds nothing wrong with it.

    What is wrong gets its sentence below the box: the last good text stays in force, what was typed stays in the box, also in the
    other language. The box, NAME.KEY.box, changes only with the parameter and with `first`: another link, Back, a picked example.

    `first`: the text for the parameter's default (by default that itself); typed again, it is the default again. It is also in
    force where the parameter itself cannot be read: a link brought it, or what it is read for has changed.
    `note`: a caption between the box and the sentence; `options` go to Streamlit, and with a `height` the box is a text area.
    """
    default = view.params[key].default
    first = default if first is None else first
    box = f"{view.name}.{key}.box"
    now = first if view[key] == default else view[key]
    if box not in st.session_state or now != st.session_state.get(f"{box}.good"):
        st.session_state[box] = now
    draw = place.text_area if "height" in options else place.text_input
    typed = _plain(draw(label, key=box, **options))
    if note:
        place.caption(note)
    found = read(typed)
    if found.wrong is None:
        now = found.text
        view[key] = default if now == first else now
    else:
        place.warning(found.wrong)
    st.session_state[f"{box}.good"] = now
    if found.wrong is not None and read(now).wrong is not None:
        now = first
    return Boxed(now, found.wrong is None)


def kept_box(key: str, label: str, place: Any = st, **options: Any) -> str:
    """A box for a text too long for a link; it stays in the session while the reader is in other chapters."""
    kept = f"{key}.kept"
    if key not in st.session_state:  # Streamlit forgets a box that was not drawn for a while
        st.session_state[key] = st.session_state.get(kept, "")
    typed = _plain(place.text_area(label, key=key, **options))
    st.session_state[kept] = typed
    return typed


def example_box(view: View, key: str, label: str, examples: Mapping[str, str], now: str, own: str) -> None:
    """A list of examples for the `text_box` of the same `key`, its `first` at the head.

    `examples`: how each text is shown; `now`: the text in force; `own` stands there if that is no example.
    """
    pick, first = f"{view.name}.pick", next(iter(examples))
    st.session_state[pick] = now if now in examples else None

    def picked() -> None:
        chosen = st.session_state[pick]
        if chosen in list(examples):  # a hand-made message may choose anything
            view.take(key, view.params[key].default if chosen == first else chosen)

    st.selectbox(
        label,
        list(examples),
        format_func=examples.__getitem__,
        index=None,
        placeholder=own,
        key=pick,
        on_change=picked,
    )


def _plain(typed: Any) -> str:
    """What a box holds; nothing for what is no text, which a hand-made message can put there."""
    return typed if isinstance(typed, str) else ""
