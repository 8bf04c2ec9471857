"""Pairs of sentences in English and Japanese, and typed text cut into the same tokens.

`small_parallel_enja`: 50,000 pairs of 4 to 16 words from the Tanaka Corpus to train on, 500 to choose, 500 to test.
English is in lower case, an apostrophe begins a token ("don 't"); Japanese is cut as KyTea cuts it, its digits and letters
are full-width. Runs of digits and Latin letters ("1987", "iPhone 15") are never cut. Leaves out the cutting of Japanese words:
`rnn_core.models.segmenter` learns it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from rnn_core.data.files import data_file
from rnn_core.data.marks import apostrophes

Tokens = tuple[str, ...]


@dataclass(frozen=True)
class Side:
    """The sentences of one language, in tokens; the k-th of both languages mean the same."""

    train: list[Tokens]
    dev: list[Tokens]
    test: list[Tokens]


def side(language: str, folder: Path | None = None) -> Side:
    """The sentences of "en" or "ja"."""
    return Side(
        *(
            [
                tuple(line.split(" "))
                for line in data_file(f"small_parallel_enja/{part}.{language}", folder).decode().splitlines()
            ]
            for part in ("train", "dev", "test")
        )
    )


_ENGLISH = re.compile(
    r"''|'[^\W\d_]+|(?:mr|mrs|ms|dr)\.|[^\W_](?:\.[^\W_])+\.|[$€£¥]?\d+(?:[-,.:/]\d+)*%"
    r"|(?-i:[^\W\d_]*[a-z][A-Z][^\W_]*) \d+|[$€£¥]?\d+(?:[-,.:/]\d+)+(?!\w)|[$€£¥]\d+"
    r"|[^\W\d_](?:\+\+|#)|[^\W_]+(?:[-,.:&][^\W_]+)*|\.\.\.|\S",
    re.IGNORECASE,
)
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": "''", "”": "''", '"': "''", "…": "..."})


def english_words(text: str, known: Container[str] | None = None) -> list[str]:
    """A typed English sentence in tokens; words that are not among the `known` keep their capital letters.

    >>> english_words("Don’t you know Mr. Brown, who's 50,000 years old?")
    ['don', "'t", 'you', 'know', 'mr.', 'brown', ',', 'who', "'s", '50,000', 'years', 'old', '?']
    >>> english_words("My iPhone 15 from NHK", {"my", "from"})
    ['my', 'iPhone 15', 'from', 'NHK']
    """
    plain = unicodedata.normalize("NFKC", apostrophes(text).translate(_QUOTES))
    words: list[str] = _ENGLISH.findall(plain)
    return [w if known is not None and w.lower() not in known else w.lower() for w in words]


_WIDE = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)} | {ord("~"): "〜"}
_NARROW = {wide: chr(code) for code, wide in _WIDE.items() if isinstance(wide, int)}


def japanese_text(text: str) -> str:
    """Typed Japanese with the characters of the data: one form for each (NFKC), then full-width, without white space.

    >>> japanese_text("ﾃﾚﾋﾞは 2 台あります.")
    'テレビは２台あります。'
    """
    one = "".join(unicodedata.normalize("NFKC", text).split())
    one = re.sub(r"\.(?!\d)", "。", re.sub(r",(?!\d)", "、", one))
    return one.lower().translate(_WIDE)


_LETTER = "0-9A-Za-z０-９Ａ-Ｚａ-ｚÀ-ÖØ-öø-\u024f"
_CHUNK = f"[{_LETTER}](?:[{_LETTER}]|[-.,:/&'_+．，：／＆＇＿＋－](?=[{_LETTER}]))*"
RUN = re.compile(rf"[$€£¥＄]?{_CHUNK}(?:[%％#＃]|\+\+|＋＋)?")
"""Digits and Latin letters with what joins them, in either width: 1987, NHK, 3.5, 10:30, 2-3, A4, 20%, C++."""

_TYPED_RUN = re.compile(rf"{RUN.pattern}(?:(?<=[A-Za-zÀ-\u024f])(?: {_CHUNK})+)?")


def japanese_runs(text: str) -> list[str]:
    """Typed Japanese (NFKC) apart at its runs of digits and Latin letters; Latin words keep what a space joins to them.

    >>> japanese_runs("昨日、ｉＰｈｏｎｅ 15を3.5 台")
    ['昨日、', 'iPhone 15', 'を', '3.5', '台']
    """
    plain = unicodedata.normalize("NFKC", text)
    pieces, begin = [], 0
    for run in _TYPED_RUN.finditer(plain):
        pieces += [plain[begin : run.start()], run[0]]
        begin = run.end()
    return [piece for piece in map(str.strip, [*pieces, plain[begin:]]) if piece]


_SPEECH = "said|says|asked|answered|replied|cried|shouted|thought|wondered"


def english_text(words: Tokens | list[str]) -> str:
    """English tokens as one writes them, quotations in quotation marks; names stay in lower case.

    >>> english_text(["i", "don", "'t", "think", "i", "'m", "late", ",", "tom", "."])
    "I don't think I'm late, tom."
    >>> english_text(["''", "come", ",", "''", "she", "said", "."])
    '“Come,” she said.'
    """
    marks = iter("“”" * len(words))
    as_written = {"i": "I"}
    text = " ".join(next(marks) if word == "''" else as_written.get(word, word) for word in words)
    text = re.sub(r"“ | (?=”)", lambda m: m[0].strip(), text)
    text = re.sub(r" (?=(?:'(?!')|\.\.\.|[.,?!;:](?:[ ”]|$)))", "", text)
    for found, better in _STOPS:
        text = found.sub(better, text)
    # not iPhone
    return re.sub(r"^[“‘]*\w(?![^\W_]*[A-Z])", lambda m: m[0].upper(), text)


_STOPS = [
    (re.compile(found), better)
    for found, better in (
        (rf"\b({_SPEECH}) (?=[“‘])", r"\1, "),
        (r"([?!])([”’]+)[,.]", r"\1\2"),  # a stop of either sentence is enough
        (r"[.,]?([”’]+),", r",\1"),
        (r"\.?([”’]+)\.", r".\1"),
        (rf"\.([”’]+) (?=(?:\w+ ){{0,3}}(?:{_SPEECH})\b)", r",\1 "),
        (r"\.([”’]+) (?=\w)", r"\1 "),  # a quotation inside a sentence
    )
]


def japanese_written(words: Tokens | list[str]) -> str:
    """Japanese tokens as one writes them: digits and Latin letters half-width, the data's words of Latin letters (ＣＤ) in capitals, quotations inside
    quotations in 『』.

    >>> japanese_written(["「", "ｃｄ", "を", "１０", "枚", "」", "。"])
    '「CDを10枚」。'
    """
    text = "".join(word.upper() if re.fullmatch("[ａ-ｚ]+", word) else word for word in words)
    text = RUN.sub(lambda run: run[0].translate(_NARROW), text)
    depth, out = 0, []
    for c in text:
        depth -= c == "」" and depth > 0
        out.append({"「": "『", "」": "』"}.get(c, c) if depth else c)
        depth += c == "「"
    return "".join(out)
