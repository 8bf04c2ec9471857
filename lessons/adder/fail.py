"""Chapter `break` of the lesson `adder`."""

from __future__ import annotations

import re

import streamlit as st
import torch

from figures.adder import (
    lengths_figure,
    sums_figure,
)
from lessons.adder import runs as adders
from lessons.adder.runs import BITS
from lessons.adder.shared import checked_sums, chosen_net, sum_told
from rnn_core.labs.adder import MOST_BITS, read_sum, said
from ui.blocks import chart, prose
from ui.components.page_frame import is_dark
from ui.i18n import text
from ui.page import Content
from ui.state import View
from ui.typed.box import Read, text_box


def read_number(raw: str) -> int | None:
    """A whole number that has at most 61 bits; None for anything else.

    >>> read_number("123,456"), read_number("1,5"), read_number("-1"), read_number(str(2**61)), read_number("１２")
    (123456, None, None, None, 12)
    """
    plain = raw.strip()
    if re.fullmatch(r"\d{1,3}(,\d{3})+", plain):
        plain = plain.replace(",", "")
    if not plain.isdecimal() or len(plain) > 40:
        return None
    value = int(plain)
    return value if value < 2**MOST_BITS else None


def is_number(raw: str) -> bool:
    """Whether a link may bring this number."""
    return read_number(raw) is not None


def _read(raw: str) -> Read:
    value = read_number(raw)
    if value is None:
        return Read("", text("adder.problem_number", bits=MOST_BITS, most=f"{2**MOST_BITS - 1:,}"))
    return Read(str(value), None)


def show(view: View, content: Content) -> None:
    """Longer numbers than it ever saw, all sums of short ones, and where a net of one's own is wrong."""
    prose(content["break"], steps=str(adders.STOPPED))
    net, _, steps = chosen_net(view, "long")
    a, b = (
        int(text_box(view, key, key[-1], _read, place=column).text)
        for column, key in zip(st.columns(2), ("big_a", "big_b"), strict=True)
    )
    bits = max(1, a.bit_length(), b.bit_length())
    sum_told(a, b, read_sum(said(net, torch.tensor([[a, b]]), bits)[:, 0]))
    st.caption(text("adder.bits_told", bits=bits, steps=bits + 1, trained=BITS))
    prose(content["lengths"])
    checked = checked_sums(net, steps)
    if checked is None:
        return
    labels = {"bits": text("adder.axis_bits"), "right": text("adder.axis_sums"), "trained": text("adder.trained")}
    chart(lengths_figure(checked.shares, BITS, labels, is_dark()), "adder.lengths", text("adder.lengths_alt"))
    prose(content["all"])
    right = checked.right
    key = "adder.all_now_right" if right.all() else "adder.all_now"
    st.markdown(text(key, right=f"{int(right.sum()):,}", all=f"{right.size:,}", ms=round(1000 * checked.seconds)))
    if not right.all():
        chart(sums_figure(right, {"a": "a", "b": "b"}, is_dark()), "adder.grid", text("adder.grid_alt"))
        prose(content["all-why"])
