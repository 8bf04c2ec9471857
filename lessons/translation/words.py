"""Where does a Japanese word end? The segmenter, one answer at every character."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from rnn_core.data.parallel import japanese_text
from rnn_core.networks.segmenter import Segmenter, SegmenterReading
from rnn_core.stepper.run import Run, add_traced_lane
from ui.blocks import escaped, prose
from ui.components.stepper import show_stepper
from ui.i18n import language, text
from ui.page import Content
from ui.server import models
from ui.state import View
from ui.typed import sentences
from ui.typed.box import Read, text_box

URL = {"t": "st", "draw": "sdraw", "open": "sopen"}
MOST = 60
EXAMPLE = "私は電車に傘を忘れた。"


def segmenter() -> Segmenter:
    """The shipped segmenter."""
    model: Segmenter = models.shared("segmenter-ja")
    return model


def is_clean(raw: str) -> bool:
    """Whether a link may bring this sentence to be cut."""
    return sentences.clean(raw, MOST).problem is None


def show(view: View, content: Content) -> None:
    """A sentence cut into words, with both directions of the network."""
    card = models.card_of("segmenter-ja")
    scores = card["scores"] | {"floor": card["baseline"]["boundary_f1"]}
    numbers = {name: f"{100 * scores[name]:.1f}" for name in ("boundary_f1", "floor")}
    prose(content["words"], level=2, **numbers)
    typed = _sentence(view)
    st.markdown(" ｜ ".join(map(escaped, segmenter().words([typed])[0])))
    sentence = japanese_text(typed)
    show_stepper(run_of(sentence, language()), "translation.words.stepper", url=URL)
    prose(content["words-why"])


@lru_cache(maxsize=32)
def reading_of(sentence: str) -> SegmenterReading:
    """A sentence cut into words with every number; read only."""
    return segmenter().read(sentence)


@lru_cache(maxsize=8)
def run_of(sentence: str, lang: str) -> Run:
    """The same as a run of the stepper in the page's language `lang`."""
    assert lang == language()
    reading = reading_of(sentence)
    run = Run(list(reading.text))
    run.add_input("x", reading.trace.lane().x[:, 0].numpy())
    ids = [
        add_traced_lane(
            run,
            lane,
            sources=["x"],
            module="rnn",
            title=text(f"sentiment.lane_{lane.direction}"),
        )
        for lane in reading.trace.lanes
    ]
    model = segmenter()
    # σ(y) is softmax of (0, y): the answer "goes on" has the score 0 and no weights
    W_hy, b_y = (np.stack([0 * w, w]) for w in (model.readout.weight[0].numpy(), model.readout.bias[0].numpy()))
    y = reading.trace.output[:, 0].numpy() @ W_hy.T + b_y
    run.add_readout(
        y,
        np.stack([1 - reading.p, reading.p], 1),
        {"W_hy": W_hy, "b_y": b_y},
        [text("translation.goes_on"), text("translation.word_end")],
        sources=[f"{lane}.h" for lane in ids],
    )
    return run


def _sentence(view: View) -> str:
    """What is cut: the visitor's sentence, or from before if it cannot be read."""

    def read(raw: str) -> Read:
        plain, problem = sentences.clean(raw, MOST)
        return Read(plain, problem and text(f"translation.problem_{problem}", most=MOST))

    now = text_box(
        view,
        "cuttext",
        text("translation.japanese"),
        read,
        first=EXAMPLE,
    )
    if now.fine and sentences.looks(now.text) == "en":
        st.warning(text("translation.other_ja"))
    return now.text
