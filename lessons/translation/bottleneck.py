"""CLM-16: does everything fit through one vector? With and without attention, by length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from figures.translation import length_figure
from rnn_core.models.translator import LENGTHS
from rnn_core.networks.translator import join
from ui.blocks import chart, prose, table
from ui.components.page_frame import is_dark
from ui.i18n import text
from ui.networks import translators as translations
from ui.page import Content
from ui.state import View

SHORTEST = 4
"""Words of the shortest sentence of the data."""


def show(view: View, content: Content) -> None:
    """The twin without attention on the reader's sentence, on the test set by length, and where attention repairs."""
    prose(content["bottleneck"])
    model, words = translations.controls(view)
    direction = translations.direction_of(view)
    tokens = translations.reading_of(direction, tuple(words)).tokens
    rows = [
        [translations.written(model, words, tokens), text("translation.net_attention")],
        [translations.twin_says(direction, tuple(words)), text("translation.net_plain")],
    ]
    table([text("translation.head_said"), text("translation.head_net")], rows, wrap=1)
    translations.explain_mark(*(said for said, _ in rows))
    prose(content["by-length"])
    card = translations.card_of(direction)
    labels = {n: text(f"translation.net_{n}") for n in ("attention", "plain")}
    labels["axis_length"] = text("translation.axis_length")
    names = [f"{max(low, SHORTEST)}–{high}" for low, high in LENGTHS]
    chart(
        length_figure(names, scores_by_length(card), labels, is_dark()),
        "translation.length",
        text("translation.length_alt"),
    )
    prose(content["bottleneck-verdict"], level=2, **verdict_numbers() | {"seeds": translations.seeds_sentence()})
    prose(content["repaired"])
    examples_table(direction, "repaired", ("source", "reference", "attention", "plain"))


def examples_table(direction: str, kind: str, keys: Sequence[str]) -> None:
    """Test sentences of the card, as one writes them."""
    rows = [
        [join(direction[:2] if key == "source" else direction[3:], row[key].split(" ")) for key in keys]
        for row in translations.card_of(direction)["examples"][kind]
    ]
    table([text(f"translation.head_{key}") for key in keys], rows, wrap=len(keys))
    translations.explain_mark(*(cell for row in rows for cell in row))


def scores_by_length(card: Mapping[str, Any]) -> dict[str, list[tuple[float, float, float]]]:
    """BLEU (value, low, high) of each class of length, with attention and without, from the card."""
    scores = card["scores"]
    return {
        name: [
            (scores[f"{key}{of}"], scores[f"{key}{of}_low"], scores[f"{key}{of}_high"])
            for key in (f"bleu_{low}_to_{high}" for low, high in LENGTHS)
        ]
        for name, of in (("attention", ""), ("plain", "_no_attention"))
    }


def verdict_numbers() -> dict[str, str]:
    """What the verdict on CLM-16 quotes: means over the seeds, and the first and the last class of length."""
    out = {"seeds": translations.seeds_told()}
    for direction in translations.DIRECTIONS:
        card, way = translations.card_of(direction), direction.replace("-", "_")
        for key in ("bleu_greedy", "bleu_no_attention"):
            out[f"{way}_{key}"] = f"{card['seeds'][key]['mean']:.1f}"
        for name, found in scores_by_length(card).items():
            out[f"{way}_{name}_short"], out[f"{way}_{name}_long"] = (f"{found[k][0]:.1f}" for k in (0, -1))
    return out
