"""Judged texts made ready: which label a text has, which part it belongs to, how it falls into tokens.

A label is 0 (negative), 1 (neither) or 2 (positive). English: the Stanford Sentiment Treebank, whose phrases are
labelled too. Japanese: comments of the Economy Watchers Survey, split by time as its publishers do, and the review
sentences of M-ABSA. A text that occurs in test is left out of dev, one
that occurs in either out of train.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnn_core.data.files import data_file
from rnn_core.data.marks import apostrophes

NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2


@dataclass(frozen=True)
class Judged:
    """A text in tokens and its label."""

    tokens: tuple[str, ...]
    label: int


@dataclass(frozen=True)
class Reviews:
    """One data set in three parts."""

    train: list[Judged]
    dev: list[Judged]
    test: list[Judged]


def binary(part: Iterable[Judged]) -> list[Judged]:
    """Those that are positive or negative."""
    return [text for text in part if text.label != NEUTRAL]


# --- verdicts ------------------------------------------------------------------------------------

UNSURE = 0.15
"""Nearer to 1/2 than this, P(positive) is called "not sure"."""

STRANGE = 1 / 3
"""From this share of hardly known words (letters) on there is no verdict: of dev's texts so few are as strange that nobody
has checked how sure a network may be there."""


def verdict(shares: Sequence[float], strange: float = 0.0) -> str:
    """ "positive", "negative" or "unsure" from p(negative), p(neither), p(positive) and the share that is hardly known.

    >>> verdict([0.1, 0.2, 0.7]), verdict([0.5, 0.1, 0.4]), verdict([0.43, 0.53, 0.04])
    ('positive', 'unsure', 'unsure')
    >>> verdict([0.1, 0.1, 0.8], strange=0.4)
    'unsure'
    """
    p = shares[POSITIVE] + shares[NEUTRAL] / 2
    if strange >= STRANGE or abs(p - 0.5) < UNSURE:
        return "unsure"
    if shares[NEUTRAL] > max(shares[NEGATIVE], shares[POSITIVE]):
        return "unsure"
    return "positive" if p > 0.5 else "negative"


# --- tokens --------------------------------------------------------------------------------------

_CLITIC = r"'(?:s|re|ve|ll|d|m)(?!\w)"
_ENGLISH = re.compile(
    rf"[^\W_]+?(?=n't(?!\w))|n't(?!\w)|{_CLITIC}|\.\.+|--+"
    rf"|[^\W_]+(?:(?:[.&/]|(?!{_CLITIC})')[^\W_]+)*|\S"
)
_TREEBANK = {
    "-lrb-": "(",
    "-rrb-": ")",
    "-lsb-": "[",
    "-rsb-": "]",
    "``": '"',
    "''": '"',
    "`": "'",
    "\\/": "/",
}


def english_tokens(text: str) -> list[str]:
    """Words in small letters, cut as in the treebank: `don't` is two tokens, a compound with hyphens several.

    >>> english_tokens("It isn't well-made, is it?")
    ['it', 'is', "n't", 'well', '-', 'made', ',', 'is', 'it', '?']
    """
    plain = unicodedata.normalize("NFKC", apostrophes(text)).lower()
    return _ENGLISH.findall(plain.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}))


def japanese_characters(text: str) -> list[str]:
    """Characters in their normal width (NFKC), without white space.

    >>> japanese_characters("ＡＢ　とても")
    ['A', 'B', 'と', 'て', 'も']
    """
    return [c for c in unicodedata.normalize("NFKC", text) if not c.isspace()]


# --- English -------------------------------------------------------------------------------------


def phrases(tree: str) -> list[tuple[int, tuple[str, ...]]]:
    """All labelled phrases of a bracketed tree, (label 0 to 4, tokens); the whole sentence is the last.

    >>> phrases("(3 (2 a) (4 gem))")
    [(2, ('a',)), (4, ('gem',)), (3, ('a', 'gem'))]
    """
    found: list[tuple[int, tuple[str, ...]]] = []
    tokens: list[str] = []
    opened: list[tuple[int, int]] = []
    for part in re.findall(r"\(\d|\)|[^\s()]+", tree):
        if part[0] == "(":
            opened.append((int(part[1]), len(tokens)))
        elif part == ")":
            label, start = opened.pop()
            found.append((label, tuple(tokens[start:])))
        else:
            tokens.append(part)
    return found


def _treebank(tokens: Iterable[str]) -> tuple[str, ...]:
    """Tokens of the treebank, as `english_tokens` would have cut them."""
    cut: list[str] = []
    for token in tokens:
        small = token.lower()
        small = _TREEBANK.get(small, small.replace("\\/", "/"))
        cut.extend(english_tokens(small) if len(small) > 1 else [small])
    return tuple(cut)


def treebank(folder: Path | None = None) -> Reviews:
    """SST: train holds every distinct labelled phrase and sentence, dev and test hold sentences.

    Labels 0 and 1 are negative, 2 neither, 3 and 4 positive (Socher et al. 2013).
    """
    parts = {}
    for name in ("train", "dev", "test"):
        text = data_file(f"sst_trees/{name}.txt", folder).decode()
        parts[name] = [phrases(line) for line in text.splitlines() if line.strip()]
    dev, test = ([_judged(tree[-1]) for tree in parts[name]] for name in ("dev", "test"))
    held = {text.tokens for text in dev + test}
    train = {text.tokens: text for tree in parts["train"] for text in map(_judged, tree) if text.tokens not in held}
    return Reviews(list(train.values()), dev, test)


def sentences(folder: Path | None = None) -> list[tuple[str, ...]]:
    """The tokens of SST's training sentences, in order."""
    text = data_file("sst_trees/train.txt", folder).decode()
    return [_treebank(phrases(line)[-1][1]) for line in text.splitlines() if line.strip()]


def _judged(phrase: tuple[int, tuple[str, ...]]) -> Judged:
    label, tokens = phrase
    return Judged(_treebank(tokens), NEGATIVE if label < 2 else NEUTRAL if label == 2 else POSITIVE)


# --- Japanese ------------------------------------------------------------------------------------

_MARKS = {"◎": POSITIVE, "○": POSITIVE, "□": NEUTRAL, "▲": NEGATIVE, "×": NEGATIVE}
_MONTHS = [f"{year}{month:02}" for year in range(2018, 2027) for month in range(1, 13)]
_MONTHS = _MONTHS[: _MONTHS.index("202604") + 1]
SHORTEST = 10
"""Comments of fewer characters are left out, as in the data's description."""

DOMAINS = ("coursera", "food", "hotel", "laptop", "phone", "restaurant", "sight")


def economy_watchers(folder: Path | None = None, cut: Callable[[str], list[str]] = japanese_characters) -> Reviews:
    """Comments on business conditions, by month: train to 2024-02, dev to 2025-03, test to 2026-04."""
    parts: dict[str, list[Judged]] = {"train": [], "dev": [], "test": []}
    for month in _MONTHS:
        rows = json.loads(data_file(f"economy_watchers/current/{month}.json", folder))
        name = "train" if month <= "202402" else "dev" if month <= "202503" else "test"
        for row in rows:
            label = _MARKS.get(row["景気の現状判断"])
            text = row["追加説明及び具体的状況の説明"] or ""
            if label is not None and len(text) >= SHORTEST:
                parts[name].append(Judged(tuple(cut(text)), label))
    return _apart(parts)


def m_absa(
    language: str = "ja",
    folder: Path | None = None,
    cut: Callable[[str], list[str]] = japanese_characters,
) -> Reviews:
    """Review sentences of seven domains; a sentence is positive (negative) if all its aspects are, neither if all are neutral.

    Sentences of mixed polarity are left out.
    """
    parts: dict[str, list[Judged]] = {"train": [], "dev": [], "test": []}
    for domain in DOMAINS:
        for name, into in parts.items():
            text = data_file(f"m_absa_ja_en/{domain}/{language}/{name}.txt", folder).decode()
            for line in text.splitlines():
                sentence, _, aspects = line.partition("####")
                found = {found.lower()[:3] for found in re.findall(r"['\"](\w+)['\"]\]", aspects)}
                if len(found) == 1 and (label := _POLARITY.get(found.pop())) is not None:
                    into.append(Judged(tuple(cut(sentence)), label))
    return _apart(parts)


_POLARITY = {"neg": NEGATIVE, "neu": NEUTRAL, "pos": POSITIVE}


def _apart(parts: dict[str, list[Judged]]) -> Reviews:
    test = {text.tokens for text in parts["test"]}
    dev = [text for text in parts["dev"] if text.tokens not in test]
    held = test | {text.tokens for text in dev}
    return Reviews([t for t in parts["train"] if t.tokens not in held], dev, parts["test"])
