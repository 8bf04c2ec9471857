"""Sentiment models: the batch agrees with one text read step by step, training resumes, calibration by hand."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from rnn_core import load
from rnn_core.models import TrainOptions, sentiment
from rnn_core.models.sentiment import (
    CELLS,
    Dropout,
    Recipe,
    ReviewNet,
    calibration_error,
    positive,
)
from rnn_core.reviews import Judged, Reviews
from rnn_core.store import load_card

WORDS = ["\ufffd", "good", "bad", "not", "very", "the", "film", "is"]


def net(cell, seed=0, dropout=None):
    torch.manual_seed(seed)
    made = ReviewNet(cell, "en", WORDS, 5, 6, dropout=dropout)
    nn.init.normal_(made.b_y)
    return made.eval()


@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_a_batch_reads_as_each_text_alone_and_as_the_equations(cell):
    model = net(cell)
    texts = ["the film is good", "bad", "the film is not very good unheard-of film", "not bad"]
    tokens = [model.tokens(text) for text in texts]
    y = model.scores(tokens, batch=3)
    for k, text in enumerate(texts):
        reading = model.read(text)
        torch.testing.assert_close(reading.scores[-1], y[k])
        h = model.rnn(model.embedding(model.encode(reading.tokens)))[0]
        half = 6 if model.both else None
        last = torch.cat([h[-1, :half], h[0, half:]]) if model.both else h[-1]
        by_hand = model.W_hy @ last + model.W_my @ h.amax(0) + model.b_y
        torch.testing.assert_close(by_hand, y[k])


@pytest.mark.parametrize("cell", CELLS)
def test_the_verdict_after_each_token_is_that_of_the_text_so_far(cell):
    model = net(cell)
    text = " ".join(["the film is not very good but bad"] * 9)
    reading = model.read(text)
    assert reading.scores.shape == (72, 3)
    for t in (0, 1, 30, 63, 64, 71):
        so_far = model.scores([reading.tokens[: t + 1]])[0]
        torch.testing.assert_close(reading.scores[t], so_far, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(reading.p.sum(1), torch.ones(72))
    torch.testing.assert_close(reading.positive, reading.p[:, 2] + reading.p[:, 1] / 2)


def test_predict_takes_plain_strings():
    model = net("lstm")
    p = model.predict(["Good film!", "The film isn't good.", "zzz"])
    assert all(isinstance(v, float) and 0 < v < 1 for v in p)
    assert model.predict(["zzz"]) == pytest.approx(model.predict(["qqq"]))  # both unknown
    assert model.predict([]) == []
    with pytest.raises(ValueError, match="text 1 has nothing to read"):
        model.predict(["good", " \n"])
    with pytest.raises(ValueError, match="nothing to read"):
        model.read("")
    with pytest.raises(TypeError, match="list of texts"):
        model.predict("good")


def test_dropout_falls_in_training_only():
    model = net("lstm", dropout=Dropout(0.1, 0.5, 0.5, 0.5))
    ids, lengths = torch.tensor([[1], [2]]), torch.tensor([2])
    assert torch.equal(model(ids, lengths), model(ids, lengths))
    model.train()
    assert not torch.equal(model(ids, lengths), model(ids, lengths))
    before = model.rnn.weight_hh_l0.clone()
    model(ids, lengths).sum().backward()
    assert torch.equal(before, model.rnn.weight_hh_l0)
    assert model.rnn.weight_hh_l0.grad is not None


def test_calibration_error_by_hand():
    p = torch.tensor([0.95, 0.9, 0.1, 0.55])
    truth = torch.tensor([1.0, 0, 0, 1])
    # bins of width 1/4 of the confidence 0.5 … 1: {0.55}, {0.95, 0.9, 0.9}
    expected = 0.25 * abs(1 - 0.55) + 0.75 * abs(2 / 3 - (0.95 + 0.9 + 0.9) / 3)
    assert calibration_error(p, truth, bins=4) == pytest.approx(expected)
    assert calibration_error(torch.tensor([1.0, 0.0]), torch.tensor([1.0, 0.0])) == 0
    assert positive(torch.tensor([0.2, 0.2, 0.6])) == pytest.approx(0.7)


def made_up(count, seed):
    """Sentences whose last judging word decides, turned round after "not"."""
    torch.manual_seed(seed)
    found = []
    for _ in range(count):
        k, turn, fill = (int(torch.randint(n, ())) for n in (2, 2, 3))
        words = ["the", "film", "is"][:fill] + ["not"] * turn + [["bad", "good"][k]]
        found.append(Judged(tuple(words), 2 * (k ^ turn)))
    return found + [Judged(("the", "film"), 1)] * (count // 10)


@pytest.fixture
def small(monkeypatch):
    sets = {"sst": Reviews(made_up(240, 1), made_up(60, 2), made_up(60, 3))}
    monkeypatch.setattr(sentiment, "_reviews", lambda language, folder: sets)
    vectors = torch.randn(8, 6, generator=torch.Generator().manual_seed(0))
    monkeypatch.setattr(sentiment, "_vocabulary", lambda language, folder: (WORDS, vectors))
    recipe = Recipe(6, 8, 2e-2, 0.9, 6, 16, Dropout(0.02, 0.05, 0.05, 0.05), 1, 512, (1e-3, 1e-2))
    monkeypatch.setattr(sentiment, "RECIPES", {"en": recipe})
    sentiment._floor.cache_clear()
    yield sets
    sentiment._floor.cache_clear()


@pytest.mark.parametrize("cell", ["lstm", "bi"])
def test_training_resumes_to_the_same_weights_and_beats_the_bag(small, tmp_path, cell):
    whole, card = sentiment._train(cell, "en", TrainOptions(seed=3))
    kept = TrainOptions(seed=3, checkpoints=tmp_path)
    sentiment._train(cell, "en", replace(kept, steps=40))
    again, resumed = sentiment._train(cell, "en", replace(kept, resume=True))
    for a, b in zip(whole.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    assert card["seeds"] == resumed["seeds"]
    assert (
        card["seeds"]["accuracy"]["mean"] > 0.97 > card["baseline"]["accuracy"] + 0.1
    )  # "not" needs order
    assert set(card) >= {"config", "data", "licence", "seed", "training", "baseline", "failures"}
    built = sentiment._build(card["config"])
    built.load_state_dict(whole.state_dict())
    scores = sentiment._evaluate("en", built.eval(), None)
    assert ("floor_accuracy" in scores) == (cell == "lstm")
    assert scores["accuracy"] == pytest.approx(card["seeds"]["accuracy"]["each"][0])


def test_calibration_keeps_every_verdict_and_lowers_the_loss(small):
    model = net("lstm")
    with torch.no_grad():
        for weight in (model.W_hy, model.W_my, model.b_y):
            weight.mul_(20)  # far too sure
    texts = [text.tokens for text in small["sst"].dev]
    before, loss = model.scores(texts), sentiment._dev_loss(model, small)
    tau = sentiment._calibrate(model, small)
    assert tau > 1
    torch.testing.assert_close(model.scores(texts), before / tau)
    assert sentiment._dev_loss(model, small) < loss


# --- as shipped ----------------------------------------------------------------------------------

SHIPPED = [f"sentiment-{of}{cell}" for of in ("en", "ja") for cell in ("", "-gru", "-rnn", "-bi")]
SAYS = {
    "en": ("A wonderful, moving film.", "A dull and stupid mess."),
    "ja": ("とても満足しました。", "最悪でした。二度と利用しません。"),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_weights_say_what_their_card_says(name):
    model, card = load(name), load_card(name)
    good, bad = model.predict(list(SAYS[name[10:12]]))
    assert good > 0.8
    assert bad < 0.2
    for row in card["errors"] + card.get("examples", []) + card.get("floor_wins", []):
        assert model.predict([row["text"]])[0] == pytest.approx(row["p"], abs=0.01)
    assert all((row["p"] > 0.5) != (row["label"] == 2) for row in card["errors"])
    assert set(card["seeds"]["seeds"]) == {0, 1, 2}
    for key, floor in card["baseline"].items():
        if key.startswith("accuracy"):
            assert card["scores"][key] == pytest.approx(card["seeds"][key]["mean"], abs=0.02)
            if not name.endswith("-rnn"):
                assert card["seeds"][key]["mean"] > floor, key
    assert card["scores"]["ece"] < 0.1
    if model.floor is not None:
        assert card["scores"]["floor_accuracy" if "-en" in name else "floor_accuracy_m_absa"] > 0.75


@pytest.mark.parametrize("of", ["en", "ja"])
def test_a_language_weighs_at_most_ten_megabytes(of):
    assert sum(load_card(name)["bytes"] for name in SHIPPED if name[10:12] == of) <= 10_000_000


@pytest.mark.parametrize("of", ["en", "ja"])
def test_neutral_text_is_not_sure(of):
    texts = {
        "en": ["She plays the mother of the two boys.", "The film was shot in Canada.", "the"],
        "ja": ["会議は三階の部屋で行われます。", "は"],
    }[of]
    for p in load(f"sentiment-{of}").predict(texts):
        assert 0.3 < p < 0.7
