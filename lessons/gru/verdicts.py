"""What was found about the claims that the lesson `gru` measures."""

from __future__ import annotations

from lessons.gru.numbers import task_numbers, verdict_numbers
from ui.lecture import Link
from ui.verdicts import Verdict

VERDICTS = (
    Verdict("clm13", "depends", Link("gru", {"part": "compare"}), verdict_numbers),
    Verdict("clm33", "holds", Link("gru", {"part": "compare"}), task_numbers),
)
