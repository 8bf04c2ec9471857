"""The character models: shipped weights score what the card says, training is seeded, features are found by measure."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnn_core import load
from rnn_core.data.corpora import Corpus
from rnn_core.forward.probing import FEATURES, ranks, score, scores
from rnn_core.models import TrainOptions, chars, model_names
from rnn_core.models.chars import SAMPLES, vocabulary
from rnn_core.networks.char_lm import UNKNOWN, CharLM, find_units
from rnn_core.store import load_card

NAMES = [name for name in model_names() if name.startswith("chars-")]
TEXT = "the cat sat on the mat.\nthe dog ate the cat's hat.\n" * 60


@pytest.fixture(scope="module", params=NAMES)
def model(request):
    return load(request.param)


def test_the_card_tells_the_truth_about_a_sentence_of_our_own(model):
    language = model.card["name"][-2:]
    found = model.nats_per_character(SAMPLES[language])
    assert found == pytest.approx(model.card["scores"]["sample_nats_per_character"], rel=1e-5)
    assert model.card["scores"]["nats_per_character"] < model.card["baseline"]["nats_per_character"]


def test_the_card_names_units_that_beat_an_untrained_net(model):
    card = model.card
    better = 0
    for unit in card["units"]:
        assert len(unit["scores"]) == card["config"]["hidden"]
        assert abs(unit["scores"][unit["unit"]]) == max(map(abs, unit["scores"]))
        assert card["scores"][f"unit_{unit['feature']}"] == pytest.approx(unit["test"], abs=1e-3)
        better += abs(unit["test"]) > abs(card["untrained_units"][unit["feature"]]) + 0.1
    assert better >= 2


def test_reading_is_the_forward_pass(model):
    text = SAMPLES[model.card["name"][-2:]][:30]
    reading = model.read(text)
    y, _ = model(reading.ids[:, None])
    torch.testing.assert_close(reading.scores, y[:, 0], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(reading.log_p.exp().sum(-1), torch.ones(30))
    states = model.memories(text, block=7)
    torch.testing.assert_close(torch.tensor(states), reading.trace.lane()[model.memory][:, 0], atol=1e-5, rtol=1e-4)


def test_an_unknown_character_is_the_first_symbol(model):
    assert model.encode("\u2603").tolist() == [0]
    assert model.symbols[0] == UNKNOWN
    with pytest.raises(ValueError, match="empty"):
        model.read("")


def test_nats_do_not_depend_on_the_block():
    torch.manual_seed(0)
    model = CharLM("gru", vocabulary(TEXT, "en"), 4, 6).eval()
    assert model.nats_per_character(TEXT[:200], 13) == pytest.approx(model.nats_per_character(TEXT[:200]), rel=1e-6)
    with pytest.raises(ValueError, match="embedding = hidden"):
        CharLM("lstm", "ab", 3, 4, tied=True)


@pytest.fixture
def small(monkeypatch):
    corpus = Corpus(TEXT, TEXT[:300], TEXT[:200])
    monkeypatch.setattr(chars, "_corpus", lambda language, folder: corpus)
    monkeypatch.setattr(chars, "HIDDEN", 8)
    monkeypatch.setattr(chars, "_EMBEDDING", {"en": 4, "ja": 8})
    monkeypatch.setattr(chars, "_EPOCHS", {"en": 3, "ja": 2})
    monkeypatch.setattr(chars, "BATCH", 4)
    monkeypatch.setattr(chars, "WINDOW", 16)
    chars._floor.cache_clear()
    yield
    chars._floor.cache_clear()


@pytest.mark.parametrize(("cell", "language"), [("lstm", "en"), ("gru", "ja"), ("rnn", "en")])
def test_training_is_seeded_and_resumes(small, tmp_path, cell, language):
    options = TrainOptions(seed=3, checkpoints=tmp_path)
    whole, card = chars._train(cell, language, TrainOptions(seed=3))
    chars._train(cell, language, replace(options, steps=60))
    again, resumed = chars._train(cell, language, replace(options, resume=True))
    for a, b in zip(whole.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    assert card["seeds"] == resumed["seeds"]
    assert card["dev_nats_per_character"] < 3
    assert set(card) >= {"config", "data", "licence", "seed", "training", "baseline", "failures"}
    built = chars._build(card["config"])
    built.load_state_dict(whole.state_dict())


def test_scores_by_hand():
    assert ranks(np.array([5.0, 1.0, 5.0, 9.0])).tolist() == [1.5, 0.0, 1.5, 3.0]
    state, yes = np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])
    assert score(state, yes, True) == pytest.approx(2 * 3 / 4 - 1)  # 3 of 4 pairs in order
    assert score(-state, yes, True) == pytest.approx(1 - 2 * 3 / 4)
    assert score(state, np.array([1.0, 2.0, 3.0, 4.0]), False) == pytest.approx(0.8)  # Spearman
    assert score(state, np.array([True] * 4), True) == 0
    assert score(np.ones(4), np.arange(4.0), False) == 0
    with pytest.raises(ValueError, match="label 2"):
        score(state, np.array([True, False]), True)
    assert scores(np.stack([state, -state], 1), yes, True).tolist() == [0.5, -0.5]


@given(st.lists(st.integers(0, 5), min_size=2, max_size=30), st.data())
def test_auc_is_the_share_of_pairs_in_order(values, data):
    label = np.array(data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values))))
    state = np.array(values, dtype=float)
    pairs = [(a > b) + 0.5 * (a == b) for a in state[label] for b in state[~label]]
    truth = 2 * np.mean(pairs) - 1 if pairs else 0.0
    assert score(state, label, True) == pytest.approx(truth)


def test_features_read_only_what_has_come():
    """But for the speaker's name, which needs its line, a label never depends on later text."""
    for language, text in (("en", "ROMEO:\nAy, it is I.\nO"), ("ja", "「猫は走る」と云う。犬も")):
        for feature in FEATURES[language]:
            whole = feature.label(text)
            assert len(whole) == len(text)
            if feature.name != "speaker":
                for cut in range(1, len(text)):
                    np.testing.assert_array_equal(feature.label(text[:cut]), whole[:cut])


def test_the_best_unit_is_chosen_on_dev_and_measured_on_test():
    torch.manual_seed(1)
    model = CharLM("rnn", vocabulary(TEXT, "en"), 4, 5).eval()
    dev, test = TEXT[:200], TEXT[200:420]
    for found in find_units(model, "en", dev, test):
        feature = next(f for f in FEATURES["en"] if f.name == found.feature)
        by_unit = [score(model.memories(dev)[:, u], feature.label(dev), feature.yes_no) for u in range(5)]
        assert found.unit == int(np.argmax(np.abs(by_unit)))
        assert found.test == score(model.memories(test)[:, found.unit], feature.label(test), feature.yes_no)


@pytest.mark.parametrize("name", NAMES)
def test_the_score_shipped_is_that_of_its_seed(name):
    """Up to what rounding to float16 changes."""
    card = load_card(name)
    each = card["seeds"]["nats_per_character"]["each"][card["seeds"]["seeds"].index(card["seed"])]
    assert card["scores"]["nats_per_character"] == pytest.approx(each, abs=0.001)
