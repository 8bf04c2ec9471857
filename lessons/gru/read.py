"""Chapter `read` of the lesson `gru`."""

from __future__ import annotations

from figures.gates import compare_figure
from lessons.gru.shared import NAMES
from ui.blocks import chart, prose
from ui.components.page_frame import is_dark
from ui.components.stepper import show_stepper
from ui.controls import choose
from ui.i18n import language, text
from ui.networks import chars
from ui.page import Content
from ui.state import View

URL = {"t": "t", "draw": "draw", "open": "open", "unit": "u", "value": "v"}
VALUES = ("h", "z", "r", "n")


def show(view: View, content: Content) -> None:
    """A trained GRU reads the visitor's sentence; z in both conventions."""
    prose(content["read"])
    corpus, typed = chars.controls(view)
    sort = chars.sort_control(view, corpus)
    names = {name: text(f"gru.z_{name}") for name in ("torch", "chung")}
    choose(view, "z", text("gru.z"), names)
    chung = view["z"] == "chung"
    model = chars.model_of("gru", corpus)
    run = chars.run_of("gru", corpus, typed, VALUES, sort, chung, language())
    show_stepper(run, "gru.read.stepper", url=URL)
    if len(typed) > 1:
        readings = {cell: chars.reading_of(cell, corpus, typed) for cell in ("gru", "lstm")}
        curves = {NAMES[cell]: (cell, -r.next_log_p()) for cell, r in readings.items()}
        labels = {name: text(f"gru.{name}") for name in ("axis_char", "axis_surprise")}
        chart(
            compare_figure([chars.shown_char(c) for c in typed[1:]], curves, labels, is_dark()),
            "gru.surprise",
            text("gru.surprise_alt"),
        )
    prose(content["equations-chung" if chung else "equations"])
    prose(content["conventions"])
    prose(content["units"])
    chars.units_table(model)
    prose(content["card"], level=2, **chars.card_numbers(model))
