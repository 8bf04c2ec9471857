"""The lecture's claims on one page: what was found, where it is measured, and which numbers say so. Imports torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from lessons.adder import numbers as adder_numbers
from lessons.gradients import numbers as gradients_numbers
from lessons.gru import compare as gru_compare
from lessons.gru import numbers as gru_numbers
from lessons.lstm.gates import gate_numbers
from lessons.lstm.totemo import fading, totemo
from lessons.sentiment import check as sentiment_check
from lessons.sentiment import numbers as sentiment_numbers
from lessons.sentiment import scores as sentiment_scores
from lessons.sine import numbers as sine_numbers
from lessons.translation import beam, bottleneck
from rnn_core.cells.arrays import sigmoid
from rnn_core.labs.hand import kept
from ui.blocks import number_of, signed

STATUS = ("holds", "depends", "not")
"""A claim holds; holds only under the condition, or for the part, that the verdict names; does not hold where it was measured."""


@dataclass(frozen=True)
class Verdict:
    """One claim: its id (LECTURE's number), the finding, the lesson and the settings at which it is measured."""

    claim: str
    status: str
    lesson: str
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return int(self.claim.removeprefix("clm"))


VERDICTS = (
    Verdict("clm1", "depends", "gradients", {"part": "span"}),
    Verdict("clm2", "holds", "gradients", {"part": "explode"}),
    Verdict("clm3", "depends", "gradients", {"part": "products", "pstart": "orthogonal", "pscale": "150", "drive": "0"}),
    Verdict("clm4", "depends", "gradients", {"part": "products", "pstart": "normal", "pscale": "80", "drive": "0"}),
    Verdict("clm5", "not", "adder", {"part": "claims", "claim": "clm5"}),
    Verdict("clm6", "holds", "adder", {"part": "claims", "claim": "clm6"}),
    Verdict("clm7", "depends", "adder", {"part": "claims", "claim": "clm7"}),
    Verdict("clm8", "depends", "adder", {"part": "claims", "claim": "clm8"}),
    Verdict("clm9", "not", "adder", {"part": "claims", "claim": "clm9"}),
    Verdict("clm10", "depends", "sine", {"part": "claims"}),
    Verdict("clm11", "holds", "lstm", {"part": "sandbox"}),
    Verdict("clm12", "depends", "gradients", {"guess": "skip", "bias": "5"}),
    Verdict("clm13", "depends", "gru", {"part": "compare"}),
    Verdict("clm14", "not", "gradients", {"guess": "skip"}),
    Verdict("clm15", "not", "sentiment", {"part": "scores"}),
    Verdict("clm16", "depends", "translation", {"part": "bottleneck"}),
    Verdict("clm17", "depends", "translation", {"part": "beam"}),
    Verdict("clm20", "holds", "gradients", {"part": "span"}),
    Verdict("clm23", "not", "sine", {"part": "claims"}),
    Verdict("clm24", "depends", "lstm", {"part": "totemo"}),
    Verdict("clm26", "depends", "sentiment", {"part": "scores"}),
    Verdict("clm27", "not", "sentiment", {"part": "check"}),
    Verdict("clm28", "depends", "sentiment", {"part": "check"}),
    Verdict("clm33", "holds", "gru", {"part": "compare"}),
    Verdict("clm35", "depends", "lstm", {"part": "surgery"}),
)  # fmt: skip

TO_COME = ("clm18", "clm19", "clm21", "clm22")
"""Claims whose lessons are not written yet: no verdict."""


@cache
def numbers_of(claim: str) -> dict[str, str]:
    """The numbers that a verdict quotes; they are the same in both languages."""
    sources: dict[str, Callable[[], dict[str, str]]] = {
        "clm10": sine_numbers.verdict_numbers,
        "clm11": _clm11,
        "clm13": gru_numbers.verdict_numbers,
        "clm15": sentiment_numbers.verdict_numbers,
        "clm16": bottleneck.verdict_numbers,
        "clm17": beam.verdict_numbers,
        "clm23": sine_numbers.slope_numbers,
        "clm24": _clm24,
        "clm26": sentiment_scores.twin_numbers,
        "clm27": sentiment_check.sizes,
        "clm28": sentiment_check.lengths,
        "clm33": gru_compare.task_numbers,
        "clm35": gate_numbers,
    }
    if claim in sources:
        return sources[claim]()
    return (_of_gradients() | adder_numbers.verdict_numbers())[claim]


@cache
def _of_gradients() -> dict[str, dict[str, str]]:
    return gradients_numbers.verdict_numbers()


def _clm11() -> dict[str, str]:
    """What is left of a cell after 1,000 steps with the forget gate at σ(5) and σ(10)."""
    gates = {a: float(sigmoid(np.float64(a))) for a in (5.0, 10.0)}
    return {f"f{a:.0f}": f"{f:.5f}" for a, f in gates.items()} | {
        f"left{a:.0f}": number_of(kept(f, 1000)) for a, f in gates.items()
    }


def _clm24() -> dict[str, str]:
    found = totemo()
    return {
        "f_word": f"{found['f_word']:.2f}",
        "f_rest": f"{found['f_rest']:.2f}",
        "change": signed(
            max(
                (
                    found["endings"]["with"][e] - found["endings"]["without"][e]
                    for e in found["endings"]["with"]
                ),
                key=abs,
            )
        ),
        **fading(),
    }
