"""Chapter `many` of the lesson `sentiment`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from lessons.sentiment import batch
from rnn_core.data.reviews import verdict
from rnn_core.work import Work
from ui.blocks import percent, prose, table
from ui.i18n import text
from ui.networks import reviews
from ui.page import Content
from ui.state import View
from ui.training import computed
from ui.typed import tables, upload
from ui.typed.box import kept_box
from ui.typed.sentences import looks
from ui.typed.tables import TableError

SHOWN = 200
CHUNK = 64


def show(view: View, content: Content) -> None:
    """Many reviews at once: paste lines or upload a CSV; progress, a table, a file to keep."""
    prose(content["many"])
    of = reviews.language_control(view)
    pasted = kept_box("sentiment.many.paste", text("sentiment.paste"), height=140, max_chars=400_000)
    file = upload.uploader(text("sentiment.upload"), ["csv", "txt"], "sentiment.many.file")
    try:
        found = _batch(pasted, file)
    except TableError as error:
        st.warning(text(f"tables.problem_{error.problem}", **tables.told(error), most=f"{batch.LINES:,}"))
        return
    if found is None:
        return
    if found.cut:
        st.info(text("sentiment.cut", count=found.cut, most=f"{reviews.MOST:,}"))
    wanted = (of, tuple(found.texts))
    asked = st.button(text("sentiment.judge", count=f"{len(found.texts):,}"), key="sentiment.many.go", type="primary")
    done = computed("sentiment.many.done", wanted, partial(_judged, of, found.texts), asked)
    if done is None:
        return
    judged, other = done
    if other:
        st.warning(text("sentiment.many_other", count=f"{other:,}"))
    _show_judged(found.texts, judged)
    st.caption(text("sentiment.many_rule"))


def _batch(pasted: str, file: Any) -> batch.Batch | None:
    """What is there to judge, read once; an uploaded file goes before pasted lines. Raises TableError."""
    read = partial(upload.once, "sentiment.many.read")
    if file is None:
        return read(pasted, lambda: batch.pasted(pasted)) if pasted.strip() else None
    plain = upload.once("sentiment.many.plain", file.file_id, lambda: tables.text_of(file.getvalue()))
    tables.tell_encoding(plain)
    if file.name.lower().endswith(".txt"):
        return read(file.file_id, lambda: batch.pasted(plain.text))
    found = upload.once("sentiment.many.columns", file.file_id, lambda: batch.columns_of(plain.text))
    column: str | None = found.names[0]
    if len(found.names) > 1:
        column = st.selectbox(text("sentiment.column"), found.names, index=None, key="sentiment.many.column")
    if column not in found.names:
        return None
    return read((file.file_id, column), lambda: batch.texts_of(found, column))


def _judged(of: str, texts: Sequence[str]) -> Work[tuple[list[list[float] | None], int]]:
    """p(negative), p(neither), p(positive) of each text and how much of it is hardly known (None for one without anything to
    read); how many are in the other language."""
    model = reviews.model_of("lstm", of)
    found: list[list[float] | None] = []
    other = 0
    for start in range(0, len(texts), CHUNK):
        yield start / len(texts)
        other += sum(looks(line[:200]) not in (None, of) for line in texts[start : start + CHUNK])
        cut = [model.tokens(line) for line in texts[start : start + CHUNK]]
        judged = iter(model.probabilities([tokens for tokens in cut if tokens]).tolist())
        found += [[*next(judged), model.strange_share(tokens)] if tokens else None for tokens in cut]
    return found, other


def _show_judged(texts: Sequence[str], shares: Sequence[list[float] | None]) -> None:
    verdicts = ["unreadable" if p is None else verdict(p[:3], p[3]) for p in shares]
    found = [None if p is None else p[2] + p[1] / 2 for p in shares]
    counts = {name: verdicts.count(name) for name in ("positive", "unsure", "negative", "unreadable")}
    with st.container(horizontal=True):
        for name, count in counts.items():
            if count or name != "unreadable":
                st.metric(text(f"sentiment.verdict_{name}"), f"{count:,}")
    heads = [text(f"sentiment.head_{n}") for n in ("text", "verdict", "p")]
    rows = [
        [_short(line), text(f"sentiment.verdict_{v}"), "–" if p is None else percent(p)]
        for line, v, p in zip(texts, verdicts, found, strict=True)
    ]
    exact = [[line, v, "" if p is None else f"{p:.4f}"] for line, v, p in zip(texts, verdicts, found, strict=True)]
    st.download_button(
        text("sentiment.download"),
        # made at once: what Streamlit makes on demand is gone after the next run, and a press in between with it
        tables.as_csv([["text", "verdict", "p_positive"], *exact]),
        "sentiment.csv",
        "text/csv",
        key="sentiment.many.download",
    )
    table(heads, rows[:SHOWN], wrap=1)
    if len(rows) > SHOWN:
        st.caption(text("sentiment.more", shown=SHOWN, count=f"{len(rows):,}"))


def _short(line: str) -> str:
    """The beginning of a long text; the file to keep has all of it."""
    return line if len(line) <= 160 else line[:160] + "…"
