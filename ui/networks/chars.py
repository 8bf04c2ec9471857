"""The character models on a page: a visitor's text, the run of the stepper, the units in order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from rnn_core.stepper.run import Guess, Run, add_traced_lane
from ui.blocks import escaped, signed, table
from ui.i18n import language, listed, text
from ui.server import models
from ui.state import View, control
from ui.typed import sentences
from ui.typed.box import Read, text_box
from ui.typed.sentences import Typed

if TYPE_CHECKING:
    from rnn_core.forward.tracing import Lane
    from rnn_core.networks.char_lm import CharLM, CharReading

MOST = 70
EXAMPLES = {
    "en": "CLERK:\nThe rain is on the roof, my lord,\nand I have read your letter.",
    "ja": "　先生は「雨が降りますね」と云った。私は黙って窓の外を見ていた。",
}
"""What is read until the visitor types: sentences of our own in the manner of the corpus."""


def clean(typed: Any) -> Typed:
    """At most 70 characters, white space as it is typed; see `ui.typed.sentences.clean`."""
    return sentences.clean(typed, MOST, lines=True)


def is_clean(raw: str) -> bool:
    """Whether a link may bring this text."""
    return clean(raw).problem is None


def corpus_of(view: View) -> str:
    """Which text the model has read: "en" or "ja"; the page's language unless chosen."""
    return str(view["corpus"] or language())


def controls(view: View, key: str = "text") -> tuple[str, str]:
    """Corpus and text; what cannot be read gets a sentence, and the text from before stays."""
    corpus = corpus_of(view)
    names = {code: text(f"chars.corpus_{code}") for code in EXAMPLES}
    st.session_state[f"{view.name}.corpus.box"] = corpus

    def chosen() -> None:
        view.take("corpus", st.session_state[f"{view.name}.corpus.box"])
        view[key] = ""

    st.segmented_control(
        text("chars.corpus"),
        list(names),
        format_func=names.__getitem__,
        required=True,
        key=f"{view.name}.corpus.box",
        on_change=chosen,
    )
    now = text_box(
        view,
        key,
        text("chars.text"),
        _read,
        first=EXAMPLES[corpus],
        height=96,
        help=text("chars.text_help"),
    )
    known = model_of("lstm", corpus).index  # the GRU has the same
    if unknown := [shown_char(c) for c in dict.fromkeys(now.text) if c not in known]:
        st.caption(text("chars.unknown", which=escaped(listed(unknown))))
    return corpus, now.text


def _read(raw: str) -> Read:
    typed = clean(raw)
    return Read(typed.text, typed.problem and text(f"chars.problem_{typed.problem}", most=MOST))


def model_of(cell: str, corpus: str) -> CharLM:
    """A shipped character model."""
    model: CharLM = models.shared(f"chars-{cell}-{corpus}")
    return model


@lru_cache(maxsize=32)
def reading_of(cell: str, corpus: str, typed: str) -> CharReading:
    """What a shipped model makes of a text; read only."""
    reading: CharReading = model_of(cell, corpus).read(typed)
    return reading


@lru_cache(maxsize=12)
def run_of(cell: str, corpus: str, typed: str, names: tuple[str, ...], sort: str, chung: bool, lang: str) -> Run:
    """The same as a run of the stepper in the page's language `lang`: a room of readers opens the same examples."""
    assert lang == language()
    return char_run(reading_of(cell, corpus, typed), names, sort, chung=chung)


def card_of(cell: str, corpus: str) -> dict[str, Any]:
    """The card of a shipped character model."""
    return models.card_of(f"chars-{cell}-{corpus}")


def shown_char(char: str) -> str:
    """A character on the time bar: white space gets a visible sign."""
    return "↵" if char == "\n" else "␣" if char.isspace() else char


def order_of(model: Any, lane: Lane, sort: str) -> list[int]:
    """The units from top to bottom: by number, by how much they move on this text, or by a feature's score on dev."""
    memory = lane[model.memory][:, 0].numpy()
    if sort == "number":
        keys: Sequence[float] = range(memory.shape[1])
    elif sort == "moves":
        keys = (-np.abs(np.diff(np.tanh(memory), axis=0)).sum(0)).tolist()
    else:
        found = next(u for u in model.card["units"] if u["feature"] == sort)
        keys = (-np.abs(found["scores"])).tolist()
    return sorted(range(memory.shape[1]), key=keys.__getitem__)


def notes_of(model: Any) -> dict[int, str]:
    """Units that the card names, by what they tell best."""
    notes: dict[int, list[str]] = {}
    for found in model.card["units"]:
        name = text(f"chars.feature_{found['feature']}")
        notes.setdefault(found["unit"], []).append(name)
    return {unit: ", ".join(names) for unit, names in notes.items()}


def guesses_of(reading: CharReading, most: int = 5) -> list[Guess]:
    """After each character: the most probable next ones, and how the real one stood."""
    p = reading.log_p.exp()
    out = []
    symbols = reading.model.symbols
    for t, row in enumerate(p):
        best = row.topk(most)
        top = [
            (shown_char(symbols[k]) if k else "?", float(v))
            for v, k in zip(best.values, best.indices.tolist(), strict=True)
        ]
        if t + 1 < len(reading.text):
            target = int(reading.ids[t + 1])
            rank = int((row > row[target]).sum()) + 1
            out.append(Guess(top, shown_char(reading.text[t + 1]), float(row[target]), rank))
        else:
            out.append(Guess(top, None, 0.0, 0))
    return out


def char_run(
    reading: CharReading,
    names: Sequence[str],
    sort: str,
    before: CharReading | None = None,
    chung: bool = False,
) -> Run:
    """The reading of a text as a run of the stepper, with the map of all units above it."""
    model = reading.model
    lane = reading.trace.lane()
    run = Run([shown_char(c) for c in reading.text])
    run.add_input("x", lane.x[:, 0].numpy())
    lane_id = add_traced_lane(run, lane, sources=["x"], module="rnn", chung=chung)
    run.add_map(
        lane_id,
        names,
        order_of(model, lane, sort),
        sorted_by=sort,
        text=["↵" if c == "\n" else c for c in reading.text],
        notes=notes_of(model),
        guesses=guesses_of(reading),
    )
    if before is not None:
        # what was before is half of all that is sent: only what the page speaks of
        run.compare_with(char_run(before, names, sort), ("c", "h", "f"))
    return run


def sort_control(view: View, corpus: str, place: Any = st) -> str:
    """How the units are sorted; a feature of the other corpus falls back to how much they move."""
    from rnn_core.forward.probing import FEATURES

    options = ["moves", "number", *(f.name for f in FEATURES[corpus])]
    if view["sort"] not in options:
        view["sort"] = options[0]
    labels = {
        o: text(f"chars.sort_{o}") if o in options[:2] else text("chars.sort_by", feature=text(f"chars.feature_{o}"))
        for o in options
    }
    place.selectbox(text("chars.sort"), options, format_func=labels.__getitem__, **control(view, "sort"))
    return str(view["sort"])


def units_table(model: Any) -> None:
    """What single units tell, on test text, beside the best unit of an untrained net."""
    heads = [text(f"chars.head_{n}") for n in ("feature", "unit", "score", "untrained")]
    rows = [
        [
            text(f"chars.feature_{found['feature']}"),
            str(found["unit"]),
            signed(found["test"]),
            signed(model.card["untrained_units"][found["feature"]]),
        ]
        for found in model.card["units"]
    ]
    table(heads, rows)
    st.caption(text("chars.units_note"))


def card_numbers(model: Any) -> dict[str, str]:
    """What the card says, for a sentence."""
    card = model.card
    return {
        "score": f"{card['scores']['nats_per_character']:.3f}",
        "floor": f"{card['baseline']['nats_per_character']:.3f}",
        "units": str(card["config"]["hidden"]),
        "parameters": f"{card['parameters']:,}",
    }
