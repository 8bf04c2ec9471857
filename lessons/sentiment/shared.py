"""What several chapters of the lesson `sentiment` use."""

from __future__ import annotations

from typing import Any

from rnn_core.networks.review import ReviewReading
from ui.i18n import text
from ui.networks import reviews
from ui.networks.reviews import CELLS, NAMES

URL = {"t": "t", "draw": "draw", "open": "open", "unit": "u", "value": "v"}


def curves(reading: ReviewReading, cell: str, of: str, every: bool) -> dict[str, Any]:
    """P(positive) after each token: this network's, and if wished the other networks' and the bag's."""
    found: dict[str, Any] = {NAMES[cell]: (cell, reading.positive.numpy())}
    if not every:
        return found
    for other in CELLS:
        if other != cell:
            p = reviews.model_of(other, of).read_tokens(reading.tokens).positive
            found[NAMES[other]] = (other, p.numpy())
    model = reviews.model_of("lstm", of)
    assert model.floor is not None
    prefixes = [reading.tokens[: t + 1] for t in range(len(reading.tokens))]
    bag = model.floor([model.floor_tokens(tokens) for tokens in prefixes]).sigmoid()
    return found | {text("sentiment.bag"): ("bag", bag.numpy())}


def card_slope(cell: str, of: str) -> float:
    """The slope a of a network's doubt."""
    return float(reviews.card_of(cell, of)["config"]["doubt"])
