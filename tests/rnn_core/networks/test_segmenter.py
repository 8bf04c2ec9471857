"""The segmenter: cuts add up to the text, F1 by hand, a made-up language is learnt, training resumes."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core import load
from rnn_core.data.parallel import RUN, Side, japanese_runs, japanese_text
from rnn_core.metrics import boundaries, boundary_f1
from rnn_core.models import TrainOptions, segmenter
from rnn_core.models.segmenter import Recipe, longest_match, vocabulary
from rnn_core.networks.segmenter import Segmenter, cut_at, whole


def net(seed=0):
    torch.manual_seed(seed)
    return Segmenter(["\ufffd", *"これは本です。犬"], 4, 5).eval()


@given(st.lists(st.text(max_size=40), max_size=5))
@settings(max_examples=80, deadline=None)
def test_words_are_the_text_again(texts):
    for text, words in zip(texts, net().words(texts), strict=True):
        runs = japanese_runs(text)
        assert "".join(words) == "".join(run if RUN.match(run) else japanese_text(run) for run in runs)
        assert all(words)
        for run in runs:  # uncut
            assert not RUN.match(run) or len(run) == 1 or run in words


def test_a_batch_cuts_as_each_text_alone():
    model = net()
    texts = ["これは本です。", "犬", "本は犬ですこれは本です。" * 5, "これ"]
    together = model.ends(texts)
    for text, ends in zip(texts, together, strict=True):
        reading = model.read(text)
        assert reading.p.shape == (len(text),)
        assert [*(reading.p[:-1] > 0.5).tolist(), True] == ends
        assert reading.words == cut_at(text, ends)
    assert model.ends(texts, batch=1) == together


def test_bad_input_is_refused():
    with pytest.raises(TypeError, match="list of texts"):
        net().words("本")
    with pytest.raises(ValueError, match="empty"):
        net().ends(["本", ""])
    with pytest.raises(ValueError, match="empty"):
        net().read("")
    with pytest.raises(ValueError, match="no end of a word"):
        boundary_f1([["本"]], [["本"]])


def test_f1_by_hand():
    assert boundaries(["これ", "は", "本"]) == [2, 3]
    truth = [["これ", "は", "本"], ["犬"]]
    assert boundary_f1(truth, truth) == 1
    # said 1, 3; true 2, 3: one of two right both ways
    assert boundary_f1([["こ", "れは", "本"], ["犬"]], truth) == pytest.approx(0.5)
    # said 3 only
    assert boundary_f1([["これは", "本"], ["犬"]], truth) == pytest.approx(2 * 1 / (1 + 2))


def test_longest_match_is_greedy_and_knows_no_better():
    words = frozenset({"ab", "abc", "cd", "d"})
    assert longest_match("abcd", words, 3) == ["abc", "d"]
    assert longest_match("xab", words, 3) == ["x", "ab"]


def made_up(count, seed):
    """A language whose words end exactly after each b."""
    generator = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(count):
        n = torch.randint(1, 4, (5,), generator=generator).tolist()
        found.append(tuple("a" * k + "b" for k in n))
    return found


@pytest.fixture
def small(monkeypatch):
    """A quick recipe on a language that can be learnt."""
    sentences = Side(made_up(300, 0), made_up(40, 1), made_up(40, 2))
    monkeypatch.setattr(segmenter, "_sentences", lambda folder: sentences)
    monkeypatch.setattr(
        segmenter,
        "RECIPE",
        Recipe(embedding=4, hidden=6, epochs=10, batch=20, lr=0.02, average=0.9),
    )
    return sentences


def test_training_learns_and_says_what_it_measured(small):
    model, card = segmenter._train(TrainOptions(seed=1))
    scores = segmenter._evaluate(model, None)
    assert scores["boundary_f1"] > 0.95
    assert scores["floor_boundary_f1"] == card["baseline"]["boundary_f1"]
    assert card["seeds"]["boundary_f1"]["each"] == [scores["boundary_f1"]]
    assert card["config"]["symbols"] == "".join(vocabulary(small.train))


def test_training_goes_on_after_a_kill_to_the_same_weights(small, tmp_path, monkeypatch):
    whole, _ = segmenter._train(TrainOptions(seed=0))
    real, calls = segmenter._losses, []

    def killed(*args):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(segmenter, "_losses", killed)
    with pytest.raises(KeyboardInterrupt):
        segmenter._train(TrainOptions(seed=0, checkpoints=tmp_path))
    monkeypatch.setattr(segmenter, "_losses", real)
    resumed, _ = segmenter._train(TrainOptions(seed=0, resume=True, checkpoints=tmp_path))
    for a, b in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(a, b)


def test_the_shipped_segmenter():
    model = load("segmenter-ja")
    said = model.words(["私はテニス部員です。", "ﾃﾚﾋﾞを見ていました!", " ", "𠮷野家で🍜を食べた"])
    assert said[0] == ["私", "は", "テニス", "部員", "で", "す", "。"]
    assert said[1][:3] == ["テレビ", "を", "見"]
    assert said[2] == []
    assert "".join(said[3]) == "𠮷野家で🍜を食べた"
    card = model.card
    assert set(card["seeds"]["seeds"]) == {0, 1, 2}
    assert card["scores"]["boundary_f1"] >= 0.98 > card["scores"]["floor_boundary_f1"]
    assert card["scores"]["boundary_f1"] in card["seeds"]["boundary_f1"]["each"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1987年に生まれた。", ["1987", "年", "に", "生まれ", "た", "。"]),
        ("ＮＨＫを見る。", ["NHK", "を", "見", "る", "。"]),
        ("USBがない。", ["USB", "が", "な", "い", "。"]),
        ("3.5の箱です。", ["3.5", "の", "箱", "で", "す", "。"]),
        ("iPhone 15を買う。", ["iPhone 15", "を", "買", "う", "。"]),
        ("10:30に2-3で", ["10:30", "に", "2-3", "で"]),
        ("２人で", ["2人", "で"]),
    ],
)
def test_runs_of_digits_and_letters_stay_whole(typed, words):
    model = load("segmenter-ja")
    assert model.words([typed]) == [words]
    read = model.read(japanese_text(typed)).words
    assert read == [japanese_text(word) for word in words]


def test_what_is_mended_is_only_the_spans():
    ends = [True, False, True, False, False, True]
    assert whole(ends, []) == ends
    assert whole(ends, [(2, 3)]) == ends  # one character may be part of a word
    assert whole(ends, [(1, 4)]) == [True, False, False, True, False, True]
    assert whole(ends, [(0, 6)]) == [False] * 5 + [True]


def test_the_lessons_examples_are_cut_as_it_says():
    """Section "words-why" and "words": what follows 今 decides, and endings are cut off."""
    cut = load("segmenter-ja").words(["今日は雨だった。", "今日本が熱い。", "暑い。"])
    assert [words[:n] for words, n in zip(cut, (2, 3, 2), strict=True)] == [
        ["今日", "は"],
        ["今", "日本", "が"],
        ["暑", "い"],
    ]
