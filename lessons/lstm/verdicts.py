"""What was found about the claims that the lesson `lstm` measures."""

from __future__ import annotations

from functools import cache

import numpy as np

from lessons.lstm.numbers import gate_numbers
from lessons.lstm.totemo import fading, totemo
from rnn_core.cells.arrays import sigmoid
from rnn_core.labs.hand import kept
from ui.blocks import number_of, signed
from ui.lecture import Link
from ui.verdicts import Verdict


def _constant_gates() -> dict[str, str]:
    """What is left of a cell after 1,000 steps with the forget gate at σ(5) and σ(10)."""
    gates = {a: float(sigmoid(np.float64(a))) for a in (5.0, 10.0)}
    return {f"f{a:.0f}": f"{f:.5f}" for a, f in gates.items()} | {
        f"left{a:.0f}": number_of(kept(f, 1000)) for a, f in gates.items()
    }


@cache
def _dropped_word() -> dict[str, str]:
    """The forget gates at とても and elsewhere, and the largest change of an ending's log probability without the word."""
    found = totemo()
    endings = found["endings"]
    changes = [endings["with"][e] - endings["without"][e] for e in endings["with"]]
    return {
        "f_word": f"{found['f_word']:.2f}",
        "f_rest": f"{found['f_rest']:.2f}",
        "change": signed(max(changes, key=abs)),
        **fading(),
    }


VERDICTS = (
    Verdict("clm11", "holds", Link("lstm", {"part": "sandbox"}), _constant_gates),
    Verdict("clm24", "depends", Link("lstm", {"part": "totemo"}), _dropped_word),
    Verdict("clm35", "depends", Link("lstm", {"part": "surgery"}), gate_numbers),
)
