"""Chapter `read` of the lesson `sentiment`."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from lessons.sentiment.shared import URL, card_slope, curves
from rnn_core.stepper.run import Run
from ui.blocks import percent, prose
from ui.components.stepper import show_stepper
from ui.i18n import language, text
from ui.networks import reviews
from ui.networks.reviews import NAMES
from ui.page import Content
from ui.state import View, control


def show(view: View, content: Content) -> None:
    """The verdict on the visitor's text after every word, with the network behind it."""
    prose(content["read"])
    of, typed = reviews.controls(view)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        cell = reviews.cell_control(view)
        st.toggle(text("sentiment.all"), **control(view, "all"))
    model = reviews.model_of(cell, of)
    tokens = model.tokens(typed)
    first = tuple(tokens[: reviews.OPENED])
    said, p = reviews.judge(model, tokens)
    st.markdown(
        text(
            f"sentiment.said_{said}",
            p=percent(p),
            net=NAMES[cell],
            bag=percent(reviews.floor_positive(of, tokens)),
        )
    )
    reviews.show_strange(model, tokens)
    if len(tokens) > reviews.OPENED:
        st.info(text("sentiment.opened", words=len(tokens), most=reviews.OPENED))
    run = _read_run(cell, of, first, view["all"], language())
    show_stepper(run, "sentiment.read.stepper", url=URL, start=len(first) - 1)
    slope = f"{card_slope(cell, of):.1f}"
    for section in ("bidirectional",) if model.both else ("equations", "many-to-one"):
        prose(content[section], slope=slope)


@lru_cache(maxsize=12)
def _read_run(cell: str, of: str, tokens: tuple[str, ...], every: bool, lang: str) -> Run:
    """The reading in the page's language `lang`: a room of readers opens the same examples."""
    assert lang == language()
    reading = reviews.model_of(cell, of).read_tokens(list(tokens))
    return reviews.review_run(reading, curves(reading, cell, of, every))
