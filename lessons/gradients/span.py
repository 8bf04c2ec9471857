"""Chapter `span` of the lesson `gradients`."""

from __future__ import annotations

from functools import partial

import streamlit as st

from figures.gradients import span_figure
from lessons.gradients.shared import span_counts
from rnn_core.experiments import memory_span, results
from rnn_core.metrics import wilson
from ui.blocks import (
    chart,
    percent,
    prose,
    table,
)
from ui.components.page_frame import is_dark
from ui.controls import between
from ui.i18n import text
from ui.page import Content
from ui.state import View, control
from ui.training import buttons, live_training, progress, replay, run_live


def show(view: View, content: Content) -> None:
    """CLM-1 as an experiment, and one cell of its table run again live."""
    prose(content["span"])
    counts = span_counts()
    names = {cell: text(f"gradients.cell_{cell.replace(', ', '_').replace(' ', '')}") for cell in counts}
    labels = {"distance": text("gradients.axis_distance"), "share": text("gradients.axis_share")}
    lines = {
        names[cell]: (memory_span.CELLS[cell]["cell"], [(d, *wilson(*at)) for d, at in by.items()])
        for cell, by in counts.items()
    }
    chart(
        span_figure(lines, labels, is_dark()),
        "gradients.span",
        text("gradients.span_alt"),
    )
    distances = [str(d) for d in memory_span.DISTANCES]
    table(
        [text("gradients.head_cell"), *distances],
        [[names[c], *(f"{by[d][0]}/{by[d][1]}" for d in memory_span.DISTANCES)] for c, by in counts.items()],
    )
    shipped = results("memory-span")
    st.caption(text("gradients.made_by", command=f"`{shipped['command']}`", date=shipped["date"]))
    prose(content["again"])
    a, b, c = st.columns(3)
    a.selectbox(
        text("gradients.head_cell"),
        list(names),
        format_func=names.__getitem__,
        **control(view, "cell"),
    )
    b.select_slider(text("gradients.d"), distances, **control(view, "far"))
    c.number_input(text("gradients.seed"), **between(view, "sseed"))
    settings = (view["cell"], int(view["far"]), view["sseed"])
    opened = "gradients.span.live" not in st.session_state
    live = live_training("gradients.span.live", settings, lambda: _Recall(*settings))
    if opened or live.goal is not None:  # a link to a finished run
        replay(live, view["sdone"])
    elif not live.running and live.trainer.steps == 0:  # other settings than those that were run
        view["sdone"] = 0
    buttons(
        live,
        "gradients.sdone",
        memory_span.STEPS,
        partial(view.__setitem__, "sdone"),
        text("gradients.train"),
        text("gradients.over"),
    )

    def draw() -> None:
        run = live.trainer.run
        if not run.steps:
            return
        progress(
            live,
            memory_span.STEPS,
            text("gradients.steps_done", done=run.steps, total=memory_span.STEPS),
        )
        right = percent(run.checks[-1][1])
        key = "gradients.recall_now" if run.solved_at is None else "gradients.recall_learned"
        st.markdown(text(key, right=right, steps=run.solved_at or run.steps))
        learned, of = counts[view["cell"]][int(view["far"])]
        st.markdown(text("gradients.recall_table", learned=learned, of=of))

    run_live(live, memory_span.STEPS, 60, draw, finished=partial(view.__setitem__, "sdone"))


class _Recall:
    """One cell of the table, run as the table runs it: in whole checks, until it is learned."""

    def __init__(self, cell: str, distance: int, seed: int) -> None:
        self.run = memory_span.training(cell, distance, seed)

    @property
    def steps(self) -> int:
        return self.run.steps

    @property
    def ended(self) -> bool:
        return self.run.solved_at is not None or self.run.broken is not None

    def advance(self, steps: int) -> None:
        done = self.run.steps
        while self.run.steps < done + steps and not self.ended:
            self.run.advance(min(5, done + steps - self.run.steps))
