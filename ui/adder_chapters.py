"""The chapters of the lesson `adder`. Imports torch; the page makes sure that it is loaded."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from statistics import fmean
from typing import Any

import numpy as np
import streamlit as st
import torch

from figures.adder import (
    Curve,
    Outcome,
    carry_figure,
    lengths_figure,
    losses_figure,
    outcomes_figure,
    rights_figure,
    sums_figure,
)
from rnn_core.experiments import results
from rnn_core.labs.adder import MOST_BITS, Settings, carries, read_sum, right_by_bits, said
from rnn_core.labs.remember import MemoryNet
from rnn_core.work import Work
from ui import adders
from ui.adders import BITS, CHOICES, GOALS, MOST_RUNS, NOTES, SHIPPED, Compared
from ui.blocks import chart, judged, prose, signed, table
from ui.components.page_frame import is_dark
from ui.components.stepper import show_stepper
from ui.errata import Erratum, show_errata
from ui.i18n import Section, text
from ui.state import View, control
from ui.training import Live, buttons, computed, live_training, progress, replay, run_live

Text = Mapping[str, Section]
URL = {"t": "t", "draw": "draw", "open": "open"}
LENGTHS = (2, 4, 8, 12, 16, 24, 32, 48, 61)
LETTERS = "ABCD"


# --- 1 add ---------------------------------------------------------------------------------------


def show_add(view: View, content: Text) -> None:
    """Two numbers of the reader's, bit by bit; which unit holds the carry."""
    prose(content["add"])
    net, name, steps = _net(view, "of")
    a, b = st.columns(2)
    for column, key in ((a, "a"), (b, "b")):
        column.number_input(key, 0, 2**BITS - 1, step=1, **control(view, key))
    pair = torch.tensor([[view["a"], view["b"]]])
    answer = read_sum(said(net, pair, BITS)[:, 0])
    _verdict(view["a"], view["b"], answer)
    show_stepper(
        adders.sum_run(net, view["a"], view["b"], BITS, name), "adder.add.stepper", url=URL
    )
    prose(content["equations"])
    prose(content["carry"])
    _carry(view, net, steps)


NETS = ("shipped", "early", "own")
"""The shipped net, one stopped early, and the one that the reader has trained in this session."""


def _net(view: View, key: str) -> tuple[MemoryNet, str, int]:
    """The net that is chosen; its name; steps it was trained here."""
    own = adders.kept().get(settings_of(view))
    names = {of: text(f"adder.of_{of}", steps=adders.STOPPED) for of in NETS}
    if own is None or not own.steps:
        del names["own"]
        if view[key] == "own":
            view[key] = view.params[key].default
    st.segmented_control(
        text("adder.of"), list(names), format_func=names.__getitem__, required=True,
        **control(view, key),
    )  # fmt: skip
    if own is None or "own" not in names:
        st.caption(text("adder.none_own"))
    elif view[key] == "own":
        return own.net, names["own"], own.steps
    if view[key] == "early":
        return adders.early(), names["early"], adders.STOPPED
    return adders.shipped(), names["shipped"], 0


def _verdict(a: int, b: int, answer: int) -> None:
    key = "right" if answer == a + b else "wrong"
    (st.success if key == "right" else st.error)(
        text(f"adder.says_{key}", a=f"{a:,}", b=f"{b:,}", answer=f"{answer:,}", truth=f"{a + b:,}")
    )


def _carry(view: View, net: MemoryNet, steps: int) -> None:
    """Every unit's best threshold, the best one's values, and this sum beside them."""
    # the shipped net's is computed once for all readers
    held = computed("adder.holding", (net, steps), partial(_held, net, steps)) if steps else adders.holding(net, 0)  # fmt: skip
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
            right=_percent(best.right),
            pairs=f"{adders.PAIRS:,}",
        )
    )
    labels = {"unit": text("adder.axis_unit", unit=best.unit), "count": text("adder.axis_count"), "carry": text("adder.with_carry"), "none": text("adder.without_carry")}  # fmt: skip
    chart(
        carry_figure(held.without, held.carrying, best.threshold, labels, is_dark()),
        "adder.carry.figure",
        text("adder.carry_alt", unit=best.unit),
    )  # fmt: skip
    heads = [text(f"adder.head_{n}") for n in ("unit", "threshold", "right")]
    rows = [[str(one.unit), ("< " if one.turned else "> ") + signed(one.threshold), _percent(one.right)] for one in found[:8]]  # fmt: skip
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


def _percent(share: float) -> str:
    """A share as it is told: 100 % only where nothing is missing.

    >>> _percent(1.0), _percent(0.99996), _percent(0.5)
    ('100%', '99.9%', '50.0%')
    """
    return "100%" if share == 1 else f"{min(99.9, 100 * share):.1f}%"


# --- 2 train -------------------------------------------------------------------------------------


def settings_of(view: View) -> Settings:
    """The run that the knobs are set to."""
    return Settings(
        view["cell"], view["act"], view["start"], view["scale"], view["hidden"], view["lr"],
        view["opt"], view["clip"], view["batch"], view["loss"], BITS, view["seed"],
    )  # fmt: skip


def _set(view: View, settings: Settings) -> None:
    names = {"activation": "act", "optimizer": "opt"}
    for name in CHOICES:
        view[names.get(name, name)] = getattr(settings, name)
    view["done"] = 0


def show_train(view: View, content: Text) -> None:
    """Knobs, live training, up to four runs in one figure."""
    prose(content["train"])
    a, b, _ = st.columns([2, 2, 3])
    a.button(text("adder.as_notes"), key="adder.notes", on_click=_set, args=(view, NOTES))
    b.button(text("adder.as_shipped"), key="adder.as_shipped", on_click=_set, args=(view, SHIPPED))
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
    buttons(live, "adder.train", goal, partial(view.__setitem__, "done"), text("adder.start"), text("adder.over"))  # fmt: skip
    run_live(live, goal, 30, partial(_compared, view, live, goal), partial(view.__setitem__, "done"))  # fmt: skip
    _keep(view, now, others)
    prose(content["train-why"])


def _knobs(view: View) -> None:
    """All that can be set, the most asked for first."""

    def choose(column: Any, key: str, name: str, kind: str = "select") -> None:
        options = CHOICES[name]
        told: Callable[[Any], str] = lambda v: _told(name, v)  # noqa: E731
        if kind == "segment":
            column.segmented_control(text(f"adder.knob_{name}"), options, format_func=told, required=True, **control(view, key))  # fmt: skip
        else:
            column.select_slider(text(f"adder.knob_{name}"), options, format_func=told, **control(view, key))  # fmt: skip

    a, b, c = st.columns(3)
    choose(a, "cell", "cell", "segment")
    if view["cell"] == "rnn":
        choose(b, "act", "activation", "segment")
    choose(c, "opt", "optimizer", "segment")
    a, b, c = st.columns(3)
    choose(a, "lr", "lr")
    a.slider(text("adder.knob_hidden"), 1, 128, **control(view, "hidden"))
    names = {s: text(f"adder.start_{s}") for s in CHOICES["start"]}
    b.selectbox(text("adder.start_kind"), list(names), format_func=names.__getitem__, **control(view, "start"))  # fmt: skip
    choose(b, "scale", "scale")
    choose(c, "clip", "clip")
    c.select_slider(text("adder.goal"), range(len(GOALS)), format_func=lambda k: f"{GOALS[k]:,}", **control(view, "goal"))  # fmt: skip
    a, b, c = st.columns(3)
    choose(a, "batch", "batch", "segment")
    choose(b, "loss", "loss", "segment")
    c.number_input(text("adder.knob_seed"), 0, 999, **control(view, "seed"))


def _told(name: str, value: Any) -> str:
    """A knob's value in words."""
    if name == "cell":
        return str(value).upper()
    if name == "optimizer":
        return "SGD" if value == "sgd" else "Adam"
    if name == "clip" and value is None:
        return text("adder.no_clip")
    if name == "loss":
        return text(f"adder.loss_{value.replace('-', '_')}")
    if name == "activation":
        return "ReLU" if value == "relu" else str(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def described(settings: Settings, other: Settings = NOTES) -> str:
    """In what a run differs from the notes', in the words of the knobs."""
    parts = []
    for name in CHOICES:
        value = getattr(settings, name)
        if name == "cell":
            if value != "rnn":
                parts.append(_told(name, value))
        elif name == "activation":
            if settings.cell == "rnn" and value != other.activation:
                parts.append(_told(name, value))
        elif name == "start":
            if value != other.start:
                parts.append(text(f"adder.start_{value}"))
        elif value != getattr(other, name):
            parts.append(f"{text(f'adder.knob_{name}')} {_told(name, value)}")
    return ", ".join(parts) or text("adder.notes_name")


def _compared(view: View, live: Live, goal: int) -> None:
    """Curves and a table of the runs."""
    compared: Compared = live.trainer
    if not live.running and not any(run.steps for run in compared.runs.values()):
        return
    progress(live, goal, text("adder.progress", done=f"{compared.steps:,}", goal=f"{goal:,}"))
    runs = list(zip(LETTERS, compared.runs.items(), strict=False))
    labels = {n: text(f"adder.axis_{n}") for n in ("steps", "loss", "right")}
    curves = [Curve(letter, run.losses, run.checks) for letter, (_, run) in runs]
    for column, name, figure in zip(
        st.columns(2), ("losses", "rights"), (losses_figure, rights_figure), strict=True
    ):
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
            _percent(run.checks[-1][1]),
        ]
        for letter, (settings, run) in runs
    ]  # fmt: skip
    if not live.running:
        heads.append(text("adder.head_sums"))
        may = True  # until the queue or the budget says no
        for row, (_, (_, run)) in zip(rows, runs, strict=True):
            found = _checked(run.net, run.steps) if may else None
            may = found is not None
            row.append("–" if found is None else f"{int(found.right.sum()):,}")
    table(heads, rows, wrap=1)
    st.caption(text("adder.runs_note"))


@dataclass(frozen=True)
class _Checked:
    right: np.ndarray  # of every sum
    seconds: float
    shares: dict[int, float]  # of longer sums, by bits


def _checked(net: MemoryNet, steps: int) -> _Checked | None:
    """Every sum, and longer ones, tried once for the weights after `steps` steps; None while they cannot be."""
    kept: dict[MemoryNet, tuple[int, _Checked]] = st.session_state.setdefault("adder.checked", {})
    if net not in kept or kept[net][0] != steps:
        found = computed("adder.checking", (net, steps), partial(_checking, net))
        if found is None:
            return None
        if len(kept) > 2 * MOST_RUNS:
            kept.clear()
        kept[net] = (steps, found)
    return kept[net][1]


def _checking(net: MemoryNet) -> Work[_Checked]:
    right, seconds = yield from adders.grid_in_parts(net)
    yield 1.0
    return _Checked(right, seconds, dict(zip(LENGTHS, right_by_bits(net, LENGTHS), strict=True)))


def _keep(view: View, now: Settings, others: list[Settings]) -> None:
    """Keep the run of now beside the next one, or let one go."""

    def put(runs: list[Settings]) -> None:
        view["runs"] = ",".join(map(adders.encode, runs))

    def keep() -> None:
        put([*others, now])
        view["seed"] = view["seed"]

    with st.container(horizontal=True):
        st.button(text("adder.keep"), key="adder.keep", on_click=keep, disabled=len(others) >= MOST_RUNS - 1)  # fmt: skip
        if others:
            st.button(text("adder.forget"), key="adder.forget", on_click=put, args=([],))
    st.caption(text("adder.keep_note", most=MOST_RUNS))


# --- 3 break -------------------------------------------------------------------------------------


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


def show_break(view: View, content: Text) -> None:
    """Longer numbers than it ever saw, all sums of short ones, and where a net of one's own is wrong."""
    prose(content["break"], steps=str(adders.STOPPED))
    net, _, steps = _net(view, "long")
    columns = st.columns(2)
    for column, key in zip(columns, ("big_a", "big_b"), strict=True):
        box = f"adder.{key}.box"
        if box not in st.session_state or view[key] != st.session_state.get(f"{box}.good"):
            st.session_state[box] = view[key]
        typed = column.text_input(key[-1], key=box)
        if is_number(typed or ""):
            view[key] = str(read_number(typed or ""))
        else:
            column.warning(text("adder.problem_number", bits=MOST_BITS, most=f"{2**MOST_BITS - 1:,}"))  # fmt: skip
        st.session_state[f"{box}.good"] = view[key]
    a, b = int(view["big_a"]), int(view["big_b"])
    bits = max(1, a.bit_length(), b.bit_length())
    _verdict(a, b, read_sum(said(net, torch.tensor([[a, b]]), bits)[:, 0]))
    st.caption(text("adder.bits_told", bits=bits, steps=bits + 1, trained=BITS))
    prose(content["lengths"])
    checked = _checked(net, steps)
    if checked is None:
        return
    labels = {"bits": text("adder.axis_bits"), "right": text("adder.axis_sums"), "trained": text("adder.trained")}  # fmt: skip
    chart(lengths_figure(checked.shares, BITS, labels, is_dark()), "adder.lengths", text("adder.lengths_alt"))  # fmt: skip
    prose(content["all"])
    right = checked.right
    key = "adder.all_now_right" if right.all() else "adder.all_now"
    st.markdown(text(key, right=f"{int(right.sum()):,}", all=f"{right.size:,}", ms=round(1000 * checked.seconds)))  # fmt: skip
    if not right.all():
        chart(sums_figure(right, {"a": "a", "b": "b"}, is_dark()), "adder.grid", text("adder.grid_alt"))  # fmt: skip
        prose(content["all-why"])


# --- 4 claims ------------------------------------------------------------------------------------


def runs_of(**cell: Any) -> list[dict[str, float]]:
    """The runs of one setting, the rest as in the notes. Raises StopIteration for a setting that was not run."""
    wanted = {"activation": "sigmoid", "start": "normal", "scale": 1.0, "hidden": 16, "lr": 0.1, "clip": None} | cell  # fmt: skip
    return list(next(r for r in results("adder")["rows"] if r["cell"] == wanted)["runs"].values())


QUESTIONS: dict[str, tuple[dict[str, Any], ...]] = {
    "clm5": (
        *({"scale": s} for s in (0.01, 0.1, 0.5, 1.0, 2.0)),
        *({"start": s} for s in ("lecun", "xavier", "he", "orthogonal")),
        *({"scale": s, "lr": 1.0} for s in (0.01, 0.1)),
    ),
    "clm6": (
        *({"lr": lr} for lr in (0.01, 0.1, 0.3, 1.0, 3.0, 10.0)),
        *({"loss": "cross-entropy", "lr": lr} for lr in (0.1, 1.0)),
    ),
    "clm7": (*({"hidden": h} for h in (2, 4, 8, 16, 32, 64, 128)), {"hidden": 128, "start": "he"}),
    "clm8": (
        *({"activation": "relu", "start": "he", "lr": lr} for lr in (0.01, 0.1, 1.0)),
        *({"activation": "relu", "start": "he", "lr": lr, "clip": 1.0} for lr in (0.01, 0.1, 1.0)),
    ),
    "clm9": tuple(
        {"activation": act, "start": start, "lr": lr}
        for act in ("sigmoid", "tanh", "relu")
        for start in ("normal", "lecun", "xavier", "he")
        for lr in (0.1, 1.0)
    ),
}
"""Which settings answer which claim, the rest as in the notes."""

ASKED: dict[str, dict[str, Any]] = {
    "clm5": {"scale": 1.0},
    "clm6": {"lr": 1.0},
    "clm7": {"hidden": 16},
    "clm8": {"activation": "relu", "start": "he", "lr": 0.1},
    "clm9": {"activation": "tanh", "start": "lecun", "lr": 0.1},  # what the notes call Xavier
}
"""The setting that the claim names."""


def show_claims(view: View, content: Text) -> None:
    """CLM-5 to CLM-9: every claim of the notes as an experiment with twenty seeds."""
    prose(content["claims"])
    names = {name: text(f"adder.claim_{name}") for name in QUESTIONS}
    st.segmented_control(
        text("adder.claim"), list(names), format_func=names.__getitem__, required=True,
        **control(view, "claim"),
    )  # fmt: skip
    name = view["claim"]
    judged(name, verdict_numbers()[name])
    rows, outcomes = [], []
    for cell in QUESTIONS[name]:
        runs = runs_of(**cell)
        label = described(replace(NOTES, **cell))
        outcomes.append(Outcome(label, [r["sums"] for r in runs], cell == ASKED[name]))
        begun = median_begun(runs)
        rows.append(
            [
                label,
                f"{sum(r['learned'] for r in runs):.0f} / {len(runs)}",
                begun,
                f"{fmean(r['loss'] for r in runs if not r['broken']):.4f}",
                f"{sum(r['broken'] for r in runs):.0f}",
            ]
        )
    chart(
        outcomes_figure(outcomes, {"right": text("adder.axis_all_sums")}, is_dark()),
        "adder.outcomes",
        text("adder.outcomes_alt"),
    )
    heads = [text(f"adder.head_{n}") for n in ("setting", "learned", "begun", "loss", "broken")]
    table(heads, rows, [cell == ASKED[name] for cell in QUESTIONS[name]], wrap=1)
    shipped = results("adder")
    st.caption(text("adder.made_by", command=f"`{shipped['command']}`", date=shipped["date"]))

    def try_it() -> None:
        _set(view, replace(NOTES, **ASKED[name]))
        view["part"] = "train"

    st.button(text("adder.try_it"), key="adder.try", on_click=try_it)
    prose(content["claims-why"])
    show_errata("adder", ERRATA)


def median_begun(runs: Sequence[Mapping[str, float]]) -> str:
    """The median over all runs of the step at which the loss fell below 0.1; "—" where half of them or more never got there.

    >>> median_begun([{"begun": 200.0}, {"begun": 0.0}, {"begun": 300.0}]), median_begun([{"begun": 0.0}])
    ('300', '—')
    """
    middle = sorted(r["begun"] or float("inf") for r in runs)[len(runs) // 2]
    return f"{middle:,.0f}" if middle < float("inf") else "—"


@cache
def verdict_numbers() -> dict[str, dict[str, str]]:
    """What the verdicts quote, by claim: in how many of the runs every sum came out right, and when they began to add."""

    def learned(**cell: Any) -> str:
        runs = runs_of(**cell)
        return f"{sum(r['learned'] for r in runs):.0f}/{len(runs)}"

    def begun(**cell: Any) -> str:
        return median_begun(runs_of(**cell))

    def loss(**cell: Any) -> str:
        return f"{fmean(r['loss'] for r in runs_of(**cell)):.2g}"

    relu = {"activation": "relu", "start": "he"}
    tanh = {"activation": "tanh"}
    return {
        "clm5": {
            "s001": learned(scale=0.01), "s01": learned(scale=0.1), "s05": learned(scale=0.5), "s1": learned(),
            "s2": learned(scale=2.0), "lecun": learned(start="lecun"), "xavier": learned(start="xavier"), "he": learned(start="he"),
            "lecun_fast": learned(start="lecun", lr=1.0),
            "xavier_fast": learned(start="xavier", lr=1.0), "he_fast": learned(start="he", lr=1.0), "fast": learned(lr=1.0),
            "s01_fast": learned(scale=0.1, lr=1.0), "s001_fast": learned(scale=0.01, lr=1.0),
        },
        "clm6": {
            "r01": learned(), "b01": begun(), "r1": learned(lr=1.0), "b1": begun(lr=1.0),
            "l01": loss(), "l1": loss(lr=1.0), "ce1": learned(loss="cross-entropy", lr=1.0), "ce01": learned(loss="cross-entropy"),
            "r3": learned(lr=3.0), "r10": learned(lr=10.0), "r001": learned(lr=0.01),
        },
        "clm7": {f"h{h}": learned(hidden=h) for h in (2, 4, 8, 16, 32, 64, 128)}
        | {"h128_he": learned(hidden=128, start="he")},
        "clm8": {
            "broken": f"{sum(r['broken'] for lr in (0.01, 0.1, 1.0) for r in runs_of(**relu, lr=lr)):.0f}",
            "runs": str(sum(len(runs_of(**relu, lr=lr)) for lr in (0.01, 0.1, 1.0))),
            "r01": learned(**relu), "r1": learned(**relu, lr=1.0), "c1": learned(**relu, lr=1.0, clip=1.0),
            "c01": learned(**relu, clip=1.0), "l1": loss(**relu, lr=1.0),
            "sigmoid": learned(start="he"), "tanh": learned(**tanh, start="he"),
        },
        "clm9": {
            "best": learned(**tanh, start="lecun"), "begun": begun(**tanh, start="lecun"),
            "glorot": learned(**tanh, start="xavier"), "glorot_begun": begun(**tanh, start="xavier"),
            "he": learned(**tanh, start="he"), "he_begun": begun(**tanh, start="he"),
            "sigmoid": learned(lr=1.0), "sigmoid_begun": begun(lr=1.0),
            "sighe_begun": begun(start="he", lr=1.0),
            "tanh1": learned(**tanh, start="lecun", lr=1.0),
        },
    }  # fmt: skip


# --- the sources put right -------------------------------------------------------------------------


@cache
def _xavier() -> dict[str, str]:
    """The standard deviations of both starts for the three matrices of the net, (n_out, n_in), and what each learned at a rate of 0.1."""
    H = NOTES.hidden
    shapes = {"in": (H, 2), "hidden": (H, H), "out": (1, H)}
    out = {}
    for name, (n_out, n_in) in shapes.items():
        out[f"lecun_{name}"] = f"{n_in**-0.5:.2f}"
        out[f"glorot_{name}"] = f"{(2 / (n_in + n_out)) ** 0.5:.2f}"
    claims = verdict_numbers()
    return out | {
        "lecun": claims["clm5"]["lecun"],
        "glorot": claims["clm5"]["xavier"],
        "lecun_tanh": claims["clm9"]["begun"],
        "glorot_tanh": claims["clm9"]["glorot_begun"],
    }


ERRATA = (Erratum("xavier", "S2", _xavier),)
