"""Typed text becomes the data's tokens; the nearest sentence is the nearest by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_core import parallel
from rnn_core.nearest import NearestSentence
from rnn_core.parallel import english_text, english_words, japanese_text, side

SENTENCES = [
    "i can 't tell who will arrive first .",
    "mr. brown , who lives in the u.s. , doesn 't like it .",
    "he said , '' at 10 o 'clock , not 50,000 ! ''",
    "a part-time job ... isn 't it ?",
    "it 's three p.m. now .",
]


@pytest.mark.parametrize("line", SENTENCES)
def test_what_is_written_out_is_cut_the_same_again(line):
    words = line.split()
    assert english_words(english_text(words)) == words
    assert english_words(" ".join(words)) == words


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("It’s “fine”…", ["it", "'s", "''", "fine", "''", "..."]),
        ("  DON'T  ", ["don", "'t"]),
        ("ｈｅｌｌｏ", ["hello"]),
        ("<b>tea</b>", ["<", "b", ">", "tea", "<", "/", "b", ">"]),
        ("", []),
        ("猫 tea", ["猫", "tea"]),
    ],
)
def test_typed_english(typed, words):
    assert english_words(typed) == words


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("ｶﾞｷﾞ 12.5個,ＴＶ", "ガギ１２．５個、ｔｖ"),
        ("はい.", "はい。"),
        ("これ？!", "これ？！"),
        ("あ　い\n", "あい"),
        ("～", "〜"),
        ("", ""),
    ],
)
def test_typed_japanese(typed, text):
    assert japanese_text(typed) == text


@given(st.text())
def test_any_text_is_cut(text):
    assert all(english_words(text))
    assert not any(c.isspace() for c in japanese_text(text))


def test_sides_are_read_as_they_are(monkeypatch):
    files = {
        f"small_parallel_enja/{part}.en": f"a {part} .\nb\n" for part in ("train", "dev", "test")
    }
    monkeypatch.setattr(parallel, "data_file", lambda name, folder: files[name].encode())
    found = side("en")
    assert found.train == [("a", "train", "."), ("b",)]
    assert found.test[0] == ("a", "test", ".")


def test_the_nearest_sentence_by_hand():
    train = [("the", "cat"), ("the", "dog", "sat"), ("a", "cat", "sat")]
    found = NearestSentence(train)
    assert found.nearest([("the", "dog"), ("cat", "sat"), ("zebra",), ("a", "a", "cat")]) == [
        1,
        2,
        0,
        2,
    ]
    # cosine of ("cat",) and train[0]: idf of cat (in 2 of 3), of the (2), of "the cat" (1)
    idf = {n: 1 + math.log(4 / (1 + n)) for n in (1, 2)}
    length = math.sqrt(2 * idf[2] ** 2 + idf[1] ** 2)
    row = found.vectors.to_dense()[0]
    assert row[found.index["cat"]].item() == pytest.approx(idf[2] / length)
    assert row[found.index["the cat"]].item() == pytest.approx(idf[1] / length)
    assert float(row.square().sum()) == pytest.approx(1)
