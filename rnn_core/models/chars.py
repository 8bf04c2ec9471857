"""Character language models small enough to read: one recurrent layer between an embedding and a readout.

`chars-lstm-en`, `chars-gru-en`, `chars-rnn-en` read Shakespeare, the three `-ja` twins Natsume Soseki. Same text, same
steps, same size of the state, so that the cells can be compared; the floor is a Kneser–Ney 5-gram.
Leaves out several layers and long training: these are made to be looked into, not to write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rnn_core.corpora import Corpus, shakespeare, soseki
from rnn_core.fitting import Fitted, Schedule, fit, process_group, total_seconds, world
from rnn_core.models import ModelSpec, TrainOptions
from rnn_core.ngrams import KneserNey
from rnn_core.probing import FEATURES, score, scores
from rnn_core.seeds import spreads, with_seed
from rnn_core.tracing import Trace, trace

UNKNOWN = "\ufffd"
"""Stands for every character outside the vocabulary; itself the first symbol of it."""

CELLS: dict[str, Callable[[int, int], nn.RNNBase]] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}

State: TypeAlias = Tensor | tuple[Tensor, Tensor] | None


class CharLM(nn.Module):
    """Predict the next character.

        x_t = E[s_t]      h_t = cell(x_t, h_{t-1})      y_t = W_hy h_t + b_y      p_t = softmax(y_t)

    `symbols`: the vocabulary, `symbols[0]` the unknown character. Input ids `(T, B)`, output scores y `(T, B, V)`.
    `tied`: W_hy is E itself, one table that reads and writes (Press and Wolf 2017). In training, `dropout` falls on x and
    on h on its way to the readout, never on the state itself (Zaremba et al. 2014).
    Raises ValueError for a tied model whose embedding is not as wide as its state.
    """

    def __init__(
        self,
        cell: str,
        symbols: Sequence[str],
        embedding: int,
        hidden: int,
        tied: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if tied and embedding != hidden:
            raise ValueError(f"tied needs embedding = hidden, got {embedding} and {hidden}")
        self.symbols = tuple(symbols)
        self.index = {symbol: i for i, symbol in enumerate(self.symbols)}
        self.dropout = dropout
        self.embedding = nn.Embedding(len(self.symbols), embedding)
        self.rnn = CELLS[cell](embedding, hidden)
        bound = hidden**-0.5
        nn.init.uniform_(self.embedding.weight, -bound, bound)
        self.own_W_hy = None
        if not tied:
            self.own_W_hy = nn.Parameter(torch.empty(len(self.symbols), hidden))
            nn.init.uniform_(self.own_W_hy, -bound, bound)
        self.b_y = nn.Parameter(torch.zeros(len(self.symbols)))

    @property
    def W_hy(self) -> Tensor:
        """The readout's weights, `(V, H)`."""
        return self.embedding.weight if self.own_W_hy is None else self.own_W_hy

    def forward(self, ids: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Scores y `(T, B, V)` and the last state."""
        x = F.dropout(self.embedding(ids), self.dropout, self.training)
        h, state = self.rnn(x, state)
        return F.linear(F.dropout(h, self.dropout, self.training), self.W_hy, self.b_y), state

    def encode(self, text: str) -> Tensor:
        """Ids `(T,)`; a character outside the vocabulary becomes the unknown one."""
        device = self.b_y.device
        return torch.tensor([self.index.get(c, 0) for c in text], dtype=torch.long, device=device)

    def read(self, text: str) -> CharReading:
        """Read a text from a zero state and keep every number; raises ValueError for an empty text."""
        if not text:
            raise ValueError("the text is empty")
        with torch.inference_mode():
            ids = self.encode(text)
            run = trace(self.rnn, self.embedding(ids))
            scores = F.linear(run.output[:, 0], self.W_hy, self.b_y)
            return CharReading(text, ids, self, run, scores, scores.log_softmax(-1))

    @torch.inference_mode()
    def nats_per_character(self, text: str, block: int = 2000) -> float:
        """Mean −log p of every character but the first, the state carried through the whole text."""
        ids = self.encode(text)
        total = 0.0
        state: State = None
        for start in range(0, len(ids) - 1, block):
            y, state = self(ids[start : min(start + block, len(ids) - 1), None], state)
            target = ids[start + 1 : start + 1 + len(y)]
            total += float(F.cross_entropy(y[:, 0].double(), target, reduction="sum"))
        return total / (len(ids) - 1)

    @property
    def memory(self) -> str:
        """Which value is the unit's memory: c for the LSTM, h for the others."""
        return "c" if isinstance(self.rnn, nn.LSTM) else "h"

    @torch.inference_mode()
    def memories(self, text: str, block: int = 2000) -> np.ndarray:
        """What every unit holds after each character, `(N, H)`, the state carried through the whole text."""
        ids = self.encode(text)
        parts, state = [], None
        for start in range(0, len(ids), block):
            x = self.embedding(ids[start : start + block])
            lane = trace(self.rnn, x, state).lane()
            parts.append(lane[self.memory][:, 0].cpu().numpy())
            last = [lane[name][-1] for name in lane.state_names]
            state = (last[0], last[1]) if len(last) == 2 else last[0]
        return np.concatenate(parts)


@dataclass(frozen=True)
class CharReading:
    """One pass over a text: ids `(T,)`, the trace, scores y `(T, V)` and log p `(T, V)` of the next character."""

    text: str
    ids: Tensor
    model: CharLM
    trace: Trace
    scores: Tensor
    log_p: Tensor

    def next_log_p(self) -> np.ndarray:
        """log p of each character but the first, `(T − 1,)`, in float64."""
        rows = self.log_p[:-1].gather(1, self.ids[1:, None])[:, 0]
        found: np.ndarray = rows.double().cpu().numpy()
        return found


class FoundUnit(NamedTuple):
    """The unit that tells a feature best on dev: its `score` there and on test (see `rnn_core.probing.score`).

    `scores` has every unit's on dev, `(H,)`.
    """

    feature: str
    unit: int
    dev: float
    test: float
    scores: list[float]


def find_units(model: CharLM, language: str, dev: str, test: str) -> list[FoundUnit]:
    """For every feature of the language, the unit whose memory tells it best: chosen on dev, measured on test."""
    on_dev, on_test = model.memories(dev), model.memories(test)
    found = []
    for feature in FEATURES[language]:
        by_unit = scores(on_dev, feature.label(dev), feature.yes_no)
        unit = int(np.abs(by_unit).argmax())
        there = score(on_test[:, unit], feature.label(test), feature.yes_no)
        every = by_unit.round(3).tolist()
        found.append(FoundUnit(feature.name, unit, float(by_unit[unit]), there, every))
    return found


# --- as shipped ----------------------------------------------------------------------------------

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
    schedule = Schedule(
        epochs=_EPOCHS[language], steps=(len(data) - 1 - WINDOW) // WINDOW, lr=_LEARNING_RATE[cell]
    )
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
        "untrained_units": {
            u.feature: u.test
            for u in find_units(untrained.eval(), language, corpus.dev, corpus.test)
        },
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
        from rnn_core.gates import gate_scores  # which reads with the models of this module

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
