"""Chapter `add` of the lesson `adder`."""

from __future__ import annotations

from functools import partial

import streamlit as st
import torch

from figures.adder import (
    carry_figure,
)
from lessons.adder import runs as adders
from lessons.adder.runs import BITS
from lessons.adder.shared import chosen_net, percent, sum_told
from rnn_core.labs.adder import carries, read_sum, said
from rnn_core.labs.remember import MemoryNet
from rnn_core.work import Work
from ui.blocks import chart, prose, signed, table
from ui.components.page_frame import is_dark
from ui.components.stepper import show_stepper
from ui.controls import between
from ui.i18n import text
from ui.page import Content
from ui.state import View
from ui.training import computed

URL = {"t": "t", "draw": "draw", "open": "open"}


def show(view: View, content: Content) -> None:
    """Two numbers of the reader's, bit by bit; which unit holds the carry."""
    prose(content["add"])
    net, name, steps = chosen_net(view, "of")
    a, b = st.columns(2)
    for column, key in ((a, "a"), (b, "b")):
        column.number_input(key, step=1, **between(view, key))
    pair = torch.tensor([[view["a"], view["b"]]])
    answer = read_sum(said(net, pair, BITS)[:, 0])
    sum_told(view["a"], view["b"], answer)
    show_stepper(adders.sum_run(net, view["a"], view["b"], BITS, name), "adder.add.stepper", url=URL)
    prose(content["equations"])
    prose(content["carry"])
    _carry(view, net, steps)


def _carry(view: View, net: MemoryNet, steps: int) -> None:
    """Every unit's best threshold, the best one's values, and this sum beside them."""
    # the shipped net's is computed once for all readers
    held = computed("adder.holding", (net, steps), partial(_held, net, steps)) if steps else adders.holding(net, 0)
    if held is None:
        return
    found, best = held.units, held.units[0]
    equal = sorted(one.unit for one in found if one.right == best.right)
    st.markdown(
        text(
            "adder.holder",
            units=f" {text('adder.and')} ".join(map(str, equal)),
            unit=best.unit,
            sign=text("adder.below" if best.turned else "adder.above"),
            threshold=signed(best.threshold),
            right=percent(best.right),
            pairs=f"{adders.PAIRS:,}",
        )
    )
    labels = {
        "unit": text("adder.axis_unit", unit=best.unit),
        "count": text("adder.axis_count"),
        "carry": text("adder.with_carry"),
        "none": text("adder.without_carry"),
    }
    chart(
        carry_figure(held.without, held.carrying, best.threshold, labels, is_dark()),
        "adder.carry.figure",
        text("adder.carry_alt", unit=best.unit),
    )
    heads = [text(f"adder.head_{n}") for n in ("unit", "threshold", "right")]
    rows = [
        [str(one.unit), ("< " if one.turned else "> ") + signed(one.threshold), percent(one.right)] for one in found[:8]
    ]
    table(heads, rows, [k == 0 for k in range(len(rows))])
    run = carries(torch.tensor([[view["a"], view["b"]]]), BITS)[:, 0].tolist()
    bits = [f"{view['a'] >> t & 1}+{view['b'] >> t & 1}" for t in range(BITS + 1)]
    st.markdown(text("adder.this_sum"))
    table(
        ["", *map(str, range(1, BITS + 2))],
        [[text("adder.row_bits"), *bits], [text("adder.row_carry"), *map(str, run)]],
    )


def _held(net: MemoryNet, steps: int) -> Work[adders.Holding]:
    yield None
    return adders.holding(net, steps)
