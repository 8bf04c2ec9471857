"""A visitor's sentence or text: bounded, normalised, its language told by its script."""

from __future__ import annotations

import unicodedata
from typing import Any, NamedTuple


class Typed(NamedTuple):
    """A text ready to be read, or the name of the problem with it."""

    text: str
    problem: str | None


def clean(typed: Any, most: int) -> Typed:
    """Bounded to `most` characters and normalised: see `visible`.

    Problems: "empty", "long", "control" (also for what is no text: a hand-made message can put anything into a box).

    >>> clean(" a \\n b ", 9).text
    'a b'
    >>> clean("\\u200b", 9).problem, clean("a\\x00", 9).problem, clean("abc", 2).problem
    ('empty', 'control', 'long')
    """
    if not isinstance(typed, str):
        return Typed("", "control")
    if len(typed) > 4 * most:
        return Typed("", "long")
    plain = visible(typed)
    if not plain:
        return Typed("", "empty")
    if too_long(plain, most):
        return Typed("", "long")
    if any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") for c in plain):
        return Typed("", "control")
    return Typed(plain, None)


def decoded(data: bytes) -> str | None:
    """An uploaded text in UTF-8 or Shift_JIS, line ends as \\n; None for anything else, NUL among it."""
    for encoding in ("utf-8-sig", "cp932"):
        try:
            plain = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in plain else plain.replace("\r\n", "\n").replace("\r", "\n")
    return None


def visible(typed: str) -> str:
    """NFC, white space as single spaces, without format characters (joiners, marks of direction, byte order marks)."""
    kept = (c for c in unicodedata.normalize("NFC", typed) if unicodedata.category(c) != "Cf")
    return " ".join("".join(kept).split())


def too_long(plain: str, most: int) -> bool:
    """Whether a text is over `most` characters as the models read it: NFKC takes some characters apart into many."""
    return len(plain) > most or len(unicodedata.normalize("NFKC", plain)) > most


def looks(plain: str) -> str | None:
    """ "ja" or "en" by the script of most letters; None where it cannot be told.

    >>> looks("とても good"), looks("good"), looks("123")
    ('ja', 'en', None)
    """
    plain = unicodedata.normalize("NFKC", plain)
    kana = sum("\u3041" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff" for c in plain)
    latin = sum(c.isalpha() and c < "\u0250" for c in plain)
    if not kana and not latin:
        return None
    return "ja" if 2 * kana >= latin else "en"
