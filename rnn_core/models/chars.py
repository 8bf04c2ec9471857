"""Character language models small enough to read: one recurrent layer between an embedding and a readout.

`chars-lstm-en`, `chars-gru-en`, `chars-rnn-en` read Shakespeare, the three `-ja` twins Natsume Soseki. Same text, same
steps, same size of the state, so that the cells can be compared; the floor is a Kneser–Ney 5-gram.
Leaves out several layers and long training: these are made to be looked into, not to write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rnn_core.baselines.ngrams import KneserNey
from rnn_core.data.corpora import Corpus, shakespeare, soseki
from rnn_core.models import ModelSpec, TrainOptions
from rnn_core.networks.char_lm import UNKNOWN, CharLM, find_units
from rnn_core.training.fitting import Fitted, Schedule, fit, process_group, total_seconds, world
from rnn_core.training.seeds import spreads, with_seed

SAMPLES = {
    "en": "CLERK:\nThe rain is on the roof, my lord, and I\nHave read the letter that you left by night.\n",
    "ja": "　先生は窓の外を見ていた。「雨が降りますね」と私が云うと、先生は何も答えなかった。\n",
}
"""Sentences of our own, for a score that can be measured again without the data."""

_CORPORA = {"en": shakespeare, "ja": soseki}
_ABOUT = {
    "en": {
        "data": "Tiny Shakespeare (karpathy/char-rnn): train first 85 %, dev next 5 %, test last 10 %",
        "licence": "the text is in the public domain",
        "failures": "Knows Shakespeare's plays only: modern words are spelt letter by letter with surprise.",
    },
    "ja": {
        "data": "Natsume Soseki, three novels from Aozora Bunko; of each: train 85 %, dev 5 %, test 10 %",
        "licence": "the text is in the public domain",
        "failures": "Knows Soseki's novels only; characters seen fewer than 5 times count as unknown.",
    },
}
_EMBEDDING = {"en": 32, "ja": 256}
_DROPOUT = {"en": 0.2, "ja": 0.3}
HIDDEN, BATCH, WINDOW, FLOOR_ORDER = 256, 16, 64, 5
_EPOCHS = {"en": 20, "ja": 24}
_LEARNING_RATE = {"lstm": 4e-3, "gru": 4e-3, "rnn": 2e-3}
_SEEDS = (0, 1, 2)


@lru_cache(maxsize=2)
def _corpus(language: str, folder: Path | None) -> Corpus:
    return _CORPORA[language](folder)


def vocabulary(train: str, language: str) -> list[str]:
    """The unknown character, then all that training saw (Japanese: at least 5 times), by code point."""
    least = 5 if language == "ja" else 1
    return [UNKNOWN, *sorted(c for c, n in Counter(train).items() if n >= least)]


def _build(config: Mapping[str, Any]) -> CharLM:
    return CharLM(
        config["cell"],
        config["symbols"],
        config["embedding"],
        config["hidden"],
        config["tied"],
    )


def _streams(ids: Tensor, batch: int) -> Tensor:
    """The text as `(N, B)`: B streams side by side, each read from top to bottom."""
    rows = len(ids) // batch
    return ids[: rows * batch].view(batch, rows).T.contiguous()


def _losses(model: CharLM, data: Tensor, steps: int, epoch: int) -> Iterator[Tensor]:
    """Truncated BPTT: windows of `WINDOW` steps, the state carried on, the start shifted at every epoch."""
    state: Any = None
    shift = int(torch.randint(WINDOW, (1,)))
    for k in range(steps):
        part = data[shift + k * WINDOW : shift + (k + 1) * WINDOW + 1]
        y, state = model(part[:-1], state)
        yield F.cross_entropy(y.flatten(0, 1), part[1:].flatten())
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()


def _train_one(
    cell: str, language: str, seed: int, corpus: Corpus, options: TrainOptions, device: torch.device
) -> tuple[CharLM, float, Fitted]:
    """One seed: the model, its dev score, how training went."""
    rank, size = world()
    torch.manual_seed(seed)
    symbols = vocabulary(corpus.train, language)
    width, dropout = _EMBEDDING[language], _DROPOUT[language]
    model = CharLM(cell, symbols, width, HIDDEN, width == HIDDEN, dropout)
    if cell == "lstm":  # remember at first (Gers et al. 2000; Jozefowicz et al. 2015)
        with torch.no_grad():
            model.rnn.get_parameter("bias_ih_l0")[HIDDEN : 2 * HIDDEN] += 1
    model.to(device)
    data = _streams(model.encode(corpus.train), BATCH)[:, rank::size]
    schedule = Schedule(epochs=_EPOCHS[language], steps=(len(data) - 1 - WINDOW) // WINDOW, lr=_LEARNING_RATE[cell])
    name = f"chars-{cell}-{language}"
    done = fit(
        model,
        schedule,
        lambda epoch: _losses(model, data, schedule.steps, epoch),
        lambda: model.nats_per_character(corpus.dev),
        name=name,
        seed=seed,
        checkpoint=options.checkpoint(name, seed),
        resume=options.resume,
        settings={"hidden": HIDDEN, "embedding": _EMBEDDING[language], "batch": BATCH},
        max_steps=options.steps,
    )
    return model, done.dev[done.best], done


def _train(cell: str, language: str, options: TrainOptions) -> tuple[nn.Module, dict[str, Any]]:
    corpus = _corpus(language, options.data)
    seeds = _SEEDS if options.seed is None else (options.seed,)
    torch.manual_seed(0)
    untrained = CharLM(cell, vocabulary(corpus.train, language), _EMBEDDING[language], HIDDEN)
    with process_group(options.device) as device:
        made = [_train_one(cell, language, s, corpus, options, device) for s in seeds]
    best = min(range(len(made)), key=lambda k: made[k][1])
    model = made[best][0].cpu()
    test = [m.cpu().nats_per_character(corpus.test) for m, _, _ in made]
    card: dict[str, Any] = _ABOUT[language] | {
        "config": {
            "cell": cell,
            "symbols": "".join(model.symbols),
            "embedding": _EMBEDDING[language],
            "hidden": HIDDEN,
            "tied": _EMBEDDING[language] == HIDDEN,
        },
        "seed": seeds[best],
        "training": {
            "epochs": len(made[best][2].dev),
            "batch": BATCH,
            "window": WINDOW,
            "lr": _LEARNING_RATE[cell],
            "dropout": _DROPOUT[language],
            "optimizer": "Adam, cosine, clipping at 1",
            "chosen": "the epoch and the seed with the lowest dev nats per character",
        },
        "training_seconds": total_seconds(done for _, _, done in made),
        "dev_nats_per_character": made[best][1],
        "seeds": spreads(seeds, {"nats_per_character": test}),
        "units": [u._asdict() for u in find_units(model, language, corpus.dev, corpus.test)],
        "untrained_units": {u.feature: u.test for u in find_units(untrained.eval(), language, corpus.dev, corpus.test)},
        "baseline": {"name": f"Kneser–Ney {FLOOR_ORDER}-gram", **_floor(language, options.data)},
    }
    return model, card


@lru_cache(maxsize=2)
def _floor(language: str, folder: Path | None) -> dict[str, float]:
    corpus = _corpus(language, folder)
    symbols = vocabulary(corpus.train, language)
    known = set(symbols)

    def shown(text: str) -> str:
        return "".join(c if c in known else UNKNOWN for c in text)

    model = KneserNey(shown(corpus.train), FLOOR_ORDER, len(symbols))
    return {"nats_per_character": model.nats_per_character(shown(corpus.test))}


def _evaluate(language: str, model: nn.Module, data: Path | None) -> dict[str, float]:
    assert isinstance(model, CharLM)
    corpus = _corpus(language, data)
    found = find_units(model, language, corpus.dev, corpus.test)
    gates = {}
    if isinstance(model.rnn, nn.LSTM):
        from rnn_core.labs.gates import gate_scores  # which reads with the models of this module

        gates = gate_scores(model, corpus.test, language)
    return {
        "nats_per_character": model.nats_per_character(corpus.test),
        "floor_nats_per_character": _floor(language, data)["nats_per_character"],
        "sample_nats_per_character": model.nats_per_character(SAMPLES[language]),
        **{f"unit_{u.feature}": u.test for u in found},
        **gates,
    }


MODELS = {
    f"chars-{cell}-{language}": ModelSpec(
        _build,
        partial(_train, cell, language),
        partial(_evaluate, language),
        half=True,
        join=partial(with_seed, dev="dev_nats_per_character", lower=True),
    )
    for cell in ("lstm", "gru")
    for language in _CORPORA
}
