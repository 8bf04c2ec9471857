"""Intervals for shares: how sure a count of successes makes us. Leaves out everything else that statistics offers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate

import torch
from torch import Tensor


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float, float]:
    """The share of successes and its Wilson score interval (95 % unless told): (share, low, high).

        (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)

    Raises ValueError unless 0 ≤ successes ≤ trials and trials ≥ 1. Source: Wilson (1927).

    >>> [round(v, 3) for v in wilson(10, 10)]
    [1.0, 0.722, 1.0]
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"need 0 ≤ successes ≤ trials ≥ 1, got {successes} of {trials}")
    p, n = successes / trials, trials
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return p, max(0.0, centre - half), min(1.0, centre + half)


def calibration_error(p: Tensor, truth: Tensor, bins: int = 15) -> float:
    """Expected calibration error of P(positive) `(N,)` against truth `(N,)` (1 positive, 0 negative).

        ECE = Σ_b (n_b / N) |accuracy_b − confidence_b|

    over bins of equal width of the confidence max(P, 1 − P). Source: Guo et al. (2017).
    """
    sure = torch.maximum(p, 1 - p)
    right = ((p > 0.5) == (truth > 0.5)).double()
    which = ((sure - 0.5) * 2 * bins).long().clamp(max=bins - 1)
    error = 0.0
    for b in range(bins):
        here = which == b
        if here.any():
            error += float((right[here].mean() - sure[here].double().mean()).abs() * here.sum())
    return error / len(p)


def boundaries(words: Iterable[str]) -> list[int]:
    """After how many characters a word ends, the end of the text left out: nobody has to guess that."""
    return list(accumulate(map(len, words)))[:-1]


def boundary_f1(said: Sequence[Sequence[str]], truth: Sequence[Sequence[str]]) -> float:
    """F1 of the ends of words inside the sentences: 2 · both / (said + truth). Raises ValueError where there is none."""
    both = total = 0
    for a, b in zip(said, truth, strict=True):
        x, y = set(boundaries(a)), set(boundaries(b))
        both += len(x & y)
        total += len(x) + len(y)
    if not total:
        raise ValueError("there is no end of a word inside these sentences")
    return 2 * both / total


def bleu(said: Iterable[Sequence[str]], truth: Iterable[Sequence[str]]) -> tuple[float, str]:
    """Corpus BLEU of sentences in words, as they are, and sacrebleu's signature (Papineni et al. 2002; Post 2018)."""
    try:
        from sacrebleu.metrics.bleu import BLEU
    except ImportError:
        raise ModuleNotFoundError("BLEU needs sacrebleu: pip install -r requirements-dev.txt") from None
    metric = BLEU(tokenize="none", force=True)
    score = metric.corpus_score([" ".join(s) for s in said], [[" ".join(t) for t in truth]])
    return float(score.score), str(metric.get_signature())
