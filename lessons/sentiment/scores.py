"""Chapter `scores` of the lesson `sentiment`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from lessons.sentiment.numbers import (
    calibration_numbers,
    card_numbers,
    floor_numbers,
    verdict_numbers,
)
from lessons.sentiment.shared import card_slope
from lessons.sentiment.verdicts import VERDICTS
from rnn_core.data.own_reviews import KINDS
from ui.blocks import percent, prose, table
from ui.i18n import text
from ui.networks import reviews
from ui.networks.reviews import CELLS, NAMES
from ui.page import Content
from ui.server import models
from ui.state import View
from ui.verdicts import show_verdicts


def show(view: View, content: Content) -> None:
    """What the cards say: accuracy, spread over seeds, floor, calibration, and the worst errors."""
    prose(content["scores"])
    for of in ("en", "ja"):
        keys = _score_keys(of)
        heads = [
            text("sentiment.cell"),
            *(text(f"sentiment.score_{key}") for key in keys),
            text("sentiment.head_seeds"),
            text("sentiment.head_parameters"),
        ]
        rows = []
        for cell in CELLS:
            card = reviews.card_of(cell, of)
            rows.append(
                [
                    NAMES[cell],
                    *(_spread(card, key) for key in keys),
                    _seeds(card),
                    f"{network_weights(card):,}",
                ]
            )
        main = reviews.card_of("lstm", of)
        rows.append(
            [
                text("sentiment.bag"),
                *(_share(main["baseline"].get(key)) for key in keys),
                "–",
                f"{main['config']['floor'][1]:,}",
            ]
        )
        st.markdown(f"**{text(f'sentiment.of_{of}')}**")
        table(heads, rows)
    prose(content["verdict"], level=2, **verdict_numbers())
    show_verdicts(VERDICTS, "clm26")
    prose(content["calibration"], level=2, **calibration_numbers())
    prose(content["strange"], level=2, **strange_numbers())
    table(*strange_table())
    prose(content["errors"])
    of = reviews.language_control(view)
    card = reviews.card_of("lstm", of)
    _texts_table(card["errors"])
    prose(content["floor-wins"], level=2, **floor_numbers())
    _texts_table(card["floor_wins"])
    st.caption(text(f"sentiment.errors_source_{of}"))
    prose(content["own"], level=2)
    table(*own_table(of))
    prose(content["card"], level=2, **{f"{of}_{k}": v for of in ("en", "ja") for k, v in card_numbers(of).items()})


def _texts_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Test texts, their labels and what the LSTM says of each."""
    names = reviews.class_names()
    table(
        [text(f"sentiment.head_{n}") for n in ("text", "label", "said")],
        [[row["text"], names[row["label"]], percent(row["p"])] for row in rows],
        wrap=1,
    )


def strange_numbers() -> dict[str, str]:
    """What doubt changes on the test texts, from the LSTMs' cards; shares in percent."""
    out: dict[str, str] = {}
    for of in ("en", "ja"):
        scores = reviews.card_of("lstm", of)["scores"]
        out |= {
            f"{of}_rare": f"{scores['rare_texts']:.0f}",
            f"{of}_rare_before": f"{100 * scores['confident_errors_rare_before']:.1f}",
            f"{of}_rare_now": f"{100 * scores['confident_errors_rare']:.1f}",
            f"{of}_silent": f"{100 * scores['silent']:.1f}",
            f"{of}_loss_before": f"{scores['loss_before']:.4f}",
            f"{of}_loss": f"{scores['loss']:.4f}",
            f"{of}_ece_before": f"{100 * scores['ece_before']:.1f}",
            f"{of}_ece": f"{100 * scores['ece']:.1f}",
            f"{of}_sides_before": f"{100 * scores['ece_without_neither_before']:.1f}",
            f"{of}_sides": f"{100 * scores['ece_without_neither']:.1f}",
            f"{of}_slope": f"{card_slope('lstm', of):.1f}",
        }
    false = models.card_of("familiar-ja")["scores"]["false_share"]
    return out | {"false_share": f"{100 * false:.1f}"}


def strange_table() -> tuple[list[str], list[list[str]]]:
    """Confident errors among strange test texts, before and after doubt, of every network."""
    heads = [text(f"sentiment.head_{n}") for n in ("network", "doubt", "errors_before", "errors_now")]
    rows = []
    for of in ("en", "ja"):
        for cell in CELLS:
            scores = reviews.card_of(cell, of)["scores"]
            shares = (scores[f"confident_errors_rare{when}"] for when in ("_before", ""))
            name = f"{text(f'sentiment.of_{of}')}, {NAMES[cell]}"
            rows.append([name, f"{card_slope(cell, of):.1f}", *map(_share, shares)])
    return heads, rows


def own_table(of: str) -> tuple[list[str], list[list[str]]]:
    """Our own reviews by kind: how many the LSTM gets right, leaves open, gets wrong, and wrong with confidence."""
    scores = reviews.card_of("lstm", of)["scores"]
    heads = [
        text(f"sentiment.head_{n}")
        for n in ("kind", "own_count", "own_right", "own_unsure", "own_wrong", "own_confident", "own_before")
    ]
    rows = []
    for kind in KINDS:
        count, right, unsure, sure, before = (
            round(scores[f"own_{kind}{key}"])
            for key in ("", "_right", "_unsure", "_confident_errors", "_confident_errors_before")
        )
        numbers = (count, right, unsure, count - right - unsure, sure, before)
        rows.append([text(f"sentiment.kind_{kind}"), *map(str, numbers)])
    return heads, rows


def _score_keys(of: str) -> list[str]:
    return ["accuracy", "ece"] if of == "en" else ["accuracy_economy_watchers", "accuracy_m_absa", "ece"]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}%"


def _spread(card: Mapping[str, Any], key: str) -> str:
    """The shipped weights' score, and mean ± standard deviation over the seeds where several were measured."""
    seeds = card["seeds"]
    told = _share(card["scores"][key])
    if len(seeds["seeds"]) < 2 or key not in seeds:
        return told
    found = seeds[key]
    return f"{told} ({100 * found['mean']:.1f} ± {100 * found['standard_deviation']:.1f})"


def network_weights(card: Mapping[str, Any]) -> int:
    """The numbers of the network alone: the file of an LSTM also holds the bag."""
    return sum(math.prod(t["shape"]) for name, t in card["tensors"].items() if not name.startswith("floor"))


def _seeds(card: Mapping[str, Any]) -> str:
    return str(len(card["seeds"]["seeds"]))
