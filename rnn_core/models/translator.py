"""Translators between English and Japanese that can be looked into, one per direction, each with a twin without attention.

`translator-en-ja` and `translator-ja-en` are an encoder and a decoder with attention between them; the twin inside each,
`.plain`, is the same but for it: all that it knows of the sentence is the encoder's last state. The floor is the nearest training
sentence's translation. Leaves out pieces of words and several layers.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from rnn_core.fitting import Fitted, Schedule, fit, process_group, total_seconds, world
from rnn_core.models import ModelSpec, TrainOptions
from rnn_core.nearest import NearestSentence
from rnn_core.parallel import Side, Tokens, side
from rnn_core.seeds import Made, joined, spreads
from rnn_core.seq2seq import Translator


def bleu(said: Iterable[Sequence[str]], truth: Iterable[Sequence[str]]) -> tuple[float, str]:
    """Corpus BLEU of sentences in words, as they are, and sacrebleu's signature (Papineni et al. 2002; Post 2018)."""
    try:
        from sacrebleu.metrics.bleu import BLEU
    except ImportError:
        raise ModuleNotFoundError(
            "BLEU needs sacrebleu: pip install -r requirements-dev.txt"
        ) from None
    metric = BLEU(tokenize="none", force=True)
    score = metric.corpus_score([" ".join(s) for s in said], [[" ".join(t) for t in truth]])
    return float(score.score), str(metric.get_signature())


# --- as shipped ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recipe:
    """How the shipped translators are trained. `least`: words seen less often in train become the unknown word."""

    width: int = 256
    hidden: int = 512
    score: str = "general"
    dropout: float = 0.3
    smoothing: float = 0.1
    lr: float = 1.5e-3
    warmup: int = 800
    average: float = 0.999
    epochs: int = 20
    batch: int = 64
    least: int = 2


RECIPE = Recipe()

HANDOVER_DROPOUT = {("en", "ja"): 0.0, ("ja", "en"): 0.5}
"""The share of training sentences whose decoder begins without the encoder's last state. Without it, Japanese → English hardly
looks at the words (dev BLEU 35.9 instead of 39.0, seed 0); English → Japanese looks anyway (37.5; 37.1 with it, after 16 of 20 epochs)."""

_SEEDS = (0, 1, 2)
BEAM = 5
"""Width of the beam that is scored."""


@lru_cache(maxsize=2)
def _side(language: str, folder: Path | None) -> Side:
    return side(language, folder)


def vocabulary(sentences: Iterable[Sequence[str]], least: int) -> list[str]:
    """The words seen at least `least` times, most frequent first, those equally frequent by code point."""
    counts = Counter(w for words in sentences for w in words)
    return sorted((w for w, n in counts.items() if n >= least), key=lambda w: (-counts[w], w))


def _build(config: Mapping[str, Any]) -> Translator:
    def net(score: str | None) -> Translator:
        return Translator(
            (config["from"], config["to"]),
            config["source_words"].split(" "),
            config["target_words"].split(" "),
            config["width"],
            config["hidden"],
            score,
        )

    model = net(config["score"])
    model.plain = net(None)
    return model


def batches(lengths: Sequence[tuple[int, int]], size: int) -> list[list[int]]:
    """The numbers of pairs with (source, target) `lengths`, `size` at a time, drawn anew, pairs of like length together."""
    noise = torch.rand(len(lengths)).tolist()
    order = sorted(
        range(len(lengths)),
        key=lambda k: (lengths[k][0], lengths[k][1] + 3 * noise[k], noise[k]),
    )
    parts = [order[start : start + size] for start in range(0, len(order), size)]
    return [parts[k] for k in torch.randperm(len(parts)).tolist()]


def _losses(
    model: Translator,
    pairs: Sequence[tuple[Tensor, Tensor]],
    size: int,
    before: Callable[[int], None],
) -> Iterator[Tensor]:
    """−log p of the next word, smoothed, of batches of `size`, in bfloat16 where that is safe (torch's autocast); `before(k)` is called before step k."""
    device = model.b_y.device
    for k, some in enumerate(batches([(len(x), len(y)) for x, y in pairs], size)):
        before(k)
        ids = pad_sequence([pairs[k][0] for k in some]).to(device)
        lengths = torch.tensor([len(pairs[k][0]) for k in some])
        y = pad_sequence([pairs[k][1] for k in some], padding_value=-1).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            mixed = model(ids, lengths, y[:-1].clamp(min=0))
            real = y[1:] >= 0
            scores = model.scores(mixed[real])
        yield F.cross_entropy(scores.float(), y[1:][real], label_smoothing=RECIPE.smoothing)


class Watch:
    """The attention while it is learnt: a `(T, S)` of each pair, the right translation put in, before some of the steps."""

    def __init__(
        self, model: Translator, pairs: Sequence[tuple[Tokens, Tokens]], steps: int
    ) -> None:
        self.model, self.pairs = model, pairs
        self.at = sorted(
            {0, *(steps * k // 8 for k in range(1, 16)), *(steps * k for k in range(2, 100))}
        )
        self.seen: dict[int, list[list[list[float]]]] = {}

    def __call__(self, step: int) -> None:
        if step not in self.at:
            return
        self.model.eval()
        found = [
            self.model.read(x, self.model.target_ids(y).tolist()[1:]).attention
            for x, y in self.pairs
        ]
        self.model.train()
        self.seen[step] = [
            (a.float() * 1000).round().div(1000).tolist() for a in found if a is not None
        ]


def watched(
    sides: tuple[Side, Side], model: Translator, count: int = 6
) -> list[tuple[Tokens, Tokens]]:
    """The first pairs of dev with 7 to 12 words on the source side and none that is unknown."""
    pairs = zip(sides[0].dev, sides[1].dev, strict=True)
    known = (
        (x, y)
        for x, y in pairs
        if 7 <= len(x) <= 12
        and all(w in model.source_index for w in x)
        and all(w in model.target_index for w in y)
    )
    return list(islice(known, count))


@dataclass(frozen=True)
class _Made:
    """One trained network, its greedy BLEU on dev, how training went, and the attention while it was learnt."""

    model: Translator
    dev: float
    fitted: Fitted
    watch: Watch


def _train_one(
    score: str | None,
    sides: tuple[Side, Side],
    languages: tuple[str, str],
    seed: int,
    options: TrainOptions,
    device: torch.device,
) -> _Made:
    rank, size = world()
    source, target = sides
    torch.manual_seed(seed)
    model = Translator(
        languages,
        vocabulary(source.train, RECIPE.least),
        vocabulary(target.train, RECIPE.least),
        RECIPE.width,
        RECIPE.hidden,
        score,
        RECIPE.dropout,
        HANDOVER_DROPOUT[languages],
    )
    pairs = [
        (model.source_ids(x), model.target_ids(y))
        for x, y in zip(source.train, target.train, strict=True)
    ][rank::size]
    pairs = pairs[: len(source.train) // size]  # equally many for each process
    model.to(device)
    batch = RECIPE.batch // size
    schedule = Schedule(
        epochs=RECIPE.epochs,
        steps=math.ceil(len(pairs) / batch),
        lr=RECIPE.lr,
        warmup=RECIPE.warmup,
        average=RECIPE.average,
    )
    watch = Watch(model, watched(sides, model), schedule.steps)
    name = _name(languages, score)
    checkpoint = options.checkpoint(name, seed)
    kept = None if checkpoint is None else checkpoint.with_suffix(".attention.json")
    if options.resume and kept is not None and kept.exists():
        watch.seen = {int(k): v for k, v in json.loads(kept.read_text("utf-8")).items()}

    def losses(epoch: int) -> Iterator[Tensor]:
        if score is None:
            return _losses(model, pairs, batch, lambda k: None)
        return _losses(model, pairs, batch, lambda k: watch(epoch * schedule.steps + k))

    def dev() -> float:
        if kept is not None and score is not None and not rank:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(watch.seen), "utf-8")
        return -_bleu(model, source.dev, target.dev, 1)[0]

    done = fit(
        model,
        schedule,
        losses,
        dev,
        name=name,
        seed=seed,
        checkpoint=checkpoint,
        resume=options.resume and (score is not None or _begun(checkpoint)),
        settings=_settings(languages, score),
        max_steps=options.steps,
    )
    model.cpu().eval()
    return _Made(model, _bleu(model, source.dev, target.dev, 1)[0], done, watch)


def _settings(languages: tuple[str, str], score: str | None) -> dict[str, Any]:
    """What a training was: the twin has no use for the dropout of what is handed over."""
    dropped = HANDOVER_DROPOUT[languages] if score is not None else 0.0
    return asdict(RECIPE) | ({"handover_dropout": dropped} if dropped else {})


def _begun(checkpoint: Path | None) -> bool:
    """Whether any seed has a checkpoint: a run that was killed before the twin begins the twin afresh."""
    if checkpoint is None:
        return False
    return any(checkpoint.parent.glob(f"{checkpoint.stem.rpartition('-')[0]}-*.safetensors"))


def _said(model: Translator, sentences: Sequence[Tokens], beam: int) -> list[list[str]]:
    """The network's translations in words, unknown words replaced."""
    found = model.decode(sentences, beam)
    return [
        model.said(words, one.hypotheses[0]) for words, one in zip(sentences, found, strict=True)
    ]


def _bleu(
    model: Translator, sentences: Sequence[Tokens], truth: Sequence[Tokens], beam: int
) -> tuple[float, str]:
    return bleu(_said(model, sentences, beam), truth)


def _floor(sides: tuple[Side, Side]) -> float:
    """BLEU of the nearest training sentence's translation."""
    source, target = sides
    nearest = NearestSentence(source.train).nearest(source.test)
    return bleu([target.train[k] for k in nearest], target.test)[0]


def _name(languages: tuple[str, str], score: str | None = "") -> str:
    return "translator-" + "-".join(languages) + ("-plain" if score is None else "")


LENGTHS = ((1, 6), (7, 8), (9, 10), (11, 16))
"""Source words from … to, by which BLEU is told apart."""


def _scores(model: Translator, sides: tuple[Side, Side]) -> dict[str, float]:
    """Every number the card promises, on the test part."""
    source, target = sides
    assert model.plain is not None
    said = {"": _said(model, source.test, 1), "_no_attention": _said(model.plain, source.test, 1)}
    out = {
        "bleu_greedy": bleu(said[""], target.test)[0],
        "bleu_beam": _bleu(model, source.test, target.test, BEAM)[0],
        "bleu_no_attention": bleu(said["_no_attention"], target.test)[0],
        "bleu_no_attention_beam": _bleu(model.plain, source.test, target.test, BEAM)[0],
        "bleu_copy_floor": _floor(sides),
    }
    for low, high in LENGTHS:
        some = [k for k, words in enumerate(source.test) if low <= len(words) <= high]
        for of, all_said in said.items():
            found = spread([all_said[k] for k in some], [target.test[k] for k in some])
            for what, value in zip(("", "_low", "_high"), found, strict=True):
                out[f"bleu_{low}_to_{high}{of}{what}"] = value
    return out


def spread(
    said: Sequence[Sequence[str]], truth: Sequence[Sequence[str]], draws: int = 300
) -> tuple[float, float, float]:
    """BLEU, and the 2.5th and 97.5th percentile over sets of sentences drawn with replacement (Koehn 2004)."""
    generator = torch.Generator().manual_seed(0)
    found = []
    for _ in range(draws):
        some = torch.randint(len(said), (len(said),), generator=generator).tolist()
        found.append(bleu([said[k] for k in some], [truth[k] for k in some])[0])
    low, high = torch.tensor(found).quantile(torch.tensor([0.025, 0.975])).tolist()
    return bleu(said, truth)[0], low, high


def _examples(
    model: Translator, sides: tuple[Side, Side], count: int = 8
) -> dict[str, list[dict[str, Any]]]:
    """Test sentences with what both networks say of them: drawn by lot, the worst, and those that attention repairs most.

    Judged by the BLEU of the sentence alone, which says little of one sentence but finds the ends of the scale.
    """
    source, target = sides
    assert model.plain is not None
    both = [_said(m, source.test, 1) for m in (model, model.plain)]
    each = [[bleu([s], [t])[0] for s, t in zip(said, target.test, strict=True)] for said in both]
    lot = torch.randperm(len(source.test), generator=torch.Generator().manual_seed(0)).tolist()
    order = range(len(source.test))
    chosen = {
        "by_lot": lot[:count],
        "worst": sorted(order, key=lambda k: (each[0][k], k))[:count],
        "repaired": sorted(order, key=lambda k: (each[1][k] - each[0][k], k))[:count],
    }
    return {
        name: [
            {
                "source": " ".join(source.test[k]),
                "reference": " ".join(target.test[k]),
                "attention": " ".join(both[0][k]),
                "plain": " ".join(both[1][k]),
            }
            for k in some
        ]
        for name, some in chosen.items()
    }


def _train(languages: tuple[str, str], options: TrainOptions) -> tuple[nn.Module, dict[str, Any]]:
    sides = (_side(languages[0], options.data), _side(languages[1], options.data))
    source, target = sides
    seeds = _SEEDS if options.seed is None else (options.seed,)
    with process_group(options.device) as device:
        made, plain = (
            [_train_one(score, sides, languages, seed, options, device) for seed in seeds]
            for score in (RECIPE.score, None)
        )
    best, twin = (max(range(len(seeds)), key=lambda k: some[k].dev) for some in (made, plain))
    model = made[best].model
    model.plain = plain[twin].model
    tests = {
        "bleu_greedy": [_bleu(m.model, source.test, target.test, 1)[0] for m in made],
        "bleu_beam": [_bleu(m.model, source.test, target.test, BEAM)[0] for m in made],
        "bleu_no_attention": [_bleu(m.model, source.test, target.test, 1)[0] for m in plain],
    }
    watch = made[best].watch
    return model, {
        "data": "small_parallel_enja: 50,000 pairs to train, 500 to choose, 500 to test, in the tokens given",
        "licence": "Tanaka Corpus / Tatoeba: CC BY 2.0 FR (Yusuke Oda's selection)",
        "failures": "A toy of everyday phrases of 4 to 16 words. Names, numbers, rare words and anything longer go wrong; "
        "a fluent sentence may say something else than the source.",
        "config": {
            "from": languages[0],
            "to": languages[1],
            "source_words": " ".join(model.source_words[3:]),
            "target_words": " ".join(model.target_words[3:]),
            "width": RECIPE.width,
            "hidden": RECIPE.hidden,
            "score": RECIPE.score,
        },
        "seed": seeds[best],
        "seed_without_attention": seeds[twin],
        "training": _settings(languages, RECIPE.score)
        | {
            "epochs": len(made[best].fitted.dev),
            "optimizer": "Adam, warm-up and cosine, clipping at 1, running mean of the weights, bfloat16 autocast",
            "chosen": "epoch and seed with the highest greedy BLEU on dev",
        },
        "training_seconds": total_seconds(m.fitted for m in (*made, *plain)),
        "dev_bleu": made[best].dev,
        "dev_bleu_no_attention": plain[twin].dev,
        "bleu_signature": _bleu(model, source.test[:5], target.test[:5], 1)[1],
        "seeds": spreads(seeds, tests),
        "baseline": {
            "name": "translation of the nearest training sentence (tf-idf)",
            "bleu": _floor(sides),
        },
        "examples": _examples(model, sides),
        "watched": [{"source": " ".join(x), "target": " ".join(y)} for x, y in watch.pairs],
        "attention_learnt": [{"step": k, "attention": watch.seen[k]} for k in sorted(watch.seen)],
    }


def _with_seed(old: Made, new: Made, data: Path | None) -> Made:
    """`new`'s seed joined to `old`'s; of the networks with attention and of the twins the better one on dev is kept."""
    (model, card), (twin, of_twin) = (
        max(old, new, key=lambda made: made[1][dev])
        for dev in ("dev_bleu", "dev_bleu_no_attention")
    )
    assert isinstance(model, Translator)
    assert isinstance(twin, Translator)
    changed = joined(old[1], new[1])
    model.plain = twin.plain
    sides = (_side(model.languages[0], data), _side(model.languages[1], data))
    kept = {key: of_twin[key] for key in ("seed_without_attention", "dev_bleu_no_attention")}
    return model, card | kept | changed | {"examples": _examples(model, sides)}


def _evaluate(model: nn.Module, data: Path | None) -> dict[str, float]:
    assert isinstance(model, Translator)
    return _scores(model, (_side(model.languages[0], data), _side(model.languages[1], data)))


MODELS = {
    _name(languages): ModelSpec(
        _build, partial(_train, languages), _evaluate, half=True, join=_with_seed
    )
    for languages in (("en", "ja"), ("ja", "en"))
}
