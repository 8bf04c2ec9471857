"""Lesson `gradients`: why simple RNNs forget, what explodes, and what clipping, gates and good starts do about it."""

import streamlit as st

from ui.blocks import chapters, prose
from ui.i18n import lesson, texts
from ui.server import warm
from ui.state import View, answer, choice, integer, number

warm.wait()
from lessons import gradients as gradients_chapters  # noqa: E402  (imports torch, which the line above made ready)
from lessons.gradients.explode import CLIPS, RATES  # noqa: E402
from lessons.gradients.profile import ACTIVATIONS, HIDDEN  # noqa: E402
from lessons.gradients.shared import STARTS  # noqa: E402

CHAPTERS = ("profile", "products", "explode", "span", "check")

view = View(
    "gradients",
    {
        "part": choice(CHAPTERS),
        "guess": choice(("", "rnn", "lstm", "gru", "none", "skip")),
        "T": integer(101, 2, 1000),  # the first of 101 steps is 100 before the last
        "hidden": number(32, HIDDEN),
        "start": choice(STARTS),
        "scale": integer(100, 10, 300),
        "act": choice(ACTIVATIONS),
        "bias": integer(0, -2, 8),
        "seed": integer(0, 0, 999),
        "trained": choice(("no", "yes")),
        "what": choice(("grad", "jacobian")),
        "d": integer(50, 0, 999),
        "nets": integer(0, 0, 15),
        "pstart": choice(STARTS, "normal"),
        "pscale": integer(100, 10, 300),
        "drive": integer(100, 0, 300),
        "pseed": integer(0, 0, 999),
        "clip": number(1.0, CLIPS),
        "by": choice(("norm", "value")),
        "elr": number(0.1, RATES),
        "esigma": integer(200, 50, 300),
        "eact": choice(("relu", "tanh")),
        "eseed": integer(0, 0, 999),
        "edone": integer(0, 0, 300),
        "cell": choice(
            ("rnn", "rnn, orthogonal", "lstm", "lstm, bias 5", "gru", "irnn"), "lstm, bias 5"
        ),
        "far": choice(("1", "2", "5", "10", "20", "50", "100", "200"), "20"),
        "sseed": integer(0, 0, 999),
        "sdone": integer(0, 0, 1500),
        "qz6": answer(4),
        "qz18a": answer(3),
        "qz18b": answer(3),
        "qz18c": answer(3),
    },
)
text = lesson("gradients")
prose(text["title"], level=1)
labels = texts("gradients", "chapter_")
chosen = chapters(
    view, "part", {name: labels[name] for name in CHAPTERS}, texts("gradients")["chapter"]
)
getattr(gradients_chapters, f"show_{chosen}")(view, text)
st.divider()
prose(text["sources"], level=3)
view.write()
