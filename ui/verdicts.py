"""Verdicts on the lecture's claims: each lesson declares its own, and they look the same wherever they are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from ui.i18n import text
from ui.lecture import Link

STATUS = ("holds", "depends", "not")
"""A claim holds; holds in one setting or by half; is not supported by the measurement."""


@dataclass(frozen=True)
class Verdict:
    """One claim: its id (LECTURE's number), what was found, the view at which it is measured, and the numbers it quotes.

    Texts, in the strings of the lesson: `CLAIM_claim`, `CLAIM_verdict`, `CLAIM_why`, the last filled from `numbers()`.
    """

    claim: str
    status: str
    link: Link
    numbers: Callable[[], Mapping[str, str]] = dict

    @property
    def number(self) -> int:
        return int(self.claim.removeprefix("clm"))

    @property
    def key(self) -> str:
        """The beginning of the keys of its texts."""
        return f"{self.link.lesson}.{self.claim}"


def claim_told(verdict: Verdict) -> str:
    """What the lecture says."""
    return text(f"{verdict.key}_claim")


def finding_told(verdict: Verdict) -> str:
    """What was found, in a few words."""
    return text(f"{verdict.key}_verdict")


def why_told(verdict: Verdict) -> str:
    """The numbers behind it."""
    return text(f"{verdict.key}_why", **verdict.numbers())


def show_verdicts(verdicts: Sequence[Verdict], *claims: str) -> None:
    """Claims, what was found and why, as a lesson shows them: those named, or all."""
    for verdict in verdicts:
        if not claims or verdict.claim in claims:
            st.markdown(f"**{claim_told(verdict)}**\n\n**{finding_told(verdict)}** — {why_told(verdict)}")
