"""A seed that is trained later: the card and the weights are those of a training with all seeds at once."""

import json
from dataclasses import replace

import pytest
import torch

from rnn_core.models import TrainOptions, chars, load, model_names, model_spec, translator
from rnn_core.store import load_card
from rnn_core.train import main, make
from rnn_core.training.seeds import joined, spread, spreads
from tests.rnn_core.models.test_chars import small as small_chars  # noqa: F401  (a fixture)
from tests.rnn_core.models.test_translator import small as small_translator  # noqa: F401

OPTIONS = TrainOptions()


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


def test_seed_by_seed_gives_what_all_at_once_gives(small_chars, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setattr(chars, "_SEEDS", (0, 1, 2))
    for folder in ("once", "one by one"):
        (tmp_path / folder).mkdir()
    make("chars-gru-en", OPTIONS, tmp_path / "once")
    for seed in (0, 1, 2):
        make("chars-gru-en", replace(OPTIONS, seed=seed, add=seed > 0), tmp_path / "one by one")
    whole, grown = (load("chars-gru-en", tmp_path / f) for f in ("once", "one by one"))
    assert same(whole, grown)
    assert len(set(whole.card["seeds"]["nats_per_character"]["each"])) == 3
    for key in ("seeds", "seed", "scores", "sha256", "dev_nats_per_character", "units"):
        assert whole.card[key] == grown.card[key], key
    assert grown.card["command"].split("; ")[2].endswith("chars-gru-en --seed 2 --add")
    assert whole.card["training_seconds"] > 0 < grown.card["training_seconds"]


def test_of_both_networks_of_a_translator_the_better_is_kept(small_translator, tmp_path):  # noqa: F811
    for folder in ("once", "one by one"):
        (tmp_path / folder).mkdir()
    make("translator-en-ja", OPTIONS, tmp_path / "once")
    for seed in translator._SEEDS:
        make("translator-en-ja", replace(OPTIONS, seed=seed, add=seed > 0), tmp_path / "one by one")
    whole, grown = (load("translator-en-ja", tmp_path / f) for f in ("once", "one by one"))
    assert same(whole, grown)
    for key in ("seeds", "seed", "seed_without_attention", "scores", "dev_bleu_no_attention"):
        assert whole.card[key] == grown.card[key], key


def test_what_does_not_belong_together_is_refused(small_chars, tmp_path, capsys):  # noqa: F811
    make("chars-gru-en", replace(OPTIONS, seed=1), tmp_path)
    card = load_card("chars-gru-en", tmp_path)
    with pytest.raises(ValueError, match="seed 1 is in the card"):
        make("chars-gru-en", replace(OPTIONS, seed=1, add=True), tmp_path)
    with pytest.raises(ValueError, match="needs --seed"):
        make("chars-gru-en", replace(OPTIONS, add=True), tmp_path)
    with pytest.raises(ValueError, match="its training differs"):
        joined(card, card | {"training": card["training"] | {"lr": 1.0}})
    assert main(["hello-trained", "--seed", "1", "--add", "--out", str(tmp_path)]) == 1
    assert main(["chars-lstm-en", "--seed", "1", "--add", "--out", str(tmp_path)]) == 1
    assert "chars-lstm-en.json is missing" in capsys.readouterr().err
    assert json.loads((tmp_path / "chars-gru-en.json").read_text())["seeds"] == card["seeds"]


def test_spread_of_one_seed_has_no_deviation():
    assert spread([3.0]) == {"each": [3.0], "mean": 3.0, "standard_deviation": None}
    assert spreads([4, 7], {"a": [1.0, 3.0]}) == {"seeds": [4, 7], "a": spread([1.0, 3.0])}


@pytest.mark.parametrize("name", [n for n in model_names() if model_spec(n).join is not None])
def test_every_shipped_card_can_take_one_more_seed(name, monkeypatch):
    """Found out now, not after an hour of training."""
    monkeypatch.setattr(translator, "_side", lambda language, folder: None)
    monkeypatch.setattr(translator, "_examples", lambda model, sides: {})
    model, join = load(name), model_spec(name).join
    other = json.loads(json.dumps(model.card))
    other["seeds"]["seeds"] = [99 + k for k in range(len(other["seeds"]["seeds"]))]
    kept, card = join((model, model.card), (load(name), other), None)
    assert kept is model  # no better on dev
    assert card["seeds"]["seeds"] == [*model.card["seeds"]["seeds"], *other["seeds"]["seeds"]]
    assert card["scores"] == model.card["scores"]
