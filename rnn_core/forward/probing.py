"""What does a unit respond to? Features of a text by position, and how well one unit's state tells them.

A feature is read off the characters up to and including position t, so a unit that has read t could know it.
Leaves out probes that combine units: the question is what a single one does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Feature:
    """`label(text)` gives one value per character: True and False (`yes_no`), or a number."""

    name: str
    yes_no: bool
    label: Callable[[str], np.ndarray]


def since(text: str, marks: str) -> np.ndarray:
    """How many characters ago the last of `marks` was read (0: just now); counted from the start before the first.

    >>> since("ab\\ncd", "\\n").tolist()
    [1.0, 2.0, 0.0, 1.0, 2.0]
    """
    out, n = [], 0
    for char in text:
        n = 0 if char in marks else n + 1
        out.append(n)
    return np.array(out, dtype=np.float64)


def inside(text: str, opening: str, closing: str) -> np.ndarray:
    """Whether a bracket is open after this character.

    >>> inside("「あ」い", "「", "」").tolist()
    [True, True, False, False]
    """
    out, open_ = [], False
    for char in text:
        open_ = char == opening or (open_ and char != closing)
        out.append(open_)
    return np.array(out)


def speaker_name(text: str) -> np.ndarray:
    """Whether this character belongs to a line of Shakespeare's that names who speaks (it ends in a colon).

    A unit can only guess it from the blank line before; the label knows the whole line.

    >>> speaker_name("ROMEO:\\nAy me").tolist().count(True)
    6
    """
    out = []
    for line in text.splitlines(keepends=True):
        named = line.rstrip("\n").endswith(":") and len(line) < 30
        out += [named and char != "\n" for char in line]
    return np.array(out)


def is_kana(char: str) -> bool:
    """Hiragana."""
    return "ぁ" <= char <= "ゟ"


def is_content(char: str) -> bool:
    """Kanji or katakana: the writing of nouns and stems."""
    return "一" <= char <= "鿿" or "ァ" <= char <= "ヿ" or char in "々〆"


def particle(text: str) -> np.ndarray:
    """Whether は が を に で と も へ was just read right after kanji, katakana or a closing bracket: a particle, nearly always.

    >>> particle("猫はいるは").tolist()
    [False, True, False, False, False]
    """
    before = " " + text[:-1]
    return np.array(
        [c in "はがをにでともへ" and (is_content(b) or b == "」") for b, c in zip(before, text, strict=True)]
    )


FEATURES = {
    "en": (
        Feature("line", False, lambda text: since(text, "\n")),
        Feature("word", False, lambda text: since(text, " \n.,;:!?'-")),
        Feature("speaker", True, speaker_name),
        Feature("capital", True, lambda text: np.array([c.isupper() for c in text])),
        Feature("vowel", True, lambda text: np.array([c in "aeiouAEIOU" for c in text])),
    ),
    "ja": (
        Feature("quote", True, lambda text: inside(text, "「", "」")),
        Feature("particle", True, particle),
        Feature("kana", True, lambda text: np.array([is_kana(c) for c in text])),
        Feature("sentence", False, lambda text: since(text, "。\n")),
        Feature("line", False, lambda text: since(text, "\n")),
    ),
}
"""By language, in the order in which a page lists them."""


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0, equal values sharing their mean rank.

    >>> ranks(np.array([3.0, 1.0, 3.0])).tolist()
    [1.5, 0.0, 1.5]
    """
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = counts.cumsum()
    mean: np.ndarray = (ends - 1 - (counts - 1) / 2)[where]
    return mean


def score(state: np.ndarray, label: np.ndarray, yes_no: bool) -> float:
    """How well one unit's state `(N,)` tells a label `(N,)`, with its sign, from −1 to 1; 0 tells nothing.

        yes_no   2 · AUC − 1,  AUC = P(state where yes > state where no), ties counted half
        number   Spearman's rank correlation

    0 for a label that never changes. Raises ValueError for different lengths.

    >>> score(np.array([0.1, 0.9, 0.8]), np.array([False, True, True]), True)
    1.0
    """
    if len(state) != len(label):
        raise ValueError(f"state has {len(state)} steps, label {len(label)}")
    r = ranks(state)
    if yes_no:
        yes = label.astype(bool)
        n, m = int(yes.sum()), int((~yes).sum())
        if not n or not m:
            return 0.0
        return float(2 * (r[yes].sum() - n * (n - 1) / 2) / (n * m) - 1)
    s = ranks(label)
    if r.std() == 0 or s.std() == 0:
        return 0.0
    return float(((r - r.mean()) * (s - s.mean())).mean() / (r.std() * s.std()))


def scores(states: np.ndarray, label: np.ndarray, yes_no: bool) -> np.ndarray:
    """`score` of every unit of `(N, H)` states."""
    return np.array([score(column, label, yes_no) for column in states.T])
