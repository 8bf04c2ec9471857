"""Chapter `train` of the lesson `adder`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from statistics import fmean
from typing import Any

import streamlit as st

from figures.adder import (
    Curve,
    losses_figure,
    rights_figure,
)
from lessons.adder import runs as adders
from lessons.adder.runs import CHOICES, GOALS, MOST_RUNS, NOTES, SHIPPED, Compared
from lessons.adder.shared import (
    checked_sums,
    described,
    knob_told,
    percent,
    set_knobs,
    settings_of,
)
from rnn_core.labs.adder import Settings
from ui.blocks import chart, prose, table
from ui.components.page_frame import is_dark
from ui.controls import between
from ui.i18n import text
from ui.page import Content
from ui.state import View, control
from ui.training import Live, buttons, live_training, progress, replay, run_live

LETTERS = "ABCD"


def show(view: View, content: Content) -> None:
    """Knobs, live training, up to four runs in one figure."""
    prose(content["train"])
    a, b, _ = st.columns([2, 2, 3])
    a.button(text("adder.as_notes"), key="adder.notes", on_click=set_knobs, args=(view, NOTES))
    b.button(text("adder.as_shipped"), key="adder.as_shipped", on_click=set_knobs, args=(view, SHIPPED))
    _knobs(view)
    now = settings_of(view)
    others = [s for s in adders.decode_runs(view["runs"]) or [] if s != now]
    runs = [*others, now]
    seen = st.session_state.get("adder.seen")
    if seen is not None and seen != runs and view["done"]:
        view["done"] = min((run.steps for s in runs if (run := adders.kept().get(s))), default=0)
        if now not in adders.kept():
            view["done"] = 0
    st.session_state["adder.seen"] = runs
    first = [True]

    def make() -> Compared:
        fresh, first[0] = not first[0], False
        return adders.trainings(runs, fresh)

    live = live_training("adder.live", tuple(runs), make)
    goal = GOALS[view["goal"]]
    if not live.running and live.trainer.steps < view["done"]:
        if (view["done"] - live.trainer.steps) * len(runs) <= adders.REPLAYED:
            replay(live, view["done"])
        else:
            st.info(text("adder.not_replayed", steps=f"{view['done']:,}"))
    buttons(live, "adder.train", goal, partial(view.__setitem__, "done"), text("adder.start"), text("adder.over"))
    run_live(live, goal, 30, partial(_compared, view, live, goal), partial(view.__setitem__, "done"))
    _keep(view, now, others)
    prose(content["train-why"])


def _knobs(view: View) -> None:
    """All that can be set, the most asked for first."""

    def choose(column: Any, key: str, name: str, kind: str = "select") -> None:
        options = CHOICES[name]
        told: Callable[[Any], str] = lambda v: knob_told(name, v)  # noqa: E731
        if kind == "segment":
            column.segmented_control(
                text(f"adder.knob_{name}"), options, format_func=told, required=True, **control(view, key)
            )
        else:
            column.select_slider(text(f"adder.knob_{name}"), options, format_func=told, **control(view, key))

    a, b, c = st.columns(3)
    choose(a, "cell", "cell", "segment")
    if view["cell"] == "rnn":
        choose(b, "act", "activation", "segment")
    choose(c, "opt", "optimizer", "segment")
    a, b, c = st.columns(3)
    choose(a, "lr", "lr")
    a.slider(text("adder.knob_hidden"), 1, 128, **control(view, "hidden"))
    names = {s: text(f"adder.start_{s}") for s in CHOICES["start"]}
    b.selectbox(text("adder.start_kind"), list(names), format_func=names.__getitem__, **control(view, "start"))
    choose(b, "scale", "scale")
    choose(c, "clip", "clip")
    c.select_slider(
        text("adder.goal"), range(len(GOALS)), format_func=lambda k: f"{GOALS[k]:,}", **control(view, "goal")
    )
    a, b, c = st.columns(3)
    choose(a, "batch", "batch", "segment")
    choose(b, "loss", "loss", "segment")
    c.number_input(text("adder.knob_seed"), **between(view, "seed"))


def _compared(view: View, live: Live, goal: int) -> None:
    """Curves and a table of the runs."""
    compared: Compared = live.trainer
    if not live.running and not any(run.steps for run in compared.runs.values()):
        return
    progress(live, goal, text("adder.progress", done=f"{compared.steps:,}", goal=f"{goal:,}"))
    runs = list(zip(LETTERS, compared.runs.items(), strict=False))
    labels = {n: text(f"adder.axis_{n}") for n in ("steps", "loss", "right")}
    curves = [Curve(letter, run.losses, run.checks) for letter, (_, run) in runs]
    for column, name, figure in zip(st.columns(2), ("losses", "rights"), (losses_figure, rights_figure), strict=True):
        with column:
            chart(
                figure(curves, goal, labels, is_dark()),
                f"adder.{name}",
                text(f"adder.figure_{name}"),
            )
    heads = [text(f"adder.head_{n}") for n in ("setting", "run", "steps", "loss", "bits")]
    rows = [
        [
            described(settings),
            letter,
            f"{run.steps:,}",
            text("adder.broken", step=run.broken) if run.broken else f"{fmean(run.losses[-200:] or [0]):.4f}",
            percent(run.checks[-1][1]),
        ]
        for letter, (settings, run) in runs
    ]
    if not live.running:
        heads.append(text("adder.head_sums"))
        may = True  # until the queue or the budget says no
        for row, (_, (_, run)) in zip(rows, runs, strict=True):
            found = checked_sums(run.net, run.steps) if may else None
            may = found is not None
            row.append("–" if found is None else f"{int(found.right.sum()):,}")
    table(heads, rows, wrap=1)
    st.caption(text("adder.runs_note"))


def _keep(view: View, now: Settings, others: list[Settings]) -> None:
    """Keep the run of now beside the next one, or let one go."""

    def put(runs: list[Settings]) -> None:
        view["runs"] = ",".join(map(adders.encode, runs))

    def keep() -> None:
        put([*others, now])
        view["seed"] = view["seed"]

    with st.container(horizontal=True):
        st.button(text("adder.keep"), key="adder.keep", on_click=keep, disabled=len(others) >= MOST_RUNS - 1)
        if others:
            st.button(text("adder.forget"), key="adder.forget", on_click=put, args=([],))
    st.caption(text("adder.keep_note", most=MOST_RUNS))
