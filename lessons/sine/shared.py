"""What several chapters of the lesson `sine` use."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import streamlit as st
import torch
import torch.nn.functional as F
from torch import Tensor

from figures.sine import (
    prediction_figure,
)
from lessons.sine import series
from lessons.sine.series import LEAST, MOST, PASTED, SOURCES
from rnn_core.labs.remember import MemoryNet
from rnn_core.labs.sine import (
    free_run,
    held_until,
    lag,
    one_step,
)
from ui.blocks import chart, escaped, number_of, signed, table
from ui.components.page_frame import is_dark
from ui.components.sketch import show_sketch
from ui.controls import choose
from ui.i18n import text
from ui.state import View
from ui.typed import tables, upload
from ui.typed.box import kept_box
from ui.typed.tables import TableError

EPOCHS = (100, 500, 3000)


def chosen_series(view: View) -> Tensor:
    """The series that is chosen; a visitor's own stays for the session."""
    names = {s: text(f"sine.source_{s}") for s in SOURCES}
    choose(view, "source", text("sine.source"), names)
    if view["source"] == "drawn":
        drawn = series.decode_drawn(view["drawn"]) or series.first_drawn()
        show_sketch(
            "sine.sketch",
            drawn,
            text("sine.sketch"),
            lambda found: view.__setitem__("drawn", series.encode_drawn(found)),
        )
        st.caption(text("sine.sketch_note"))
        try:
            return _scaled(drawn)
        except TableError as error:
            _told(error)
    if view["source"] == "own":
        try:
            own = _own()
        except TableError as error:
            _told(error)
        else:
            if own is not None:
                return own
    return series.made("noisy" if view["source"] == "noisy" else "sine")


def _told(error: TableError) -> None:
    """What is wrong with a series, and that the sine stands in for it."""
    own = {"empty", "few", "many", "flat", "far"}
    where = "sine" if error.problem in own else "tables"
    why = text(f"{where}.problem_{error.problem}", **tables.told(error), least=LEAST, most=MOST)
    st.warning(f"{why} {text('sine.instead')}")


def _scaled(values: Sequence[float]) -> Tensor:
    """The values brought to the scale of those that are trained on, and a word about it."""
    found = series.prepared(values)
    split = series.split_of(values)
    rest = found[split:]
    st.caption(text("sine.scaled", trained=split, low=signed(float(rest.min())), high=signed(float(rest.max()))))
    return found


def _own() -> Tensor | None:
    """A visitor's numbers, pasted or from a file; None (and a sentence) until there are some. Raises TableError."""
    a, b = st.columns(2)
    typed = kept_box("sine.own.box", text("sine.paste"), a, height=120, max_chars=PASTED)
    file = upload.uploader(text("sine.upload"), ["csv", "txt"], "sine.file", b)
    if file is None:
        if not typed.strip():
            st.info(text("sine.none_yet"))
            return None
        found = upload.once("sine.own.read", typed, lambda: series.columns_of(typed))
    else:
        plain = upload.once("sine.own.plain", file.file_id, lambda: tables.text_of(file.getvalue()))
        tables.tell_encoding(plain)
        found = upload.once("sine.own.read", file.file_id, lambda: series.columns_of(plain.text))
    name = found.names[0]
    if len(found.names) > 1:
        chosen = st.selectbox(text("sine.column"), found.names, index=None, key="sine.column")
        if chosen not in found.names:
            st.info(text("sine.choose"))
            return None
        name = chosen
    column = series.numbers_of(found, name)
    said = [text("sine.own_note", count=len(column.values))]
    if found.named:
        said.append(text("tables.named", name=escaped(name)))
    if column.comma:
        said.append(text("tables.decimal" if column.comma == "decimal" else "tables.thousands"))
    st.caption(" ".join(said))
    return _scaled(column.values)


@lru_cache(maxsize=16)
def _predicted(
    net: MemoryNet, steps: int, series: tuple[float, ...], split: int, window: int
) -> tuple[Tensor, Tensor, dict[str, tuple[float, float]]]:
    """One step ahead, free run, and the errors of both, once for the weights after `steps` steps; read only."""
    del steps  # tells the weights of one net apart
    values = torch.tensor(series)
    ahead = one_step(net, values, window)
    free = free_run(net, values[split - window : split], len(values) - split)
    return ahead, free, prediction_errors(values, split, ahead, free, window)


def show_prediction(net: MemoryNet, steps: int, values: Tensor, split: int, window: int) -> None:
    """One step ahead over the whole series, running free from the split on, and what both are worth on what is new."""
    W = window
    ahead, free, errors = _predicted(net, steps, tuple(values.tolist()), split, W)
    labels = {n: text(f"sine.line_{n}") for n in ("truth", "one_step", "free", "split")} | {"t": text("sine.t")}
    chart(
        prediction_figure(values.tolist(), split, (W, ahead.tolist()), (split, free.tolist()), labels, is_dark()),
        "sine.prediction",
        text("sine.prediction_alt"),
    )
    table([text(f"sine.head_{n}") for n in ("way", "error", "lag")], prediction_rows(errors))
    st.caption(f"{text('sine.on_new')} {held_told(held_until(free, values[split:]), len(free))}")


def held_told(held: int, steps: int) -> str:
    """How long a free run stayed near the truth, in words."""
    key = "sine.held_all" if held == steps else "sine.held"
    return text(key, held=f"{held:,}", steps=f"{steps:,}")


def prediction_errors(
    values: Tensor, split: int, ahead: Tensor, free: Tensor, window: int
) -> dict[str, tuple[float, float]]:
    """Mean squared error and lag on the values after the split: one step ahead, running free, and the last value again."""
    truth = values[split:]
    ways = {"one_step": ahead[split - window :], "free": free, "floor": values[split - 1 : -1]}
    return {
        name: (float(F.mse_loss(said, truth)), math.nan if name == "free" else lag(said, truth))
        for name, said in ways.items()
    }


def prediction_rows(errors: Mapping[str, tuple[float, float]]) -> list[list[str]]:
    """`prediction_errors` as the table says them; no lag is told of a free run, which drifts."""
    return [
        [text(f"sine.way_{name}"), number_of(error), "—" if math.isnan(late) else signed(late)]
        for name, (error, late) in errors.items()
    ]
