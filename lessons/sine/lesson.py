"""Lesson `sine`: windows and targets, training live, one step ahead and running free, the lag measured, claims."""

from __future__ import annotations

from lessons.sine import claims, pairs, train
from lessons.sine.series import SOURCES, decode_drawn
from lessons.sine.shared import EPOCHS
from lessons.sine.verdicts import VERDICTS
from ui.page import Lesson
from ui.state import choice, integer, number, string

LESSON = Lesson(
    "sine",
    params={
        "source": choice(SOURCES),
        "drawn": string("", 240, lambda raw: decode_drawn(raw) is not None),
        "window": integer(5, 1, 25),
        "pair": integer(1, 1, 600),
        "epochs": number(500, EPOCHS),
        "hidden": integer(32, 2, 64),
        "cell": choice(("rnn", "lstm", "gru")),
        "seed": integer(0, 0, 999),
        "done": integer(0, 0, EPOCHS[-1]),
        "fn": choice(("tanh", "σ", "ReLU")),
    },
    chapters={
        "pairs": pairs.show,
        "train": train.show,
        "claims": claims.show,
    },
    verdicts=VERDICTS,
    opened={"done": "40", "epochs": "100"},
    views={
        "sine": {"pair": "9"},
        "drawn": {"source": "drawn"},
        "train": {"part": "train", "done": "200"},
    },
)
