"""Chapter `explode` of the lesson `gradients`."""

from __future__ import annotations

from functools import partial

import streamlit as st

from figures.gradients import explosion_figure
from rnn_core.experiments import clipping, results
from rnn_core.labs.remember import SideBySide
from ui.blocks import (
    chart,
    percent,
    prose,
    table,
)
from ui.components.page_frame import is_dark
from ui.controls import between, choose, one_of
from ui.i18n import text
from ui.page import Content
from ui.state import View
from ui.training import Live, buttons, live_training, progress, replay, run_live

CLIPS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
RATES = (0.01, 0.03, 0.1, 0.3, 1.0)


GOAL = clipping.STEPS


def show(view: View, content: Content) -> None:
    """The same training with and without clipping, side by side while it runs."""
    prose(content["explode"])
    a, b, c = st.columns(3)
    a.select_slider(text("gradients.threshold"), **one_of(view, "clip"))
    ways = {name: text(f"gradients.by_{name}") for name in ("norm", "value")}
    choose(view, "by", text("gradients.by"), ways, place=b)
    c.number_input(text("gradients.seed"), **between(view, "eseed"))
    a, b, c = st.columns(3)
    names = {name: text(f"gradients.act_{name}") for name in ("relu", "tanh")}
    choose(view, "eact", text("gradients.act"), names, place=a)
    b.slider(text("gradients.sigma"), step=10, format="%d%%", **between(view, "esigma"))
    c.select_slider(text("gradients.lr"), **one_of(view, "elr"))
    if view["by"] == "value":
        st.caption(text("gradients.by_value_now"))
    settings = tuple(view[k] for k in ("eact", "esigma", "clip", "by", "eseed", "elr"))

    def make() -> SideBySide:
        act, sigma, clip, by, seed, lr = settings
        runs = {}
        for name, at in (("without", None), ("with", clip)):
            runs[name] = clipping.training(act, sigma / 100, at, by, seed)
            runs[name].lr = lr
        return SideBySide(runs)

    live = live_training("gradients.explode", settings, make)
    replay(live, view["edone"])
    buttons(
        live,
        "gradients.edone",
        GOAL,
        partial(view.__setitem__, "edone"),
        text("gradients.train"),
        text("gradients.over"),
    )
    run_live(live, GOAL, 30, partial(_explosion, view, live), partial(view.__setitem__, "edone"))
    prose(content["clipping"])
    _clipping_table()


def _explosion(view: View, live: Live) -> None:
    pair: SideBySide = live.trainer
    if not pair.steps:
        return
    progress(live, GOAL, text("gradients.steps_done", done=pair.steps, total=GOAL))
    labels = {
        name: text(f"gradients.{name}")
        for name in ("with", "without", "axis_steps", "axis_loss", "axis_norm", "threshold")
    }
    runs = {name: (run.losses, run.norms, run.broken) for name, run in pair.runs.items()}
    line = view["clip"] if view["by"] == "norm" else None
    chart(
        explosion_figure(runs, line, GOAL, labels, is_dark()),
        "gradients.explosion",
        text("gradients.explosion_alt"),
    )
    for name, run in pair.runs.items():
        if run.broken is None:
            key, value = "gradients.run_right", percent(run.checks[-1][1])
        else:
            key, value = "gradients.run_broken", str(run.broken)
        st.markdown(text(key, name=text(f"gradients.{name}"), value=value))


def _clipping_table() -> None:
    shipped = results("clipping")
    heads = [text(f"gradients.head_{n}") for n in ("act", "sigma", "clip", "learned", "broken")]
    rows = []
    for row in shipped["rows"]:
        cell, runs = row["cell"], list(row["runs"].values())
        clip = cell["clip"]
        name = (
            text("gradients.without")
            if clip == "none"
            else (text(f"gradients.by_{clip.split()[0]}") + " " + clip.split()[1])
        )
        rows.append(
            [
                text(f"gradients.act_{cell['activation']}"),
                percent(cell["sigma"]),
                name,
                f"{sum(r['learned'] for r in runs):.0f} / {len(runs)}",
                f"{sum(r['broken'] for r in runs):.0f} / {len(runs)}",
            ]
        )
    table(heads, rows)
    st.caption(text("gradients.made_by", command=f"`{shipped['command']}`", date=shipped["date"]))
