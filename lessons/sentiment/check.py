"""Chapter `check` of the lesson `sentiment`."""

from __future__ import annotations

from functools import cache

from lessons.sentiment.shared import Text
from rnn_core.networks.char_lm import CharLM
from ui.blocks import judged, prose, quiz, table
from ui.errata import Erratum, show_errata
from ui.i18n import text
from ui.networks import reviews
from ui.server import models
from ui.state import View


def show(view: View, content: Text) -> None:
    """Questions on what was seen, the claims on words and vocabularies, and the errors of the sources."""
    prose(content["check"])
    quiz(view, "qs1", [text(f"sentiment.qs1_choice{k}") for k in range(3)], right=1)
    quiz(view, "qs2", [text(f"sentiment.qs2_choice{k}") for k in range(3)], right=2)
    quiz(view, "qs3", [text(f"sentiment.qs3_choice{k}") for k in range(3)], right=0)
    prose(content["sizes"])
    _tables_table()
    judged("sentiment.clm27", sizes())
    judged("sentiment.clm28", lengths())
    show_errata("sentiment", ERRATA)


@cache
def sizes() -> dict[str, str]:
    """CLM-27: three tables over the English model's vocabulary of V words: V × V counts, V × H of a one-hot RNN, V × d."""
    tensors = reviews.card_of("lstm", "en")["tensors"]
    V, d = tensors["embedding.weight"]["shape"]
    H = tensors["rnn.weight_hh_l0"]["shape"][1]
    found = {"v": V, "h": H, "d": d, "vv": V * V, "vh": V * H, "vd": V * d}
    return {name: f"{count:,}" for name, count in found.items()}


def _tables_table() -> None:
    found = sizes()
    rows = [[text(f"sentiment.table_{n}"), text(f"sentiment.shape_{n}", **found), found[n]] for n in ("vv", "vh", "vd")]  # fmt: skip
    table([text(f"sentiment.head_{n}") for n in ("table", "shape", "numbers")], rows, wrap=1)


@cache
def lengths() -> dict[str, str]:
    """CLM-28: the longest word of the English vocabulary and its shortest, spelt out to the character LSTM: the same weights, as many numbers."""
    model: CharLM = models.shared("chars-lstm-en")
    symbols = reviews.card_of("lstm", "en")["config"]["symbols"].split(" ")
    words = sorted((w for w in symbols if w.isascii() and w.isalpha()), key=lambda w: (len(w), w))
    out = {"weights": f"{sum(p.numel() for p in model.parameters()):,}"}
    for name, word in (("short", words[0]), ("long", words[-1])):
        state = model.read(word).trace.lane().h[-1, 0]
        out |= {name: word, f"steps_{name}": str(len(word)), f"state_{name}": str(len(state))}
    return out


ERRATA = (Erratum("lengths", "S2", lengths), Erratum("vv", "S2", sizes))
