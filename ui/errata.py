"""The sources' errors put right: every lesson declares those that belong to it, with the numbers that show what is off.

`LESSON.errata` is a tuple of `Erratum`. What the source says and what is right stands in
`content/strings/LESSON.toml`, `erratum_ID_said` and `erratum_ID_right`, with `[[name]]` for a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from ui.blocks import filled
from ui.i18n import text

SOURCES = ("S0", "S1", "S2", "S3", "S4")
"""The lecture texts: university slides, an article, study notes, workshop slides, the CS231n notes."""


def no_numbers() -> Mapping[str, str]:
    """For a slip of the pen: there is nothing to compute."""
    return {}


@dataclass(frozen=True)
class Erratum:
    """One error of one of `SOURCES`; `numbers` computes what its two texts quote (and keeps it)."""

    id: str
    source: str
    numbers: Callable[[], Mapping[str, str]] = no_numbers


def said_and_right(lesson: str, erratum: Erratum) -> tuple[str, str]:
    """What the source says, and what is right, in the page's language, with the numbers in them."""
    numbers = erratum.numbers()
    said, right = (filled(text(f"{lesson}.erratum_{erratum.id}_{part}"), numbers) for part in ("said", "right"))
    return said, right


def show_errata(lesson: str, errata: Sequence[Erratum]) -> None:
    """The errors as a list under one heading."""
    st.markdown(f"## {text('errata.title')}\n\n" + "\n".join(_item(lesson, e) for e in errata))


def _item(lesson: str, erratum: Erratum) -> str:
    said, right = said_and_right(lesson, erratum)
    return f"- **{text(f'errata.source_{erratum.source}')}** {said}\n\n  **{text('errata.right')}** {right}\n"
