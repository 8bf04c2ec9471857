"""Pieces of Japanese text: byte-pair encoding over characters that never joins two scripts.

A piece is a word, a stem or an ending more often than not, because kanji, hiragana and katakana change where words
do. Leaves out any dictionary.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from heapq import heapify, heappop, heappush
from itertools import pairwise

from rnn_core.data.marks import apostrophes

_RUNS = re.compile(
    "[々〆ヶ\u3400-\u4dbf\u4e00-\u9fff]{1,64}|[\u3041-\u309f]{1,64}|[\u30a0-\u30ffー]{1,64}|[A-Za-z]{1,64}|[0-9.,]{1,64}|\\S"
)


def runs(text: str) -> list[str]:
    """Stretches of one script (of at most 64 characters: joining takes their square), in normal width (NFKC), without white space.

    >>> runs("ホテルのＷｉＦｉが遅い。")
    ['ホテル', 'の', 'WiFi', 'が', '遅', 'い', '。']
    """
    return _RUNS.findall(unicodedata.normalize("NFKC", apostrophes(text)))


def learn(texts: Iterable[str], size: int, least: int = 2) -> list[str]:
    """`size` pieces: every character seen at least `least` times, then what byte-pair encoding merges, best first.

    The most frequent pair of neighbours becomes one piece, again and again (Sennrich, Haddow and Birch 2016); of
    pairs equally frequent the first by code point.
    """
    counted = Counter(run for text in texts for run in runs(text))
    words = [list(run) for run in counted]
    counts = list(counted.values())
    characters: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    where: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for k, (word, count) in enumerate(zip(words, counts, strict=True)):
        for c in word:
            characters[c] += count
        for pair in pairwise(word):
            pairs[pair] += count
            where[pair].add(k)
    pieces = sorted(c for c, n in characters.items() if n >= least)
    queue = [(-count, pair) for pair, count in pairs.items()]
    heapify(queue)
    while len(pieces) < size and queue:
        count, pair = heappop(queue)
        if -count != pairs.get(pair, 0):  # counted again since it was queued
            if pairs.get(pair, 0) >= least:
                heappush(queue, (-pairs[pair], pair))
            continue
        if -count < least:
            break
        pieces.append("".join(pair))
        fresh = set()
        for k in where.pop(pair):
            word, often = words[k], counts[k]
            for old in pairwise(word):
                pairs[old] -= often
                if pairs[old] <= 0:
                    del pairs[old]
            words[k] = word = _join(word, pair)
            for new in pairwise(word):
                pairs[new] += often
                where[new].add(k)
                fresh.add(new)
        pairs.pop(pair, None)
        for new in fresh:
            heappush(queue, (-pairs[new], new))
    return pieces


def _join(word: Sequence[str], pair: tuple[str, str]) -> list[str]:
    out: list[str] = []
    k = 0
    while k < len(word):
        if k + 1 < len(word) and (word[k], word[k + 1]) == pair:
            out.append(word[k] + word[k + 1])
            k += 2
        else:
            out.append(word[k])
            k += 1
    return out


class Pieces:
    """Cuts text into known pieces; a character that is not among them stands alone.

    Of all neighbours in a run the two whose joint piece was learnt first are joined, until none is left.
    """

    def __init__(self, pieces: Iterable[str]) -> None:
        self.rank = {piece: k for k, piece in enumerate(pieces)}
        self._cut = lru_cache(maxsize=4096)(self._of_run)

    def __call__(self, text: str) -> list[str]:
        return [piece for run in runs(text) for piece in self._cut(run)]

    def _of_run(self, run: str) -> tuple[str, ...]:
        parts = list(run)
        while len(parts) > 1:
            ranked = (self.rank.get(a + b) for a, b in pairwise(parts))
            best = min((r for r in ranked if r is not None), default=None)
            if best is None:
                break
            joined = next(p for p in pairwise(parts) if self.rank.get("".join(p)) == best)
            parts = _join(parts, joined)
        return tuple(parts)
