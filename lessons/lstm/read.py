"""A trained LSTM reads the visitor's sentence."""

from __future__ import annotations

from ui.blocks import prose
from ui.components.stepper import show_stepper
from ui.i18n import language
from ui.networks import chars
from ui.page import Content
from ui.state import View

URL = {"t": "t", "draw": "draw", "open": "open", "unit": "u", "value": "v"}
VALUES = ("c", "h", "f", "i", "o", "g")


def show(view: View, content: Content) -> None:
    """A trained LSTM reads the visitor's sentence; every gate of every unit."""
    prose(content["read"])
    corpus, typed = chars.controls(view)
    sort = chars.sort_control(view, corpus)
    model = chars.model_of("lstm", corpus)
    run = chars.run_of("lstm", corpus, typed, VALUES, sort, False, language())
    show_stepper(run, "lstm.read.stepper", url=URL)
    prose(content["equations"])
    prose(content["units"])
    chars.units_table(model)
    prose(content["card"], level=2, **chars.card_numbers(model))
