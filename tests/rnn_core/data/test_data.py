"""Data are the files they should be or are refused; texts are cut as said; n-grams are a distribution."""

import hashlib
import math
import zipfile
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_core.baselines.ngrams import KneserNey
from rnn_core.data import corpora
from rnn_core.data import files as data
from rnn_core.data.files import DataError, Source, data_file

TEXT = b"to be or not to be\n" * 20


@pytest.fixture
def source(monkeypatch, tmp_path):
    """A known file whose public address is a file of this machine."""
    public = tmp_path / "public.txt"
    public.write_bytes(TEXT)
    made = Source(public.as_uri(), hashlib.sha256(TEXT).hexdigest())
    monkeypatch.setitem(data.SOURCES, "set/file.txt", made)
    return public


def test_a_file_is_fetched_once_checked_and_kept(source, tmp_path):
    assert data_file("set/file.txt", tmp_path) == TEXT
    source.unlink()
    assert (tmp_path / "set" / "file.txt").read_bytes() == TEXT
    assert data_file("set/file.txt", tmp_path) == TEXT
    assert sorted(p.name for p in (tmp_path / "set").iterdir()) == ["file.txt"]


def test_another_file_is_refused_and_not_kept(source, tmp_path):
    source.write_bytes(b"something else")
    with pytest.raises(DataError, match="not the expected file"):
        data_file("set/file.txt", tmp_path)
    assert not (tmp_path / "set").exists()
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "file.txt").write_bytes(b"damaged")
    with pytest.raises(DataError, match=r"file\.txt is not the expected file"):
        data_file("set/file.txt", tmp_path)


def test_what_cannot_be_had_is_said(source, tmp_path):
    source.unlink()
    with pytest.raises(DataError, match=r"cannot be fetched .*--data"):
        data_file("set/file.txt", tmp_path)
    (tmp_path / "set" / "file.txt").mkdir(parents=True)
    with pytest.raises(DataError, match="cannot be read"):
        data_file("set/file.txt", tmp_path)
    with pytest.raises(KeyError):
        data_file("../etc/passwd", tmp_path)


def test_sources_are_pinned_and_secure():
    for name, source in data.SOURCES.items():
        assert source.url.startswith("https://"), name
        assert len(source.sha256) == 64
        assert source.url.endswith(name.rpartition("/")[2])


def test_aozora_markup_goes_and_the_words_stay():
    page = (
        "題名\r\n作者\r\n\r\n" + "-" * 55 + "\r\n【テキスト中に現れる記号について】\r\n" + "-" * 55 + "\r\n"
        "\r\n［＃８字下げ］一［＃「一」は中見出し］\r\n\r\n　吾輩《わがはい》は｜猫《ねこ》である。\r\n「にゃあ」\r\n\r\n\r\n底本：「全集」\r\n"
    )
    assert corpora.aozora(page.encode("cp932")) == "一\n　吾輩は猫である。\n「にゃあ」\n"


def test_parts_do_not_overlap_and_nothing_is_lost():
    text = "".join(chr(0x3042 + k % 80) for k in range(1003))
    parts = corpora._split(text)
    assert parts.train + parts.dev + parts.test == text
    assert (len(parts.train), len(parts.dev), len(parts.test)) == (852, 50, 101)


@given(st.text("abc", min_size=6, max_size=60), st.text("abcd", max_size=6), st.integers(1, 4))
def test_kneser_ney_is_a_distribution(text, context, order):
    model = KneserNey(text, order, 4)
    total = sum(model.probability(context, symbol) for symbol in "abcd")
    assert total == pytest.approx(1)


def test_kneser_ney_by_hand():
    """ "abab", order 2: a→b twice, b→a once. Grams once: ba; twice: ab. D₂ = 1/(1 + 2) = 1/3.

    Order 1 counts the different characters before: a after b (1), b after a (1); the first "a" starts the text and
    has none. Both are seen once: D₁ = 2/(2 + 0) = 1. p₁(b) = (1 − 1 + 1 · 2 · ½)/2 = ½ (V = 2).
    p₂(b | a) = (2 − ⅓ + ⅓ · 1 · ½)/2 = 11/12.
    """
    model = KneserNey("abab", 2, 2)
    assert model.probability("", "b") == pytest.approx(1 / 2)
    assert model.probability("a", "b") == pytest.approx(11 / 12)
    assert model.nats_per_character("ab") == pytest.approx(-math.log(11 / 12))


def test_kneser_ney_learns_more_than_frequencies():
    text = "the cat sat on the mat. " * 50
    one, three = (KneserNey(text[:900], n, 12).nats_per_character(text[900:]) for n in (1, 3))
    entropy = -sum(n / len(text) * math.log(n / len(text)) for n in Counter(text).values())
    assert three < 0.5 < entropy < one + 0.5
    with pytest.raises(ValueError, match="order"):
        KneserNey("abc", 0, 3)
    with pytest.raises(ValueError, match="fewer than the order"):
        KneserNey("ab", 3, 3)


def test_a_file_of_a_set_may_lie_in_the_sets_zip(source, monkeypatch, tmp_path):
    monkeypatch.setitem(data.ARCHIVES, "set/", "all.zip")
    source.unlink()
    (tmp_path / "set").mkdir()
    with zipfile.ZipFile(tmp_path / "set" / "all.zip", "w") as file:
        file.writestr("file.txt", TEXT)
    assert data_file("set/file.txt", tmp_path) == TEXT
    with zipfile.ZipFile(tmp_path / "set" / "all.zip", "w") as file:
        file.writestr("file.txt", b"something else")
    with pytest.raises(DataError, match="not the expected file"):
        data_file("set/file.txt", tmp_path)
    (tmp_path / "set" / "all.zip").write_bytes(b"no zip")
    with pytest.raises(DataError, match=r"does not give file\.txt"):
        data_file("set/file.txt", tmp_path)
