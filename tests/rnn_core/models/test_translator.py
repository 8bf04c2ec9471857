"""The translators' training on a made-up language, BLEU, batches, and the attention that is watched."""

import json
import sys
import unicodedata
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnn_core import load
from rnn_core.data.carried import SENTENCES
from rnn_core.data.parallel import Side
from rnn_core.metrics import bleu
from rnn_core.models import TrainOptions, translator
from rnn_core.models.translator import (
    Recipe,
    _loss,
    batches,
    copied_right,
    spread,
    vocabulary,
    watched,
)

PAIR = ("en", "ja")


def made_up(count, seed):
    """Words a … f; the translation is the same words in capitals, the other way round."""
    generator = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(count):
        n = int(torch.randint(3, 13, (), generator=generator))
        words = tuple("abcdef"[k] for k in torch.randint(6, (n,), generator=generator).tolist())
        found.append((words, tuple(w.upper() for w in reversed(words))))
    return found


def quick(monkeypatch, recipe):
    """First networks by `recipe`, then a stage that is made consistent, and a short last one."""
    last = replace(recipe, epochs=2, lr=recipe.lr / 2)
    stages = {"FIRST": recipe, "BROAD": replace(recipe, epochs=4, consistency=0.5), "LAST": last}
    for name, stage in stages.items():
        monkeypatch.setattr(translator, name, stage)


def speak(monkeypatch, count):
    """The made-up language as the data, with `count` pairs to train on."""
    parts = [made_up(n, seed) for n, seed in ((count, 0), (60, 1), (60, 2))]
    sides = {language: Side(*([pair[k] for pair in part] for part in parts)) for k, language in enumerate(PAIR)}
    monkeypatch.setattr(translator, "_side", lambda language, folder: sides[language])
    return sides


def few(monkeypatch):
    """Too little to learn from, but quick."""
    sides = speak(monkeypatch, 60)
    return sides["en"], sides["ja"]


@pytest.fixture
def small(monkeypatch):
    """A quick recipe on a language that can be learnt."""
    sides = speak(monkeypatch, 600)
    quick(monkeypatch, Recipe(16, 32, epochs=8, batch=32, lr=0.02, warmup=20, average=0.9, dropout=0.0))
    monkeypatch.setattr(translator, "_SEEDS", (0, 1))
    return sides


def test_training_learns_and_says_what_it_measured(small, tmp_path):
    model, card = translator._train(PAIR, TrainOptions(seed=0, checkpoints=tmp_path))
    scores = translator._evaluate(model, None)
    json.dumps(card, allow_nan=False)
    assert scores["bleu_greedy"] > 60 > scores["bleu_no_attention"]
    assert scores["bleu_greedy"] > 60 > scores["bleu_copy_floor"]
    assert card["seeds"]["bleu_greedy"]["each"] == [scores["bleu_greedy"]]
    assert card["seeds"]["bleu_no_attention"]["each"] == [scores["bleu_no_attention"]]
    assert card["baseline"]["bleu"] == scores["bleu_copy_floor"]
    dev = (small["en"].dev, small["ja"].dev)
    for reward in (0.0, 0.8, 1.4):  # ranked anew is what a search with that reward finds
        found = model.decode(dev[0], translator.BEAM, reward=reward)
        said = [model.said(x, one.hypotheses[0]) for x, one in zip(dev[0], found, strict=True)]
        assert scores[f"dev_bleu_reward_{reward}"] == bleu(said, dev[1])[0]
    assert scores["dev_bleu_greedy"] == card["dev_bleu"]
    for low, high in translator.LENGTHS[1:2]:
        found = [scores[f"bleu_{low}_to_{high}{what}"] for what in ("_low", "", "_high")]
        assert found == sorted(found)
    # the attention forms: at first it is spread out, in the end it runs backwards
    first, last = card["attention_learnt"][0], card["attention_learnt"][-1]
    assert first["step"] == 0
    assert last["step"] == 4 * 57 + 19  # the second epoch of the last stage
    words = card["watched"][0]["source"].split()
    rows = torch.tensor(last["attention"][0])
    assert rows.shape == (len(words) + 1, len(words))
    assert torch.allclose(rows.sum(1), torch.ones(len(rows)), atol=0.01)
    backwards = [len(words) - 1 - t for t in range(len(words))]
    near = (rows[:-1].argmax(1) - torch.tensor(backwards)).abs() <= 1
    assert near.double().mean() > 0.8
    built = translator._build(card["config"])
    built.load_state_dict(model.state_dict())


def test_training_goes_on_after_a_kill_to_the_same_weights(small, tmp_path, monkeypatch):
    few(monkeypatch)
    quick(monkeypatch, Recipe(width=8, hidden=8, epochs=2, batch=16))
    whole, card = translator._train(PAIR, TrainOptions())
    real, calls = translator._losses, []

    def killed(*args):
        calls.append(1)
        if len(calls) == 5:  # the second epoch of seed 1
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(translator, "_losses", killed)
    with pytest.raises(KeyboardInterrupt):
        translator._train(PAIR, TrainOptions(checkpoints=tmp_path))
    monkeypatch.setattr(translator, "_losses", real)
    resumed, again = translator._train(PAIR, TrainOptions(resume=True, checkpoints=tmp_path))
    for a, b in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(a, b)
    assert again["attention_learnt"] == card["attention_learnt"]
    assert {k: v for k, v in again.items() if k != "training_seconds"} == {
        k: v for k, v in card.items() if k != "training_seconds"
    }


def test_the_loss_is_that_of_both_passes_and_of_how_far_they_are_apart():
    y = torch.randn(2, 7, 5, dtype=torch.double, generator=torch.Generator().manual_seed(0))
    truth = torch.tensor([0, 4, 2, 2, 1, 3, 0])
    recipe = Recipe(smoothing=0.1, consistency=3.0)
    p = (y.exp() / y.exp().sum(-1, keepdim=True)).numpy()
    wanted = np.full((7, 5), 0.1 / 5) + 0.9 * np.eye(5)[truth]
    each = [-(wanted * np.log(q)).sum(1).mean() for q in p]
    kl = [(a * np.log(a / b)).sum(1).mean() for a, b in (p, p[::-1])]
    assert float(_loss(list(y), truth, recipe)) == pytest.approx(sum(each) / 2 + 3 / 4 * sum(kl))
    assert float(_loss([y[0]], truth, recipe)) == pytest.approx(each[0])
    assert float(_loss([y[0], y[0]], truth, recipe)) == pytest.approx(each[0])


def test_more_pairs_are_what_the_first_networks_say(small, tmp_path, monkeypatch):
    quick(monkeypatch, Recipe(16, 16, epochs=1, batch=64, lr=0.01))
    sides = few(monkeypatch)
    options = TrainOptions(checkpoints=tmp_path)
    more = translator._more_pairs(sides, PAIR, options, options.device)
    assert [x for x, _ in more[: len(sides[0].train)]] == sides[0].train
    first = translator._train_one("general", sides, PAIR, 0, TrainOptions(), options.device).model
    for k in (0, 9):
        ((found,),) = [b.hypotheses[:1] for b in first.decode([sides[0].train[k]], 5, 1.0, 0.0)]
        assert list(more[k][1]) == first.words_of(found.tokens)

    def no_more(*args, **kwargs):
        raise InterruptedError

    # kept, for both directions, as long as nothing of the recipe changes
    monkeypatch.setattr(translator, "fit", no_more)
    turned = translator._more_pairs(sides[::-1], PAIR[::-1], options, options.device)
    assert [(x, y) for y, x in turned[: len(sides[0].train)] if x] == more[len(sides[0].train) :]
    monkeypatch.setattr(translator, "FIRST", replace(translator.FIRST, lr=0.02))
    with pytest.raises(InterruptedError):
        translator._more_pairs(sides, PAIR, options, options.device)


def test_nothing_is_resumed_where_nothing_was_begun(small, tmp_path):
    with pytest.raises(FileNotFoundError, match="no checkpoint of translator-en-ja"):
        translator._train(PAIR, TrainOptions(resume=True, checkpoints=tmp_path))


def test_every_pair_is_in_one_batch_and_neighbours_are_alike():
    lengths = [(int(a), int(b)) for a, b in torch.randint(4, 17, (1000, 2)).tolist()]
    parts = batches(lengths, 32)
    assert Counter(k for part in parts for k in part) == Counter(range(1000))
    assert len(parts) == 32
    mixed = sum(len({lengths[k][0] for k in part}) > 1 for part in parts)
    assert mixed <= 12  # at most where one length gives way to the next
    assert batches(lengths, 32) != parts


@pytest.mark.parametrize("source", PAIR)
def test_runs_are_carried_over_as_the_card_says(source):
    sentences = SENTENCES[source]
    assert len(dict(sentences)) == 30
    for text, runs in sentences:
        assert all(run in unicodedata.normalize("NFKC", text) for run in runs)
    (name,) = (n for n in translator.MODELS if n.startswith(f"translator-{source}"))
    model = load(name)
    for key, beam in (("copied_right", translator.BEAM), ("copied_right_greedy", 1)):
        assert copied_right(model, beam) == model.card["scores"][key] >= 0.95
    model.carried = lambda words: []  # what the network does of itself: this can fail
    assert copied_right(model, 1) < 0.95


def test_bleu_is_that_of_the_tokens_given():
    truth = [["これ", "は", "本", "です", "。"], ["a", "b", "c", "d"]]
    score, signature = bleu(truth, truth)
    assert score == pytest.approx(100)
    assert "tok:none" in signature
    # one sentence of five words, four right in a row: precisions 4/5, 3/4, 2/3, 1/2
    score, _ = bleu([["これ", "は", "本", "です", "!"]], truth[:1])
    assert score == pytest.approx(100 * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25)
    middle, low, high = spread([["a", "b", "c", "d", "e"], ["a"] * 5] * 10, [list("abcde")] * 20)
    assert low < middle < high


def test_without_sacrebleu_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sacrebleu.metrics.bleu", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install -r requirements-dev\.txt"):
        bleu([["a"]], [["a"]])


def test_the_vocabulary_leaves_out_what_is_rare():
    assert vocabulary([["b", "a", "b"], ["a", "c"]], 2) == ["a", "b"]
    assert vocabulary([["c", "a", "c", "b"]], 1) == ["c", "a", "b"]


def test_watched_pairs_have_no_unknown_word(small):
    model = translator.Translator(PAIR, list("abcdef"), list("ABCDE"), 4, 4, "dot")
    pairs = watched((small["en"], small["ja"]), model)
    assert pairs
    assert all("F" not in y and len(x) >= 7 for x, y in pairs)
