"""What was found about the claims that the lesson `sentiment` measures."""

from __future__ import annotations

from lessons.sentiment.numbers import lengths, sizes, twin_numbers, verdict_numbers
from ui.lecture import Link
from ui.verdicts import Verdict

VERDICTS = (
    Verdict("clm15", "not", Link("sentiment", {"part": "scores"}), verdict_numbers),
    Verdict("clm26", "depends", Link("sentiment", {"part": "scores"}), twin_numbers),
    Verdict("clm27", "not", Link("sentiment", {"part": "check"}), sizes),
    Verdict("clm28", "depends", Link("sentiment", {"part": "check"}), lengths),
)
