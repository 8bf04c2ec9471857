"""What the sentiment networks have read: `familiar-en` holds the words, `familiar-ja` the runs of three characters.

No network and nothing trained: counted on the texts that the networks of that language learnt from. All networks of a
language share one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from torch import nn

from rnn_core.data.reviews import Reviews, economy_watchers, m_absa, sentences, treebank
from rnn_core.models import ModelSpec, TrainOptions
from rnn_core.networks.familiar import LEAST, Familiar

SHAPES = {"en": (1, 1 << 14), "ja": (3, 1 << 18)}
"""Units of an n-gram, and bytes of the filter."""

_ABOUT = {
    "en": {
        "data": f"The words that stand at least {LEAST} times in the training sentences of the Stanford Sentiment Treebank",
        "licence": "A set of words; SST: free for research, no licence stated; its sentences (Pang and Lee 2005): CC BY 4.0",
        "failures": 'A known word may be new in its sense ("mid", "slaps").',
    },
    "ja": {
        "data": f"The runs of three characters that stand at least {LEAST} times in the training comments of the Economy "
        "Watchers Survey and the training sentences of M-ABSA, Japanese part",
        "licence": "A set of character runs; Economy Watchers: CC BY 4.0; M-ABSA: Apache 2.0 as declared by its authors, "
        "not verified",
        "failures": "Slang made of familiar runs (「普通にうまかったわ」) passes; a rare kanji in a plain sentence does not.",
    },
}


def learn(language: str, data: Path | None = None) -> Familiar:
    """The filter of a language, counted on its training texts."""
    found = Familiar(*SHAPES[language])
    found.add(found.often(_train_units(language, data)))
    return found


def _train_units(language: str, data: Path | None) -> Iterator[Sequence[str]]:
    if language == "en":
        yield from sentences(data)
    else:
        for part in _sets(language, data):
            yield from (text.tokens for text in part.train)


def _sets(language: str, data: Path | None) -> list[Reviews]:
    """The data sets in units: words, or characters."""
    return [treebank(data)] if language == "en" else [economy_watchers(data), m_absa("ja", data)]


def _build(config: Mapping[str, Any]) -> Familiar:
    return Familiar(config["order"], config["size"])


def _train(language: str, options: TrainOptions) -> tuple[nn.Module, dict[str, Any]]:
    order, size = SHAPES[language]
    model = Familiar(order, size)
    grams = model.often(_train_units(language, options.data))
    model.add(grams)
    return model, _ABOUT[language] | {
        "config": {"order": order, "size": size},
        "seed": 0,
        "baseline": {
            "name": "the same n-grams written out",
            "bytes": sum(len("".join(gram).encode()) + 1 for gram in grams),
        },
    }


def _evaluate(language: str, model: nn.Module, data: Path | None) -> dict[str, float]:
    """How many n-grams it holds, and the share of the test texts' other n-grams that it takes for one of them."""
    assert isinstance(model, Familiar)
    exact = set(model.often(_train_units(language, data)))
    test = {gram for part in _sets(language, data) for text in part.test for gram in model.grams(text.tokens)}
    others = sorted(test - exact)
    return {"grams": len(exact), "false_share": sum(model.known(others)) / len(others)}


MODELS = {
    f"familiar-{language}": ModelSpec(_build, partial(_train, language), partial(_evaluate, language))
    for language in SHAPES
}
