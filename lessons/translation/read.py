"""A sentence translated word by word, with encoder, hand-over, attention and every number."""

from __future__ import annotations

import streamlit as st

from ui.blocks import escaped, prose
from ui.components.stepper import show_stepper
from ui.i18n import language, text
from ui.networks import translators as translations
from ui.page import Content
from ui.state import View

URL = {"t": "t", "draw": "draw", "open": "open"}


def show(view: View, content: Content) -> None:
    """Encoder and decoder on one bar; the thought vector handed over; every weight of the attention openable."""
    prose(content["read"])
    model, words = translations.controls(view)
    direction = translations.direction_of(view)
    reading = translations.reading_of(direction, tuple(words))
    best = translations.hypothesis_of(reading)
    said = translations.final(model, words, best)
    st.markdown(text("translation.says", said=escaped(said)))
    translations.explain_mark(said, *translations.named(reading))
    run = translations.run_of(language(), direction, tuple(words))
    show_stepper(run, "translation.read.stepper", url=URL, start=len(words))
    for section in ("thought-vector", "equations", "scores"):
        prose(content[section])
    prose(content["crossing"], level=2, **translations.end_shares() | translations.verb_shares())
    prose(content["unknown"], level=2, **translations.card_numbers(direction))
