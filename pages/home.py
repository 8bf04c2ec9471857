"""The first page: a review to judge, a network that already moves, and the map. Waits for torch only when asked to judge."""

import streamlit as st

from ui.blocks import prose
from ui.components.lecture_map import show_map
from ui.components.stepper import show_stepper
from ui.i18n import lesson, text
from ui.lecture import LESSONS, PARTS, lessons_of
from ui.networks.reviews import MOST, ask, is_clean, show_compact
from ui.networks.word import trained_run
from ui.server import warm
from ui.shell import page_of
from ui.state import View, string

FIRST = "hello"

view = View("home", {"text": string("", MOST, is_clean)})
content = lesson("home")
prose(content["title"], level=1)
ask(view)
if view["text"]:
    warm.wait()
    of = show_compact(view["text"])
    lesson_of_it = next(item for item in LESSONS if item.word == "sentiment")
    st.page_link(
        page_of(lesson_of_it),
        label=text("home.more"),
        query_params={"lang": st.session_state["lang"], "of": of, "text": view["text"]},
    )
else:
    st.caption(text("home.strip"))
    show_stepper(trained_run(), "home.strip", compact=True, autoplay=True)
prose(content["map"])
parts = [
    {
        "title": text(f"shell.part_{part}"),
        "lessons": [
            {
                "word": item.word,
                "title": text(f"shell.lesson_{item.word}"),
                "ready": item.ready,
                "first": item.word == FIRST,
                "note": text("home.first") if item.word == FIRST else "",
                "href": f"{item.word}?lang={st.session_state['lang']}",
            }
            for item in lessons_of(part)
            if item.word != "home"
        ],
    }
    for part in PARTS
]
chosen = show_map([part for part in parts if part["lessons"]], text("shell.lesson_home"))
ready = {item.word: item for item in LESSONS if item.ready}
st.caption(text("home.legend"))
view.write()
if chosen in ready:
    st.switch_page(page_of(ready[chosen]))
