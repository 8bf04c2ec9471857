"""CLM-35: what the three gates do on test text, from the cards of the character models."""

from __future__ import annotations

import streamlit as st

from lessons.lstm.numbers import PLACES, gate_numbers
from lessons.lstm.verdicts import VERDICTS
from rnn_core.labs.gates import GATES
from ui.blocks import table
from ui.i18n import text
from ui.verdicts import show_verdicts


def show_gates() -> None:
    """Both tables and the verdict."""
    found = gate_numbers()
    names = {corpus: text(f"chars.corpus_{corpus}") for corpus in ("en", "ja")}
    table(
        [text(f"lstm.head_{n}") for n in ("corpus", "free", "i_held", "f_held", "o_held")],
        [[name, *(found[f"{key}_{corpus}"] for key in ("free", *GATES))] for corpus, name in names.items()],
    )
    table(
        [text(f"lstm.head_{n}") for n in ("corpus", "place", "f_mean", "emptied")],
        [
            [
                name,
                text(f"lstm.place_{place}"),
                found[f"f_{place}_{corpus}"],
                f"{found[f'emptied_{place}_{corpus}']} / {found[f'units_{corpus}']}",
            ]
            for corpus, name in names.items()
            for place in PLACES
        ],
    )
    st.caption(text("lstm.gates_note"))
    show_verdicts(VERDICTS, "clm35")
