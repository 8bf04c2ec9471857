"""The chapters of the lesson `gru`. Imports torch; the page makes sure that it is loaded."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

import numpy as np
import streamlit as st

from figures.gates import compare_figure
from rnn_core.experiments import results
from rnn_core.labs.slips import slipped_nats
from rnn_core.labs.speed import CELLS, measure_in_turns, parameters
from rnn_core.models.chars import SAMPLES
from ui import chars, models
from ui.blocks import chart, judged, prose, quiz, signed, table, values_told
from ui.components.page_frame import is_dark
from ui.components.rewire import show_rewire as rewiring
from ui.components.stepper import show_stepper
from ui.errata import Erratum, show_errata
from ui.i18n import Section, language, text
from ui.state import View, control
from ui.training import computed

Text = Mapping[str, Section]
URL = {"t": "t", "draw": "draw", "open": "open", "unit": "u", "value": "v"}
VALUES = ("h", "z", "r", "n")
HIDDEN = (16, 32, 64, 128, 256)
NAMES = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}


# --- 1 read --------------------------------------------------------------------------------------


def show_read(view: View, content: Text) -> None:
    """A trained GRU reads the visitor's sentence; z in both conventions."""
    prose(content["read"])
    corpus, typed = chars.controls(view)
    sort = chars.sort_control(view, corpus)
    names = {name: text(f"gru.z_{name}") for name in ("torch", "chung")}
    st.segmented_control(
        text("gru.z"), list(names), format_func=names.__getitem__, required=True,
        **control(view, "z"),
    )  # fmt: skip
    chung = view["z"] == "chung"
    model = chars.model_of("gru", corpus)
    run = chars.run_of("gru", corpus, typed, VALUES, sort, chung, language())
    show_stepper(run, "gru.read.stepper", url=URL)
    if len(typed) > 1:
        readings = {cell: chars.reading_of(cell, corpus, typed) for cell in ("gru", "lstm")}
        curves = {NAMES[cell]: (cell, -r.next_log_p()) for cell, r in readings.items()}
        labels = {name: text(f"gru.{name}") for name in ("axis_char", "axis_surprise")}
        chart(
            compare_figure([chars.shown_char(c) for c in typed[1:]], curves, labels, is_dark()),
            "gru.surprise",
            text("gru.surprise_alt"),
        )
    prose(content["equations-chung" if chung else "equations"])
    prose(content["conventions"])
    prose(content["units"])
    chars.units_table(model)
    prose(content["card"], level=2, **chars.card_numbers(model))


# --- 2 rewire ------------------------------------------------------------------------------------


def show_rewire(view: View, content: Text) -> None:
    """From LSTM to GRU in five drawings, one wire at a time."""
    prose(content["rewire"])
    rewiring(
        "gru.rewire",
        view["frame"],
        strings={n: text(f"gru.rewire_{n}") for n in ("play", "back", "next", "label")},
        on_change=lambda k: view.__setitem__("frame", k),
    )
    st.markdown(text(f"gru.frame_{view['frame']}"))
    prose(content["rewire-after"])


# --- 3 compare -----------------------------------------------------------------------------------


def show_compare(view: View, content: Text) -> None:
    """CLM-13: parameters counted, speed measured here and now, quality from the cards."""
    prose(content["compare"])
    st.select_slider(text("gru.hidden"), HIDDEN, **control(view, "hidden"))
    H = int(view["hidden"])
    counts = {cell: parameters(cell, H, H) for cell in CELLS}
    table(
        [text(f"gru.head_{n}") for n in ("cell", "parameters", "ratio")],
        [[NAMES[cell], f"{n:,}", f"{n / counts['lstm']:.2f}"] for cell, n in counts.items()],
    )
    prose(content["speed"])
    asked = st.button(text("gru.measure"), key="gru.measure")
    speeds = computed("gru.speed", H, partial(measure_in_turns, H, H), asked)
    if speeds is not None:
        base = speeds["lstm"]
        table(
            [text(f"gru.head_{n}") for n in ("cell", "forward", "ratio", "training", "ratio")],
            [
                [
                    NAMES[cell],
                    f"{s.forward:.2f}",
                    f"{s.forward / base.forward:.2f}",
                    f"{s.training:.2f}",
                    f"{s.training / base.training:.2f}",
                ]
                for cell, s in speeds.items()
            ],
        )
        st.caption(text("gru.measured"))
    prose(content["quality"])
    rows = []
    for corpus in ("en", "ja"):
        for cell in ("lstm", "gru"):
            card = chars.card_of(cell, corpus)
            rows.append(
                [
                    text(f"chars.corpus_{corpus}"),
                    NAMES[cell],
                    f"{card['parameters']:,}",
                    f"{card['scores']['nats_per_character']:.3f}",
                    f"{over_seeds(card)} ({len(card['seeds']['seeds'])})",
                    f"{card['baseline']['nats_per_character']:.3f}",
                ]
            )
    heads = ("corpus", "cell", "parameters", "nats", "seeds", "floor")
    table([text(f"gru.head_{n}") for n in heads], rows)
    prose(content["verdict"], level=2, **verdict_numbers())
    judged("clm33", task_numbers())


def over_seeds(card: Mapping[str, Any]) -> str:
    """Test loss as mean ± standard deviation over the seeds of a card, without ± where there is one."""
    found = card["seeds"]["nats_per_character"]
    sd = found["standard_deviation"]
    return f"{found['mean']:.3f}" + ("" if sd is None else f" ± {sd:.3f}")


def verdict_numbers() -> dict[str, str]:
    """The numbers that the verdict quotes, from the modules, the cards and the table of `counting`."""
    out = {"share": f"{100 * parameters('gru', 128, 128) / parameters('lstm', 128, 128):.0f}"}
    for corpus in ("en", "ja"):
        for cell in ("lstm", "gru"):
            out[f"{cell}_{corpus}"] = over_seeds(chars.card_of(cell, corpus))
    counting = results("counting")
    for row in counting["rows"]:
        right, cell = [run["right"] for run in row["runs"].values()], row["cell"]["cell"]
        out[f"counted_{cell}"] = f"{statistics.median(right):g}"
        out[f"range_{cell}"] = f"{min(right):g}–{max(right):g}"
    return out


@cache
def task_numbers() -> dict[str, str]:
    """CLM-33: LSTM and GRU on every task that both were trained on; means ± standard deviations over the seeds where there are any."""
    keys = ("lstm_en", "gru_en", "lstm_ja", "gru_ja", "counted_lstm", "counted_gru")
    out = {key: verdict_numbers()[key] for key in keys}
    for of, key in (("en", "accuracy"), ("ja", "accuracy_economy_watchers")):
        for cell in ("lstm", "gru"):
            found = models.card_of(f"sentiment-{of}" + ("" if cell == "lstm" else "-gru"))["seeds"][key]  # fmt: skip
            out[f"review_{cell}_{of}"] = f"{100 * found['mean']:.2f} ± {100 * found['standard_deviation']:.2f}"  # fmt: skip
    recall = {"lstm": "recall_lstm", "lstm, bias 5": "recall_open", "gru": "recall_gru"}
    for row in results("memory-span")["rows"]:
        if row["cell"]["distance"] == 50 and row["cell"]["cell"] in recall:
            learned = [run["learned"] for run in row["runs"].values()]
            out[recall[row["cell"]["cell"]]] = f"{sum(learned):.0f}/{len(learned)}"
    return out


# --- 4 check -------------------------------------------------------------------------------------

QZ10 = (
    "(1 - z) * h + z * n",
    "z * h + (1 - r) * n",
    "r * h + z * n",
    "(1 - z) * n * h",
)
QZ10_RIGHT = 0
QZ10_AT = {"z": 0.25, "r": 0.5, "n": -0.6, "h": 0.8}


def show_check(view: View, content: Text) -> None:
    """The quizzes of the lecture on the GRU, and what a source leaves open."""
    quiz(view, "qz10", QZ10, QZ10_RIGHT, code=True, after=_qz10_table)
    quiz(view, "qz11", [text(f"quiz.qz11_choice{k}") for k in range(3)], right=1)
    show_errata("gru", ERRATA)


def qz10_values() -> list[float]:
    """What every line of QZ-10 returns for the values of `QZ10_AT`."""
    space = {"np": np} | QZ10_AT
    # our own four lines, never a visitor's text
    return [float(eval(line, {"__builtins__": {}}, space)) for line in QZ10]  # noqa: S307


def _qz10_table() -> None:
    st.markdown(text("quiz.returns_at", values=values_told(QZ10_AT)))
    table(
        [text("quiz.choice"), "h"],
        [[line, signed(v)] for line, v in zip(QZ10, qz10_values(), strict=True)],
        [k == QZ10_RIGHT for k in range(4)],
    )


# --- the sources put right -------------------------------------------------------------------------


@cache
def _z_turned() -> dict[str, str]:
    """Nats per character on the models' sample texts, with z as it was trained and read the other way round."""
    return {
        f"{name}_{corpus}": f"{slipped_nats(chars.model_of('gru', corpus), SAMPLES[corpus], slip):.2f}"
        for corpus in ("en", "ja")
        for name, slip in (("right", ""), ("wrong", "z_turned"))
    }


ERRATA = (Erratum("z", "S2", _z_turned),)
