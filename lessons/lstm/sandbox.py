"""One unit whose gates the reader drives by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
import torch

from rnn_core.labs.hand import CHALLENGES, STEPS, kept, run_by_hand
from ui.blocks import number_of, prose, table
from ui.components.sandbox import show_sandbox as sandbox
from ui.i18n import text
from ui.page import Content
from ui.state import View


def show(view: View, content: Content) -> None:
    """One unit, gates by hand: keep, write, erase, read; challenges checked by running the cell."""
    prose(content["sandbox"])
    names = {c.name: text(f"lstm.task_{c.name}") for c in CHALLENGES}

    def started() -> None:
        view.take("task", st.session_state["lstm.task.box"])
        view["gates"] = ""

    st.session_state["lstm.task.box"] = view["task"]
    st.segmented_control(
        text("lstm.task"),
        list(names),
        format_func=names.__getitem__,
        required=True,
        key="lstm.task.box",
        on_change=started,
    )
    task = next(c for c in CHALLENGES if c.name == view["task"])
    st.markdown(text(f"lstm.goal_{task.name}"))
    gates = read_rows(view["gates"]) or {"f": [0.5] * STEPS, "i": [0.5] * STEPS, "o": [0.5] * STEPS}
    sandbox(
        f"lstm.sandbox.{task.name}",
        task.x,
        task.c_0,
        gates,
        {"c": task.wanted_c, "h": task.wanted_h},
        {n: text(f"lstm.row_{n}") for n in ("x", "f", "i", "o", "c", "h")} | {"goal": text("lstm.goal")},
        lambda found: view.__setitem__("gates", write_rows(found)),
    )
    missed = task.misses(run_by_hand(task.x, **gates, c_0=task.c_0))
    if missed:
        names_ = ", ".join(f"${name}_{{{t + 1}}}$" for name, t in missed[:4]) + (" …" if len(missed) > 4 else "")
        st.info(text("lstm.missed", count=len(missed), which=names_))
    else:
        st.success(text(f"lstm.solved_{task.name}"))
    with st.container(horizontal=True):
        solution = write_rows(dict(zip("fio", map(list, task.solution), strict=True)))
        st.button(text("lstm.solve"), key="lstm.solve", on_click=view.__setitem__, args=("gates", solution))
        st.button(text("lstm.restart"), key="lstm.restart", on_click=view.__setitem__, args=("gates", ""))
    prose(content["for-ever"])
    steps = (10, 100, 1000)
    rows = []
    for bias in (0, 1, 2, 5, 10):
        f = torch.sigmoid(torch.tensor(float(bias))).item()
        rows.append([str(bias), f"{f:.5f}", *(number_of(kept(f, n), 4) for n in steps)])
    table([text("lstm.head_pre"), "f", *(text("lstm.head_left", steps=n) for n in steps)], rows)
    prose(content["for-ever-verdict"])


def read_rows(raw: str) -> dict[str, list[float]] | None:
    """Gates as a link keeps them: for f, i and o ten numbers of twentieths, joined by points and commas; None for anything else.

    >>> write_rows({"f": [1.0] * 10, "i": [0.0] * 10, "o": [0.5] * 10})[:24]
    '20.20.20.20.20.20.20.20.'
    """
    rows = raw.split(",")
    if len(rows) != 3 or not raw.isascii():
        return None
    out = {}
    for name, row in zip("fio", rows, strict=True):
        pieces = row.split(".")
        if len(pieces) != STEPS or not all(p.isdigit() and len(p) < 3 and int(p) <= 20 for p in pieces):
            return None
        out[name] = [int(p) / 20 for p in pieces]
    return out


def write_rows(gates: Mapping[str, Sequence[float]]) -> str:
    """The other way of `read_rows`."""
    return ",".join(".".join(str(round(20 * v)) for v in gates[name]) for name in "fio")
