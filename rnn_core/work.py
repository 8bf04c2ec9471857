"""Long work in small pieces: a generator that pauses between them and returns the result at its end.

Who shares the machine with others takes a few pieces at a time; who does not calls `finished`. What a pause yields is the share
that is done, 0 … 1, or None where that is not known. Each piece takes at most some tenths of a second. Leaves out threads.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

R = TypeVar("R")
Work = Generator[float | None, None, R]


def finished(work: Work[R]) -> R:
    """Do all that is left, and return the result.

    >>> def squares():
    ...     found = [1]
    ...     yield 0.5
    ...     return [*found, 4]
    >>> finished(squares())
    [1, 4]
    """
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: R = end.value
            return result
