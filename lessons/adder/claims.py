"""Chapter `claims` of the lesson `adder`."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from statistics import fmean
from typing import Any

import streamlit as st

from figures.adder import (
    Outcome,
    outcomes_figure,
)
from lessons.adder.numbers import median_begun, runs_of, verdict_numbers
from lessons.adder.runs import NOTES
from lessons.adder.shared import described, set_knobs
from lessons.adder.verdicts import VERDICTS
from rnn_core.experiments import results
from ui.blocks import chart, prose, table
from ui.components.page_frame import is_dark
from ui.controls import choose
from ui.errata import Erratum, show_errata
from ui.i18n import text
from ui.page import Content
from ui.state import View
from ui.verdicts import show_verdicts

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


def show(view: View, content: Content) -> None:
    """CLM-5 to CLM-9: every claim of the notes as an experiment with twenty seeds."""
    prose(content["claims"])
    names = {name: text(f"adder.claim_{name}") for name in QUESTIONS}
    choose(view, "claim", text("adder.claim"), names)
    name = view["claim"]
    show_verdicts(VERDICTS, name)
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
        set_knobs(view, replace(NOTES, **ASKED[name]))
        view["part"] = "train"

    st.button(text("adder.try_it"), key="adder.try", on_click=try_it)
    prose(content["claims-why"])
    show_errata("adder", ERRATA)


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
