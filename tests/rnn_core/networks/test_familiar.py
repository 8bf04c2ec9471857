"""What stood in the training texts: n-grams by hand, the filter against an exact table, shares of what is read so far."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnn_core import load
from rnn_core.data.reviews import Judged, Reviews
from rnn_core.models import familiar as models
from rnn_core.networks.familiar import LEAST, Familiar, counts


def seen(order, *texts, size=4096):
    made = Familiar(order, size)
    made.add(made.often(list(text) for text in texts for _ in range(LEAST)))
    return made


def test_what_stands_too_rarely_is_not_kept():
    made = Familiar(2, 64)
    rare, often = list("ab"), list("cd")
    found = made.often([rare] * (LEAST - 1) + [often] * LEAST)
    assert found == [("\x02", "c"), ("c", "d")]
    made.add(found)
    assert made.known([("c", "d"), ("a", "b")]) == [True, False]


@given(st.lists(st.text("あいうえお", max_size=9), max_size=9), st.text("あいうえおか", max_size=12))
def test_nothing_added_is_forgotten_and_letters_are_held_by_any_of_their_runs(texts, text):
    made = seen(3, *texts, size=1 << 14)
    exact = {gram for t in texts for gram in made.grams(list(t))}
    assert all(made.known(exact))
    grams = made.grams(list(text))
    held = [any(k - 1 <= j <= k + 1 and g in exact for j, g in enumerate(grams)) for k in range(len(text))]
    assert made.strange(list(text)) == [not known for known in held]


def test_after_how_many_letters_each_is_known():
    made = seen(3, "まじめな")
    # known runs: start+まじ, まじめ, じめな
    assert made.known_after(list("まじめな人")) == [2, 2, 3, 4, None]
    assert made.shares(list("まじめな人"), [1, 2, 4, 5]) == [1.0, 0.0, 0.0, 0.2]
    assert made.shares(list("123。"), [4]) == [0.0]  # neither letters nor pictures: nothing to know
    assert made.shares([], [0]) == [0.0]
    words = seen(1, ["good", "film"])
    assert words.shares(["good", ",", "film", "slaps"], [1, 2, 4]) == [0.0, 0.0, 1 / 3]


def test_the_filter_takes_few_others_for_known():
    made = Familiar(1, 1 << 14)
    made.add((str(k),) for k in range(14_000))
    wrong = sum(made.known((str(k),) for k in range(14_000, 34_000))) / 20_000
    share = 1 - torch.tensor(-4 * 14_000 / (8 << 14)).exp()
    assert wrong == pytest.approx(float(share**4), rel=0.2)
    with pytest.raises(ValueError, match="at least 1"):
        Familiar(0, 4)


def test_adding_is_seen_at_once_and_weights_travel():
    made = Familiar(1, 64)
    assert made.known([("x",)]) == [False]
    made.add([("x",)])
    assert made.known([("x",)]) == [True]
    other = Familiar(1, 64)
    other.load_state_dict(made.half().state_dict())
    assert other.known([("x",)]) == [True]


@pytest.mark.parametrize(("of", "order"), [("en", 1), ("ja", 3)])
def test_trained_and_measured_on_the_texts_of_the_networks(monkeypatch, of, order):
    texts = [Judged(tuple("良い店だ"), 2)] * LEAST
    sets = Reviews(texts, [], [Judged(tuple("悪い店だ"), 0)])
    for name in ("treebank", "economy_watchers", "m_absa"):
        monkeypatch.setattr(models, name, lambda *_: sets)
    monkeypatch.setattr(models, "sentences", lambda _: [text.tokens for text in texts])
    model, card = models._train(of, models.TrainOptions())
    assert model.order == order
    grams = set(model.grams(list("良い店だ")))
    assert all(model.known(grams))
    assert card["baseline"]["bytes"] == sum(len("".join(g).encode()) + 1 for g in grams)
    assert models._evaluate(of, model, None) == {"grams": len(grams), "false_share": 0.0}


def test_what_counts():
    assert [counts(u) for u in ("a", "ー", "々", "👍", "1", "!", "。", "'s", "--")] == [True] * 4 + [False] * 3 + [
        True,
        False,
    ]


def test_shipped():
    ja, en = load("familiar-ja"), load("familiar-en")
    assert (
        "".join(c for c, s in zip("この店まじ使えん。", ja.strange(list("この店まじ使えん。")), strict=True) if s)
        == "まじ使えん"
    )
    assert not any(ja.strange(list("料理がとてもおいしく、また行きたいと思います。")))
    assert en.strange(["the", "soundtrack", "slaps", "."]) == [False, False, True, False]
    for model in (ja, en):
        assert model.card["scores"]["false_share"] < 0.01
        assert model.card["bytes"] < model.card["baseline"]["bytes"]
