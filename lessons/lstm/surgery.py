"""A gate or a state held by hand from some character on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import streamlit as st

from figures.gates import surprise_figure
from lessons.lstm.gates import show_gates
from lessons.lstm.shared import operated
from rnn_core.forward.surgery import Clamp
from rnn_core.networks.char_lm import CharReading
from rnn_core.stepper.run import Run
from ui.blocks import chart, escaped, prose
from ui.components.page_frame import is_dark
from ui.components.stepper import show_stepper
from ui.controls import between
from ui.i18n import language, text
from ui.networks import chars
from ui.page import Content
from ui.state import View, control

URL = {"t": "t", "draw": "draw", "open": "open", "unit": "u", "value": "v"}
VALUES = ("c", "h", "f", "i", "o", "g")


def show(view: View, content: Content) -> None:
    """Hold a gate, a unit or the state, and read what becomes of the rest beside the untouched run."""
    prose(content["surgery"])
    corpus, typed = chars.controls(view)
    model = chars.model_of("lstm", corpus)
    clamps = _clamps(view, len(typed), model.rnn.hidden_size)
    plain = chars.reading_of("lstm", corpus, typed)
    held = held_of(corpus, typed, tuple(clamps))
    if len(typed) > 1:
        _surprise(typed, plain, held, clamps)
    run = run_of(corpus, typed, tuple(clamps), language())
    first = clamps[0].start if clamps else 0  # what is held, from the first look on
    show_stepper(run, "lstm.surgery.stepper", url=URL, before="edit", start=first)
    prose(content["gates-at-work"])
    show_gates()


@lru_cache(maxsize=16)
def held_of(corpus: str, typed: str, clamps: tuple[Clamp, ...]) -> CharReading:
    """The reading with values held by hand; read only."""
    return operated(chars.model_of("lstm", corpus), typed, clamps)


@lru_cache(maxsize=8)
def run_of(corpus: str, typed: str, clamps: tuple[Clamp, ...], lang: str) -> Run:
    """The same as a run of the stepper in the page's language `lang`, beside the untouched one."""
    assert lang == language()
    plain = chars.reading_of("lstm", corpus, typed)
    run = chars.char_run(held_of(corpus, typed, clamps), VALUES, "moves", before=plain)
    for clamp in clamps:
        run.mark_held("l0", clamp.name, clamp.start, clamp.stop or len(typed), clamp.units)
    return run


def _surprise(typed: str, plain: CharReading, held: CharReading, clamps: Sequence[Clamp]) -> None:
    """How well each character was predicted, with and without the hold."""
    before, after = (reading.next_log_p() for reading in (plain, held))
    where = (clamps[0].start, clamps[0].stop or len(typed)) if clamps else None
    labels = {name: text(f"lstm.run_{name}") for name in ("untouched", "operated", "held")}
    labels |= {name: text(f"lstm.{name}") for name in ("axis_char", "axis_surprise")}
    shown = [chars.shown_char(c) for c in typed[1:]]
    chart(
        surprise_figure(shown, -before, -after, where, labels, is_dark()),
        "lstm.surprise",
        text("lstm.surprise_alt"),
    )
    if (before == after).all():
        st.info(text("lstm.surgery_nothing"))
        return
    st.markdown(
        text(
            "lstm.surgery_now",
            before=f"{-before.mean():.2f}",
            after=f"{-after.mean():.2f}",
            worst=escaped(shown[int((before - after).argmax())]),
            at=int((before - after).argmax()) + 2,
        )
    )


def _clamps(view: View, T: int, H: int) -> list[Clamp]:
    names = {name: text(f"lstm.hold_{name}") for name in ("f", "i", "o", "g", "c", "h")}
    a, b = st.columns(2)
    a.selectbox(text("lstm.hold"), list(names), format_func=names.__getitem__, **control(view, "hold"))
    gate = view["hold"] in ("f", "i", "o")
    view["to"] = max(view["to"], 0) if gate else view["to"]
    b.slider(text("lstm.to"), step=5, format="%d%%", **between(view, "to", low=0 if gate else -100))
    a, b = st.columns(2)
    view["from"], view["until"] = min(view["from"], T), min(view["until"], T)
    view["until"] = max(view["from"], view["until"])
    if T > 1:
        a.slider(text("lstm.from"), **between(view, "from", high=T))
        b.slider(text("lstm.until"), **between(view, "until", high=T))
    typed = st.text_input(text("lstm.which"), max_chars=60, **control(view, "which")) or ""
    units, problem = split_units(typed, H)
    if problem:
        st.warning(text(f"lstm.problem_{problem}", most=H - 1))
    last = max(view["from"], view["until"])
    return [Clamp(view["hold"], view["to"] / 100, view["from"] - 1, last, units)]


def split_units(typed: str, H: int) -> tuple[tuple[int, ...] | None, str | None]:
    """Unit numbers apart by commas or spaces; None for all units, also where there is a problem ("units").

    >>> split_units("3, 7 7", 10), split_units("", 10), split_units("12", 10)
    (((3, 7), None), (None, None), (None, 'units'))
    """
    pieces = typed.replace(",", " ").replace("、", " ").split()
    if not pieces:
        return None, None
    if not all(p.isascii() and p.isdigit() and len(p) < 5 and int(p) < H for p in pieces):
        return None, "units"
    return tuple(dict.fromkeys(int(p) for p in pieces)), None
