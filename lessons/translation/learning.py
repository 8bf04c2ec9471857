"""The attention while it is learnt: matrices kept during training, scrubbed by hand."""

from __future__ import annotations

import numpy as np
import streamlit as st

from figures.translation import looks_figure
from ui.blocks import chart, prose
from ui.components.page_frame import is_dark
from ui.i18n import text
from ui.networks import translators as translations
from ui.page import Content
from ui.state import View, control


def show(view: View, content: Content) -> None:
    """Choose a sentence and a step of the training."""
    prose(content["learning"])
    translations.direction_control(view)
    card = translations.card_of(translations.direction_of(view))
    pairs, kept = card["watched"], card["attention_learnt"]
    view["which"], view["at"] = min(view["which"], len(pairs) - 1), min(view["at"], len(kept) - 1)
    st.selectbox(
        text("translation.which"),
        range(len(pairs)),
        format_func=lambda k: pairs[k]["source"],
        **control(view, "which"),
    )
    st.select_slider(
        text("translation.at"),
        range(len(kept)),
        format_func=lambda k: f"{kept[k]['step']:,}",
        **control(view, "at"),
    )
    pair = pairs[view["which"]]
    said = [*pair["target"].split(" "), "</s>"]
    rows = np.array(kept[view["at"]]["attention"][view["which"]])
    chart(
        looks_figure(rows, pair["source"].split(" "), said, is_dark()),
        "translation.learning",
        text("translation.learning_alt"),
    )
    prose(content["learning-why"])
