"""A visitor's sentence or text: bounded, normalised, its language told by its script."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Any, NamedTuple


class Typed(NamedTuple):
    """A text ready to be read, or the name of the problem with it."""

    text: str
    problem: str | None


_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")


def clean(typed: Any, most: int, lines: bool = False) -> Typed:
    """Bounded to `most` characters and normalised: `visible`, or with `lines` white space as it is typed, line ends as \\n.

    Problems: "empty", "long", "control" (also for what is no text: a hand-made message can put anything into a box).

    >>> clean(" a \\n b ", 9).text, clean(" a\\r\\nb ", 9, lines=True).text
    ('a b', ' a\\nb ')
    >>> clean("\\u200b", 9).problem, clean("a\\x00", 9).problem, clean("abc", 2).problem
    ('empty', 'control', 'long')
    """
    if not isinstance(typed, str):
        return Typed("", "control")
    if len(typed) > 4 * most:
        return Typed("", "long")
    plain = unicodedata.normalize("NFC", _line_ends(typed)) if lines else visible(typed)
    if not plain.strip():
        return Typed("", "empty")
    if len(plain) > most if lines else too_long(plain, most):
        return Typed("", "long")
    if any(unicodedata.category(c) in _UNSEEN and c != "\n" for c in plain):
        return Typed("", "control")
    return Typed(plain, None)


class Decoded(NamedTuple):
    """The text of a file, the encoding it was read in, and whether the page must say so."""

    text: str
    encoding: str
    told: bool


UTF_8, UTF_16, ISO_2022_JP, SHIFT_JIS, EUC_JP = "UTF-8", "UTF-16", "ISO-2022-JP", "Shift_JIS", "EUC-JP"
ENCODINGS = (UTF_8, UTF_16, SHIFT_JIS, EUC_JP, ISO_2022_JP)
"""What an uploaded text may be written in; UTF-16 needs its mark at the beginning."""

_CODECS = {
    UTF_8: ("utf-8-sig",),
    UTF_16: ("utf-16",),
    ISO_2022_JP: ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2004"),
    SHIFT_JIS: ("cp932",),
    EUC_JP: ("euc_jp", "euc_jis_2004"),  # the second knows ①, which Windows writes
}
_SHIFTS = (b"\x1b$@", b"\x1b$B", b"\x1b$(", b"\x1b(J", b"\x1b(I")
"""What only ISO-2022-JP has: an escape that changes the character set."""


def decoded(data: bytes) -> Decoded | None:
    """An uploaded text in one of `ENCODINGS`, line ends as \\n; None for anything else, and where two readings are as likely.

    A mark (BOM) or an escape decides, then UTF-8 if it is valid. Shift_JIS and EUC-JP must read as Japanese; where both can be
    read, full-width kana decide, which hardly any Japanese text lacks. `told`: not UTF-8, or not for certain.

    >>> decoded("これは駄目です".encode("euc_jp"))
    Decoded(text='これは駄目です', encoding='EUC-JP', told=True)
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _found(UTF_16, _read(data, UTF_16), True)
    if any(shift in data for shift in _SHIFTS):
        return _found(ISO_2022_JP, _read(data, ISO_2022_JP), True)
    japanese = {e: read for e in (SHIFT_JIS, EUC_JP) if (read := _read_japanese(data, e))}
    plain = _read(data, UTF_8)
    if plain is not None:
        # a few letters of the West, or Chinese characters without kana, may be Japanese ones in disguise
        western = max(plain, default="") < "\u0800"
        if western or _share(plain, _KANA) > 0:
            odd = western or _share(plain, _COMMON) < 0.5
            return _found(UTF_8, plain, odd and bool(japanese))
        disguised = any(_read(data, encoding) is not None for encoding in (SHIFT_JIS, EUC_JP))
        return _found(UTF_8, plain, disguised)
    likely = [e for e in japanese if len(japanese) == 1 or _share(japanese[e], _KANA) >= 0.25]
    return _found(likely[0], japanese[likely[0]], True) if len(likely) == 1 else None


def _found(encoding: str, plain: str | None, told: bool) -> Decoded | None:
    if plain is None or "\0" in plain:
        return None
    return Decoded(_line_ends(plain), encoding, told)


def _line_ends(plain: str) -> str:
    return plain.replace("\r\n", "\n").replace("\r", "\n")


def _read(data: bytes, encoding: str) -> str | None:
    for codec in _CODECS[encoding]:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return None


# the first byte in EUC-JP is the row of the Japanese tables
_KANA = (0xA4, 0xA5)
_COMMON = (*range(0xA1, 0xA9), 0xAD, *range(0xB0, 0xD0))
"""Signs, full-width letters, kana, and the kanji in daily use (level 1)."""


_HALF_IN_LATIN = re.compile("[A-Za-z][\uff66-\uff9f]|[\uff66-\uff9f][A-Za-z]")
"""What Chinese in Big5 looks like as Shift_JIS."""


def _read_japanese(data: bytes, encoding: str) -> str | None:
    """The text if most of what is not ASCII is common in Japanese, and nothing in it is a control or private character."""
    plain = _read(data, encoding)
    if plain is None:
        return None
    seen = set(plain)
    if any(unicodedata.category(c) in ("Cc", "Co") and c not in "\t\n\v\f\r" for c in seen):
        return None
    wide = {c for c in seen if not c.isascii() and not "\uff61" <= c <= "\uff9f"}
    if 4 * len(_HALF_IN_LATIN.findall(plain)) > sum("\uff61" <= c <= "\uff9f" for c in plain) > 0:
        return None
    if wide and _share(plain, _COMMON) < 0.5:
        return None
    # many kanji and hardly a kana: Chinese or Korean, which fit into the same bytes
    return plain if len(wide) <= 12 or _share(plain, _KANA) >= 0.1 else None


def _share(plain: str, rows: tuple[int, ...]) -> float:
    """How much of a text, ASCII and half-width kana aside, stands in these rows of the Japanese tables."""
    counts = Counter(plain)
    wide = {c: n for c, n in counts.items() if not c.isascii() and not "\uff61" <= c <= "\uff9f"}
    inside = sum(n for c, n in wide.items() if c.encode("euc_jis_2004", "replace")[0] in rows)
    return inside / (sum(wide.values()) or 1)


def visible(typed: str) -> str:
    """NFC, white space as single spaces, without format characters (joiners, marks of direction, byte order marks)."""
    kept = "".join(c for c in typed if unicodedata.category(c) != "Cf")
    return " ".join(unicodedata.normalize("NFC", kept).split())


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
