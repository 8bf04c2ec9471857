"""The page of verdicts: every claim of the lecture, what was found, and the way to the experiment."""

import streamlit as st

from ui.blocks import prose
from ui.i18n import lesson, text
from ui.lecture import LESSONS
from ui.server import warm
from ui.shell import page_of
from ui.state import View, choice, control

warm.wait()
from ui.verdicts import STATUS, TO_COME, VERDICTS, numbers_of  # noqa: E402  (imports torch, made ready above)

SIGNS = {"holds": "✓", "depends": "△", "not": "✗"}

view = View("claims", {"status": choice(("all", *STATUS))})
content = lesson("claims")
lessons = {item.word: item for item in LESSONS}
prose(content["title"], level=1)
prose(content["how"])
counts = {name: sum(v.status == name for v in VERDICTS) for name in STATUS}
measured, open_ = len(VERDICTS), len(TO_COME)
st.markdown(text("claims.counts", claims=measured + open_, all=measured, open=open_, **counts))
st.segmented_control(
    text("claims.filter"), ("all", *STATUS), format_func=lambda s: f"{SIGNS.get(s, '')} {text(f'claims.status_{s}')}".strip(),
    required=True, **control(view, "status"),
)  # fmt: skip
for verdict in VERDICTS:
    if view["status"] not in ("all", verdict.status):
        continue
    with st.container(border=True):
        st.markdown(
            f"**{verdict.number}. {text(f'claims.{verdict.claim}_claim')}**\n\n"
            f"{SIGNS[verdict.status]} **{text(f'claims.{verdict.claim}_verdict')}**\n\n"
            + text(f"claims.{verdict.claim}_why", **numbers_of(verdict.claim))
        )
        name = text(f"shell.lesson_{verdict.lesson}")
        st.page_link(
            page_of(lessons[verdict.lesson]),
            label=text("claims.see", lesson=name),
            query_params={"lang": st.session_state["lang"], **verdict.query},
        )
if view["status"] == "all":
    prose(content["open"])
    st.markdown(
        "\n".join(f"- {c.removeprefix('clm')}. {text(f'claims.{c}_claim')}" for c in TO_COME)
    )
view.write()
