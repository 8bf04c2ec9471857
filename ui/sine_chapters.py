"""The chapters of the lesson `sine`. Imports torch; the page makes sure that it is loaded."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache, partial
from statistics import fmean, median

import numpy as np
import streamlit as st
import torch
import torch.nn.functional as F
from torch import Tensor

from figures.series import (
    epochs_figure,
    epochs_table_figure,
    pair_figure,
    prediction_figure,
    slopes_figure,
)
from rnn_core.experiments import results
from rnn_core.experiments.sine import COUNT
from rnn_core.labs.remember import MemoryNet
from rnn_core.labs.sine import (
    Settings,
    free_run,
    held_until,
    lag,
    one_step,
    series_training,
    windows,
)
from rnn_core.models.sine import FREE, RECIPE
from ui import models, series, tables, upload
from ui.blocks import chart, escaped, number_of, prose, signed, table
from ui.components.page_frame import is_dark
from ui.components.sketch import show_sketch
from ui.i18n import Section, text
from ui.series import LEAST, MOST, PASTED, SOURCES
from ui.state import View, control
from ui.tables import TableError
from ui.training import Live, buttons, live_training, progress, replay, run_live

Text = Mapping[str, Section]
EPOCHS = (100, 500, 3000)
REPLAYED = 500
"""Epochs that a link may bring back at once."""

SHOWN = 60
"""Values of the series that the pairs are shown in."""


def show_pairs(view: View, content: Text) -> None:
    """From a series to explanatory and target variable, one row of the table under the curve."""
    prose(content["pairs"])
    values = _series(view)[:SHOWN]
    a, b = st.columns(2)
    a.slider(text("sine.window"), 1, 25, **control(view, "window"))
    most = len(values) - view["window"]
    view["pair"] = min(view["pair"], most)
    b.slider(text("sine.pair"), 1, most, **control(view, "pair"))
    first = view["pair"] - 1
    labels = {n: text(f"sine.head_{n}") for n in ("explanatory", "target")} | {"t": text("sine.t")}
    chart(
        pair_figure(values.tolist(), first, view["window"], labels, is_dark()),
        "sine.pairs",
        text("sine.pairs_alt"),
    )
    x, target = windows(values, view["window"])
    start = max(0, min(first - 2, len(x) - 6))
    rows = [
        [str(k + 1), f"{k + 1} – {k + view['window']}", _row(x[k]), str(k + view["window"] + 1), signed(float(target[k]), 3)]
        for k in range(start, min(start + 6, len(x)))
    ]  # fmt: skip
    heads = [text(f"sine.head_{n}") for n in ("pair", "places", "explanatory", "place", "target")]
    table(heads, rows, [row[0] == str(view["pair"]) for row in rows])
    st.caption(text("sine.pairs_note", count=len(x), values=len(values)))
    prose(content["pairs-why"])


def _row(values: Tensor) -> str:
    """A window in few characters."""
    shown = [signed(v, 3) for v in values.tolist()]
    return ", ".join(shown if len(shown) <= 5 else [*shown[:2], "…", *shown[-2:]])


# --- the series ----------------------------------------------------------------------------------


def _series(view: View) -> Tensor:
    """The series that is chosen; a visitor's own stays for the session."""
    names = {s: text(f"sine.source_{s}") for s in SOURCES}
    st.segmented_control(
        text("sine.source"), list(names), format_func=names.__getitem__, required=True,
        **control(view, "source"),
    )  # fmt: skip
    if view["source"] == "drawn":
        drawn = series.decode_drawn(view["drawn"]) or series.first_drawn()
        show_sketch(
            "sine.sketch",
            drawn,
            text("sine.sketch"),
            lambda found: view.__setitem__("drawn", series.encode_drawn(found)),
        )
        st.caption(text("sine.sketch_note"))
        try:
            return _scaled(drawn)
        except TableError as error:
            _told(error)
    if view["source"] == "own":
        try:
            own = _own()
        except TableError as error:
            _told(error)
        else:
            if own is not None:
                return own
    return series.made("noisy" if view["source"] == "noisy" else "sine")


def _told(error: TableError) -> None:
    """What is wrong with a series, and that the sine stands in for it."""
    own = {"empty", "few", "many", "flat", "far"}
    where = "sine" if error.problem in own else "tables"
    why = text(f"{where}.problem_{error.problem}", **tables.told(error), least=LEAST, most=MOST)
    st.warning(f"{why} {text('sine.instead')}")


def _scaled(values: Sequence[float]) -> Tensor:
    """The values brought to the scale of those that are trained on, and a word about it."""
    found = series.prepared(values)
    split = series.split_of(values)
    rest = found[split:]
    st.caption(text("sine.scaled", trained=split, low=signed(float(rest.min())), high=signed(float(rest.max()))))  # fmt: skip
    return found


def _own() -> Tensor | None:
    """A visitor's numbers, pasted or from a file; None (and a sentence) until there are some. Raises TableError."""
    box, kept = "sine.own.box", "sine.own.kept"
    if box not in st.session_state:
        st.session_state[box] = st.session_state.get(kept, "")
    a, b = st.columns(2)
    typed = a.text_area(text("sine.paste"), key=box, height=120, max_chars=PASTED) or ""
    st.session_state[kept] = typed
    file = upload.uploader(text("sine.upload"), ["csv", "txt"], "sine.file", b)
    if file is None:
        if not typed.strip():
            st.info(text("sine.none_yet"))
            return None
        found = upload.once("sine.own.read", typed, lambda: series.columns_of(typed))
    else:
        plain = upload.once("sine.own.plain", file.file_id, lambda: tables.text_of(file.getvalue()))
        tables.tell_encoding(plain)
        found = upload.once("sine.own.read", file.file_id, lambda: series.columns_of(plain.text))
    name = found.names[0]
    if len(found.names) > 1:
        chosen = st.selectbox(text("sine.column"), found.names, index=None, key="sine.column")
        if chosen not in found.names:
            st.info(text("sine.choose"))
            return None
        name = chosen
    column = series.numbers_of(found, name)
    said = [text("sine.own_note", count=len(column.values))]
    if found.named:
        said.append(text("tables.named", name=escaped(name)))
    if column.comma:
        said.append(text("tables.decimal" if column.comma == "decimal" else "tables.thousands"))
    st.caption(" ".join(said))
    return _scaled(column.values)


# --- 2 train -------------------------------------------------------------------------------------


def show_train(view: View, content: Text) -> None:
    """Train on the first part of the series; predict one step ahead, and running free."""
    prose(content["train"])
    values = _series(view)
    split = series.split_of(values)
    a, b, c = st.columns(3)
    most = min(25, split // 2)
    view["window"] = min(view["window"], most)
    a.slider(text("sine.window"), 1, most, **control(view, "window"))
    b.segmented_control(
        text("sine.epochs"), EPOCHS, format_func=lambda n: f"{n:,}", required=True, **control(view, "epochs"),
    )  # fmt: skip
    c.slider(text("sine.hidden"), 2, 64, **control(view, "hidden"))
    a, b, c = st.columns(3)
    a.segmented_control(
        text("sine.cell"), ("rnn", "lstm", "gru"), format_func=str.upper, required=True, **control(view, "cell"),
    )  # fmt: skip
    b.number_input(text("sine.seed"), 0, 999, **control(view, "seed"))
    settings = Settings(view["cell"], view["window"], view["hidden"], view["epochs"], 0.01, view["seed"])  # fmt: skip
    signature = (settings, tuple(values.tolist()))
    if st.session_state.get("sine.signature") not in (None, signature):
        view["done"] = 0
    st.session_state["sine.signature"] = signature
    live = live_training("sine.live", signature, lambda: series_training(values[:split], settings))
    goal = settings.epochs
    view["done"] = min(view["done"], goal)
    if not live.running and live.trainer.steps < view["done"]:
        if view["done"] <= REPLAYED:
            replay(live, view["done"])
        else:
            st.info(text("sine.not_replayed", epochs=f"{view['done']:,}"))
    buttons(live, "sine.train", goal, partial(view.__setitem__, "done"), text("sine.start"), text("sine.over"))  # fmt: skip
    draw = partial(_predictions, live, values, split, settings)
    run_live(live, goal, 20, draw, partial(view.__setitem__, "done"))
    prose(content["free"])
    prose(content["lag"])


def _predictions(live: Live, values: Tensor, split: int, settings: Settings) -> None:
    """Loss, then both kinds of prediction and their numbers."""
    run = live.trainer
    if not run.steps:
        st.caption(text("sine.not_yet"))
        return
    progress(live, settings.epochs, text("sine.progress", done=f"{run.steps:,}", goal=f"{settings.epochs:,}", loss=number_of(run.losses[-1])))  # fmt: skip
    x, target = windows(values[:split], settings.window)
    floor = float(F.mse_loss(x[:, -1], target))
    labels = {n: text(f"sine.axis_{n}") for n in ("epochs", "loss", "floor")}
    chart(epochs_figure(run.losses, settings.epochs, floor, labels, is_dark()), "sine.loss", text("sine.loss_alt"))  # fmt: skip
    show_prediction(run.net, run.steps, values, split, settings.window)


@lru_cache(maxsize=16)
def _predicted(
    net: MemoryNet, steps: int, series: tuple[float, ...], split: int, window: int
) -> tuple[Tensor, Tensor, dict[str, tuple[float, float]]]:
    """One step ahead, free run, and the errors of both, once for the weights after `steps` steps; read only."""
    del steps  # tells the weights of one net apart
    values = torch.tensor(series)
    ahead = one_step(net, values, window)
    free = free_run(net, values[split - window : split], len(values) - split)
    return ahead, free, prediction_errors(values, split, ahead, free, window)


def show_prediction(net: MemoryNet, steps: int, values: Tensor, split: int, window: int) -> None:
    """One step ahead over the whole series, running free from the split on, and what both are worth on what is new."""
    W = window
    ahead, free, errors = _predicted(net, steps, tuple(values.tolist()), split, W)
    labels = {n: text(f"sine.line_{n}") for n in ("truth", "one_step", "free", "split")} | {"t": text("sine.t")}  # fmt: skip
    chart(
        prediction_figure(values.tolist(), split, (W, ahead.tolist()), (split, free.tolist()), labels, is_dark()),
        "sine.prediction",
        text("sine.prediction_alt"),
    )  # fmt: skip
    table([text(f"sine.head_{n}") for n in ("way", "error", "lag")], prediction_rows(errors))
    st.caption(f"{text('sine.on_new')} {held_told(held_until(free, values[split:]), len(free))}")


def held_told(held: int, steps: int) -> str:
    """How long a free run stayed near the truth, in words."""
    key = "sine.held_all" if held == steps else "sine.held"
    return text(key, held=f"{held:,}", steps=f"{steps:,}")


def prediction_errors(
    values: Tensor, split: int, ahead: Tensor, free: Tensor, window: int
) -> dict[str, tuple[float, float]]:
    """Mean squared error and lag on the values after the split: one step ahead, running free, and the last value again."""
    truth = values[split:]
    ways = {"one_step": ahead[split - window :], "free": free, "floor": values[split - 1 : -1]}
    return {
        name: (float(F.mse_loss(said, truth)), math.nan if name == "free" else lag(said, truth))
        for name, said in ways.items()
    }


def prediction_rows(errors: Mapping[str, tuple[float, float]]) -> list[list[str]]:
    """`prediction_errors` as the table says them; no lag is told of a free run, which drifts."""
    return [
        [text(f"sine.way_{name}"), number_of(error), "—" if math.isnan(late) else signed(late)]
        for name, (error, late) in errors.items()
    ]


# --- 3 shipped, claims ---------------------------------------------------------------------------


def runs_of(window: int, epochs: int) -> list[dict[str, float]]:
    """The runs of one cell of the table."""
    wanted = {"window": window, "epochs": epochs}
    return list(next(r for r in results("sine")["rows"] if r["cell"] == wanted)["runs"].values())


WINDOWS = (2, 5, 10, 25)


def show_claims(view: View, content: Text) -> None:
    """CLM-10 with ten seeds, the shipped net, and CLM-23."""
    prose(content["claims"])
    numbers = verdict_numbers()
    st.markdown(
        f"**{text('claims.clm10_claim')}**\n\n"
        f"**{text('claims.clm10_verdict')}** — {text('claims.clm10_why', **numbers)}"
    )
    rows = {w: {e: [r["new"] for r in runs_of(w, e)] for e in EPOCHS} for w in WINDOWS}
    labels = {n: text(f"sine.axis_{n}") for n in ("epochs", "error", "window")}
    chart(epochs_table_figure(rows, labels, is_dark()), "sine.table", text("sine.table_alt"))
    heads = [text(f"sine.head_{n}") for n in ("window", "epochs", "error", "lag", "held")]
    table(
        heads,
        [
            [
                str(w),
                f"{e:,}",
                number_of(median(r["new"] for r in runs)),
                signed(median(r["lag"] for r in runs)),
                f"{sum(r['held'] == COUNT for r in runs)} / {len(runs)}",
            ]
            for w in WINDOWS
            for e in EPOCHS
            for runs in [runs_of(w, e)]
        ],
    )
    shipped = results("sine")
    st.caption(text("sine.made_by", command=f"`{shipped['command']}`", date=shipped["date"]))
    prose(content["shipped"], level=2, **card_numbers())
    values = series.made("sine")
    show_prediction(models.shared("sine"), 0, values, series.split_of(values), RECIPE.window)
    prose(content["second"])
    st.markdown(
        f"**{text('claims.clm23_claim')}**\n\n"
        f"**{text('claims.clm23_verdict')}** — {text('claims.clm23_why', **slope_numbers())}"
    )
    names = {n: n for n in ("tanh", "σ", "ReLU")}
    st.segmented_control(text("sine.function"), list(names), required=True, **control(view, "fn"))
    a = np.linspace(-6, 6, 241)
    chart(
        slopes_figure(a, slopes(view["fn"], a), {"a": "a", "f": f"{view['fn']}(a)", "f1": text("sine.first"), "f2": text("sine.second")}, is_dark()),
        "sine.slopes",
        text("sine.slopes_alt"),
    )  # fmt: skip


def slopes(name: str, a: np.ndarray) -> dict[str, np.ndarray]:
    """A function and its first two derivatives at a.

    >>> {k: float(v[0]) for k, v in slopes("tanh", np.zeros(1)).items()}
    {'f': 0.0, 'f1': 1.0, 'f2': -0.0}
    """
    if name == "tanh":
        f = np.tanh(a)
        return {"f": f, "f1": 1 - f**2, "f2": -2 * f * (1 - f**2)}
    if name == "σ":
        f = 0.5 * (1 + np.tanh(a / 2))
        return {"f": f, "f1": f * (1 - f), "f2": f * (1 - f) * (1 - 2 * f)}
    return {"f": np.maximum(a, 0), "f1": (a > 0).astype(float), "f2": np.zeros_like(a)}


def slope_numbers() -> dict[str, str]:
    """What the verdict on CLM-23 quotes."""
    at = np.array([3.0, 5.0])
    tanh, sigma = slopes("tanh", at), slopes("σ", at)
    return {
        "first3": f"{tanh['f1'][0]:.4f}",
        "first5": f"{tanh['f1'][1]:.5f}",
        "second5": f"{abs(tanh['f2'][1]):.5f}",
        "sigma5": f"{abs(sigma['f2'][1]):.5f}",
        "most": f"{slopes('σ', np.zeros(1))['f1'][0]:.2f}",
    }


@cache
def verdict_numbers() -> dict[str, str]:
    """What the verdict on CLM-10 quotes: medians of ten seeds on values after those trained on."""
    out = {}
    for w in WINDOWS:
        for e in EPOCHS:
            runs = runs_of(w, e)
            out[f"w{w}_{e}"] = number_of(median(r["new"] for r in runs))
            out[f"lag{w}_{e}"] = f"{median(r['lag'] for r in runs):.2f}"
            out[f"held{w}_{e}"] = f"{median(r['held'] for r in runs):.0f}"
    return out


def card_numbers() -> dict[str, str]:
    """What the shipped net's card says."""
    card = models.shared("sine").card
    return {
        "loss": number_of(card["scores"]["loss"]),
        "after": number_of(card["scores"]["loss_after"]),
        "held": held_told(round(card["scores"]["held"]), FREE),
        "floor": number_of(card["baseline"]["loss"]),
        "epochs": f"{card['training']['epochs']:,}",
        "mean": number_of(fmean(card["seeds"]["loss"]["each"])),
        "each": ", ".join(number_of(v) for v in card["seeds"]["loss"]["each"]),
    }
