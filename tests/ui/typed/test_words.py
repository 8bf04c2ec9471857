"""Visitors' words: cut as a reader sees them, and refused with a reason."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.typed.words import MOST, is_right_to_left, split_word


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("apple", tuple("apple")),
        ("こんにちは", tuple("こんにちは")),
        ("👩‍👩‍👧🇯🇵👍🏽x", ("👩‍👩‍👧", "🇯🇵", "👍🏽", "x")),
        ("e\u0301te", ("é", "t", "e")),
        ("が\u3099は", ("が\u3099", "は")),
        ("  ab ", ("a", "b")),
        ("a b", ("a", " ", "b")),
        ("<b>x</b>", tuple("<b>x</b>")),
        ("שלום", tuple("שלום")),
        ("क्षि", ("क्षि",)),
        ("🩷🫩", ("🩷", "🫩")),
    ],
)
def test_symbols(text, symbols):
    word = split_word(text)
    assert word.length == len(symbols)
    assert word.symbols == (symbols if len(symbols) > 1 else ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("\u3000", "empty"),
        ("a", "short"),
        ("👩‍👩‍👧", "short"),
        ("aaaa", "same"),
        ("ab" * 13, "long"),
        ("a\x00b", "control"),
        ("a\u202eb", "control"),
        ("a\u200bb", "control"),
        ("a\nb", "control"),
        ("\ud800ab", "control"),
        ("a\ufeffb", "control"),
        ("a\r\nb", "control"),
        ("a\u3164b", "control"),
        ("ab" * 5000, "long"),
    ],
)
def test_problems(text, problem):
    assert split_word(text).problem == problem


def test_direction():
    assert is_right_to_left(tuple("سلام"))
    assert not is_right_to_left(tuple("salam"))


@settings(max_examples=500)
@given(st.text(st.characters(exclude_categories=[]), max_size=60))
def test_any_text_is_cut_or_refused(text):
    word = split_word(text)
    if word.problem is None:
        assert 2 <= len(word.symbols) <= MOST
        assert split_word("".join(word.symbols)).symbols == word.symbols
    else:
        assert word.symbols == ()
