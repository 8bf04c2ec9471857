"""The frame around every page: title, styles, language, navigation."""

from __future__ import annotations

import importlib
from copy import copy
from functools import lru_cache
from pathlib import Path
from typing import Literal

import streamlit as st

from rnn_core.store import StoreError
from rnn_core.theme import css_variables
from ui.components.page_frame import set_page_frame
from ui.i18n import LANGUAGES, strings, text
from ui.lecture import LESSONS, PARTS, Lesson, lessons_of
from ui.server import warm
from ui.server.arrival import language_of
from ui.state import View, choice, control, run_is_over

CSS = Path(__file__).with_name("shell.css").read_text("utf-8")


def run() -> None:
    """Draw the frame and the current page."""
    view = View("shell", {"lang": choice(tuple(LANGUAGES), language_of(st.context.locale))})
    st.session_state["lang"] = view["lang"]
    warm.greet()
    st.set_page_config(page_title=text("shell.name"), page_icon="🧵", layout="wide")
    st.html(f"<style>.stApp{{{css_variables()}}}\n{CSS}</style>")
    page = st.navigation(_menu(), expanded=True)
    _language_switch(view)
    set_page_frame(view["lang"], _streamlit_words(view["lang"]))
    try:
        page.run()
    except StoreError as error:  # this lesson cannot be shown; the frame and all others go on
        told = text(f"shell.store_{error.problem}", file=error.file)
        st.error(f"{told}\n\n{text('shell.store_remake')}\n\n```\n{error.command}\n```")
    except Exception:
        # a run that Streamlit cuts short (no Exception) leaves what was set for the next one
        run_is_over()
        raise
    view.write(always=("lang",))  # last: an address with a language is complete (page_frame.js)
    run_is_over()


def prepare() -> None:
    """Import what home draws and read its texts, so that the first visitor does not wait for it."""
    for name in (
        "ui.components.lecture_map",
        "ui.components.stepper",
        "ui.networks.word",
        "ui.blocks",
        "ui.networks.reviews",
    ):
        importlib.import_module(name)
    for page in ("home", "shell", "frame", "stepper"):
        strings(page)


def _menu() -> dict[str, list[st.Page]]:
    """The ready lessons by part; the developers' gallery is reachable by its address only."""
    menu: dict[str, list[st.Page]] = {}
    for part in PARTS:
        ready = [lesson for lesson in lessons_of(part) if lesson.ready]
        if ready:
            menu[text(f"shell.part_{part}")] = [page_of(lesson) for lesson in ready]
    first = next(iter(menu))
    menu[first].append(copy(_page("gallery", "Gallery", "hidden")))
    return menu


def page_of(lesson: Lesson) -> st.Page:
    """A lesson as a Streamlit page."""
    return copy(_page(lesson.word, text(f"shell.lesson_{lesson.word}")))


@lru_cache(maxsize=64)
def _page(word: str, title: str, visibility: Literal["visible", "hidden"] = "visible") -> st.Page:
    """A page, not to be changed: making one asks the file system some seventy times, and gives way to other readers each time."""
    return st.Page(
        Lesson(word, "").page,
        title=title,
        url_path=word,
        default=word == LESSONS[0].word,
        visibility=visibility,
    )


def _language_switch(view: View) -> None:
    with st.container(horizontal=True, horizontal_alignment="right", key="language"):
        st.segmented_control(
            text("shell.language"),
            list(LANGUAGES),
            format_func=lambda code: LANGUAGES[code],
            label_visibility="collapsed",
            required=True,
            width="content",
            **control(view, "lang"),
        )


def _streamlit_words(lang: str) -> list[tuple[str, str]]:
    """Streamlit's own words in the other languages, and in this one."""
    return [
        (pair[other], pair[lang])
        for pair in strings("frame").values()
        for other in LANGUAGES
        if other != lang
    ]
