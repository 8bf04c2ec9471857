"""CLM-24: is 「とても」 forgotten? The lecture's sentence, measured."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import streamlit as st

from lessons.lstm.shared import operated
from rnn_core.forward.surgery import Clamp
from rnn_core.networks.char_lm import CharLM
from ui.blocks import percent, prose, signed, table
from ui.i18n import language, text
from ui.networks import chars
from ui.page import Content
from ui.state import View

BEFORE = "映画おもしろかったな。ところで、"
WORD = "とても"
AFTER = "お腹が空いたから何か"
PARTS = ("映画おもしろかったな。", "ところで、", "とても", "お腹が", "空いたから", "何か")
"""What is dropped in turn, to see how much each part counts."""
ENDINGS = ("食べたい", "食べよう", "食いたい", "飲みたい", "見たい", "云った")


@cache
def totemo() -> dict[str, Any]:
    """The lecture's sentence with and without とても: chances of the endings, and the gates at that word (CLM-24)."""
    model = chars.model_of("lstm", "ja")
    out: dict[str, Any] = {"endings": {}}
    for name, sentence in (("with", BEFORE + WORD + AFTER), ("without", BEFORE + AFTER)):
        out["endings"][name] = {e: float(_log_p(model, sentence, e)) for e in ENDINGS}
        reading = model.read(sentence)
        lane = reading.trace.lane()
        out[name] = {gate: lane[gate][:, 0].numpy() for gate in ("f", "i", "c", "h")}
        out[f"{name}_p"] = reading.log_p[-1].exp().numpy()
    out["top"] = {
        name: [model.symbols[k] for k in out[f"{name}_p"].argsort()[::-1][:5]] for name in ("with", "without")
    }
    start = len(BEFORE)
    inside = slice(start, start + len(WORD))
    others = np.r_[0:start, start + len(WORD) : len(BEFORE + WORD + AFTER)]
    for gate in ("f", "i"):
        values = out["with"][gate]
        out[f"{gate}_word"], out[f"{gate}_rest"] = values[inside].mean(), values[others].mean()
    whole = BEFORE + WORD + AFTER
    p = out["with_p"]
    out["dropped"] = {}
    for part in PARTS:
        q = model.read(whole.replace(part, "")).log_p[-1].exp().numpy()
        out["dropped"][part] = _divergence(p, q)
    # what is left of the cell after the characters that follow, and what would be if nothing were forgotten
    left = out["with"]["f"][inside.stop :].prod(0)
    out["left"], out["faded"] = float(np.median(left)), float((left < 0.1).mean())
    kept = [operated(model, s, [Clamp("f", 1.0, start)]).log_p[-1].exp().numpy() for s in (whole, BEFORE + AFTER)]
    out["js_held"] = _divergence(*kept)
    out["f_next"] = out["with"]["f"][inside.stop].mean()
    gap = np.linalg.norm(out["with"]["h"][-1] - out["without"]["h"][-1])
    size = np.linalg.norm(out["without"]["h"][-1])
    out["state_gap"] = float(gap / size)
    return out


def fading() -> dict[str, str]:
    """What the verdict quotes: how the word fades, and what becomes of it when nothing is forgotten."""
    found = totemo()
    js, held = found["dropped"][WORD], found["js_held"]
    return {
        "left": percent(found["left"]),
        "faded": percent(found["faded"]),
        "js": f"{js:.4f}",
        "js_held": f"{held:.4f}",
        "times": f"{held / js:.0f}",
    }


def _divergence(a: np.ndarray, b: np.ndarray) -> float:
    """Jensen–Shannon divergence in nats: 0 for the same prediction, log 2 for two that share nothing."""
    m = (a + b) / 2
    return float(0.5 * (a * np.log(a / m)).sum() + 0.5 * (b * np.log(b / m)).sum())


def _log_p(model: CharLM, sentence: str, ending: str) -> float:
    """log p(ending | sentence)."""
    found = model.read(sentence + ending).next_log_p()
    return float(found[-len(ending) :].sum())


def show(view: View, content: Content) -> None:
    """CLM-24, measured with the network at hand."""
    prose(content["totemo"])
    found = totemo()
    heads = [text(f"lstm.head_{n}") for n in ("ending", "with", "without", "change")]
    rows = []
    for ending in ENDINGS:
        a, b = (found["endings"][name][ending] for name in ("with", "without"))
        rows.append([ending, signed(a, 3), signed(b, 3), signed(a - b, 3)])
    _glossed(heads, rows, "e")
    st.markdown(
        text(
            "lstm.totemo_now",
            f_word=f"{found['f_word']:.2f}",
            f_next=f"{found['f_next']:.2f}",
            f_rest=f"{found['f_rest']:.2f}",
            i_word=f"{found['i_word']:.2f}",
            i_rest=f"{found['i_rest']:.2f}",
            top_with=" ".join(found["top"]["with"]),
            top_without=" ".join(found["top"]["without"]),
            gap=percent(found["state_gap"]),
        )
    )
    _glossed(
        [text("lstm.head_dropped"), text("lstm.head_js")],
        [[part, f"{js:.4f}"] for part, js in found["dropped"].items()],
        "p",
    )
    st.caption(text("lstm.js_note"))
    prose(content["totemo-verdict"], level=2, **fading())


def _glossed(heads: Sequence[str], rows: Sequence[Sequence[str]], key: str) -> None:
    """A table of Japanese phrases; on an English page with their meanings."""
    if language() == "en":
        heads = [heads[0], text("lstm.head_gloss"), *heads[1:]]
        rows = [[row[0], text(f"lstm.gloss_{key}{k}"), *row[1:]] for k, row in enumerate(rows)]
    table(heads, rows)
