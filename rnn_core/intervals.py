"""Intervals for shares: how sure a count of successes makes us. Leaves out everything else that statistics offers."""

from __future__ import annotations

import math


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
