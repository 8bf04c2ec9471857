"""The first page: a review to judge, a network that already moves, and the map. Waits for torch only when asked to judge."""

from __future__ import annotations

import streamlit as st

from lessons import lecture_map, places
from ui.blocks import prose
from ui.components.lecture_map import show_map
from ui.components.stepper import show_stepper
from ui.i18n import language, text
from ui.lecture import HOME, PARTS, Link
from ui.networks.reviews import MOST, ask, is_clean, show_compact
from ui.networks.word import trained_run
from ui.page import Content, Lesson
from ui.server import warm
from ui.shell import link_to, name_of, page_of
from ui.state import View, string

FIRST = "hello"


def show(view: View, content: Content) -> None:
    """A review of the reader's, or a network that moves by itself; below it the way into the lecture."""
    ask(view)
    if view["text"]:
        warm.wait()
        of = show_compact(view["text"])
        link_to(Link("sentiment", {"of": of, "text": view["text"]}), text("home.more"))
    else:
        st.caption(text("home.strip"))
        show_stepper(trained_run(), "home.strip", compact=True, autoplay=True)
    prose(content["map"])
    written = {place.word for place in places()}
    parts = [
        {
            "title": text(f"shell.part_{part}"),
            "lessons": [
                {
                    "word": place.word,
                    "title": name_of(place.word),
                    "ready": place.word in written,
                    "first": place.word == FIRST,
                    "note": text("home.first") if place.word == FIRST else "",
                    "href": Link(place.word).href(language()),
                }
                for place in lecture_map()
                if place.part == part and place.word != HOME
            ],
        }
        for part in PARTS
    ]
    chosen = show_map([part for part in parts if part["lessons"]], name_of(HOME))
    st.caption(text("home.legend"))
    if chosen in written:
        view.write()
        st.switch_page(page_of(chosen))


LESSON = Lesson(
    HOME,
    params={"text": string("", MOST, is_clean)},
    chapters={"map": show},
    opened={"text": "Dull."},
)
