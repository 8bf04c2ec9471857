"""Chapter `check` of the lesson `gru`."""

from __future__ import annotations

from functools import cache

import numpy as np
import streamlit as st

from lessons.gru.shared import Text
from rnn_core.labs.slips import slipped_nats
from rnn_core.models.chars import SAMPLES
from ui.blocks import quiz, signed, table, values_told
from ui.errata import Erratum, show_errata
from ui.i18n import text
from ui.networks import chars
from ui.state import View

QZ10 = (
    "(1 - z) * h + z * n",
    "z * h + (1 - r) * n",
    "r * h + z * n",
    "(1 - z) * n * h",
)
QZ10_RIGHT = 0
QZ10_AT = {"z": 0.25, "r": 0.5, "n": -0.6, "h": 0.8}


def show(view: View, content: Text) -> None:
    """The quizzes of the lecture on the GRU, and what a source leaves open."""
    quiz(view, "qz10", QZ10, QZ10_RIGHT, code=True, after=_qz10_table)
    quiz(view, "qz11", [text(f"gru.qz11_choice{k}") for k in range(3)], right=1)
    show_errata("gru", ERRATA)


def qz10_values() -> list[float]:
    """What every line of QZ-10 returns for the values of `QZ10_AT`."""
    space = {"np": np} | QZ10_AT
    # our own four lines, never a visitor's text
    return [float(eval(line, {"__builtins__": {}}, space)) for line in QZ10]  # noqa: S307


def _qz10_table() -> None:
    st.markdown(text("blocks.returns_at", values=values_told(QZ10_AT)))
    table(
        [text("blocks.choice"), "h"],
        [[line, signed(v)] for line, v in zip(QZ10, qz10_values(), strict=True)],
        [k == QZ10_RIGHT for k in range(4)],
    )


@cache
def _z_turned() -> dict[str, str]:
    """Nats per character on the models' sample texts, with z as it was trained and read the other way round."""
    return {
        f"{name}_{corpus}": f"{slipped_nats(chars.model_of('gru', corpus), SAMPLES[corpus], slip):.2f}"
        for corpus in ("en", "ja")
        for name, slip in (("right", ""), ("wrong", "z_turned"))
    }


ERRATA = (Erratum("z", "S2", _z_turned),)
