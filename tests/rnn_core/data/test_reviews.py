"""Judged texts: tokens, labels, parts that do not overlap; pieces, word vectors and the bag of n-grams by hand."""

import json
from collections import Counter
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnn_core.baselines.bags import BagOfNgrams
from rnn_core.data import reviews
from rnn_core.data.pieces import Pieces, learn, runs
from rnn_core.data.reviews import (
    NEGATIVE,
    NEUTRAL,
    POSITIVE,
    binary,
    economy_watchers,
    english_tokens,
    m_absa,
    phrases,
    treebank,
)
from rnn_core.data.vectors import neighbours, word_vectors


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("It isn't bad.", "it is n't bad ."),
        ("Can’t, won't, DON'T!", "ca n't , wo n't , do n't !"),
        ("feel-good film -- 3.5/5 stars…", "feel - good film -- 3.5/5 stars ..."),
        ("It's the actors' and we've O'Brien's", "it 's the actors ' and we 've o'brien 's"),
        ("“quite good”", '" quite good "'),
        ("<b>n't</b>", "< b > n't < / b >"),
        ("", ""),
        ("  \n\t ", ""),
    ],
)
def test_english_tokens(text, tokens):
    assert english_tokens(text) == tokens.split()


@given(st.text(max_size=60))
def test_any_text_has_tokens_without_white_space(text):
    for cut in (english_tokens, runs):
        tokens = cut(text)
        assert all(token and not any(c.isspace() for c in token) for token in tokens)


def test_phrases_of_a_tree():
    tree = "(1 (2 It) (0 (2 (2 is) (2 n't)) (4 good)))"
    found = phrases(tree)
    assert found[-1] == (1, ("It", "is", "n't", "good"))
    assert (0, ("is", "n't", "good")) in found
    assert (2, ("is", "n't")) in found
    assert len(found) == 7


@pytest.fixture
def files(monkeypatch):
    found = {}
    monkeypatch.setattr(reviews, "data_file", lambda name, folder=None: found[name])
    return found


def test_treebank(files):
    files["sst_trees/train.txt"] = b"(3 (2 A) (4 gem))\n(1 (2 -LRB-) (1 dull))\n(2 (2 So) (2 so))\n"
    files["sst_trees/dev.txt"] = b"(4 (2 A) (4 joy))\n"
    files["sst_trees/test.txt"] = b"(1 (2 A) (4 gem))\n(2 (2 no) (2 idea))\n"
    found = treebank()
    labels = {" ".join(text.tokens): text.label for text in found.train}
    assert labels == {
        "a": NEUTRAL,
        "gem": POSITIVE,
        "(": NEUTRAL,
        "dull": NEGATIVE,
        "( dull": NEGATIVE,
        "so": NEUTRAL,
        "so so": NEUTRAL,
    }
    assert [text.label for text in found.dev] == [POSITIVE]
    assert [text.label for text in binary(found.test)] == [NEGATIVE]
    assert reviews.sentences()[0] == ("a", "gem")


def test_economy_watchers_by_month(files, monkeypatch):
    monkeypatch.setattr(reviews, "_MONTHS", ["202402", "202403", "202504"])
    row = {"景気の現状判断": "◎", "追加説明及び具体的状況の説明": "客が戻り、とても忙しい。"}
    marks = {"202402": "◎×", "202403": "□", "202504": "▲○"}
    for month, each in marks.items():
        rows = [
            row | {"景気の現状判断": mark, "追加説明及び具体的状況の説明": f"{month}月は客が戻って{mark}"}
            for mark in each
        ]
        rows += [row | {"追加説明及び具体的状況の説明": "短い"}, row | {"景気の現状判断": "-"}]
        files[f"economy_watchers/current/{month}.json"] = json.dumps(rows).encode()
    found = economy_watchers()
    assert [text.label for text in found.train] == [POSITIVE, NEGATIVE]
    assert [text.label for text in found.dev] == [NEUTRAL]
    assert [text.label for text in found.test] == [NEGATIVE, POSITIVE]


def test_m_absa_takes_what_all_aspects_agree_on(files):
    lines = [
        "よい 宿です####[['宿', 'hotel general', 'positive'], ['NULL', 'x', 'POS']]",
        "高いが良い####[['a', 'b', 'positive'], ['c', 'd', 'negative']]",
        """Len's 最悪####[['Len 's', 'faculty', "negative"]]""",
        "ふつう####[['a', 'b', 'neutral']]",
        "何もない####[]",
    ]
    for domain in reviews.DOMAINS:
        for part in ("train", "dev", "test"):
            files[f"m_absa_ja_en/{domain}/ja/{part}.txt"] = b""
    files["m_absa_ja_en/hotel/ja/train.txt"] = "\n".join(lines).encode()
    files["m_absa_ja_en/food/ja/test.txt"] = lines[3].encode()
    found = m_absa("ja")
    assert [("".join(text.tokens), text.label) for text in found.train] == [
        ("よい宿です", POSITIVE),
        ("Len's最悪", NEGATIVE),
    ]
    assert [text.label for text in found.test] == [NEUTRAL]


# --- pieces --------------------------------------------------------------------------------------


def plainly_learnt(texts, size, least):
    """Byte-pair encoding counted anew at each merge."""
    words = [(list(run), n) for run, n in Counter(r for t in texts for r in runs(t)).items()]
    seen = Counter()
    for word, n in words:
        for c in word:
            seen[c] += n
    pieces = sorted(c for c, n in seen.items() if n >= least)
    while len(pieces) < size:
        pairs = Counter()
        for word, n in words:
            for pair in pairwise(word):
                pairs[pair] += n
        if not pairs or max(pairs.values()) < least:
            break
        a, b = min(pairs, key=lambda p: (-pairs[p], p))
        pieces.append(a + b)
        merged = []
        for word, n in words:
            out = []
            for c in word:
                if out and (out[-1], c) == (a, b):
                    out[-1] = a + b
                else:
                    out.append(c)
            merged.append((out, n))
        words = merged
    return pieces


@given(st.lists(st.text("あいうえ国内", max_size=12), min_size=1, max_size=12), st.integers(1, 3))
def test_pieces_are_learnt_as_by_counting_anew(texts, least):
    assert learn(texts, 30, least) == plainly_learnt(texts, 30, least)


@given(st.text(max_size=40))
def test_pieces_lose_nothing_but_white_space(text):
    cut = Pieces(["国", "内", "国内", "して", "てい", "している"])
    assert "".join(cut(text)) == "".join(runs(text))


def test_pieces_join_in_the_order_learnt():
    assert Pieces(["ab", "bc"])("abc") == ["ab", "c"]
    assert Pieces(["bc", "ab"])("abc") == ["a", "bc"]
    assert Pieces(["bc", "ab", "abc"])("abc") == ["abc"]
    assert Pieces([])("国内客") == ["国", "内", "客"]


# --- vectors -------------------------------------------------------------------------------------


def test_vectors_by_hand():
    sentences = [["a", "x"], ["b", "x"], ["a", "y"], ["b", "y"], ["c", "z"], ["c", "z"]]
    words = ["a", "b", "c", "x", "y", "z", "never"]
    E = word_vectors(sentences, words, dim=3, window=1)
    assert E.shape == (7, 3)
    near = E @ E.T
    assert near[0, 1] == pytest.approx(1, abs=1e-4)  # a and b keep the same company
    assert abs(near[0, 2]) < 1e-4
    assert E[6].tolist() == [0, 0, 0]
    torch.testing.assert_close(E[:6].norm(dim=1), torch.ones(6))
    assert torch.equal(E, word_vectors(sentences, words, dim=3, window=1))


@given(
    st.lists(st.lists(st.sampled_from("abcde"), max_size=9), min_size=1, max_size=8),
    st.integers(1, 3),
)
def test_neighbours_are_counted_as_the_formula_says(sentences, window):
    words = "abcde"
    n = torch.zeros(5, 5, dtype=torch.float64)
    for s in sentences:
        for a in range(len(s)):
            for d in range(1, window + 1):
                if a + d < len(s):
                    n[words.index(s[a]), words.index(s[a + d])] += 1 / d
    total = n.sum(1) + n.sum(0)
    smooth = total**0.75
    ratio = (smooth.sum() / (total[:, None] * smooth)).nan_to_num(0, 0, 0)
    M = (n * ratio).log().clamp(min=0) + (n.T * ratio).log().clamp(min=0)
    found = neighbours([tuple(s) for s in sentences], words, window)
    torch.testing.assert_close(found.to_dense().double(), M, atol=1e-5, rtol=1e-5)


# --- the bag -------------------------------------------------------------------------------------


def test_the_score_is_the_sum_of_its_pushes():
    torch.manual_seed(0)
    bag = BagOfNgrams(2, 1000)
    bag.weight.normal_()
    bag.bias.fill_(0.3)
    tokens = ["not", "bad", "not", "bad"]
    pushes = bag.pushes(tokens)
    assert [p.gram for p in pushes] == [("not",), ("bad",), ("not", "bad"), ("bad", "not")]
    assert [p.start for p in pushes] == [0, 1, 0, 1]
    weights = [float(bag.weight[bag.row(p.gram)]) for p in pushes]
    assert [p.push for p in pushes] == pytest.approx(weights)
    s = bag([tokens, [], ["bad"]])
    assert float(s[0]) == pytest.approx(0.3 + sum(p.push for p in pushes), abs=1e-6)
    assert float(s[1]) == pytest.approx(0.3)
    assert float(s[2]) == pytest.approx(0.3 + float(bag.weight[bag.row(("bad",))]), abs=1e-6)
    with pytest.raises(ValueError, match="at least 1"):
        BagOfNgrams(0, 5)


def test_the_bag_learns_and_its_gradient_is_zero_there():
    texts = [["good"], ["very", "good"], ["bad"], ["very", "bad"], ["good", "bad"]]
    truth = torch.tensor([1.0, 1, 0, 0, 1])
    bag = BagOfNgrams(1, 4096)
    bag.fit(bag.flat(texts), truth, decay=0.1, iterations=200)
    w = {word: float(bag.weight[bag.row((word,))]) for word in ("good", "bad", "very")}
    assert w["good"] > 0 > w["bad"]
    p = bag(texts).sigmoid()
    for word, weight in w.items():
        slope = sum(float(p[k] - truth[k]) for k, t in enumerate(texts) if word in t) / 5
        assert slope + 0.1 * weight == pytest.approx(0, abs=1e-3)
    assert float((p - truth).mean()) == pytest.approx(0, abs=1e-3)
