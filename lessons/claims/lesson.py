"""The page of verdicts: every claim of the lecture, what was found, and the way to the experiment."""

from __future__ import annotations

import streamlit as st

from lessons import lesson, places
from ui.blocks import prose
from ui.controls import choose
from ui.i18n import strings, text
from ui.page import Content, Lesson
from ui.shell import link_to, name_of
from ui.state import View, choice
from ui.verdicts import STATUS, Verdict, claim_told, finding_told, why_told

SIGNS = {"holds": "✓", "depends": "△", "not": "✗"}
WORD = "claims"


def verdicts() -> list[Verdict]:
    """What all lessons declare, in the order of the claims' numbers."""
    others = (lesson(place.word) for place in places() if place.word != WORD)
    return sorted((v for one in others for v in one.verdicts), key=lambda v: v.number)


def to_come() -> list[str]:
    """Claims whose lessons are not written yet: their words lie here until a lesson judges them."""
    judged = {verdict.claim for verdict in verdicts()}
    told = {key.removesuffix("_claim") for key in strings(WORD) if key.startswith("clm")}
    return sorted(told - judged, key=lambda claim: int(claim.removeprefix("clm")))


def show(view: View, content: Content) -> None:
    """The claims with one status, or all of them."""
    prose(content["how"])
    found, coming = verdicts(), to_come()
    counts = {name: sum(v.status == name for v in found) for name in STATUS}
    st.markdown(
        text(
            "claims.counts",
            claims=len(found) + len(coming),
            all=len(found),
            open=len(coming),
            **counts,
        )
    )
    names = {s: f"{SIGNS.get(s, '')} {text(f'claims.status_{s}')}".strip() for s in ("all", *STATUS)}
    choose(view, "status", text("claims.filter"), names)
    for verdict in found:
        if view["status"] in ("all", verdict.status):
            with st.container(border=True):
                st.markdown(
                    f"**{verdict.number}. {claim_told(verdict)}**\n\n"
                    f"{SIGNS[verdict.status]} **{finding_told(verdict)}**\n\n{why_told(verdict)}"
                )
                link_to(verdict.link, text("claims.see", lesson=name_of(verdict.link.lesson)))
    if view["status"] == "all":
        prose(content["open"])
        told = (f"- {c.removeprefix('clm')}. {text(f'claims.{c}_claim')}" for c in coming)
        st.markdown("\n".join(told))


LESSON = Lesson(
    WORD,
    params={"status": choice(("all", *STATUS))},
    chapters={"all": show},
)
