"""What was found about the claims that the lesson `translation` measures."""

from __future__ import annotations

from lessons.translation import beam, bottleneck
from ui.lecture import Link
from ui.verdicts import Verdict

VERDICTS = (
    Verdict("clm16", "depends", Link("translation", {"part": "bottleneck"}), bottleneck.verdict_numbers),
    Verdict("clm17", "depends", Link("translation", {"part": "beam"}), beam.verdict_numbers),
)
