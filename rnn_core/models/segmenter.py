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
from itertools import accumulate
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from rnn_core.fitting import Fitted, Schedule, fit, process_group, total_seconds, world
from rnn_core.models import ModelSpec, TrainOptions
from rnn_core.parallel import RUN, Side, japanese_runs, japanese_text, side
from rnn_core.seeds import spreads
from rnn_core.tracing import Trace, trace

UNKNOWN = "\ufffd"
"""Stands for every character outside the vocabulary; itself the first symbol of it."""


class Segmenter(nn.Module):
    """Whether a word ends after each character.

        x_t = E[s_t]    h_t = [LSTM→(x_1 … x_t); LSTM←(x_T … x_t)]    y_t = w_hy · h_t + b_y    p_t = σ(y_t)

    `symbols`: the characters, `symbols[0]` the unknown one. A word ends where p_t > ½, and at the end.
    """

    def __init__(
        self, symbols: Sequence[str], embedding: int, hidden: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.symbols = tuple(symbols)
        self.index = {symbol: i for i, symbol in enumerate(self.symbols)}
        self.dropout = dropout
        self.embedding = nn.Embedding(len(self.symbols), embedding)
        self.rnn = nn.LSTM(embedding, hidden, bidirectional=True)
        self.readout = nn.Linear(2 * hidden, 1)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Scores y `(T, B)` from ids `(T, B)` and lengths `(B,)` on the CPU; 0 or more behind the end means nothing."""
        x = F.dropout(self.embedding(ids), self.dropout, self.training)
        packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.rnn(packed)[0], total_length=len(ids))
        y: Tensor = self.readout(F.dropout(h, self.dropout, self.training))
        return y[..., 0]

    def encode(self, text: str) -> Tensor:
        """Ids `(T,)`; a character outside the vocabulary becomes the unknown one."""
        device = self.readout.weight.device
        return torch.tensor([self.index.get(c, 0) for c in text], dtype=torch.long, device=device)

    @torch.inference_mode()
    def ends(self, texts: Sequence[str], batch: int = 256) -> list[list[bool]]:
        """For each text whether a word ends after each of its characters. Raises ValueError for an empty text."""
        if not all(texts):
            raise ValueError("a text is empty")
        order = sorted(range(len(texts)), key=lambda k: len(texts[k]))
        found: list[list[bool]] = [[] for _ in texts]
        for start in range(0, len(order), batch):
            some = order[start : start + batch]
            ids = pad_sequence([self.encode(texts[k]) for k in some])
            y = self(ids, torch.tensor([len(texts[k]) for k in some]))
            for column, k in enumerate(some):
                found[k] = (y[: len(texts[k]), column] > 0).tolist()
                found[k][-1] = True
        return found

    def words(self, texts: Sequence[str]) -> list[list[str]]:
        """Each typed text in words; an empty text has none. Runs of digits and Latin letters stay whole and as they are typed, in half width.

        Raises TypeError for one string alone.
        """
        if isinstance(texts, str):
            raise TypeError("words takes a list of texts; for one text give [text]")
        pieces = [japanese_runs(text) for text in texts]
        clean = [[japanese_text(piece) for piece in some] for some in pieces]
        found = iter(self.ends(["".join(some) for some in clean if some]))
        return [
            _typed_words(typed, some, next(found)) if some else []
            for typed, some in zip(pieces, clean, strict=True)
        ]

    @torch.inference_mode()
    def read(self, text: str) -> SegmenterReading:
        """Read a text, already of the data's characters, and keep every number. Raises ValueError for an empty text."""
        if not text:
            raise ValueError("the text is empty")
        run = trace(self.rnn, self.embedding(self.encode(text)))
        return SegmenterReading(text, run, self.readout(run.output[:, 0])[:, 0].sigmoid())


@dataclass(frozen=True)
class SegmenterReading:
    """One pass over a text: the trace, and p `(T,)`, the probability that a word ends after each character."""

    text: str
    trace: Trace
    p: Tensor

    @property
    def words(self) -> list[str]:
        """The text in words, its runs of digits and Latin letters whole."""
        ends = [*(self.p[:-1] > 0.5).tolist(), True]
        return cut_at(self.text, whole(ends, [run.span() for run in RUN.finditer(self.text)]))


def cut_at(text: str, ends: Sequence[bool]) -> list[str]:
    """Cut after each character where `ends` is true.

    >>> cut_at("これは本", [False, True, True, True])
    ['これ', 'は', '本']
    """
    words, start = [], 0
    for t, end in enumerate(ends, start=1):
        if end:
            words.append(text[start:t])
            start = t
    return words


def whole(ends: Sequence[bool], spans: Iterable[tuple[int, int]]) -> list[bool]:
    """Ends of words, mended so that each span (start, stop) of two characters or more is a word.

    One character may be part of a word: the data has ２人.

    >>> whole([False, True, False, True], [(1, 3)])
    [True, False, True, True]
    """
    mended = list(ends)
    for start, stop in spans:
        if stop - start > 1:
            mended[start:stop] = [False] * (stop - start - 1) + [True]
            if start:
                mended[start - 1] = True
    return mended


def _typed_words(pieces: Sequence[str], clean: Sequence[str], ends: Sequence[bool]) -> list[str]:
    """The words of a text that was typed in `pieces` and read as `clean`; its runs are written as they were typed."""
    written: list[str] = []
    spans = []
    for typed, read in zip(pieces, clean, strict=True):
        start, n = len(written), len(read)
        if RUN.match(typed):
            spans.append((start, start + n))
            written += typed if len(typed) == n else [typed, *[""] * (n - 1)]
        else:
            written += read
    words, start = [], 0
    for word in cut_at("".join(clean), whole(ends, spans)):
        words.append("".join(written[start : start + len(word)]))
        start += len(word)
    return words


def boundaries(words: Iterable[str]) -> list[int]:
    """After how many characters a word ends, the end of the text left out: nobody has to guess that."""
    return list(accumulate(map(len, words)))[:-1]


def boundary_f1(said: Sequence[Sequence[str]], truth: Sequence[Sequence[str]]) -> float:
    """F1 of the ends of words inside the sentences: 2 · both / (said + truth). Raises ValueError where there is none."""
    both = total = 0
    for a, b in zip(said, truth, strict=True):
        x, y = set(boundaries(a)), set(boundaries(b))
        both += len(x & y)
        total += len(x) + len(y)
    if not total:
        raise ValueError("there is no end of a word inside these sentences")
    return 2 * both / total


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


# --- as shipped ----------------------------------------------------------------------------------


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


def _losses(
    model: Segmenter, ids: list[Tensor], ends: list[Tensor], batch: int
) -> Iterator[Tensor]:
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
    return boundary_f1(
        [cut_at(*pair) for pair in zip(texts, model.ends(texts), strict=True)], sentences
    )


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
