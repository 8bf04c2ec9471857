"""`segmenter-ja`: where does a Japanese word end? One answer at every character (many to many, in step).

A bidirectional LSTM over characters, trained on the spaces of the Japanese side of `small_parallel_enja`, so that typed
Japanese can be cut as the translator's training data are. Runs of digits and Latin letters, of which the data has few, are
kept whole by rule. The floor is the longest match with the words of train.
Leaves out readings and parts of speech.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from rnn_core.data.parallel import Side, side
from rnn_core.metrics import boundaries, boundary_f1
from rnn_core.models import ModelSpec, TrainOptions, load
from rnn_core.networks.segmenter import UNKNOWN, Segmenter, cut_at
from rnn_core.training.fitting import Fitted, Schedule, fit, process_group, total_seconds, world
from rnn_core.training.seeds import spreads


def longest_match(text: str, words: frozenset[str], most: int) -> list[str]:
    """From left to right, always the longest word that is known, else one character.

    >>> longest_match("これは本", frozenset({"こ", "これ", "は"}), 2)
    ['これ', 'は', '本']
    """
    found, start = [], 0
    while start < len(text):
        stops = range(min(start + most, len(text)), start + 1, -1)
        stop = next((k for k in stops if text[start:k] in words), start + 1)
        found.append(text[start:stop])
        start = stop
    return found


@dataclass(frozen=True)
class Recipe:
    """How the shipped segmenter is trained."""

    embedding: int = 64
    hidden: int = 128
    dropout: float = 0.3
    lr: float = 3e-3
    average: float = 0.998
    epochs: int = 6
    batch: int = 64


RECIPE = Recipe()
NAME = "segmenter-ja"
_SEEDS = (0, 1, 2)


@lru_cache(maxsize=1)
def _sentences(folder: Path | None) -> Side:
    return side("ja", folder)


def vocabulary(sentences: Iterable[Sequence[str]]) -> list[str]:
    """The unknown character, then all seen at least twice, by code point."""
    counts = Counter(c for words in sentences for word in words for c in word)
    return [UNKNOWN, *sorted(c for c, n in counts.items() if n > 1)]


def _build(config: Mapping[str, Any]) -> Segmenter:
    return Segmenter(config["symbols"], config["embedding"], config["hidden"])


def _losses(model: Segmenter, ids: list[Tensor], ends: list[Tensor], batch: int) -> Iterator[Tensor]:
    """Batches of sentences drawn anew; one character in fifty is read as the unknown one."""
    device = model.readout.weight.device
    order = torch.randperm(len(ids))
    for start in range(0, len(order), batch):
        some = order[start : start + batch].tolist()
        lengths = torch.tensor([len(ids[j]) for j in some])
        x = pad_sequence([ids[j] for j in some])
        x = x.masked_fill(torch.rand(x.shape) < 0.02, 0)
        target = pad_sequence([ends[j] for j in some])
        real = torch.arange(len(x))[:, None] < lengths - 1  # the last end is known
        y = model(x.to(device), lengths)
        yield F.binary_cross_entropy_with_logits(y[real.to(device)], target[real].to(device))


def _train_one(
    seed: int, sentences: Side, options: TrainOptions, device: torch.device
) -> tuple[Segmenter, float, Fitted]:
    """One seed: the model, its F1 on dev, how training went."""
    rank, size = world()
    torch.manual_seed(seed)
    model = Segmenter(vocabulary(sentences.train), RECIPE.embedding, RECIPE.hidden, RECIPE.dropout)
    train = sentences.train[rank::size]
    train = train[: len(sentences.train) // size]  # equally many for each process
    ids = [model.encode("".join(words)) for words in train]
    ends = []
    for words in train:
        end = torch.zeros(sum(map(len, words)))
        end[[k - 1 for k in boundaries(words)]] = 1
        ends.append(end)
    model.to(device)
    batch = RECIPE.batch // size  # as many steps as one process takes
    schedule = Schedule(
        epochs=RECIPE.epochs,
        steps=math.ceil(len(ids) / batch),
        lr=RECIPE.lr,
        average=RECIPE.average,
    )
    done = fit(
        model,
        schedule,
        lambda epoch: _losses(model, ids, ends, batch),
        lambda: -_f1(model, sentences.dev),
        name=NAME,
        seed=seed,
        checkpoint=options.checkpoint(NAME, seed),
        resume=options.resume,
        settings=asdict(RECIPE),
        max_steps=options.steps,
    )
    model.cpu().eval()
    return model, _f1(model, sentences.dev), done


def _f1(model: Segmenter, sentences: Sequence[Sequence[str]]) -> float:
    texts = ["".join(words) for words in sentences]
    return boundary_f1([cut_at(*pair) for pair in zip(texts, model.ends(texts), strict=True)], sentences)


def _floor(sentences: Side) -> float:
    words = frozenset(word for sentence in sentences.train for word in sentence)
    most = max(map(len, words))
    said = [longest_match("".join(sentence), words, most) for sentence in sentences.test]
    return boundary_f1(said, sentences.test)


def _train(options: TrainOptions) -> tuple[nn.Module, dict[str, Any]]:
    sentences = _sentences(options.data)
    seeds = _SEEDS if options.seed is None else (options.seed,)
    with process_group(options.device) as device:
        made = [_train_one(seed, sentences, options, device) for seed in seeds]
    best = max(range(len(made)), key=lambda k: made[k][1])
    model, on_dev, done = made[best]
    tests = [_f1(m, sentences.test) for m, *_ in made]
    return model, {
        "data": "small_parallel_enja, Japanese side: the spaces between words as KyTea set them (train, dev to choose, test)",
        "licence": "Tanaka Corpus / Tatoeba: CC BY 2.0 FR",
        "failures": "Cuts as KyTea cuts, endings apart from stems. Knows the characters and words of everyday sentences.",
        "config": {
            "symbols": "".join(model.symbols),
            "embedding": RECIPE.embedding,
            "hidden": RECIPE.hidden,
        },
        "seed": seeds[best],
        "training": asdict(RECIPE)
        | {
            "epochs": len(done.dev),
            "optimizer": "Adam, cosine, clipping at 1, running mean of the weights",
            "chosen": "epoch and seed with the highest boundary F1 on dev",
        },
        "training_seconds": total_seconds(one for *_, one in made),
        "dev_boundary_f1": on_dev,
        "seeds": spreads(seeds, {"boundary_f1": tests}),
        "baseline": {
            "name": "longest match with the words of train",
            "boundary_f1": _floor(sentences),
        },
    }


def _evaluate(model: nn.Module, data: Path | None) -> dict[str, float]:
    assert isinstance(model, Segmenter)
    sentences = _sentences(data)
    return {
        "boundary_f1": _f1(model, sentences.test),
        "floor_boundary_f1": _floor(sentences),
    }


MODELS = {NAME: ModelSpec(_build, _train, _evaluate, half=True)}


@lru_cache(maxsize=1)
def _shipped() -> Segmenter:
    model: Segmenter = load(NAME)
    return model


def japanese_words(texts: Sequence[str]) -> list[list[str]]:
    """Typed Japanese in words, by the shipped segmenter. Raises StoreError if it is missing or damaged."""
    return _shipped().words(texts)
