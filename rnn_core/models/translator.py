"""Translators between English and Japanese that can be looked into, one per direction, each with a twin without attention.

`translator-en-ja` and `translator-ja-en` are an encoder and a decoder with attention between them; the twin inside each,
`.plain`, is the same but for it: all that it knows of the sentence is the encoder's last state. Both learn from the pairs and from
what first networks, one per direction, say of them. The floor is the nearest training sentence's translation. Leaves out pieces of
words and several layers.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from rnn_core import files
from rnn_core.baselines.nearest import NearestSentence
from rnn_core.data.carried import SENTENCES
from rnn_core.data.parallel import Side, Tokens, side
from rnn_core.metrics import bleu
from rnn_core.models import ModelSpec, TrainOptions
from rnn_core.models.segmenter import japanese_words
from rnn_core.networks.decoding import ranked_by
from rnn_core.networks.translator import Translator
from rnn_core.training.fitting import (
    Fitted,
    Schedule,
    fit,
    gathered,
    process_group,
    total_seconds,
    world,
)
from rnn_core.training.seeds import Made, joined, spreads


@dataclass(frozen=True)
class Recipe:
    """One training of a translator. `least`: words seen less often in train become the unknown word. `consistency`: see `_loss`."""

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
    consistency: float = 0.0


FIRST = Recipe()
"""The first network of a direction, on the pairs alone; what it says makes more pairs (`_more_pairs`)."""

# the shape of the network and its vocabulary are the same in all three
BROAD = replace(FIRST, epochs=10, consistency=5.0)
"""The shipped network begins on all of these,"""

LAST = replace(FIRST, epochs=2, lr=5e-4, warmup=100)
"""and ends on the pairs alone: those that networks said are shorter and plainer than those that people wrote."""

HANDOVER_DROPOUT = {("en", "ja"): 0.0, ("ja", "en"): 0.5}
"""The share of training sentences whose decoder begins without the encoder's last state. Without it, Japanese → English hardly
looks at the words and translates worse on dev; English → Japanese looks anyway."""

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
    model.cut = model.plain.cut = japanese_words
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


def _loss(scores: Sequence[Tensor], truth: Tensor, recipe: Recipe) -> Tensor:
    """What is made small, of the scores `(n, V)` of one or two passes with different dropout, and the right words `(n,)`:

        −log p(truth), smoothed, its mean over the passes  +  α/4 · (KL(p‖q) + KL(q‖p)),   α = `consistency`

    p and q are what the two passes say. Source: Liang et al. (2021, "R-Drop").
    """
    loss = sum(F.cross_entropy(y, truth, label_smoothing=recipe.smoothing) for y in scores) / len(scores)
    if len(scores) == 2:
        log_p, log_q = (y.log_softmax(-1) for y in scores)
        apart = ((log_p.exp() - log_q.exp()) * (log_p - log_q)).sum(-1).mean()
        loss = loss + recipe.consistency / 4 * apart
    assert isinstance(loss, Tensor)
    return loss


def _losses(
    model: Translator,
    pairs: Sequence[tuple[Tensor, Tensor]],
    recipe: Recipe,
    size: int,
    before: Callable[[int], None],
) -> Iterator[Tensor]:
    """The loss of batches of `size`, on a processor in bfloat16 where that is safe (torch's autocast); `before(k)` is called before step k.

    On CUDA torch's autocast would run the LSTMs in float16, whose small gradients vanish without loss scaling: float32 there, with
    TF32 in its products (`rnn_core.train`).
    """
    device = model.b_y.device
    passes = 2 if recipe.consistency else 1
    for k, some in enumerate(batches([(len(x), len(y)) for x, y in pairs], size)):
        before(k)
        ids = pad_sequence([pairs[k][0] for k in some]).to(device)
        lengths = torch.tensor([len(pairs[k][0]) for k in some])
        y = pad_sequence([pairs[k][1] for k in some], padding_value=-1).to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cpu"):
            # side by side, so that dropout differs
            said = y[:-1].clamp(min=0).repeat(1, passes)
            mixed = model(ids.repeat(1, passes), lengths.repeat(passes), said)
            real = y[1:] >= 0
            scores = [model.scores(part[real]).float() for part in mixed.chunk(passes, 1)]
        yield _loss(scores, y[1:][real], recipe)


class Stage(NamedTuple):
    """One training of a network: how, on which pairs of ids, in how many steps an epoch, and under which name its checkpoints lie."""

    recipe: Recipe
    pairs: list[tuple[Tensor, Tensor]]
    steps: int
    name: str


class Watch:
    """The attention while it is learnt: a `(T, S)` of each pair, the right translation put in, before some of the steps of the stages."""

    def __init__(self, model: Translator, pairs: Sequence[tuple[Tokens, Tokens]], stages: Sequence[Stage]) -> None:
        self.model, self.pairs = model, pairs
        self.at, begun = set[int](), 0
        for stage in stages:
            if not begun:  # most is learnt in the first two epochs
                self.at |= {stage.steps * k // 8 for k in range(16)}
            self.at |= {begun + stage.steps * k for k in range(stage.recipe.epochs)}
            begun += stage.steps * stage.recipe.epochs
        self.seen: dict[int, list[list[list[float]]]] = {}

    def __call__(self, step: int) -> None:
        if step not in self.at:
            return
        self.model.eval()
        found = [self.model.read(x, self.model.target_ids(y).tolist()[1:]).attention for x, y in self.pairs]
        self.model.train()
        self.seen[step] = [(a.float() * 1000).round().div(1000).tolist() for a in found if a is not None]


def watched(sides: tuple[Side, Side], model: Translator, count: int = 6) -> list[tuple[Tokens, Tokens]]:
    """The first pairs of dev with 7 to 12 words on the source side and none that is unknown."""
    pairs = zip(sides[0].dev, sides[1].dev, strict=True)
    known = (
        (x, y)
        for x, y in pairs
        if 7 <= len(x) <= 12 and all(w in model.source_index for w in x) and all(w in model.target_index for w in y)
    )
    return list(islice(known, count))


@dataclass(frozen=True)
class _Made:
    """One trained network, its greedy BLEU on dev, how its stages went, and the attention while it was learnt."""

    model: Translator
    dev: float
    fitted: list[Fitted]
    watch: Watch


def _train_one(
    score: str | None,
    sides: tuple[Side, Side],
    languages: tuple[str, str],
    seed: int,
    options: TrainOptions,
    device: torch.device,
    more: Sequence[tuple[Tokens, Tokens]] | None = None,
) -> _Made:
    """A shipped network, which begins with `more` pairs, or without them a first one."""
    source, target = sides
    torch.manual_seed(seed)
    model = Translator(
        languages,
        vocabulary(source.train, FIRST.least),
        vocabulary(target.train, FIRST.least),
        FIRST.width,
        FIRST.hidden,
        score,
        FIRST.dropout,
        HANDOVER_DROPOUT[languages],
    )
    name = _name(languages, score)
    given = list(zip(source.train, target.train, strict=True))
    if more is None:
        stages = [_stage(model, FIRST, given, f"{name}-first")]
    else:
        stages = [
            _stage(model, BROAD, [*given, *more], f"{name}-broad"),
            _stage(model, LAST, given, name),
        ]
    model.to(device)
    watch = Watch(model, watched(sides, model), stages if score is not None else [])
    fitted, begun = list[Fitted](), 0
    for stage in stages:
        fitted.append(_fit(model, stage, begun, sides, seed, options, watch))
        begun += stage.steps * stage.recipe.epochs
    model.cpu().eval()
    return _Made(model, _bleu(model, source.dev, target.dev, 1)[0], fitted, watch)


def _stage(model: Translator, recipe: Recipe, words: Sequence[tuple[Tokens, Tokens]], name: str) -> Stage:
    """This process's share of the pairs: equally many for each, so that all take as many steps as one process alone."""
    rank, size = world()
    pairs = [(model.source_ids(x), model.target_ids(y)) for x, y in words[rank::size]]
    pairs = pairs[: len(words) // size]
    return Stage(recipe, pairs, math.ceil(len(pairs) / (recipe.batch // size)), name)


def _fit(
    model: Translator,
    stage: Stage,
    begun: int,
    sides: tuple[Side, Side],
    seed: int,
    options: TrainOptions,
    watch: Watch,
) -> Fitted:
    """One stage of a network, from its step `begun` on."""
    rank, size = world()
    recipe = stage.recipe
    checkpoint = options.checkpoint(stage.name, seed)
    kept = None if checkpoint is None else checkpoint.with_suffix(".attention.json")
    if options.resume and kept is not None and kept.exists():
        watch.seen = {int(k): v for k, v in files.read_json(kept).items()}

    def losses(epoch: int) -> Iterator[Tensor]:
        start = begun + epoch * stage.steps
        return _losses(model, stage.pairs, recipe, recipe.batch // size, lambda k: watch(start + k))

    def dev() -> float:
        if kept is not None and watch.at and not rank:
            files.write(kept, json.dumps(watch.seen))
        return -_bleu(model, sides[0].dev, sides[1].dev, 1)[0]

    return fit(
        model,
        Schedule(
            epochs=recipe.epochs,
            steps=stage.steps,
            lr=recipe.lr,
            warmup=recipe.warmup,
            average=recipe.average,
        ),
        losses,
        dev,
        name=stage.name,
        seed=seed,
        checkpoint=checkpoint,
        resume=options.resume and _begun(checkpoint),
        settings=_settings(model.languages, model.attention is not None, recipe),
        max_steps=options.steps,
    )


def _settings(languages: tuple[str, str], attends: bool, recipe: Recipe) -> dict[str, Any]:
    """What a training was: the twin has no use for the dropout of what is handed over."""
    dropped = HANDOVER_DROPOUT[languages] if attends else 0.0
    return asdict(recipe) | ({"handover_dropout": dropped} if dropped else {})


def _more_pairs(
    sides: tuple[Side, Side],
    languages: tuple[str, str],
    options: TrainOptions,
    device: torch.device,
) -> list[tuple[Tokens, Tokens]]:
    """Twice as many pairs again: each source with what the first network says of it, each target with what the one of the other
    direction says of it. Source: Nguyen et al. (2020, "Data Diversification"), one round, one network per direction."""
    source, target = sides
    there = _first_says(sides, languages, options, device)
    back = _first_says((target, source), (languages[1], languages[0]), options, device)
    return [
        *zip(source.train, there, strict=False),
        *((x, y) for x, y in zip(back, target.train, strict=False) if x),
    ]


def _first_says(
    sides: tuple[Side, Side],
    languages: tuple[str, str],
    options: TrainOptions,
    device: torch.device,
) -> list[Tokens]:
    """What the first network of a direction says of the training sentences, with a beam; kept beside its checkpoint.

    With `--steps` only of as many sentences as there are steps.
    """
    name = f"{_name(languages)}-first"
    checkpoint = options.checkpoint(name, 0)
    kept = None if checkpoint is None else checkpoint.with_suffix(".said.json")
    made = {"steps": options.steps, "settings": _settings(languages, True, FIRST)}
    if kept is not None and kept.exists():
        found = files.read_json(kept)
        if found["made"] == made:
            return [tuple(line.split(" ")) if line else () for line in found["said"]]
    model = _train_one(FIRST.score, sides, languages, 0, options, device).model
    rank, size = world()
    sentences = sides[0].train[: options.steps]
    share = model.to(device).decode(sentences[rank::size], BEAM, alpha=1.0, reward=0.0)
    parts = gathered([tuple(model.words_of(one.hypotheses[0].tokens)) for one in share])
    said = [parts[k % size][k // size] for k in range(len(sentences))]
    if kept is not None and not rank:
        lines = [" ".join(words) for words in said]
        files.write(kept, json.dumps({"made": made, "said": lines}, ensure_ascii=False))
    return said


def _begun(checkpoint: Path | None) -> bool:
    """Whether any seed has a checkpoint: a run that was killed before the twin begins the twin afresh."""
    if checkpoint is None:
        return False
    return any(checkpoint.parent.glob(f"{checkpoint.stem.rpartition('-')[0]}-*.safetensors"))


def _said(model: Translator, sentences: Sequence[Tokens], beam: int) -> list[list[str]]:
    """The network's translations in words, unknown words replaced."""
    found = model.decode(sentences, beam)
    return [model.said(words, one.hypotheses[0]) for words, one in zip(sentences, found, strict=True)]


def _bleu(model: Translator, sentences: Sequence[Tokens], truth: Sequence[Tokens], beam: int) -> tuple[float, str]:
    return bleu(_said(model, sentences, beam), truth)


REWARDS = tuple(k / 10 for k in range(0, 16, 2))
"""γ that are tried on dev; see `rnn_core.networks.translator.REWARD`."""


def _by_reward(model: Translator, sentences: Sequence[Tokens], truth: Sequence[Tokens]) -> dict[str, float]:
    """BLEU of a beam whose sentences are ranked with each of `REWARDS` and α = 0: one search, ranked anew, as the search does not depend
    on the ranking."""
    found = model.decode(sentences, BEAM)
    out = {}
    for reward in REWARDS:
        best = [max(beam.hypotheses, key=lambda h: ranked_by(h.log_p, len(h.tokens), 0.0, reward)) for beam in found]
        said = [model.said(words, one) for words, one in zip(sentences, best, strict=True)]
        out[f"{reward:.1f}"] = bleu(said, truth)[0]
    return out


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
    """Every number the card promises: on the test part, and on dev what a beam has with each reward."""
    source, target = sides
    assert model.plain is not None
    said = {"": _said(model, source.test, 1), "_no_attention": _said(model.plain, source.test, 1)}
    out = {
        "bleu_greedy": bleu(said[""], target.test)[0],
        "bleu_beam": _bleu(model, source.test, target.test, BEAM)[0],
        "bleu_no_attention": bleu(said["_no_attention"], target.test)[0],
        "bleu_no_attention_beam": _bleu(model.plain, source.test, target.test, BEAM)[0],
        "bleu_copy_floor": _floor(sides),
        "copied_right": copied_right(model, BEAM),
        "copied_right_greedy": copied_right(model, 1),
        "dev_bleu_greedy": _bleu(model, source.dev, target.dev, 1)[0],
    } | {f"dev_bleu_reward_{k}": v for k, v in _by_reward(model, source.dev, target.dev).items()}
    for low, high in LENGTHS:
        some = [k for k, words in enumerate(source.test) if low <= len(words) <= high]
        for of, all_said in said.items():
            found = spread([all_said[k] for k in some], [target.test[k] for k in some])
            for what, value in zip(("", "_low", "_high"), found, strict=True):
                out[f"bleu_{low}_to_{high}{of}{what}"] = value
    return out


def copied_right(model: Translator, beam: int) -> float:
    """The share of `rnn_core.data.carried.SENTENCES` whose runs of digits and Latin letters all stand in the translation."""
    sentences = SENTENCES[model.languages[0]]
    said = model.translate([text for text, _ in sentences], beam)
    right = [all(run in one for run in runs) for one, (_, runs) in zip(said, sentences, strict=True)]
    return sum(right) / len(right)


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


def _examples(model: Translator, sides: tuple[Side, Side], count: int = 8) -> dict[str, list[dict[str, Any]]]:
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
    if options.resume and not _begun(options.checkpoint(_name(languages), seeds[0])):
        raise FileNotFoundError(f"there is no checkpoint of {_name(languages)} to go on from")
    with process_group(options.device) as device:
        more = _more_pairs(sides, languages, options, device)
        made, plain = (
            [_train_one(score, sides, languages, seed, options, device, more) for seed in seeds]
            for score in (FIRST.score, None)
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
            "width": FIRST.width,
            "hidden": FIRST.hidden,
            "score": FIRST.score,
        },
        "seed": seeds[best],
        "seed_without_attention": seeds[twin],
        "training": {
            "first": asdict(FIRST) | {"pairs": "those given"},
            "broad": asdict(BROAD)
            | {"pairs": "those given, and either side of them with what the first networks say of it"},
            "last": asdict(LAST) | {"pairs": "those given"},
            "handover_dropout": HANDOVER_DROPOUT[languages],
            "optimizer": "Adam, warm-up and cosine, clipping at 1, running mean of the weights, "
            "bfloat16 autocast on a processor, float32 and TF32 on CUDA",
            "chosen": "epoch and seed with the highest greedy BLEU on dev",
        },
        "training_seconds": total_seconds(f for m in (*made, *plain) for f in m.fitted),
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
        max(old, new, key=lambda made: made[1][dev]) for dev in ("dev_bleu", "dev_bleu_no_attention")
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
    _name(languages): ModelSpec(_build, partial(_train, languages), _evaluate, half=True, join=_with_seed)
    for languages in (("en", "ja"), ("ja", "en"))
}
