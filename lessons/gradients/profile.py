"""Chapter `profile` of the lesson `gradients`."""

from __future__ import annotations

import math
from functools import partial

import streamlit as st

from figures.gradients import Curve, profile_figure
from lessons.gradients.shared import LONG, log_text, mean_at_end, start_names
from rnn_core.labs.forgetting import (
    CELLS,
    ProfileRuns,
    ProfileSettings,
)
from ui.blocks import (
    chart,
    predict,
    prose,
    same_question,
    table,
)
from ui.components.page_frame import is_dark
from ui.controls import between, one_of
from ui.i18n import listed, text
from ui.page import Content
from ui.state import View, control
from ui.training import buttons, live_training, progress, replay, run_live

NAMES = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU", "irnn": "IRNN"}
HIDDEN = (2, 4, 8, 16, 32, 64, 128)
ACTIVATIONS = ("tanh", "relu", "sigmoid", "identity")
TRAINED = 300
GONE = -6
"""log10 of what counts as gone: less than a millionth of the gradient at the end."""


def show(view: View, content: Content) -> None:
    """RNN, LSTM and GRU: how much of the gradient is left at every distance, over several seeds."""
    prose(content["profile"])
    guess = predict(
        view,
        "guess",
        text("gradients.predict"),
        {c: NAMES[c] for c in CELLS} | {"none": text("gradients.predict_none"), "skip": text("gradients.predict_skip")},
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
            live,
            "gradients.nets",
            total,
            partial(view.__setitem__, "nets"),
            text("gradients.compute"),
            text("gradients.over"),
        )

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
        name: log_text(mean_at_end(ProfileSettings(LONG + 1, 32, forget_bias=bias))["lstm"])
        for name, bias in (("lstm", 0.0), ("open", 5.0))
    }


def _cheap(settings: ProfileSettings) -> bool:
    """Whether all nets take well under a second together, so that the figure follows the controls without a button."""
    work = settings.T * settings.hidden**2 * (10 if settings.jacobian else 1)
    return not settings.trained and work <= 2_000_000


def _profile_controls(view: View) -> ProfileSettings:
    a, b, c = st.columns(3)
    a.number_input(text("gradients.T"), **between(view, "T"))
    b.select_slider(text("gradients.hidden"), **one_of(view, "hidden"))
    c.number_input(text("gradients.seed_first"), **between(view, "seed"))
    a, b, c = st.columns(3)
    start_names(a, view, "start")
    b.slider(text("gradients.scale"), step=5, format="%d%%", **between(view, "scale"))
    c.slider(text("gradients.bias"), **between(view, "bias"))
    a, b, c = st.columns([2, 3, 3])
    names = {name: text(f"gradients.act_{name}") for name in ACTIVATIONS}
    a.selectbox(text("gradients.act"), ACTIVATIONS, format_func=names.__getitem__, **control(view, "act"))
    for place, key, options in ((b, "what", ("grad", "jacobian")), (c, "trained", ("no", "yes"))):
        labels = {o: text(f"gradients.{key}_{o}") for o in options}
        place.segmented_control(
            text(f"gradients.{key}"),
            options,
            format_func=labels.__getitem__,
            required=True,
            **control(view, key),
        )
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
    fields = [("largest", False), ("smallest", True)] if settings.jacobian else [("h", False), ("c", True)]
    curves, rows = [], []
    for cell in CELLS:
        for field, dotted in fields:
            spread = runs.spread(cell, field)
            if spread is None:
                continue
            symbol = {"h": "h", "c": "c", "largest": "σ max", "smallest": "σ min"}[field]
            name = f"{NAMES[cell]} {symbol}"
            curves.append(Curve(name, cell, spread.mean.tolist(), spread.low.tolist(), spread.high.tolist(), dotted))
            values = [getattr(spread, part)[here] for part in ("mean", "low", "high")]
            faint = symbol == "σ min"  # NaN there means below what the dtype resolves
            rows.append([name, *("—" if faint and math.isnan(v) else log_text(v) for v in values)])
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
    st.caption(text("gradients.what_jacobian_note" if settings.jacobian else "gradients.strip_note"))
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
    values = listed(f"{NAMES[c]} **{log_text(ends[c])}**" for c in ranked)
    words = [text(f"gradients.predict_{kind}", guess=said, values=values, d=runs.settings.distances[-1])]
    if tied:
        words.append(text("gradients.predict_tie", best=NAMES[ranked[0]], second=NAMES[tied[0]]))
    if gone:
        words.append(text("gradients.predict_gone"))
    st.markdown(" ".join(words))
