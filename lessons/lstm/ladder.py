"""From CEC to peepholes: every rung trained beside the one before."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from functools import cache, partial

import streamlit as st
import torch
from torch import Tensor

from figures.gates import ladder_figure
from rnn_core.experiments import results
from rnn_core.forward.tracing import trace
from rnn_core.labs.ladder import RUNGS, TASKS, LadderTraining
from rnn_core.labs.ladder import STEPS as LADDER_STEPS
from rnn_core.stepper.run import Run, add_traced_lane
from ui.blocks import chart, prose, signed, table
from ui.components.page_frame import is_dark
from ui.components.stepper import show_stepper
from ui.controls import between
from ui.i18n import text
from ui.page import Content
from ui.state import View, control
from ui.training import Live, buttons, live_training, progress, replay, run_live

BELOW = {"gates": "cec", "forget": "gates", "peephole": "forget"}


class _Pair:
    """A rung and the one below it, trained in step."""

    def __init__(self, rung: str, task: str, seed: int) -> None:
        self.runs = {
            "below": LadderTraining(BELOW[rung], task, seed),
            "this": LadderTraining(rung, task, seed),
        }

    @property
    def steps(self) -> int:
        return self.runs["this"].steps

    def advance(self, steps: int) -> None:
        for run in self.runs.values():
            run.advance(steps)


def show(view: View, content: Content) -> None:
    """From CEC to LSTM: each rung beside the one below, trained here on a task that the lower one cannot do."""
    prose(content["ladder"])
    shipped = ladder_results()
    names = {rung: text(f"lstm.rung_{rung}") for rung in RUNGS}
    tasks = {task: text(f"lstm.ltask_{task}") for task in TASKS}
    table(
        [text("lstm.head_rung"), *tasks.values()],
        [[names[rung], *("{error} ({learned})".format(**shipped[task][rung]) for task in TASKS)] for rung in RUNGS],
    )
    st.caption(text("lstm.made_by", command="`python -m rnn_core.experiments ladder`"))
    prose(content["ladder-try"])
    a, b, c = st.columns([3, 3, 2])
    pairs = {rung: names[rung] for rung in BELOW}
    a.selectbox(text("lstm.rung"), list(pairs), format_func=pairs.__getitem__, **control(view, "rung"))
    b.selectbox(text("lstm.ltask"), list(tasks), format_func=tasks.__getitem__, **control(view, "ltask"))
    c.number_input(text("lstm.seed"), **between(view, "lseed"))
    settings = (view["rung"], view["ltask"], view["lseed"])
    opened = "lstm.ladder" not in st.session_state
    live = live_training("lstm.ladder", settings, lambda: _Pair(*settings))
    if opened or live.goal is not None:  # a link to a finished run
        replay(live, view["ldone"])
    elif not live.running and live.trainer.steps == 0:  # other settings than those that were run
        view["ldone"] = 0
    done = partial(view.__setitem__, "ldone")
    buttons(live, "lstm.ldone", LADDER_STEPS, done, text("lstm.train"), text("lstm.restart"))
    run_live(live, LADDER_STEPS, 40, partial(_ladder_now, live, names, view["rung"]), done)
    if live.trainer.steps and not live.running:
        _ladder_stepper(live.trainer.runs["this"])
    prose(content["ladder-why"])


def _ladder_now(live: Live, names: Mapping[str, str], rung: str) -> None:
    pair: _Pair = live.trainer
    if not pair.steps:
        return
    progress(live, LADDER_STEPS, text("lstm.steps_done", done=pair.steps, total=LADDER_STEPS))
    x, target, counts = pair.runs["this"].fresh
    b = telling_sequence(pair.runs["this"])
    x, target, counts = (part[:, b : b + 1] for part in (x, target, counts))
    with torch.no_grad():
        outputs = {name: run.outputs(x)[:, 0].numpy() for name, run in pair.runs.items()}
    labels = {n: text(f"lstm.{n}") for n in ("axis_steps", "axis_says")}
    labels |= {"target": text("lstm.run_target"), "below": names[BELOW[rung]], "this": names[rung]}
    chart(
        ladder_figure(
            target[:, 0].numpy(),
            counts[:, 0].numpy(),
            outputs,
            marks_of(pair.runs["this"].task, x[:, 0]).numpy(),
            labels,
            is_dark(),
        ),
        "lstm.ladder.figure",
        text("lstm.ladder_alt"),
    )
    st.markdown(
        text(
            "lstm.ladder_now",
            below=names[BELOW[rung]],
            this=names[rung],
            below_error=f"{pair.runs['below'].relative_error():.2f}",
            this_error=f"{pair.runs['this'].relative_error():.2f}",
        )
    )


def telling_sequence(training: LadderTraining) -> int:
    """Which of the fresh sequences is shown: that with the earliest mark; whose reset empties most; whose sum dives most often."""
    x, target, _ = training.fresh
    if training.task == "latch":
        return int(x[:, :, 1].argmax(0).argmin())
    if training.task == "count":
        emptied = target[:-1] * x[1:, :, 0]  # what had been counted when a reset came
        return int(emptied.amax(0).argmax())
    dives = (target[:-1] > 0) & (target[1:] == 0)
    return int(dives.sum(0).argmax())


def marks_of(task: str, x: Tensor) -> Tensor:
    """1 at the steps of inputs `(T, D)` with a mark or a reset, `(T,)`."""
    return torch.zeros(len(x)) if task == "above" else x[:, 0 if task == "count" else 1]


def read_at(task: str, x: Tensor) -> list[str]:
    """What is read at every step of inputs `(T, D)`, as the time bar shows it: the number, and ● where there is a mark or a reset.

    >>> read_at("latch", torch.tensor([[0.5, 1.0], [-0.25, 0.0]])), read_at("count", torch.tensor([[1.0, 1.0], [0.0, 1.0]]))
    (['+0.50 ●', '−0.25'], ['●', '○'])
    """
    marks = marks_of(task, x).tolist()
    if task == "count":
        return ["●" if mark else "○" for mark in marks]
    numbers = [signed(value) for value in x[:, 0].tolist()]
    return [f"{n} ●" if mark else n for n, mark in zip(numbers, marks, strict=True)]


def _ladder_stepper(training: LadderTraining) -> None:
    """The trained net, every number of it, on the sequence of the figure."""
    x = training.fresh[0][:, telling_sequence(training)]
    lane = trace(training.layer, x).lane()
    run = Run(read_at(training.task, x))
    run.add_input("x", x.numpy())
    lane_id = add_traced_lane(run, lane, sources=["x"], module="layer")
    for name in RUNGS[training.rung][1]:
        run.mark_held(lane_id, name, 0, len(x), None)
    with torch.no_grad():
        said = training.outputs(x[:, None])
    W = training.readout
    run.add_readout(
        said.numpy(),
        None,
        {"W_hy": W.weight.detach(), "b_y": W.bias.detach()},
        ["y"],
        sources=[f"{lane_id}.h"],
    )
    show_stepper(run, "lstm.ladder.stepper", url={"t": "lt", "draw": "ldraw", "open": "lopen"})


@cache
def ladder_results() -> dict[str, dict[str, dict[str, str]]]:
    """Task to rung to what the table says: median error and how many of the runs learned."""
    shipped = results("ladder")
    out: dict[str, dict[str, dict[str, str]]] = {}
    for row in shipped["rows"]:
        runs = list(row["runs"].values())
        out.setdefault(row["cell"]["task"], {})[row["cell"]["rung"]] = {
            "error": f"{statistics.median(r['error'] for r in runs):.2f}",
            "learned": f"{sum(r['learned'] for r in runs):.0f}/{len(runs)}",
        }
    return out
