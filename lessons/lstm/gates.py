"""CLM-35: what the three gates do on test text, from the cards of the character models."""

from __future__ import annotations

from functools import cache

import streamlit as st

from rnn_core.labs.gates import GATES
from ui.blocks import judged, table
from ui.i18n import text
from ui.networks import chars

PLACES = ("sentence", "line", "other")


@cache
def gate_numbers() -> dict[str, str]:
    """What the verdict quotes: by corpus, the loss as it is and with a gate held; the forget gate at sentence ends and elsewhere."""
    out = {}
    for corpus in ("en", "ja"):
        card = chars.card_of("lstm", corpus)
        scores = card["scores"]
        out[f"units_{corpus}"] = str(card["config"]["hidden"])
        out[f"free_{corpus}"] = f"{scores['gate_nats']:.2f}"
        for gate in GATES:
            out[f"{gate}_{corpus}"] = f"{scores[f'gate_{gate}_held']:.2f}"
        for place in PLACES:
            out[f"f_{place}_{corpus}"] = f"{scores[f'gate_f_{place}']:.2f}"
            out[f"emptied_{place}_{corpus}"] = f"{scores[f'gate_emptied_{place}']:.0f}"
        out[f"shut_{corpus}"] = f"{100 * scores['gate_o_shut']:.0f}"
    return out


def show_gates() -> None:
    """Both tables and the verdict."""
    found = gate_numbers()
    names = {corpus: text(f"chars.corpus_{corpus}") for corpus in ("en", "ja")}
    table(
        [text(f"lstm.head_{n}") for n in ("corpus", "free", "i_held", "f_held", "o_held")],
        [
            [name, *(found[f"{key}_{corpus}"] for key in ("free", *GATES))]
            for corpus, name in names.items()
        ],
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
    judged("lstm.clm35", found)
