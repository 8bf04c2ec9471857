"""Chapter `why` of the lesson `sentiment`."""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from rnn_core.forward.probing import score
from rnn_core.networks.attribution import gradient_times_input, occlusion
from rnn_core.work import Work
from ui.blocks import percent, prose, signed, table
from ui.i18n import text
from ui.networks import reviews
from ui.networks.reviews import NAMES
from ui.page import Content
from ui.state import View
from ui.training import computed


def show(view: View, content: Content) -> None:
    """Which words pushed the verdict, by two methods and by the bag's own weights."""
    prose(content["why"])
    of, typed = reviews.controls(view)
    cell = reviews.cell_control(view)
    model = reviews.model_of(cell, of)
    tokens = model.tokens(typed)
    if len(tokens) > reviews.OPENED:
        st.info(text("sentiment.asked_of", words=len(tokens), most=reviews.OPENED))
        tokens = tokens[: reviews.OPENED]
    said, p = reviews.judge(model, tokens)
    st.markdown(text(f"sentiment.said_short_{said}", p=percent(p), net=NAMES[cell]))
    reviews.show_strange(model, tokens)
    pushes = computed("sentiment.why", (cell, of, tokens), partial(_pushes, cell, of, tokens))
    if pushes is None:
        return
    for name, values in pushes.items():
        st.markdown(text(f"sentiment.by_{name}"))
        st.html(coloured(tokens, values, " " if of == "en" else ""))
    if len(tokens) > 2 and all(np.ptp(pushes[name]) > 0 for name in ("occlusion", "gradient")):
        rho = score(pushes["occlusion"], pushes["gradient"], yes_no=False)
        st.markdown(text("sentiment.agreement", rho=signed(rho)))
    with st.expander(text("sentiment.numbers")):
        table(
            [text(f"sentiment.head_{n}") for n in ("token", "occlusion", "gradient", "bag")],
            [[token, *(signed(float(values[t]), 3) for values in pushes.values())] for t, token in enumerate(tokens)],
        )
    prose(content["two-questions"])


def _pushes(cell: str, of: str, tokens: list[str]) -> Work[dict[str, np.ndarray]]:
    """What every token pushed, by each method."""
    model = reviews.model_of(cell, of)
    found = {"occlusion": occlusion(model, tokens).numpy()}
    yield 0.8
    found["gradient"] = gradient_times_input(model, tokens).numpy()
    return found | {"bag": bag_pushes(of, tokens)}


def bag_pushes(of: str, tokens: list[str]) -> np.ndarray:
    """What the n-grams that begin inside a token add to the bag's score, `(T,)`; a repeated one is shared out."""
    model = reviews.model_of("lstm", of)
    assert model.floor is not None
    parts = model.floor_tokens(tokens)
    owner = np.repeat(np.arange(len(tokens)), [len(model.floor_tokens([t])) for t in tokens])
    found = np.zeros(len(tokens))
    for push in model.floor.pushes(parts):
        n = len(push.gram)
        at = [k for k in range(len(parts) - n + 1) if tuple(parts[k : k + n]) == push.gram]
        for k in at:  # a gram counts once, however often it stands there
            found[owner[k]] += push.push / len(at)
    return found


def coloured(tokens: Sequence[str], values: np.ndarray, space: str) -> str:
    """The text as HTML, each token coloured by its push; everything a visitor typed is escaped."""
    largest = float(np.abs(values).max()) or 1.0
    spans = (
        f'<span class="u-push {"plus" if v > 0 else "minus"}" style="--push: {round(70 * abs(v) / largest)}%" '
        f'title="{signed(float(v), 3)}">{html.escape(token)}</span>'
        for token, v in zip(tokens, values, strict=True)
    )
    return f'<p class="u-pushes">{space.join(spans)}</p>'
