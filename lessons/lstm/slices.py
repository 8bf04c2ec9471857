"""Which rows of the weights are which gate, and the visitor's own network stepped on their own numbers."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from functools import cache

import numpy as np
import streamlit as st
import torch
from torch import nn

from rnn_core.cells.gates import GATE_ORDER, gate_of_row
from rnn_core.forward.tracing import trace
from rnn_core.importers.torch_file import (
    RecurrentShape,
    StateDictError,
    build,
    find_recurrent,
    read_safetensors,
)
from rnn_core.stepper.run import Run, add_traced_lane
from ui.blocks import escaped, prose, table
from ui.components.stepper import show_stepper
from ui.controls import between, choose
from ui.i18n import text
from ui.page import Content
from ui.state import View, control
from ui.typed.box import Read, text_box
from ui.typed.upload import BYTES, MEGABYTES, uploader

MOST_STEPS, MOST_NUMBERS = 40, 4_000


def show(view: View, content: Content) -> None:
    """Which rows are which gate, and the visitor's own network stepped on their own numbers."""
    prose(content["slices"])
    table(
        [text(f"lstm.head_{n}") for n in ("library", "lstm_order", "gru_order", "layout")],
        [
            ["PyTorch", "i f g o", "r z n", "weight_ih_l0 (G·H, D)"],
            ["Keras", "i f c o", "z r h", "kernel (D, G·H)"],
        ],
    )
    prose(content["traps"])
    prose(content["own"])
    given = uploader(text("lstm.upload"), ["safetensors"], "lstm.upload")
    if given is None:
        tensors, name = example_tensors(), text("lstm.example")
    else:
        try:
            if given.size > BYTES:
                raise StateDictError("large")
            tensors, name = read_safetensors(given.getvalue()), given.name
            find_recurrent(tensors)
        except StateDictError as error:
            st.error(text(f"lstm.problem_{error.problem}", detail=escaped(error.detail), mb=MEGABYTES))
            tensors, name = example_tensors(), text("lstm.example")
    shapes = find_recurrent(tensors)
    _own_network(view, tensors, shapes, name)


@cache
def example_tensors() -> dict[str, np.ndarray]:
    """A small LSTM to look at until the visitor brings one."""
    torch.manual_seed(0)
    return {name: w.detach().numpy() for name, w in nn.LSTM(3, 4).state_dict().items()}


def _own_network(view: View, tensors: Mapping[str, np.ndarray], shapes: list[RecurrentShape], name: str) -> None:
    labels = [f"{s.prefix or '·'} {_name(s)}" for s in shapes]
    view["module"] = min(view["module"], len(shapes) - 1)
    if len(shapes) > 1:
        st.selectbox(
            text("lstm.module"),
            range(len(shapes)),
            format_func=labels.__getitem__,
            **control(view, "module"),
        )
    shape = shapes[view["module"]]
    st.markdown(text("lstm.found", name=escaped(name), module=f"`{_name(shape)}`"))
    gates = GATE_ORDER[view["order"], shape.kind]
    H, keras = shape.hidden_size, view["order"] == "keras"
    letters = {"g": "c", "n": "h"} if keras else {}
    where = "kernel[:, {}:{}]" if keras else "weight_ih_l0[{}:{}]"
    table(
        [text("lstm.head_rows"), text("lstm.head_gate"), text("lstm.head_meaning")],
        [
            [where.format(k * H, (k + 1) * H), letters.get(gate, gate), text(f"lstm.gate_{gate}")]
            for k, gate in enumerate(gates)
        ],
    )
    a, b = st.columns(2)
    view["row"] = min(view["row"], len(gates) * H - 1)
    a.number_input(text("lstm.row"), **between(view, "row", high=len(gates) * H - 1))
    libraries = {"torch": "PyTorch", "keras": "Keras"}
    choose(view, "order", text("lstm.library"), libraries, place=b)
    gate, unit = gate_of_row(view["order"], shape.kind, H, view["row"])
    letter = letters.get(gate, gate)
    axis = text("lstm.axis_column" if keras else "lstm.axis_row")
    st.markdown(
        text("lstm.row_is", axis=axis, row=view["row"], gate=letter, unit=unit, meaning=text(f"lstm.gate_{gate}"))
    )
    steps = _own_input(view, shape.input_size)
    module = build(tensors, shape)
    run_of = trace(module, torch.tensor(steps, dtype=torch.float32))
    run = Run([f"{row[0]:g}".replace("-", "−") + " …" * (len(row) > 1) for row in steps])
    run.add_input("x", np.array(steps))
    sources = ["x"]
    for layer in range(shape.layers):
        made = []
        for lane in (lane for lane in run_of.lanes if lane.layer == layer):
            title = text(f"lstm.lane_{lane.direction}", layer=layer)
            lane_id = add_traced_lane(run, lane, sources=sources, title=title)
            made.append(f"{lane_id}.h")
        sources = made
    show_stepper(run, "lstm.own.stepper", url={"t": "ot", "draw": "odraw", "open": "oopen"})


def _name(shape: RecurrentShape) -> str:
    cls = {"lstm": "nn.LSTM", "gru": "nn.GRU", "rnn": "nn.RNN"}[shape.kind]
    more = f", num_layers={shape.layers}" if shape.layers > 1 else ""
    more += ", bidirectional=True" if shape.bidirectional else ""
    more += "" if shape.bias else ", bias=False"
    return f"{cls}({shape.input_size}, {shape.hidden_size}{more})"


def _own_input(view: View, D: int) -> list[list[float]]:
    """One step per line, D numbers each; random ones until something is typed."""
    generator = np.random.default_rng(0)
    example = generator.normal(size=(6, D)).round(2)
    shown = "\n".join(" ".join(f"{v:g}" for v in row) for row in example) if D <= 16 else ""

    def read(raw: str) -> Read:
        problem = split_rows(raw, D)[1]
        return Read(raw.strip(), problem and text(f"lstm.problem_{problem}", D=D, most=MOST_STEPS))

    now = text_box(
        view,
        "numbers",
        text("lstm.numbers", D=D),
        read,
        first=shown,
        height=150,
        max_chars=MOST_NUMBERS,
    )
    return split_rows(now.text, D)[0] or example.tolist()


_MARKS = str.maketrans("−,;、", "-   ")


def split_rows(typed: str, D: int) -> tuple[list[list[float]], str | None]:
    """Lines of D numbers. Problems: "rows" (too many lines), "columns" (not D numbers), "numbers" (not finite numbers).

    Full-width digits and the minus sign are read as well; numbers may be apart by spaces, tabs, commas or semicolons.

    >>> split_rows("1 −2\\n３, ４", 2)
    ([[1.0, -2.0], [3.0, 4.0]], None)
    >>> split_rows("1 x", 2)[1], split_rows("1", 2)[1]
    ('numbers', 'columns')
    """
    lines = [line for line in typed.splitlines() if line.strip()]
    if len(lines) > MOST_STEPS:
        return [], "rows"
    rows = []
    for line in lines:
        pieces = unicodedata.normalize("NFKC", line).translate(_MARKS).split()
        if len(pieces) != D:
            return [], "columns"
        try:
            row = [float(piece) for piece in pieces]
        except ValueError:
            return [], "numbers"
        if not all(math.isfinite(v) and abs(v) <= 1e6 for v in row):
            return [], "numbers"
        rows.append(row)
    return rows, None
