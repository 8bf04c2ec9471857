"""Several seeds of one recipe in one card: how they spread, and a seed trained later joined to those that are there.

A card's `seeds` holds the seeds and, by score, what each had on test. Which one is shipped was chosen on dev.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import nn

Card = dict[str, Any]
Made = tuple[nn.Module, Card]
"""A trained network and its card."""


def spread(each: Sequence[float]) -> dict[str, Any]:
    """What each seed had, their mean and their standard deviation (None of a single one).

    >>> spread([0.5, 0.75])
    {'each': [0.5, 0.75], 'mean': 0.625, 'standard_deviation': 0.1767766952966369}
    """
    return {
        "each": list(each),
        "mean": statistics.mean(each),
        "standard_deviation": statistics.stdev(each) if len(each) > 1 else None,
    }


def spreads(seeds: Sequence[int], scores: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """The `seeds` of a card: the seeds, and the spread of every score over them."""
    return {"seeds": list(seeds), **{key: spread(each) for key, each in scores.items()}}


def check_new(card: Card, seed: int) -> None:
    """Raises ValueError if the seed is in the card already."""
    if seed in card["seeds"]["seeds"]:
        raise ValueError(f"seed {seed} is in the card of {card['name']} already")


def joined(old: Card, new: Card) -> Card:
    """What changes in the card of either when `new`'s seeds come to `old`'s: the spreads, the time, the commands.

    Raises ValueError if the two were trained in different ways or share a seed.
    """
    for key in ("config", "training", "data"):
        if old[key] != new[key]:
            raise ValueError(f"{old['name']} was trained in another way: its {key} differs")
    for seed in new["seeds"]["seeds"]:
        check_new(old, seed)
    seconds = (old["training_seconds"], new["training_seconds"])
    return {
        "seeds": spreads(
            old["seeds"]["seeds"] + new["seeds"]["seeds"],
            {key: old["seeds"][key]["each"] + new["seeds"][key]["each"] for key in old["seeds"] if key != "seeds"},
        ),
        "training_seconds": None if None in seconds else round(sum(seconds), 1),
        "command": f"{old['command']}; {new['command']}",
    }


def with_seed(old: Made, new: Made, data: Path | None, dev: str, lower: bool) -> Made:
    """`new`'s seed joined to `old`'s: the network with the better score `dev` is kept. `data` is not needed."""
    ours, theirs = old[1][dev], new[1][dev]
    model, card = new if (theirs < ours if lower else theirs > ours) else old
    return model, card | joined(old[1], new[1])
