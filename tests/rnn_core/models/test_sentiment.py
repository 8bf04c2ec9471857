"""Sentiment models: the batch agrees with one text read step by step, training resumes, calibration by hand."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from rnn_core import doubt, load
from rnn_core.data.own_reviews import KINDS, OWN_REVIEWS
from rnn_core.data.reviews import STRANGE, Judged, Reviews, verdict
from rnn_core.metrics import calibration_error
from rnn_core.models import TrainOptions, sentiment
from rnn_core.models.sentiment import CONFIDENT, RARE, Recipe
from rnn_core.networks.attribution import gradient_times_input, occlusion
from rnn_core.networks.familiar import LEAST, Familiar
from rnn_core.networks.review import CELLS, Doubt, Dropout, ReviewNet, positive
from rnn_core.store import load_card, save

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


def doubting(cell="lstm", slope=2.0):
    """A network that has seen all its words but "very" and the unknown one."""
    model = net(cell)
    seen = Familiar(1, 512)
    seen.add((word,) for word in WORDS if word not in ("very", "\ufffd"))
    model.doubt = Doubt(seen, slope)
    return model


@pytest.mark.parametrize("cell", CELLS)
def test_doubt_divides_the_scores_by_one_plus_a_times_the_strange_share(cell):
    model = doubting(cell)
    tokens = ["the", "film", ",", "very", "unheard", "good", "."]
    r = [0, 0, 0, 1 / 3, 2 / 4, 2 / 5, 2 / 5]  # a comma cannot be known
    reading = model.read_tokens(tokens)
    torch.testing.assert_close(reading.tau, 1 + 2 * torch.tensor(r))
    for t in range(len(tokens)):
        sure = model.sure_scores([tokens[: t + 1]])[0]
        torch.testing.assert_close(reading.scores[t], sure / (1 + 2 * r[t]), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(
        model.scores([tokens, ["good"]]), torch.stack([reading.scores[-1], model.sure_scores([["good"]])[0]])
    )
    assert model.predict(["the film, very unheard good."])[0] == pytest.approx(float(reading.positive[-1]), abs=1e-6)


def test_doubt_moves_towards_one_half_and_keeps_the_side():
    for text in ("very", "very very good", "unheard-of bad", "the film is very not good"):
        tokens = doubting().tokens(text)
        sure = doubting(slope=0.0).positive_of([tokens])[0]
        less = doubting(slope=5.0).positive_of([tokens])[0]
        assert (sure > 0.5) == (less > 0.5)
        assert abs(less - 0.5) < abs(sure - 0.5)


def test_which_words_pushed_is_asked_at_one_temperature():
    model = doubting()
    tokens = ["the", "very", "good"]
    tau = 1 + 2 / 3
    sure = model.sure_scores([tokens, ["the", "very", "\ufffd"]]) / tau
    p = positive(sure.softmax(-1))
    assert float(occlusion(model, tokens)[2]) == pytest.approx(float(p[0] - p[1]), abs=1e-6)
    plain = net("lstm")
    expected = gradient_times_input(plain, tokens) / tau
    torch.testing.assert_close(gradient_times_input(model, tokens), expected)


def test_no_verdict_where_a_third_is_strange():
    assert verdict([0.01, 0.01, 0.98], STRANGE - 1e-9) == "positive"
    assert verdict([0.98, 0.01, 0.01], STRANGE) == "unsure"
    assert doubting().strange_share(["very", "good", "film"]) == pytest.approx(STRANGE)


def test_the_doubt_with_the_lowest_dev_loss_is_chosen(small):
    model = net("lstm")
    with torch.no_grad():
        for weight in (model.W_hy, model.W_my, model.b_y):
            weight.mul_(8)  # far too sure, and at random
    seen = Familiar(1, 512)
    seen.add((word,) for word in WORDS if word != "not")
    chosen = sentiment._doubt(model, seen, small)

    def loss(slope):
        model.doubt = Doubt(seen, slope)
        return sentiment._dev_loss(model, small)

    assert chosen.slope > 0
    assert loss(chosen.slope) == min(loss(slope) for slope in sentiment.SLOPES)
    seen.add([("not",)])
    assert sentiment._doubt(model, seen, small).slope == 0  # nothing is strange: the smallest


def test_confident_errors_are_counted_by_hand():
    truth = torch.tensor([0.0, 1, 1, 0])
    far = torch.tensor([[-5.0, 0, 5], [-5, 0, 5], [5, 0, -5], [-5, 0, 5]])  # wrong, right, wrong, wrong
    strange = torch.tensor([0.0, 0.25, 0.25, 0.5])
    tau = 1 + 20 * strange
    read = sentiment.Read([], far, strange, tau, truth)
    found = sentiment._doubt_scores({"one": read})
    assert found["confident_errors_before"] == 3 / 4
    assert found["confident_errors"] == 1 / 4  # the second error is in doubt, the third gets no verdict
    assert found["rare_texts"] == 3
    assert found["confident_errors_rare_before"] == pytest.approx(2 / 3)
    assert found["confident_errors_rare"] == 0
    assert found["silent"] == 1 / 4
    assert found["loss_before"] > found["loss"]
    assert (RARE, CONFIDENT) == (0.2, 0.9)


@pytest.mark.parametrize("of", ["en", "ja"])
def test_own_reviews_are_about_thirty_of_every_kind_and_in_no_other_place(of):
    own = OWN_REVIEWS[of]
    assert {review.kind for review in own} == set(KINDS)
    assert 28 <= len(own) <= 36
    assert len({review.text for review in own}) == len(own)
    card = load_card(f"sentiment-{of}")
    quoted = {row["text"] for key in ("errors", "examples", "floor_wins") for row in card[key]}
    assert not quoted & {review.text for review in own}


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
    seen = Familiar(1, 512)
    seen.add(seen.often([text.tokens for text in sets["sst"].train]))
    assert LEAST > 1
    monkeypatch.setattr(sentiment.familiar, "learn", lambda language, folder: seen)
    monkeypatch.setattr(sentiment, "_familiar", lambda language: seen)
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
    assert card["seeds"]["accuracy"]["mean"] > 0.97 > card["baseline"]["accuracy"] + 0.1  # "not" needs order
    assert set(card) >= {"config", "data", "licence", "seed", "training", "baseline", "failures"}
    built = sentiment._build(card["config"])
    built.load_state_dict(whole.state_dict())
    scores = sentiment._evaluate("en", built.eval(), None)
    assert ("floor_accuracy" in scores) == (cell == "lstm")
    assert scores["accuracy"] == pytest.approx(card["seeds"]["accuracy"]["each"][0])
    assert built.doubt == whole.doubt


def test_the_doubt_can_be_chosen_again_and_the_weights_stay(small, tmp_path, monkeypatch, capsys):
    model, card = sentiment._train("lstm", "en", TrainOptions(seed=3))
    save(model.half(), card | {"scores": {}}, "sentiment-en", tmp_path)
    before = (tmp_path / "sentiment-en.safetensors").read_bytes()
    monkeypatch.setattr(sentiment, "SLOPES", (0.7,))
    assert doubt.main(["sentiment-en", "--folder", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "sentiment-en: doubt 0.7\n"
    again = load_card("sentiment-en", tmp_path)
    assert again["config"]["doubt"] == 0.7
    assert (tmp_path / "sentiment-en.safetensors").read_bytes() == before
    assert set(again["scores"]) >= {"accuracy", "confident_errors_rare", "own_slang_right"}
    assert [row["text"] for row in again["errors"]] == [row["text"] for row in card["errors"]]
    (tmp_path / "sentiment-en.safetensors").unlink()
    assert doubt.main(["sentiment-en", "--folder", str(tmp_path)]) == 1
    assert "missing" in capsys.readouterr().err


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
    scores = card["scores"]
    assert (card["config"]["doubt"] > 0) == (model.language == "ja")  # as the page says
    assert scores["confident_errors_rare"] <= scores["confident_errors_rare_before"]
    assert scores["confident_errors"] <= scores["confident_errors_before"]
    assert scores["loss"] <= scores["loss_before"]
    assert scores["silent"] < 0.035
    for key, value in sentiment.own_scores(model).items():
        assert scores[key] == value, key
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


@pytest.mark.parametrize("name", SHIPPED[4:])
def test_slang_of_unseen_letters_gets_no_verdict(name):
    model = load(name)
    for text in ("この店まじ使えん。", "まじで神。リピ確定。", "接客がクソすぎて草。"):
        tokens = model.tokens(text)
        shares = model.probabilities([tokens])[0].tolist()
        assert verdict(shares, model.strange_share(tokens)) == "unsure"
    p = model.predict(["この店まじ使えん。"])[0]
    assert abs(p - 0.5) < abs(
        positive(model.sure_scores([model.tokens("この店まじ使えん。")]).softmax(-1)).item() - 0.5
    )


@pytest.mark.parametrize("name", ["sentiment-en", "sentiment-ja"])
def test_ordinary_reviews_keep_their_verdicts(name):
    model = load(name)
    own = [review for review in OWN_REVIEWS[model.language] if review.kind == "ordinary"]
    for review in own:
        tokens = model.tokens(review.text)
        told = [
            verdict(y.softmax(-1)[0].tolist(), r)
            for y, r in (
                (model.sure_scores([tokens]), 0.0),
                (model.scores([tokens]), model.strange_share(tokens)),
            )
        ]
        assert told[0] == told[1], review.text
