"""What was found about the claims that the lesson `sine` measures."""

from __future__ import annotations

from lessons.sine.numbers import slope_numbers, verdict_numbers
from ui.lecture import Link
from ui.verdicts import Verdict

VERDICTS = (
    Verdict("clm10", "depends", Link("sine", {"part": "claims"}), verdict_numbers),
    Verdict("clm23", "not", Link("sine", {"part": "claims"}), slope_numbers),
)
