"""What the sources get wrong about the LSTM, run on the character models."""

from __future__ import annotations

from functools import cache

from rnn_core.labs.slips import slipped_nats
from rnn_core.labs.speed import parameters
from rnn_core.models.chars import SAMPLES
from ui.errata import Erratum
from ui.networks import chars


@cache
def _nats(slip: str) -> dict[str, str]:
    """Nats per character on the models' sample texts, as they are and with a slip in the cell."""
    return {
        f"{name}_{corpus}": f"{slipped_nats(chars.model_of('lstm', corpus), SAMPLES[corpus], which):.2f}"
        for corpus in ("en", "ja")
        for name, which in (("right", ""), ("wrong", slip))
    }


@cache
def _another_activation() -> dict[str, str]:
    """The numbers that one layer of each kind holds, at the size of the English model."""
    rnn = chars.model_of("lstm", "en").rnn
    D, H = rnn.input_size, rnn.hidden_size
    return {
        "inputs": str(D),
        "units": str(H),
        "lstm": f"{parameters('lstm', D, H):,}",
        "rnn": f"{parameters('rnn', D, H):,}",
    }


ERRATA = (
    Erratum("input_gate", "S4", lambda: _nats("g_by_o")),
    Erratum("forget_gate", "S4", lambda: _nats("f_on_h")),
    Erratum("columns", "S0", lambda: _nats("columns")),
    Erratum("names", "S0"),
    Erratum("activation", "S1", _another_activation),
)
