"""What the lessons declare, every number computed just now: `python -m lessons errata`, `python -m lessons verdicts` (`--lang ja`)."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator

import streamlit as st

from lessons import lessons
from ui.errata import said_and_right
from ui.i18n import LANGUAGES
from ui.verdicts import claim_told, finding_told, why_told


def errata() -> Iterator[str]:
    """The sources' errors: where they are put right, what a source says, what is right."""
    for one in lessons():
        for erratum in one.errata:
            said, right = said_and_right(one.word, erratum)
            yield f"{one.word} {erratum.id} ({erratum.source})\n  {said}\n  -> {right}"


def verdicts() -> Iterator[str]:
    """The lecture's claims: what was found, and the numbers that say so."""
    for verdict in sorted((v for one in lessons() for v in one.verdicts), key=lambda v: v.number):
        told = f"{claim_told(verdict)}\n  {finding_told(verdict)}\n  {why_told(verdict)}"
        yield f"{verdict.number} {verdict.status} ({verdict.link.lesson}) {told}"


LISTS = {"errata": errata, "verdicts": verdicts}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m lessons", description=__doc__)
    parser.add_argument("what", choices=list(LISTS))
    parser.add_argument("--lang", choices=list(LANGUAGES), default="en")
    options = parser.parse_args()
    logging.getLogger("streamlit").setLevel(logging.ERROR)  # there is no session here, and none is needed
    st.session_state["lang"] = options.lang
    for line in LISTS[options.what]():
        print(line)


if __name__ == "__main__":
    main()
