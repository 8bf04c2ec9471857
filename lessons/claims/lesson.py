"""The page of verdicts: every claim of the lecture, what was found, and the way to the experiment."""

from __future__ import annotations

import streamlit as st

from ui.blocks import prose
from ui.i18n import text
from ui.lecture import Link
from ui.page import Content, Lesson
from ui.shell import link_to, name_of
from ui.state import View, choice, control
from ui.verdicts import STATUS, TO_COME, VERDICTS, numbers_of

SIGNS = {"holds": "✓", "depends": "△", "not": "✗"}


def _status_told(status: str) -> str:
    return f"{SIGNS.get(status, '')} {text(f'claims.status_{status}')}".strip()


def show(view: View, content: Content) -> None:
    """The claims with one status, or all of them."""
    prose(content["how"])
    counts = {name: sum(v.status == name for v in VERDICTS) for name in STATUS}
    measured, open_ = len(VERDICTS), len(TO_COME)
    st.markdown(text("claims.counts", claims=measured + open_, all=measured, open=open_, **counts))
    st.segmented_control(
        text("claims.filter"), ("all", *STATUS), format_func=_status_told,
        required=True, **control(view, "status"),
    )  # fmt: skip
    for verdict in VERDICTS:
        if view["status"] not in ("all", verdict.status):
            continue
        with st.container(border=True):
            key = f"{verdict.lesson}.{verdict.claim}"
            st.markdown(
                f"**{verdict.number}. {text(f'{key}_claim')}**\n\n"
                f"{SIGNS[verdict.status]} **{text(f'{key}_verdict')}**\n\n"
                + text(f"{key}_why", **numbers_of(verdict.claim))
            )
            label = text("claims.see", lesson=name_of(verdict.lesson))
            link_to(Link(verdict.lesson, verdict.query), label)
    if view["status"] == "all":
        prose(content["open"])
        st.markdown(
            "\n".join(f"- {c.removeprefix('clm')}. {text(f'claims.{c}_claim')}" for c in TO_COME)
        )


LESSON = Lesson(
    "claims",
    params={"status": choice(("all", *STATUS))},
    chapters={"all": show},
)
