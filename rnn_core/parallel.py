"""Pairs of sentences in English and Japanese, and typed text cut into the same tokens.

`small_parallel_enja`: 50,000 pairs of 4 to 16 words from the Tanaka Corpus to train on, 500 to choose, 500 to test.
English is in lower case, an apostrophe begins a token ("don 't"); Japanese is cut as KyTea cuts it, its digits and letters
are full-width. Leaves out the cutting of Japanese: `rnn_core.models.segmenter` learns it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from rnn_core.data import data_file

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
                for line in data_file(f"small_parallel_enja/{part}.{language}", folder)
                .decode()
                .splitlines()
            ]
            for part in ("train", "dev", "test")
        )
    )


_ENGLISH = re.compile(
    r"''|'[^\W\d_]+|(?:mr|mrs|ms|dr)\.|[^\W_](?:\.[^\W_])+\.|[^\W_]+(?:[-,.:][^\W_]+)*|\.\.\.|\S"
)
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": "''", "”": "''", '"': "''", "…": "..."})


def english_words(text: str) -> list[str]:
    """A typed English sentence in tokens.

    >>> english_words("Don’t you know Mr. Brown, who's 50,000 years old?")
    ['don', "'t", 'you', 'know', 'mr.', 'brown', ',', 'who', "'s", '50,000', 'years', 'old', '?']
    """
    return _ENGLISH.findall(unicodedata.normalize("NFKC", text.translate(_QUOTES)).lower())


_WIDE = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)} | {ord("~"): "〜"}


def japanese_text(text: str) -> str:
    """Typed Japanese with the characters of the data: one form for each (NFKC), then full-width, without white space.

    >>> japanese_text("ﾃﾚﾋﾞは 2 台あります.")
    'テレビは２台あります。'
    """
    one = "".join(unicodedata.normalize("NFKC", text).split())
    one = re.sub(r"\.(?!\d)", "。", re.sub(r",(?!\d)", "、", one))
    return one.lower().translate(_WIDE)


def english_text(words: Tokens | list[str]) -> str:
    """English tokens as one writes them; names stay in lower case.

    >>> english_text(["i", "don", "'t", "think", "i", "'m", "late", ",", "tom", "."])
    "I don't think I'm late, tom."
    """
    text = re.sub(r" (?=(?:'(?!')|\.\.\.|[.,?!;:](?: |$)))", "", " ".join(words))
    text = re.sub(r"\bi\b(?!\.)", "I", text)
    return text[:1].upper() + text[1:]
