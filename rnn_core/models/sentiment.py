"""Review sentiment, one network per language, with three twins and a floor.

`sentiment-en` and `sentiment-ja` are LSTMs; `-gru`, `-rnn` and `-bi` (bidirectional LSTM) differ in nothing but the
recurrent layer. The floor is a bag of n-grams trained on the same texts. All read the tokens from left to right and can be
asked for the verdict after each. What of a text they hardly know makes them less sure. Leaves out attention and vectors from
outside.
"""

from __future__ import annotations

import copy
import math
import operator
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from rnn_core.baselines.bags import BagOfNgrams
from rnn_core.data.own_reviews import KINDS, OWN_REVIEWS
from rnn_core.data.pieces import Pieces, learn
from rnn_core.data.reviews import (
    NEGATIVE,
    POSITIVE,
    STRANGE,
    Judged,
    Reviews,
    binary,
    economy_watchers,
    english_tokens,
    m_absa,
    sentences,
    treebank,
    verdict,
)
from rnn_core.data.vectors import word_vectors
from rnn_core.metrics import calibration_error
from rnn_core.models import ModelSpec, TrainOptions, familiar, load
from rnn_core.networks.familiar import Familiar
from rnn_core.networks.review import (
    CELLS,
    UNKNOWN,
    Doubt,
    Dropout,
    ReviewNet,
    _floor_tokens,
    positive,
)
from rnn_core.training.fitting import Fitted, Schedule, fit, process_group, total_seconds, world
from rnn_core.training.seeds import spreads


@dataclass(frozen=True)
class Recipe:
    """How the networks of one language are trained."""

    embedding: int
    hidden: int
    lr: float
    average: float
    epochs: int
    batch: int
    dropout: Dropout
    order: int
    buckets: int
    decays: tuple[float, ...]


RECIPES = {
    "en": Recipe(
        embedding=64,
        hidden=168,
        lr=2e-3,
        average=0.998,
        epochs=3,
        batch=128,
        dropout=Dropout(token=0.05, embedding=0.5, recurrent=0.3, readout=0.5),
        order=2,
        buckets=1 << 18,
        decays=(1e-6, 3e-6, 1e-5, 3e-5),
    ),
    "ja": Recipe(
        embedding=96,
        hidden=256,
        lr=2e-3,
        average=0.998,
        epochs=3,
        batch=64,
        dropout=Dropout(token=0.1, embedding=0.5, recurrent=0.4, readout=0.5),
        order=4,
        buckets=1 << 19,
        decays=(1e-5, 1e-4),
    ),
}
VECTOR_LENGTH = 2.0
"""Length of every word vector at the start of training."""

TIMES = {"m_absa": 3}
"""How often each text of a small set is read in an epoch; once unless told."""

PIECES = 7500
"""Vocabulary of the Japanese models."""

_ABOUT = {
    "en": {
        "data": "Stanford Sentiment Treebank: all labelled phrases of train; dev to choose; the 1,821 test sentences "
        "that are not neutral. The first word vectors also from the text of M-ABSA's English training part",
        "licence": "SST: free for research, no licence stated; the sentences (Pang and Lee 2005): CC BY 4.0; M-ABSA: Apache "
        "2.0 as declared by its authors, not verified",
        "failures": "Knows film criticism. Irony, plot summaries and words it never saw mislead it.",
    },
    "ja": {
        "data": "Economy Watchers Survey, Cabinet Office of Japan (comments of 2018-01 to 2024-02 to train, to 2025-03 to "
        "choose, to 2026-04 to test), and M-ABSA, Japanese part (its own split). Texts of dev or test are not in train, those "
        "of test not in dev; a few M-ABSA test texts differ from a training text in punctuation only",
        "licence": "Economy Watchers: CC BY 4.0; M-ABSA: Apache 2.0 as declared by its authors, not verified",
        "failures": "Knows comments on business and translated reviews of hotels, food, phones, courses and sights. "
        "Slang and irony mislead it.",
    },
}
_SEEDS = (0, 1, 2)


@lru_cache(maxsize=2)
def _reviews(language: str, folder: Path | None) -> dict[str, Reviews]:
    """The data sets of a language by name, in tokens."""
    if language == "en":
        return {"sst": treebank(folder)}
    return _japanese(folder, Pieces(_pieces(folder)))


@lru_cache(maxsize=2)
def _pieces(folder: Path | None) -> list[str]:
    """The Japanese vocabulary, learnt on train."""
    whole = _japanese(folder, lambda text: [text])
    texts = (text.tokens[0] for part in whole.values() for text in part.train)
    return learn(texts, PIECES, least=3)


def _japanese(folder: Path | None, cut: Callable[[str], list[str]]) -> dict[str, Reviews]:
    return {
        "economy_watchers": economy_watchers(folder, cut),
        "m_absa": m_absa("ja", folder, cut),
    }


@lru_cache(maxsize=2)
def _vocabulary(language: str, folder: Path | None) -> tuple[list[str], Tensor]:
    """The unknown token and all words (pieces) of train, and their first vectors.

    Of M-ABSA's English part only the text is used, to learn which words keep which company.
    """
    if language == "en":
        others = [text.tokens for text in m_absa("en", folder, english_tokens).train]
        read: list[Sequence[str]] = [*sentences(folder), *others]
        symbols = sorted({token for tokens in sentences(folder) for token in tokens})
    else:
        sets = _reviews(language, folder)
        read = [text.tokens for part in sets.values() for text in part.train]
        symbols = _pieces(folder)
    vectors = word_vectors(read, symbols, RECIPES[language].embedding)
    return [UNKNOWN, *symbols], torch.cat([vectors.new_zeros(1, vectors.shape[1]), vectors])


def _build(config: Mapping[str, Any]) -> ReviewNet:
    floor = None if config["floor"] is None else BagOfNgrams(*config["floor"])
    model = ReviewNet(
        config["cell"],
        config["language"],
        config["symbols"].split(" "),
        config["embedding"],
        config["hidden"],
        floor,
    )
    model.doubt = Doubt(_familiar(config["language"]), config["doubt"])
    return model


@lru_cache(maxsize=2)
def _familiar(language: str) -> Familiar:
    """What the networks of a language have read, as shipped; one for all of them."""
    found: Familiar = load(f"familiar-{language}")
    return found


def _losses(model: ReviewNet, ids: Sequence[Tensor], labels: Tensor, batch: int, steps: int) -> Iterator[Tensor]:
    """One epoch: every text once, texts of like length together, tokens dropped to the unknown one."""
    device = model.b_y.device
    order = torch.randperm(len(ids)).tolist()
    rows: list[list[int]] = []
    for start in range(0, len(order), 50 * batch):
        like = sorted(order[start : start + 50 * batch], key=lambda k: len(ids[k]))
        rows += [like[k : k + batch] for k in range(0, len(like), batch)]
    for k in torch.randperm(len(rows)).tolist()[:steps]:
        some = rows[k]
        padded = pad_sequence([ids[j] for j in some])
        padded = padded.masked_fill(torch.rand(padded.shape) < model.dropout.token, 0)
        y = model(padded.to(device), torch.tensor([len(ids[j]) for j in some]))
        yield F.cross_entropy(y, labels[some].to(device))


def _dev_loss(model: ReviewNet, sets: Mapping[str, Reviews]) -> float:
    """Mean −log P of the right side on dev, texts that are neither left out; every data set weighs the same."""
    found = [_read(model, part.dev) for part in sets.values()]
    return statistics.mean(_binary_loss(read.positive, read.truth) for read in found)


@dataclass(frozen=True)
class Read:
    """What a network makes of the texts of one part that are positive or negative.

    `sure`: scores before any doubt `(N, 3)`; `strange`: r `(N,)`; `tau`: τ `(N,)`; `truth`: 1 or 0 `(N,)`.
    """

    texts: list[Judged]
    sure: Tensor
    strange: Tensor
    tau: Tensor
    truth: Tensor

    @property
    def p(self) -> Tensor:
        """p `(N, 3)`."""
        return (self.sure / self.tau[:, None]).softmax(-1)

    @property
    def positive(self) -> Tensor:
        """P(positive) `(N,)`."""
        return positive(self.p)


def _read(model: ReviewNet, part: Sequence[Judged]) -> Read:
    texts = binary(part)
    tokens = [text.tokens for text in texts]
    strange = torch.tensor([model.strange_share(t) for t in tokens])
    tau = torch.tensor([model.temperature(float(r)) for r in strange])
    return Read(texts, model.sure_scores(tokens), strange, tau, _truth(texts))


def _truth(texts: Sequence[Judged]) -> Tensor:
    """1 for positive, 0 for negative, `(N,)`."""
    return torch.tensor([float(text.label == POSITIVE) for text in texts])


def _binary_loss(p: Tensor, truth: Tensor) -> float:
    return float(F.binary_cross_entropy(p.clamp(1e-6, 1 - 1e-6), truth))


def _accuracy(p: Tensor, truth: Tensor) -> float:
    return float(((p > 0.5) == (truth > 0.5)).double().mean())


@torch.no_grad()
def _calibrate(model: ReviewNet, sets: Mapping[str, Reviews]) -> float:
    """The temperature τ with the lowest loss on dev, of 0.50, 0.52, …, 3.00; y becomes y/τ (Guo et al. 2017)."""
    parts = [binary(part.dev) for part in sets.values()]
    y = [model.sure_scores([text.tokens for text in part]) for part in parts]
    truth = [_truth(part) for part in parts]

    def loss(tau: float) -> float:
        p = [positive((scores / tau).softmax(-1)) for scores in y]
        return statistics.mean(map(_binary_loss, p, truth))

    tau = min((0.5 + 0.02 * k for k in range(126)), key=loss)
    for weight in (model.W_hy, model.W_my, model.b_y):
        weight.div_(tau)
    return tau


SLOPES = tuple(k / 10 for k in range(51))
"""Among these the slope a of the doubt is chosen."""


def _doubt(model: ReviewNet, seen: Familiar, sets: Mapping[str, Reviews]) -> Doubt:
    """The doubt with the lowest loss on dev; of slopes that are equally good, the smallest."""
    model.doubt = Doubt(seen, 0.0)
    dev = [_read(model, part.dev) for part in sets.values()]

    def loss(slope: float) -> float:
        tempered = [read.sure / (1 + slope * read.strange)[:, None] for read in dev]
        return statistics.mean(
            _binary_loss(positive(y.softmax(-1)), read.truth) for y, read in zip(tempered, dev, strict=True)
        )

    return Doubt(seen, min(SLOPES, key=loss))


def _train_one(
    cell: str, language: str, seed: int, options: TrainOptions, device: torch.device
) -> tuple[ReviewNet, float, Fitted, float]:
    """One seed: the model, its dev loss, how training went, the temperature it was calibrated with."""
    rank, size = world()
    recipe, sets = RECIPES[language], _reviews(language, options.data)
    symbols, vectors = _vocabulary(language, options.data)
    torch.manual_seed(seed)
    model = ReviewNet(cell, language, symbols, recipe.embedding, recipe.hidden, dropout=recipe.dropout)
    with torch.no_grad():
        model.embedding.weight.copy_(VECTOR_LENGTH * vectors)
    train = [t for name, part in sets.items() for t in part.train * TIMES.get(name, 1)]
    train = train[rank::size][: len(train) // size]  # as many for each process
    ids = [model.encode(text.tokens) for text in train]
    labels = torch.tensor([text.label for text in train])
    model.to(device)
    batch = recipe.batch // size  # as many steps as one process takes
    schedule = Schedule(
        epochs=recipe.epochs,
        steps=math.ceil(len(ids) / batch),
        lr=recipe.lr,
        average=recipe.average,
    )
    name = _name(cell, language)
    done = fit(
        model,
        schedule,
        lambda epoch: _losses(model, ids, labels, batch, schedule.steps),
        lambda: _dev_loss(model, sets),
        name=name,
        seed=seed,
        checkpoint=options.checkpoint(name, seed),
        resume=options.resume,
        settings=asdict(recipe) | {"times": TIMES, "vector_length": VECTOR_LENGTH},
        max_steps=options.steps,
    )
    model.cpu().eval()
    tau = _calibrate(model, sets)
    model.doubt = _doubt(model, familiar.learn(language, options.data), sets)
    return model, _dev_loss(model, sets), done, tau


@lru_cache(maxsize=2)
def _floor(language: str, folder: Path | None) -> tuple[BagOfNgrams, float]:
    """The bag of n-grams with the decay that has the lowest loss on dev, and that decay."""
    recipe, sets = RECIPES[language], _reviews(language, folder)
    train = [text for part in sets.values() for text in binary(part.train)]
    empty = BagOfNgrams(recipe.order, recipe.buckets)
    flat = empty.flat([_floor_tokens(language, text.tokens) for text in train])
    found = []
    for decay in recipe.decays:
        bag = BagOfNgrams(recipe.order, recipe.buckets)
        bag.fit(flat, _truth(train), decay)
        on_dev = [_binary_loss(*_floor_judge(bag, language, part.dev)) for part in sets.values()]
        found.append((statistics.mean(on_dev), decay, bag))
    _, decay, bag = min(found, key=lambda row: row[0])
    return bag, decay


def _floor_judge(bag: BagOfNgrams, language: str, part: Sequence[Judged]) -> tuple[Tensor, Tensor]:
    """The floor's P(positive) and the truth (1 or 0), `(N,)` each, of the texts that are positive or negative."""
    texts = binary(part)
    scores = bag([_floor_tokens(language, text.tokens) for text in texts])
    return scores.sigmoid(), _truth(texts)


def _floor_accuracy(bag: BagOfNgrams, language: str, part: Sequence[Judged]) -> float:
    return _accuracy(*_floor_judge(bag, language, part))


def _name(cell: str, language: str) -> str:
    return f"sentiment-{language}" + ("" if cell == "lstm" else f"-{cell}")


def _train(cell: str, language: str, options: TrainOptions) -> tuple[nn.Module, dict[str, Any]]:
    sets, recipe = _reviews(language, options.data), RECIPES[language]
    seeds = _SEEDS if options.seed is None else (options.seed,)
    with process_group(options.device) as device:
        made = [_train_one(cell, language, seed, options, device) for seed in seeds]
    best = min(range(len(made)), key=lambda k: made[k][1])
    model = made[best][0]
    tests = [_read_tests(m, sets) for m, *_ in made]
    scores = [_scores(reads) for reads in tests]
    bag, decay = _floor(language, options.data)
    if cell == "lstm":
        model.floor = copy.deepcopy(bag)  # the twins are compared with the one that is kept
    floors = {f"accuracy{_of(name, sets)}": _floor_accuracy(bag, language, s.test) for name, s in sets.items()}
    card: dict[str, Any] = _ABOUT[language] | {
        "config": {
            "cell": cell,
            "language": language,
            "symbols": " ".join(model.symbols),
            "embedding": recipe.embedding,
            "hidden": recipe.hidden,
            "floor": [recipe.order, recipe.buckets] if cell == "lstm" else None,
            "doubt": model.doubt.slope if model.doubt else 0.0,
        },
        "seed": seeds[best],
        "training": {
            "epochs": len(made[best][2].dev),
            "batch": recipe.batch,
            "lr": recipe.lr,
            "average": recipe.average,
            "dropout": asdict(recipe.dropout),
            "optimizer": "Adam, cosine, clipping at 1, running mean of the weights",
            "vectors": "positive PMI and SVD of the training text, then trained on",
            "temperature": made[best][3],
            "chosen": "epoch, seed, temperature and doubt with the lowest −log P on dev",
        },
        "training_seconds": total_seconds(done for _, _, done, _ in made),
        "dev_loss": made[best][1],
        "seeds": spreads(seeds, {key: [found[key] for found in scores] for key in scores[0]}),
        "baseline": {
            "name": f"bag of 1 to {recipe.order}-grams of {'words' if language == 'en' else 'characters'}, logistic regression",
            "decay": decay,
            **floors,
        },
    }
    return model, card | _quoted(model, sets, tests[best])


def _read_tests(model: ReviewNet, sets: Mapping[str, Reviews]) -> dict[str, Read]:
    return {name: _read(model, part.test) for name, part in sets.items()}


def _quoted(model: ReviewNet, sets: Mapping[str, Reviews], tests: Mapping[str, Read]) -> dict[str, Any]:
    """The test texts that a card quotes, with what the network says of them."""
    found = {"errors": _worst(model, tests)}
    if model.floor is not None:
        found |= {"examples": _examples(model, sets), "floor_wins": _floor_wins(model, tests)}
    return found


def doubt_again(model: ReviewNet, card: Mapping[str, Any], data: Path | None = None) -> dict[str, Any]:
    """Choose the doubt of a shipped network anew and return its card with all that hangs on it; the weights stay."""
    language = model.language
    sets = _sets(language, data, model)
    model.doubt = _doubt(model, _familiar(language), sets)
    tests = _read_tests(model, sets)
    return {
        **card,
        "config": card["config"] | {"doubt": model.doubt.slope},
        **_quoted(model, sets, tests),
        "scores": _measure(model, tests),
    }


def _of(name: str, sets: Mapping[str, Any]) -> str:
    """What tells scores of several data sets apart: nothing where there is one."""
    return f"_{name}" if len(sets) > 1 else ""


def _scores(tests: Mapping[str, Read]) -> dict[str, float]:
    """Accuracy on each test part, and the calibration error over all, of P(positive) and of p+ / (p+ + p−)."""
    found = {f"accuracy{_of(name, tests)}": _accuracy(read.positive, read.truth) for name, read in tests.items()}
    p, truth = (torch.cat([getattr(read, of) for read in tests.values()]) for of in ("p", "truth"))
    return found | _calibration(p, truth)


def _calibration(p: Tensor, truth: Tensor, when: str = "") -> dict[str, float]:
    """The calibration error of P(positive) and of p+ / (p+ + p−)."""
    sides = p[:, POSITIVE] / (p[:, POSITIVE] + p[:, NEGATIVE])
    ece = {"ece": positive(p), "ece_without_neither": sides}
    return {f"{name}{when}": calibration_error(q, truth) for name, q in ece.items()}


CONFIDENT = 0.9
"""From this probability on a verdict is called confident."""

RARE = 0.2
"""Texts of which this share or more is hardly known are called rare, here and in the card; fixed on dev."""


def _confident_errors(p: Tensor, strange: Tensor, truth: Tensor) -> Tensor:
    """Where P(positive) is `CONFIDENT` and wrong and the text not too strange for a verdict, `(N,)`."""
    return ((p - truth).abs() >= CONFIDENT) & (strange < STRANGE)


def _doubt_scores(tests: Mapping[str, Read]) -> dict[str, float]:
    """What the doubt changes on the test texts: confident errors, calibration, loss, and what it silences.

    `…_before`: τ = 1, and a verdict on every text.
    """
    sure, strange, truth, now = (
        torch.cat([getattr(read, of) for read in tests.values()]) for of in ("sure", "strange", "truth", "positive")
    )
    before = positive(sure.softmax(-1))
    errors = {
        "_before": _confident_errors(before, torch.zeros_like(strange), truth),
        "": _confident_errors(now, strange, truth),
    }
    rare, silent = strange >= RARE, strange >= STRANGE
    found = {"rare_texts": float(rare.sum()), "silent": float(silent.double().mean())}
    for name, wrong in errors.items():
        found[f"confident_errors{name}"] = float(wrong.double().mean())
        found[f"confident_errors_rare{name}"] = float(wrong[rare].sum()) / max(1, int(rare.sum()))
    found |= {"loss_before": _binary_loss(before, truth), "loss": _binary_loss(now, truth)}
    return found | _calibration(sure.softmax(-1), truth, "_before")


def own_scores(model: ReviewNet) -> dict[str, float]:
    """How many of our own reviews of each kind get the right verdict, none, or a wrong one with confidence."""
    found: dict[str, float] = {}
    for kind in KINDS:
        own = [review for review in OWN_REVIEWS[model.language] if review.kind == kind]
        tokens = [model.tokens(review.text) for review in own]
        truth = torch.tensor([float(review.good) for review in own])
        strange = torch.tensor([model.strange_share(t) for t in tokens])
        p = model.probabilities(tokens)
        before = positive(model.sure_scores(tokens).softmax(-1))
        told = [verdict(shares, float(r)) for shares, r in zip(p.tolist(), strange, strict=True)]
        right = ["positive" if review.good else "negative" for review in own]
        wrong = _confident_errors(positive(p), strange, truth)
        before_wrong = _confident_errors(before, torch.zeros_like(strange), truth)
        found |= {
            f"own_{kind}": float(len(own)),
            f"own_{kind}_right": float(sum(map(operator.eq, told, right))),
            f"own_{kind}_unsure": float(told.count("unsure")),
            f"own_{kind}_confident_errors": float(wrong.sum()),
            f"own_{kind}_confident_errors_before": float(before_wrong.sum()),
        }
    return found


def _worst(model: ReviewNet, tests: Mapping[str, Read], most: int = 8) -> list[dict[str, Any]]:
    """The test texts of each set on which the network was surest and wrong."""
    found = []
    for name, read in tests.items():
        wrong = (read.positive - 0.5) * (1 - 2 * read.truth)
        found += _told(model, name, read.texts, wrong.topk(min(most, len(wrong))).indices.tolist())
    return found


def _examples(model: ReviewNet, sets: Mapping[str, Reviews], count: int = 8) -> list[dict[str, Any]]:
    """Test texts of each set drawn by lot, those that are neither too, not longer than 200 characters."""
    draw = torch.Generator().manual_seed(0)
    found = []
    for name, part in sets.items():
        short = [text for text in part.test if len(" ".join(text.tokens)) <= 200]
        lot = torch.randperm(len(short), generator=draw).tolist()[:count]
        found += _told(model, name, short, lot)
    return found


def _floor_wins(model: ReviewNet, tests: Mapping[str, Read], most: int = 4) -> list[dict[str, Any]]:
    """The test texts of each set that the network gets wrong and the floor gets right, the floor's surest first."""
    found = []
    for name, read in tests.items():
        s = _floor_scores(model, read)
        right = (read.positive > 0.5) == (read.truth > 0.5)
        lead = torch.where(right, -math.inf, s * (2 * read.truth - 1))
        won = [k for k in lead.topk(min(most, len(lead))).indices.tolist() if lead[k] > 0]
        found += _told(model, name, read.texts, won)
    return found


def _floor_scores(model: ReviewNet, read: Read) -> Tensor:
    """The shipped floor's s of each text, `(N,)`."""
    assert model.floor is not None
    found: Tensor = model.floor([_floor_tokens(model.language, text.tokens) for text in read.texts])
    return found


def _told(model: ReviewNet, name: str, texts: Sequence[Judged], which: Sequence[int]) -> list[dict[str, Any]]:
    """Texts as they can be shown and read again, with label and P(positive)."""
    shown = [(" " if model.language == "en" else "").join(texts[k].tokens) for k in which]
    return [
        {"set": name, "text": text, "label": texts[k].label, "p": p}
        for k, text, p in zip(which, shown, model.predict(shown), strict=True)
    ]


def _sets(language: str, data: Path | None, model: ReviewNet) -> dict[str, Reviews]:
    """The data sets in the tokens of a shipped network."""
    return _reviews(language, data) if language == "en" else _japanese(data, model.tokens)


def _evaluate(language: str, model: nn.Module, data: Path | None) -> dict[str, float]:
    assert isinstance(model, ReviewNet)
    return _measure(model, _read_tests(model, _sets(language, data, model)))


def _measure(model: ReviewNet, tests: Mapping[str, Read]) -> dict[str, float]:
    """All that a card's `scores` promise."""
    scores = _scores(tests) | _doubt_scores(tests) | own_scores(model)
    if model.floor is None:
        return scores
    for name, read in tests.items():
        floor = _floor_scores(model, read) > 0
        wins = (floor == (read.truth > 0.5)) & ((read.positive > 0.5) != (read.truth > 0.5))
        scores[f"floor_accuracy{_of(name, tests)}"] = float((floor == (read.truth > 0.5)).double().mean())
        scores[f"floor_wins{_of(name, tests)}"] = float(wins.double().mean())
    return scores


MODELS = {
    _name(cell, language): ModelSpec(_build, partial(_train, cell, language), partial(_evaluate, language), half=True)
    for language in RECIPES
    for cell in CELLS
}
