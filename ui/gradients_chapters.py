"""The chapters of the lesson `gradients`. Imports torch; the page makes sure that it is loaded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import nn

from figures.gradients import Curve, explosion_figure, products_figure, profile_figure, span_figure
from rnn_core.backward.bptt import backpropagate
from rnn_core.experiments import clipping, memory_span, results
from rnn_core.forward.tracing import trace
from rnn_core.labs.forgetting import (
    CELLS,
    SEEDS,
    Products,
    ProfileRuns,
    ProfileSettings,
    products,
    rnn_slopes,
)
from rnn_core.labs.remember import STARTS as ALL_STARTS
from rnn_core.labs.remember import SideBySide, recurrent
from rnn_core.labs.slips import off_by
from rnn_core.metrics import wilson
from rnn_core.models.hello import WORD
from rnn_core.training.clipping import clip_each_by_norm
from ui import models
from ui.blocks import (
    TIMES,
    chart,
    judged,
    number_of,
    percent,
    predict,
    prose,
    quiz,
    same_question,
    signed,
    table,
    ten_to,
)
from ui.components.page_frame import is_dark
from ui.errata import Erratum, show_errata
from ui.i18n import Section, listed, text
from ui.state import View, control
from ui.training import Live, buttons, live_training, progress, replay, run_live

Text = Mapping[str, Section]
NAMES = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU", "irnn": "IRNN"}
HIDDEN = (2, 4, 8, 16, 32, 64, 128)
STARTS = tuple(ALL_STARTS)
ACTIVATIONS = ("tanh", "relu", "sigmoid", "identity")
CLIPS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
RATES = (0.01, 0.03, 0.1, 0.3, 1.0)
TRAINED = 300
GONE = -6
"""log10 of what counts as gone: less than a millionth of the gradient at the end."""


# --- 1 profile -----------------------------------------------------------------------------------


def show_profile(view: View, content: Text) -> None:
    """RNN, LSTM and GRU: how much of the gradient is left at every distance, over several seeds."""
    prose(content["profile"])
    guess = predict(
        view,
        "guess",
        text("gradients.predict"),
        {c: NAMES[c] for c in CELLS}
        | {"none": text("gradients.predict_none"), "skip": text("gradients.predict_skip")},
    )
    if not guess:
        return
    settings = _profile_controls(view)
    live = live_training("gradients.profile", settings, lambda: ProfileRuns(settings))
    total = ProfileRuns.total
    cheap = _cheap(settings)
    goal = total if cheap else view["nets"]
    if live.trainer.steps < goal:
        replay(live, goal)
    if not cheap or (live.trainer.steps < total and not live.running):
        buttons(
            live, "gradients.nets", total, partial(view.__setitem__, "nets"),
            text("gradients.compute"), text("gradients.over"),
        )  # fmt: skip

    def draw() -> None:
        runs: ProfileRuns = live.trainer
        if not cheap or live.running:
            label = text("gradients.nets_done", done=runs.steps, total=total)
            progress(
                live,
                total,
                label if runs.steps or live.running else text("gradients.nets_wait", total=total),
            )
        if runs.steps >= len(CELLS):
            _profile_result(view, runs, guess)

    run_live(live, total, total, draw, finished=partial(view.__setitem__, "nets"))
    prose(content["gates"], level=2, **_at_first())


def _at_first() -> dict[str, str]:
    """What the text beside the controls quotes: the LSTM at distance 100 with the first settings, and with 5 added to its bias."""
    return {
        name: _log_text(_mean_at_end(ProfileSettings(LONG + 1, 32, forget_bias=bias))["lstm"])
        for name, bias in (("lstm", 0.0), ("open", 5.0))
    }


def _cheap(settings: ProfileSettings) -> bool:
    """Whether all nets take well under a second together, so that the figure follows the controls without a button."""
    work = settings.T * settings.hidden**2 * (10 if settings.jacobian else 1)
    return not settings.trained and work <= 2_000_000


def _profile_controls(view: View) -> ProfileSettings:
    a, b, c = st.columns(3)
    a.number_input(text("gradients.T"), 2, 1000, **control(view, "T"))
    b.select_slider(text("gradients.hidden"), HIDDEN, **control(view, "hidden"))
    c.number_input(text("gradients.seed_first"), 0, 999, **control(view, "seed"))
    a, b, c = st.columns(3)
    _starts(a, view, "start")
    b.slider(text("gradients.scale"), 10, 300, step=5, format="%d%%", **control(view, "scale"))
    c.slider(text("gradients.bias"), -2, 8, **control(view, "bias"))
    a, b, c = st.columns([2, 3, 3])
    names = {name: text(f"gradients.act_{name}") for name in ACTIVATIONS}
    a.selectbox(
        text("gradients.act"), ACTIVATIONS, format_func=names.__getitem__, **control(view, "act")
    )
    for place, key, options in ((b, "what", ("grad", "jacobian")), (c, "trained", ("no", "yes"))):
        labels = {o: text(f"gradients.{key}_{o}") for o in options}
        place.segmented_control(
            text(f"gradients.{key}"), options, format_func=labels.__getitem__, required=True,
            **control(view, key),
        )  # fmt: skip
    return ProfileSettings(
        T=view["T"],
        hidden=int(view["hidden"]),
        start=view["start"],
        scale=view["scale"] / 100,
        activation=view["act"],
        forget_bias=float(view["bias"]),
        seed=view["seed"],
        trained=TRAINED if view["trained"] == "yes" else 0,
        jacobian=view["what"] == "jacobian",
    )


def _starts(place: Any, view: View, key: str) -> None:
    names = {name: text(f"gradients.start_{name}") for name in STARTS}
    place.selectbox(
        text("gradients.start"), STARTS, format_func=names.__getitem__, **control(view, key)
    )


def _profile_result(view: View, runs: ProfileRuns, guess: str) -> None:
    settings = runs.settings
    distances = settings.distances
    here = min(range(len(distances)), key=lambda k: abs(distances[k] - view["d"]))
    if settings.T > 2:
        box = f"{view.name}.d"
        st.session_state[box] = distances[here]  # the distance nearest to what the link says
        st.select_slider(
            text("gradients.d"),
            distances,
            key=box,
            on_change=lambda: view.take("d", st.session_state[box]),
        )
    fields = (
        [("largest", False), ("smallest", True)]
        if settings.jacobian
        else [("h", False), ("c", True)]
    )
    curves, rows = [], []
    for cell in CELLS:
        for field, dotted in fields:
            spread = runs.spread(cell, field)
            if spread is None:
                continue
            symbol = {"h": "h", "c": "c", "largest": "σ max", "smallest": "σ min"}[field]
            name = f"{NAMES[cell]} {symbol}"
            curves.append(Curve(name, cell, spread.mean.tolist(), spread.low.tolist(), spread.high.tolist(), dotted))  # fmt: skip
            values = [getattr(spread, part)[here] for part in ("mean", "low", "high")]
            faint = symbol == "σ min"  # NaN there means below what the dtype resolves
            rows.append([name, *("—" if faint and math.isnan(v) else _log_text(v) for v in values)])
    labels = {
        "distance": text("gradients.axis_distance"),
        "size": text(f"gradients.axis_{view['what']}"),
    }
    chart(
        profile_figure(distances, curves, distances[here], labels, is_dark()),
        "gradients.figure",
        text("gradients.figure_alt"),
    )
    heads = [text(f"gradients.head_{name}") for name in ("curve", "mean", "low", "high")]
    table(heads, rows)
    st.caption(text("gradients.at_distance", d=distances[here], seeds=runs.steps // len(CELLS)))
    lost = sum(s.broken for c in CELLS if (s := runs.spread(c, "h")) is not None)
    if lost:
        st.warning(text("gradients.no_number", count=lost))
    st.caption(
        text("gradients.what_jacobian_note" if settings.jacobian else "gradients.strip_note")
    )
    _grade(runs, guess)


def _grade(runs: ProfileRuns, guess: str) -> None:
    """What is left at the farthest distance, beside what was predicted: right is "none" where all are gone, else the largest, or
    one that cannot be told from it by these seeds."""
    spreads = {c: s for c in CELLS if (s := runs.spread(c, "h")) is not None}
    ends = {c: s.mean[-1] for c, s in spreads.items() if math.isfinite(s.mean[-1])}
    if not ends:
        return
    ranked = sorted(ends, key=ends.__getitem__, reverse=True)
    gone = ends[ranked[0]] < GONE
    tied = [] if gone else [c for c in ranked[1:] if spreads[c].high[-1] >= ends[ranked[0]]]
    right = guess in (("none",) if gone else (ranked[0], *tied))
    same = same_question("gradients.guess", guess, runs.settings)
    kind = "shown" if guess == "skip" or not same else "right" if right else "wrong"
    said = NAMES.get(guess) or text("gradients.predict_none")
    values = listed(f"{NAMES[c]} **{_log_text(ends[c])}**" for c in ranked)
    words = [
        text(f"gradients.predict_{kind}", guess=said, values=values, d=runs.settings.distances[-1])
    ]
    if tied:
        words.append(text("gradients.predict_tie", best=NAMES[ranked[0]], second=NAMES[tied[0]]))
    if gone:
        words.append(text("gradients.predict_gone"))
    st.markdown(" ".join(words))


def _log_text(log: float) -> str:
    if not math.isfinite(log):
        return "NaN" if math.isnan(log) else "0" if log < 0 else "∞"
    if abs(log) < 300:
        return number_of(10**log)
    power = math.floor(log)
    return f"{number_of(10.0 ** (log - power))}{TIMES}{ten_to(power)}"


# --- 2 products ----------------------------------------------------------------------------------

LONG = 100


def show_products(view: View, content: Text) -> None:
    """The singular value against 1, tanh' at 0, and W pulled out of a product that does not commute."""
    prose(content["products"])
    a, b = st.columns(2)
    _starts(a, view, "pstart")
    b.number_input(text("gradients.seed"), 0, 999, **control(view, "pseed"))
    a, b = st.columns(2)
    a.slider(text("gradients.scale"), 10, 300, step=5, format="%d%%", **control(view, "pscale"))
    b.slider(text("gradients.drive"), 0, 300, step=10, format="%d%%", **control(view, "drive"))
    _W, slopes = product_run(view["pstart"], view["pscale"], view["drive"], view["pseed"])
    found = _products(view["pstart"], view["pscale"], view["drive"], view["pseed"])
    labels = {
        name: text(f"gradients.curve_{name}")
        for name in ("true", "pulled_out", "powers", "sigma", "radius")
    } | {"distance": text("gradients.axis_distance"), "size": text("gradients.axis_product")}
    chart(
        products_figure(found._asdict(), labels, is_dark()),
        "gradients.products",
        text("gradients.products_alt"),
    )
    st.markdown(
        text(
            "gradients.products_now",
            sigma=f"{10 ** found.sigma[1]:.2f}",
            radius=f"{10 ** found.radius[1]:.2f}",
            slope=f"{slopes.mean():.2f}",
            most=f"{slopes.max():.2f}",
            d=LONG,
            true=_log_text(found.true[-1]),
            powers=_log_text(found.powers[-1]),
            ratio=_log_text(found.pulled_out[-1] - found.true[-1]),
        )
    )
    prose(content["commute"])


@lru_cache(maxsize=64)
def _products(start: str, scale: int, drive: int, seed: int) -> Products:
    return products(*product_run(start, scale, drive, seed))


@lru_cache(maxsize=64)
def product_run(start: str, scale: int, drive: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """W_hh and the slopes of a simple RNN of 32 units over 101 random inputs of size `drive` %; 0 keeps the state at 0."""
    rnn = recurrent("rnn", 8, 32, start=start, scale=scale / 100, seed=seed)
    assert isinstance(rnn, nn.RNN)
    x = torch.randn(LONG + 1, 8, generator=torch.Generator().manual_seed(seed)) * drive / 100
    if not drive:
        with torch.no_grad():
            for name in ("bias_ih_l0", "bias_hh_l0"):
                rnn.get_parameter(name).zero_()
    return rnn_slopes(rnn, x)


# --- 3 explode -----------------------------------------------------------------------------------

GOAL = clipping.STEPS


def show_explode(view: View, content: Text) -> None:
    """The same training with and without clipping, side by side while it runs."""
    prose(content["explode"])
    a, b, c = st.columns(3)
    a.select_slider(text("gradients.threshold"), CLIPS, **control(view, "clip"))
    ways = {name: text(f"gradients.by_{name}") for name in ("norm", "value")}
    b.segmented_control(
        text("gradients.by"), list(ways), format_func=ways.__getitem__, required=True,
        **control(view, "by"),
    )  # fmt: skip
    c.number_input(text("gradients.seed"), 0, 999, **control(view, "eseed"))
    a, b, c = st.columns(3)
    names = {name: text(f"gradients.act_{name}") for name in ("relu", "tanh")}
    a.segmented_control(
        text("gradients.act"), list(names), format_func=names.__getitem__, required=True,
        **control(view, "eact"),
    )  # fmt: skip
    b.slider(text("gradients.sigma"), 50, 300, step=10, format="%d%%", **control(view, "esigma"))
    c.select_slider(text("gradients.lr"), RATES, **control(view, "elr"))
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
        live, "gradients.edone", GOAL, partial(view.__setitem__, "edone"),
        text("gradients.train"), text("gradients.over"),
    )  # fmt: skip
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
        name = text("gradients.without") if clip == "none" else (
            text(f"gradients.by_{clip.split()[0]}") + " " + clip.split()[1]
        )  # fmt: skip
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


# --- 4 span --------------------------------------------------------------------------------------


def span_counts(name: str = "memory-span") -> dict[str, dict[int, tuple[int, int]]]:
    """How many runs learned, of how many, by cell and distance."""
    counts: dict[str, dict[int, tuple[int, int]]] = {}
    for row in results(name)["rows"]:
        runs = row["runs"].values()
        learned = (int(sum(r["learned"] for r in runs)), len(runs))
        counts.setdefault(row["cell"]["cell"], {})[row["cell"]["distance"]] = learned
    return counts


def show_span(view: View, content: Text) -> None:
    """CLM-1 as an experiment, and one cell of its table run again live."""
    prose(content["span"])
    counts = span_counts()
    names = {
        cell: text(f"gradients.cell_{cell.replace(', ', '_').replace(' ', '')}") for cell in counts
    }
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
        [
            [names[c], *(f"{by[d][0]}/{by[d][1]}" for d in memory_span.DISTANCES)]
            for c, by in counts.items()
        ],
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
    c.number_input(text("gradients.seed"), 0, 999, **control(view, "sseed"))
    settings = (view["cell"], int(view["far"]), view["sseed"])
    opened = "gradients.span.live" not in st.session_state
    live = live_training("gradients.span.live", settings, lambda: _Recall(*settings))
    if opened or live.goal is not None:  # a link to a finished run
        replay(live, view["sdone"])
    elif not live.running and live.trainer.steps == 0:  # other settings than those that were run
        view["sdone"] = 0
    buttons(
        live, "gradients.sdone", memory_span.STEPS, partial(view.__setitem__, "sdone"),
        text("gradients.train"), text("gradients.over"),
    )  # fmt: skip

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


# --- 5 check -------------------------------------------------------------------------------------

QZ6 = (
    "g * norm / threshold if norm >= threshold else g",
    "g * threshold / norm",
    "g * threshold / norm if norm >= threshold else g",
    "np.minimum(g, threshold)",
)
QZ6_RIGHT = 2
QZ18 = (("qz18a", 1), ("qz18b", 0), ("qz18c", 2))


def show_check(view: View, content: Text) -> None:
    """Quizzes, the verdicts on the claims with the numbers behind them, and the errors of the sources."""
    quiz(view, "qz6", QZ6, QZ6_RIGHT, code=True, after=_qz6_table)
    prose(content["three-lines"])
    for name, right in QZ18:
        quiz(view, name, [text(f"quiz.{name}_choice{k}") for k in range(3)], right=right)
    prose(content["verdicts"])
    for claim, numbers in verdict_numbers().items():
        judged(claim, numbers)
    show_errata("gradients", ERRATA)


def qz6_values() -> list[list[float]]:
    """What every line of QZ-6 returns for g = (3, −4) and for g = (0.03, −0.04), threshold 1."""
    out = []
    for line in QZ6:
        row: list[float] = []
        for g in (np.array([3.0, -4.0]), np.array([0.03, -0.04])):
            space = {"np": np, "g": g, "norm": float(np.linalg.norm(g)), "threshold": 1.0}
            # our own four lines, never a visitor's text
            row += map(float, eval(line, {"__builtins__": {}}, space))  # noqa: S307
        out.append(row)
    return out


def _qz6_table() -> None:
    st.markdown(text("quiz.returns"))
    rows = [
        [line, f"({signed(a)}, {signed(b)})", f"({signed(c)}, {signed(d)})"]
        for line, (a, b, c, d) in zip(QZ6, qz6_values(), strict=True)
    ]
    table(
        [text("quiz.choice"), "g = (3, −4)", "g = (0.03, −0.04)"],
        rows,
        [k == QZ6_RIGHT for k in range(4)],
    )


@cache
def verdict_numbers() -> dict[str, dict[str, str]]:
    """The numbers that each verdict quotes, from the shipped tables and from nets built just now."""
    span, patience = span_counts(), span_counts("memory-patience")

    def of(table_: dict[str, dict[int, tuple[int, int]]], cell: str, d: int) -> str:
        learned, all_ = table_[cell][d]
        return f"{learned}/{all_}"

    clip = {(r["cell"]["activation"], r["cell"]["sigma"], r["cell"]["clip"]): list(r["runs"].values()) for r in results("clipping")["rows"]}  # fmt: skip

    def count(key: tuple[str, float, str], field: str) -> str:
        runs = clip[key]
        return f"{sum(r[field] for r in runs):.0f}/{len(runs)}"

    W, slopes = product_run("orthogonal", 150, 0, 0)
    grown = products(W, slopes)
    shrunk = products(*product_run("normal", 80, 0, 0))
    profiles = {
        bias: _mean_at_end(ProfileSettings(101, 32, forget_bias=bias)) for bias in (0.0, 5.0)
    }
    return {
        "clm1": {
            "rnn20": of(span, "rnn", 20), "rnn50": of(span, "rnn", 50), "rnn100": of(span, "rnn", 100),
            "lstm20": of(span, "lstm", 20), "lstm5_50": of(span, "lstm, bias 5", 50),
            "gru50": of(span, "gru", 50), "gru100": of(patience, "gru", 100),
            "lstm5_100": of(patience, "lstm, bias 5", 100), "rnn100p": of(patience, "rnn", 100),
            "orth100": of(span, "rnn, orthogonal", 100),
        },
        "clm2": {
            "broken": count(("relu", 2.0, "none"), "broken"),
            "kept": count(("relu", 2.0, "norm 1"), "broken"),
            "learned": count(("relu", 2.0, "norm 1"), "learned"),
            "small": count(("tanh", 0.5, "norm 1"), "learned"),
            "unclipped": count(("tanh", 1.0, "none"), "learned"),
            "clipped": count(("tanh", 1.0, "norm 1"), "learned"),
        },
        "clm3": {"most": f"{slopes.max():.0f}", "grown": _log_text(grown.true[-1]), "d": str(LONG)},
        "clm4": {
            "sigma": f"{10 ** shrunk.sigma[1]:.2f}", "radius": f"{10 ** shrunk.radius[1]:.2f}",
            "size": _log_text(shrunk.powers[-1]), "d": str(LONG),
        },
        "clm12": {
            "rnn": _log_text(profiles[0.0]["rnn"]), "lstm": _log_text(profiles[0.0]["lstm"]),
            "open": _log_text(profiles[5.0]["lstm"]),
        },
        "clm14": {"gru50": of(span, "gru", 50), "lstm50": of(span, "lstm", 50)},
        "clm20": {"irnn": of(span, "irnn", 200), "lstm5": of(span, "lstm, bias 5", 200)},
    }  # fmt: skip


@cache
def _mean_at_end(settings: ProfileSettings) -> dict[str, float]:
    """log10 ‖∂L/∂h_1‖ at distance T − 1, mean over seeds, by cell."""
    runs = ProfileRuns(settings)
    runs.advance(len(CELLS) * SEEDS)
    ends = {cell: runs.spread(cell, "h") for cell in CELLS}
    return {cell: float(s.mean[-1]) for cell, s in ends.items() if s is not None}


# --- the sources put right -------------------------------------------------------------------------

SHORT = 20
"""Steps of the sequence whose gradient is taken apart."""


@cache
def _one_path() -> dict[str, str]:
    """∂L/∂W_hh of 32 units over `SHORT` steps, L at the end: the share of single paths, from h_0 = 0 and from a random h_0."""
    rnn = recurrent("rnn", 8, 32, seed=0)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(SHORT, 1, 8, generator=generator)
    last = torch.zeros(SHORT, 1, 32)
    last[-1] = torch.randn(1, 32, generator=generator)
    h_0 = torch.randn(1, 1, 32, generator=generator)
    shares = []
    for start in (torch.zeros_like(h_0), h_0):
        steps = backpropagate(trace(rnn, x, start), last).lane().contributions("W_hh")
        shares.append((steps.flatten(1).norm(dim=1) / steps.sum(0).norm()).tolist())
    return {
        "steps": str(SHORT),
        "first": number_of(shares[0][0]),
        "random": number_of(shares[1][0]),
        "last": number_of(shares[0][-1]),
    }


@cache
def _pulled_out() -> dict[str, str]:
    """The product with W outside against the true one, for the net that chapter 2 begins with."""
    W, slopes = product_run("normal", 100, 100, 0)
    found = products(W, slopes)
    first, second = (np.diag(s) @ W for s in slopes[:2])
    two = off_by(np.diag(slopes[0] * slopes[1]) @ W @ W, first @ second)
    return {
        "two": f"{100 * two.error:.0f}",
        "d": str(LONG),
        "times": number_of(10 ** (found.pulled_out[-1] - found.true[-1])),
    }


@cache
def _clip_each() -> dict[str, str]:
    """The first gradient of the training that chapter 3 begins with, every array clipped by its own norm: how far it turns."""
    run = clipping.training("relu", 2.0, None, "norm", 0)
    x, target = run.task.make(run.batch, run.generator)
    run.task.loss(run.net(x), target).backward()  # type: ignore[no-untyped-call]

    def gradient() -> torch.Tensor:
        return torch.cat([p.grad.flatten() for p in run.parameters if p.grad is not None])

    before = gradient()
    norm = clip_each_by_norm(run.parameters, 1.0)
    found = off_by(gradient(), before)
    return {
        "norm": f"{norm:.0f}",
        "degrees": f"{math.degrees(math.acos(found.cosine)):.0f}",
        "cosine": f"{found.cosine:.2f}",
    }


@cache
def _linear_only() -> dict[str, str]:
    """W in place of W diag(f'(u)) for the lecture's network: the smallest and the largest error of its steps."""
    lane = models.shared("hello-lecture").read(WORD[:-2]).trace.lane()
    W = lane.weights["W_hh"]
    errors = [off_by(W, W * (1 - h**2)).error for h in lane.h[:, 0]]
    return {"least": f"{100 * min(errors):.0f}", "most": f"{100 * max(errors):.0f}"}


ERRATA = (
    Erratum("one_path", "S4", _one_path),
    Erratum("pulled_out", "S4", _pulled_out),
    Erratum("clip_each", "S2", _clip_each),
    Erratum("linear_only", "S2", _linear_only),
)
