"""The frame around every page: title, styles, language, navigation."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from copy import copy
from functools import lru_cache
from pathlib import Path
from typing import Literal

import streamlit as st

from rnn_core.store import StoreError
from rnn_core.theme import css_variables
from ui.components.page_frame import set_page_frame
from ui.i18n import LANGUAGES, language, strings, text
from ui.lecture import HOME, PAGES, Link, Place
from ui.server import warm
from ui.server.arrival import language_of
from ui.state import View, choice, control, run_is_over

CSS = Path(__file__).with_name("shell.css").read_text("utf-8")


def run(places: Sequence[Place]) -> None:
    """Draw the frame and the current page; `places`: the lessons in the order of the lecture."""
    view = View("shell", {"lang": choice(tuple(LANGUAGES), language_of(st.context.locale))})
    st.session_state["lang"] = view["lang"]
    warm.greet()
    st.set_page_config(page_title=text("shell.name"), page_icon="🧵", layout="wide")
    st.html(f"<style>.stApp{{{css_variables()}}}\n{CSS}</style>")
    page = st.navigation(_menu(places), expanded=True)
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
    for page in ("home", "shell", "frame", "coming"):
        strings(page)


def _menu(places: Sequence[Place]) -> dict[str, list[st.Page]]:
    """The lessons by part; the developers' gallery is reachable by its address only."""
    menu: dict[str, list[st.Page]] = {}
    for place in places:
        menu.setdefault(text(f"shell.part_{place.part}"), []).append(page_of(place.word))
    first = next(iter(menu))
    menu[first].append(copy(_page("gallery", "Gallery", "hidden")))
    return menu


def name_of(word: str) -> str:
    """A lesson's name in the reader's language; `word` may be one of `ui.lecture.COMING`."""
    coming = strings("coming")
    return coming[word][language()] if word in coming else text(f"{word}.name")


def page_of(word: str) -> st.Page:
    """A lesson as a Streamlit page."""
    return copy(_page(word, name_of(word)))


def link_to(link: Link, label: str) -> None:
    """A link into a lesson, in the reader's language."""
    st.page_link(page_of(link.lesson), label=label, query_params={"lang": language(), **link.query})


@lru_cache(maxsize=64)
def _page(word: str, title: str, visibility: Literal["visible", "hidden"] = "visible") -> st.Page:
    """A page, not to be changed: making one asks the file system some seventy times, and gives way to other readers each time."""
    return st.Page(
        PAGES / f"{word}.py",
        title=title,
        url_path=word,
        default=word == HOME,
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
    return [(pair[other], pair[lang]) for pair in strings("frame").values() for other in LANGUAGES if other != lang]
