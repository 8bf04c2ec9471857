"""What was found about the claims that the lesson `adder` measures."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from lessons.adder.numbers import verdict_numbers
from ui.lecture import Link
from ui.verdicts import Verdict


def _numbers(claim: str) -> Mapping[str, str]:
    return verdict_numbers()[claim]


VERDICTS = tuple(
    Verdict(claim, status, Link("adder", {"part": "claims", "claim": claim}), partial(_numbers, claim))
    for claim, status in (
        ("clm5", "not"),
        ("clm6", "holds"),
        ("clm7", "depends"),
        ("clm8", "depends"),
        ("clm9", "not"),
    )
)
