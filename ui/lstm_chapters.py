"""The chapters of the lesson `lstm`. Imports torch; the page makes sure that it is loaded."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
import streamlit as st
import torch
import torch.nn.functional as F
from torch import nn

from figures.gates import ladder_figure, surprise_figure
from rnn_core.experiments import RESULTS
from rnn_core.hand import CHALLENGES, STEPS, kept, run_by_hand
from rnn_core.ladder import RUNGS, TASKS, LadderTraining
from rnn_core.ladder import STEPS as LADDER_STEPS
from rnn_core.models.chars import CharLM, CharReading
from rnn_core.statedict import (
    GATE_ORDER,
    RecurrentShape,
    StateDictError,
    build,
    find_recurrent,
    gate_of_row,
    read_safetensors,
)
from rnn_core.surgery import Clamp, operate
from rnn_core.tracing import trace
from ui import chars
from ui.blocks import escaped, number_of, prose, quiz, signed, table, values_told
from ui.components.page_frame import is_dark
from ui.components.sandbox import show_sandbox as sandbox
from ui.components.stepper import show_stepper
from ui.components.stepper.run import Run, add_traced_lane
from ui.i18n import Section, language, text
from ui.state import View, control
from ui.training import Live, buttons, live_training, progress, run_live

Text = Mapping[str, Section]
URL = {"t": "t", "draw": "draw", "open": "open", "unit": "u", "value": "v"}
VALUES = ("c", "h", "f", "i", "o", "g")


# --- 1 read --------------------------------------------------------------------------------------


def show_read(view: View, content: Text) -> None:
    """A trained LSTM reads the visitor's sentence; every gate of every unit."""
    prose(content["read"])
    corpus, typed = chars.controls(view)
    sort = chars.sort_control(view, corpus)
    model = chars.model_of("lstm", corpus)
    show_stepper(chars.char_run(model.read(typed), VALUES, sort), "lstm.read.stepper", url=URL)
    prose(content["equations"])
    prose(content["units"])
    chars.units_table(model)
    prose(content["card"], level=2, **chars.card_numbers(model))


# --- 2 sandbox -----------------------------------------------------------------------------------


def show_sandbox(view: View, content: Text) -> None:
    """One unit, gates by hand: keep, write, erase, read; challenges checked by running the cell."""
    prose(content["sandbox"])
    names = {c.name: text(f"lstm.task_{c.name}") for c in CHALLENGES}

    def started() -> None:
        view["task"], view["gates"] = st.session_state["lstm.task.box"], ""

    st.session_state["lstm.task.box"] = view["task"]
    st.segmented_control(
        text("lstm.task"), list(names), format_func=names.__getitem__, required=True,
        key="lstm.task.box", on_change=started,
    )  # fmt: skip
    task = next(c for c in CHALLENGES if c.name == view["task"])
    st.markdown(text(f"lstm.goal_{task.name}"))
    gates = read_rows(view["gates"]) or {"f": [0.5] * STEPS, "i": [0.5] * STEPS, "o": [0.5] * STEPS}
    sandbox(
        f"lstm.sandbox.{task.name}",
        task.x,
        task.c_0,
        gates,
        {"c": task.wanted_c, "h": task.wanted_h},
        {n: text(f"lstm.row_{n}") for n in ("x", "f", "i", "o", "c", "h")}
        | {"goal": text("lstm.goal")},
        lambda found: view.__setitem__("gates", write_rows(found)),
    )
    missed = task.misses(run_by_hand(task.x, **gates, c_0=task.c_0))
    if missed:
        names_ = ", ".join(f"${name}_{{{t + 1}}}$" for name, t in missed[:4]) + (
            " …" if len(missed) > 4 else ""
        )
        st.info(text("lstm.missed", count=len(missed), which=names_))
    else:
        st.success(text(f"lstm.solved_{task.name}"))
    with st.container(horizontal=True):
        solution = write_rows(dict(zip("fio", map(list, task.solution), strict=True)))
        st.button(text("lstm.solve"), key="lstm.solve", on_click=view.__setitem__, args=("gates", solution))  # fmt: skip
        st.button(text("lstm.restart"), key="lstm.restart", on_click=view.__setitem__, args=("gates", ""))  # fmt: skip
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
        if len(pieces) != STEPS or not all(
            p.isdigit() and len(p) < 3 and int(p) <= 20 for p in pieces
        ):
            return None
        out[name] = [int(p) / 20 for p in pieces]
    return out


def write_rows(gates: Mapping[str, Sequence[float]]) -> str:
    """The other way of `read_rows`."""
    return ",".join(".".join(str(round(20 * v)) for v in gates[name]) for name in "fio")


# --- 3 ladder ------------------------------------------------------------------------------------

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


def show_ladder(view: View, content: Text) -> None:
    """From CEC to LSTM: each rung beside the one below, trained here on a task that the lower one cannot do."""
    prose(content["ladder"])
    shipped = ladder_results()
    names = {rung: text(f"lstm.rung_{rung}") for rung in RUNGS}
    tasks = {task: text(f"lstm.ltask_{task}") for task in TASKS}
    table(
        [text("lstm.head_rung"), *tasks.values()],
        [
            [names[rung], *("{error} ({learned})".format(**shipped[task][rung]) for task in TASKS)]
            for rung in RUNGS
        ],
    )
    st.caption(text("lstm.made_by", command="`python -m rnn_core.experiments ladder`"))
    prose(content["ladder-try"])
    a, b, c = st.columns([3, 3, 2])
    pairs = {rung: names[rung] for rung in BELOW}
    a.selectbox(
        text("lstm.rung"), list(pairs), format_func=pairs.__getitem__, **control(view, "rung")
    )
    b.selectbox(
        text("lstm.ltask"), list(tasks), format_func=tasks.__getitem__, **control(view, "ltask")
    )
    c.number_input(text("lstm.seed"), 0, 999, **control(view, "lseed"))
    settings = (view["rung"], view["ltask"], view["lseed"])
    opened = "lstm.ladder" not in st.session_state
    live = live_training("lstm.ladder", settings, lambda: _Pair(*settings))
    if not live.running and live.trainer.steps == 0:
        if opened and view["ldone"]:  # a link to a finished run
            live.begin()
        else:
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
    marked = 0 if pair.runs["this"].task == "count" else 1
    st.plotly_chart(
        ladder_figure(
            target[:, 0].numpy(),
            counts[:, 0].numpy(),
            outputs,
            x[:, 0, marked].numpy(),
            labels,
            is_dark(),
        ),
        theme=None,
        key="lstm.ladder.figure",
        alt=text("lstm.ladder_alt"),
        config={"displayModeBar": False},
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
    """Which of the fresh sequences is shown: for counting the one whose reset empties most, else that with the earliest mark."""
    x, target, _ = training.fresh
    if training.task != "count":
        return int(x[:, :, 1].argmax(0).argmin())
    emptied = target[:-1] * x[1:, :, 0]  # what had been counted when a reset came
    return int(emptied.amax(0).argmax())


def _ladder_stepper(training: LadderTraining) -> None:
    """The trained net of two units, every number of it, on the sequence of the figure."""
    x = training.fresh[0][:, telling_sequence(training)]
    lane = trace(training.layer, x).lane()
    run = Run([str(t + 1) for t in range(len(x))])
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
    shipped = json.loads((RESULTS / "ladder.json").read_text("utf-8"))
    out: dict[str, dict[str, dict[str, str]]] = {}
    for row in shipped["rows"]:
        runs = list(row["runs"].values())
        out.setdefault(row["cell"]["task"], {})[row["cell"]["rung"]] = {
            "error": f"{statistics.median(r['error'] for r in runs):.2f}",
            "learned": f"{sum(r['learned'] for r in runs):.0f}/{len(runs)}",
        }
    return out


# --- 4 surgery -----------------------------------------------------------------------------------


def show_surgery(view: View, content: Text) -> None:
    """Hold a gate, a unit or the state, and read what becomes of the rest beside the untouched run."""
    prose(content["surgery"])
    corpus, typed = chars.controls(view)
    model = chars.model_of("lstm", corpus)
    clamps = _clamps(view, len(typed), model.rnn.hidden_size)
    plain = model.read(typed)
    held = operated(model, typed, clamps)
    if len(typed) > 1:
        _surprise(typed, plain, held, clamps)
    run = chars.char_run(held, VALUES, "moves", before=plain)
    for clamp in clamps:
        run.mark_held("l0", clamp.name, clamp.start, clamp.stop or len(typed), clamp.units)
    show_stepper(run, "lstm.surgery.stepper", url=URL, before="edit")


def _surprise(typed: str, plain: CharReading, held: CharReading, clamps: Sequence[Clamp]) -> None:
    """How well each character was predicted, with and without the hold."""
    before, after = (reading.next_log_p() for reading in (plain, held))
    where = (clamps[0].start, clamps[0].stop or len(typed)) if clamps else None
    labels = {name: text(f"lstm.run_{name}") for name in ("untouched", "operated", "held")}
    labels |= {name: text(f"lstm.{name}") for name in ("axis_char", "axis_surprise")}
    shown = [chars.shown_char(c) for c in typed[1:]]
    st.plotly_chart(
        surprise_figure(shown, -before, -after, where, labels, is_dark()),
        theme=None,
        key="lstm.surprise",
        alt=text("lstm.surprise_alt"),
        config={"displayModeBar": False},
    )
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
    a.selectbox(
        text("lstm.hold"), list(names), format_func=names.__getitem__, **control(view, "hold")
    )
    gate = view["hold"] in ("f", "i", "o")
    view["to"] = max(view["to"], 0) if gate else view["to"]
    b.slider(
        text("lstm.to"), 0 if gate else -100, 100, step=5, format="%d%%", **control(view, "to")
    )
    a, b = st.columns(2)
    view["from"], view["until"] = min(view["from"], T), min(view["until"], T)
    view["until"] = max(view["from"], view["until"])
    if T > 1:
        a.slider(text("lstm.from"), 1, T, **control(view, "from"))
        b.slider(text("lstm.until"), 1, T, **control(view, "until"))
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


def operated(model: CharLM, typed: str, clamps: Sequence[Clamp]) -> CharReading:
    """The reading of a text with values held by hand."""
    with torch.inference_mode():
        ids = model.encode(typed)
        run = operate(model.rnn, model.embedding(ids), clamps)
        scores = F.linear(run.output[:, 0], model.W_hy, model.b_y)
        return CharReading(typed, ids, model, run, scores, scores.log_softmax(-1))


# --- 5 totemo ------------------------------------------------------------------------------------

BEFORE = "映画おもしろかったな。ところで、"
WORD = "とても"
AFTER = "お腹が空いたから何か"
PARTS = ("映画おもしろかったな。", "ところで、", "とても", "お腹が", "空いたから", "何か")
"""What is dropped in turn, to see how much each part counts."""
ENDINGS = ("食べたい", "食べよう", "食いたい", "飲みたい", "見たい", "云った")


@cache
def totemo() -> dict[str, Any]:
    """The lecture's sentence with and without とても: chances of the endings, and the gates at that word (CLM-24)."""
    model = chars.model_of("lstm", "ja")
    out: dict[str, Any] = {"endings": {}}
    for name, sentence in (("with", BEFORE + WORD + AFTER), ("without", BEFORE + AFTER)):
        out["endings"][name] = {e: float(_log_p(model, sentence, e)) for e in ENDINGS}
        reading = model.read(sentence)
        lane = reading.trace.lane()
        out[name] = {gate: lane[gate][:, 0].numpy() for gate in ("f", "i", "c", "h")}
        out[f"{name}_p"] = reading.log_p[-1].exp().numpy()
    out["top"] = {
        name: [model.symbols[k] for k in out[f"{name}_p"].argsort()[::-1][:5]]
        for name in ("with", "without")
    }
    start = len(BEFORE)
    inside = slice(start, start + len(WORD))
    others = np.r_[0:start, start + len(WORD) : len(BEFORE + WORD + AFTER)]
    for gate in ("f", "i"):
        values = out["with"][gate]
        out[f"{gate}_word"], out[f"{gate}_rest"] = values[inside].mean(), values[others].mean()
    whole = BEFORE + WORD + AFTER
    p = out["with_p"]
    out["dropped"] = {}
    for part in PARTS:
        q = model.read(whole.replace(part, "")).log_p[-1].exp().numpy()
        out["dropped"][part] = _divergence(p, q)
    out["f_next"] = out["with"]["f"][inside.stop].mean()
    gap = np.linalg.norm(out["with"]["h"][-1] - out["without"]["h"][-1])
    size = np.linalg.norm(out["without"]["h"][-1])
    out["state_gap"] = float(gap / size)
    return out


def _divergence(a: np.ndarray, b: np.ndarray) -> float:
    """Jensen–Shannon divergence in nats: 0 for the same prediction, log 2 for two that share nothing."""
    m = (a + b) / 2
    return float(0.5 * (a * np.log(a / m)).sum() + 0.5 * (b * np.log(b / m)).sum())


def _log_p(model: CharLM, sentence: str, ending: str) -> float:
    """log p(ending | sentence)."""
    found = model.read(sentence + ending).next_log_p()
    return float(found[-len(ending) :].sum())


def show_totemo(view: View, content: Text) -> None:
    """CLM-24, measured with the network at hand."""
    prose(content["totemo"])
    found = totemo()
    heads = [text(f"lstm.head_{n}") for n in ("ending", "with", "without", "change")]
    rows = []
    for ending in ENDINGS:
        a, b = (found["endings"][name][ending] for name in ("with", "without"))
        rows.append([ending, signed(a, 3), signed(b, 3), signed(a - b, 3)])
    _glossed(heads, rows, "e")
    st.markdown(
        text(
            "lstm.totemo_now",
            f_word=f"{found['f_word']:.2f}",
            f_next=f"{found['f_next']:.2f}",
            f_rest=f"{found['f_rest']:.2f}",
            i_word=f"{found['i_word']:.2f}",
            i_rest=f"{found['i_rest']:.2f}",
            top_with=" ".join(found["top"]["with"]),
            top_without=" ".join(found["top"]["without"]),
            gap=f"{100 * found['state_gap']:.0f}%",
        )
    )
    _glossed(
        [text("lstm.head_dropped"), text("lstm.head_js")],
        [[part, f"{js:.4f}"] for part, js in found["dropped"].items()],
        "p",
    )
    st.caption(text("lstm.js_note"))
    prose(content["totemo-verdict"])


def _glossed(heads: Sequence[str], rows: Sequence[Sequence[str]], key: str) -> None:
    """A table of Japanese phrases; on an English page with their meanings."""
    if language() == "en":
        heads = [heads[0], text("lstm.head_gloss"), *heads[1:]]
        rows = [[row[0], text(f"lstm.gloss_{key}{k}"), *row[1:]] for k, row in enumerate(rows)]
    table(heads, rows)


# --- 6 slices ------------------------------------------------------------------------------------

MOST_STEPS, MOST_BYTES = 40, 1_000_000


def show_slices(view: View, content: Text) -> None:
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
    given = st.file_uploader(text("lstm.upload"), type=["safetensors"], key="lstm.upload")
    if given is None:
        tensors, name = example_tensors(), text("lstm.example")
    else:
        try:
            if given.size > MOST_BYTES:
                raise StateDictError("large")
            tensors, name = read_safetensors(given.getvalue()), given.name
            find_recurrent(tensors)
        except StateDictError as error:
            st.error(text(f"lstm.problem_{error.problem}", detail=escaped(error.detail)))
            tensors, name = example_tensors(), text("lstm.example")
    shapes = find_recurrent(tensors)
    _own_network(view, tensors, shapes, name)


@cache
def example_tensors() -> dict[str, np.ndarray]:
    """A small LSTM to look at until the visitor brings one."""
    torch.manual_seed(0)
    return {name: w.detach().numpy() for name, w in nn.LSTM(3, 4).state_dict().items()}


def _own_network(
    view: View, tensors: Mapping[str, np.ndarray], shapes: list[RecurrentShape], name: str
) -> None:
    labels = [f"{s.prefix or '·'} {_name(s)}" for s in shapes]
    at = 0
    if len(shapes) > 1:
        at = st.selectbox(text("lstm.module"), range(len(shapes)), format_func=labels.__getitem__, key="lstm.module")  # fmt: skip
    shape = shapes[at]
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
    a.number_input(text("lstm.row"), 0, len(gates) * H - 1, **control(view, "row"))
    libraries = {"torch": "PyTorch", "keras": "Keras"}
    b.segmented_control(
        text("lstm.library"), list(libraries), format_func=libraries.__getitem__, required=True,
        **control(view, "order"),
    )  # fmt: skip
    gate, unit = gate_of_row(view["order"], shape.kind, H, view["row"])
    letter = letters.get(gate, gate)
    axis = text("lstm.axis_column" if keras else "lstm.axis_row")
    st.markdown(text("lstm.row_is", axis=axis, row=view["row"], gate=letter, unit=unit, meaning=text(f"lstm.gate_{gate}")))  # fmt: skip
    steps = _own_input(shape.input_size)
    module = build(tensors, shape)
    run_of = trace(module, torch.tensor(steps, dtype=torch.float32))
    run = Run([str(t + 1) for t in range(len(steps))])
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


def _own_input(D: int) -> list[list[float]]:
    """One step per line, D numbers each; random ones until something is typed."""
    generator = np.random.default_rng(0)
    example = generator.normal(size=(6, D)).round(2)
    shown = "\n".join(" ".join(f"{v:g}" for v in row) for row in example) if D <= 16 else ""
    typed = st.text_area(
        text("lstm.numbers", D=D),
        value=shown,
        height=150,
        max_chars=200_000,
        key=f"lstm.numbers.{D}",
    )
    if not (typed or "").strip():
        return example.tolist()  # type: ignore[no-any-return]
    rows, problem = split_rows(typed or "", D)
    if problem:
        st.warning(text(f"lstm.problem_{problem}", D=D, most=MOST_STEPS))
        return example.tolist()  # type: ignore[no-any-return]
    return rows


def split_rows(typed: str, D: int) -> tuple[list[list[float]], str | None]:
    """Lines of D numbers. Problems: "rows" (too many lines), "columns" (not D numbers), "numbers" (not finite numbers).

    >>> split_rows("1 2\\n3, 4", 2)
    ([[1.0, 2.0], [3.0, 4.0]], None)
    >>> split_rows("1 x", 2)[1], split_rows("1", 2)[1]
    ('numbers', 'columns')
    """
    lines = [line for line in typed.splitlines() if line.strip()]
    if len(lines) > MOST_STEPS:
        return [], "rows"
    rows = []
    for line in lines:
        pieces = line.replace(",", " ").replace("−", "-").split()
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


# --- 7 check -------------------------------------------------------------------------------------

QZ8 = (
    "f * c + i * g",
    "(1 - f) * c + f * g",
    "f * (c + i * g)",
    "o * np.tanh(f * c + i * g)",
)
QZ8_RIGHT = 0
QZ8_AT = {"f": 0.5, "i": 0.8, "g": -0.5, "o": 0.6, "c": 2.0}


def show_check(view: View, content: Text) -> None:
    """The quizzes of the lecture on the LSTM."""
    quiz(view, "qz7", [text(f"quiz.qz7_choice{k}") for k in range(3)], right=1)
    quiz(view, "qz8", QZ8, QZ8_RIGHT, code=True, after=_qz8_table)
    for name, right in (("qz9a", 2), ("qz9b", 0)):
        quiz(view, name, [text(f"quiz.{name}_choice{k}") for k in range(3)], right=right)


def qz8_values() -> list[float]:
    """What every line of QZ-8 returns for the values of `QZ8_AT`."""
    space = {"np": np} | QZ8_AT
    # our own four lines, never a visitor's text
    return [float(eval(line, {"__builtins__": {}}, space)) for line in QZ8]  # noqa: S307


def _qz8_table() -> None:
    st.markdown(text("quiz.returns_at", values=values_told(QZ8_AT)))
    table(
        [text("quiz.choice"), "c"],
        [[line, signed(v)] for line, v in zip(QZ8, qz8_values(), strict=True)],
        [k == QZ8_RIGHT for k in range(4)],
    )
