"""The numbers that the verdicts of the lesson `lstm` quote."""

from __future__ import annotations

from functools import cache

from rnn_core.labs.gates import GATES
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


PLACES = ("sentence", "line", "other")
