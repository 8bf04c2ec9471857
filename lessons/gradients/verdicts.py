"""What was found about the claims that the lesson `gradients` measures."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from lessons.gradients.numbers import verdict_numbers
from ui.lecture import Link
from ui.verdicts import Verdict


def _numbers(claim: str) -> Mapping[str, str]:
    return verdict_numbers()[claim]


def _verdict(claim: str, status: str, query: Mapping[str, str]) -> Verdict:
    return Verdict(claim, status, Link("gradients", query), partial(_numbers, claim))


VERDICTS = (
    _verdict("clm1", "depends", {"part": "span"}),
    _verdict("clm2", "holds", {"part": "explode"}),
    _verdict(
        "clm3",
        "depends",
        {"part": "products", "pstart": "orthogonal", "pscale": "150", "drive": "0"},
    ),
    _verdict("clm4", "depends", {"part": "products", "pstart": "normal", "pscale": "80", "drive": "0"}),
    _verdict("clm12", "depends", {"guess": "skip", "bias": "5"}),
    _verdict("clm14", "not", {"guess": "skip"}),
    _verdict("clm20", "holds", {"part": "span"}),
)
