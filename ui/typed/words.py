"""A visitor's word, cut into the characters that a reader sees."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

import regex

from ui.i18n import text
from ui.typed.box import Read

MOST = 24
LONGEST = 20 * MOST
"""Code points of a word: one symbol may be made of many."""


class Word(NamedTuple):
    """The symbols of a word, or the name of the problem with it (`length` counts what was typed)."""

    symbols: tuple[str, ...]
    problem: str | None
    length: int


def split_word(typed: str) -> Word:
    """Cut a text into grapheme clusters (Unicode UAX 29) and say what, if anything, is wrong with it.

    Problems: "empty", "short" (under 2), "long" (over 24), "control" (a character nobody can see), "same" (one
    symbol repeated). Text is normalised (NFC) and outer white space is cut off.

    >>> split_word("ça va").symbols
    ('ç', 'a', ' ', 'v', 'a')
    >>> split_word("aaa").problem
    'same'
    """
    if len(typed) > LONGEST or len(typed := unicodedata.normalize("NFC", typed)) > LONGEST:
        return Word((), "long", len(typed))  # no need to cut up what is far too long
    if any(0xD800 <= ord(character) <= 0xDFFF for character in typed):
        return Word((), "control", len(typed))
    symbols = tuple(regex.findall(r"\X", typed.strip()))
    count = len(symbols)
    if count == 0:
        return Word((), "empty", 0)
    if any(_invisible(symbol) for symbol in symbols):
        return Word((), "control", count)
    if count > MOST:
        return Word((), "long", count)
    if count < 2:
        return Word((), "short", count)
    if len(set(symbols)) < 2:
        return Word((), "same", count)
    return Word(symbols, None, count)


def read_word(raw: str) -> Read:
    """A word for a box (`ui.typed.box`): two symbols or more, not all the same."""
    symbols, problem, length = split_word(raw)
    return Read("".join(symbols), problem and text(f"hello.problem_{problem}", count=length))


def shown(symbol: str) -> str:
    """A symbol as it is drawn: white space gets a visible sign."""
    return "␣" if symbol.isspace() else symbol


def is_right_to_left(symbols: tuple[str, ...]) -> bool:
    """Whether a script that runs from right to left is among the symbols."""
    return any(unicodedata.bidirectional(s[0]) in ("R", "AL") for s in symbols)


# `regex` knows newer Unicode than Python 3.11's own tables, so that new emoji are not called unassigned
_NOTHING_TO_SEE = regex.compile(r"[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]+")


def _invisible(symbol: str) -> bool:
    return _NOTHING_TO_SEE.fullmatch(symbol) is not None
