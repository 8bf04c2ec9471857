"""Marks that people type for one another: apostrophes, quotation marks, and what stands between these.

Shared by every text that is typed: `rnn_core.data.parallel`, `rnn_core.data.reviews`, `rnn_core.networks.translator`.
"""

from __future__ import annotations

import re

_LATIN = "A-Za-zＡ-Ｚａ-ｚÀ-ÖØ-öø-\u024f"
_APOSTROPHES = re.compile(rf"(?<=[{_LATIN}])(?:[´`ʼʹ’‘‛′＇]| \u0301)(?=[{_LATIN}])")


def apostrophes(text: str) -> str:
    """Whatever stands for an apostrophe between two Latin letters becomes one; also ´ as NFKC leaves it, a space and an accent.

    >>> apostrophes("I don´t, it`s O’Brien ‘s ′")
    "I don't, it's O'Brien ‘s ′"
    """
    return _APOSTROPHES.sub("'", text)


class Quoted(str):
    """What stands in quotation marks, without them; a unit of its own, so it equals no word."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quoted) and str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((Quoted, str(self)))


_CLOSES = {"“": "”", "‘": "’", "「": "」", "『": "』", "«": "»", '"': '"', "'": "'"}
_DEEPEST = 8
_CLITIC = re.compile(r"'(?:t|s|re|ve|ll|d|m|em|clock|tis)\b", re.IGNORECASE)


def apart(text: str) -> list[str]:
    """The text apart at its outermost quotations, which are `Quoted`; an apostrophe is no mark, nor is one without its other.

    >>> apart('"It\\'s 「ok」," he said.')
    ['', "It's 「ok」,", ' he said.']
    """
    text = text.replace("''", '"')
    opened: list[tuple[int, str]] = []
    found: list[tuple[int, int]] = []
    for k, c in enumerate(text):
        ends = [n for n, (_, close) in enumerate(opened) if close == c]
        if ends and not (c in "'’" and text[k + 1 : k + 2].isalnum()):
            start = opened[ends[-1]][0]
            del opened[ends[-1] :]
            if any(map(str.isalnum, text[start:k])):
                while found and found[-1][0] > start:
                    found.pop()
                found.append((start, k))
        elif c in _CLOSES and len(opened) < _DEEPEST and not _inside(text, k):
            opened.append((k, _CLOSES[c]))
    pieces: list[str] = []
    begin = 0
    for start, end in found:
        pieces += [text[begin:start], Quoted(text[start + 1 : end])]
        begin = end + 1
    return [*pieces, text[begin:]]


def _inside(text: str, k: int) -> bool:
    """Whether a straight mark is an apostrophe: after a letter, or before the rest of a word."""
    return text[k] == "'" and (text[max(k - 1, 0) : k].isalnum() or bool(_CLITIC.match(text, k)))
