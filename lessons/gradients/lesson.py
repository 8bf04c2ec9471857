"""Lesson `gradients`: why simple RNNs forget, what explodes, and what clipping, gates and good starts do about it."""

from __future__ import annotations

from lessons.gradients import check, errata, explode, products, profile, span
from lessons.gradients.explode import CLIPS, RATES
from lessons.gradients.profile import ACTIVATIONS, HIDDEN
from lessons.gradients.shared import STARTS
from lessons.gradients.verdicts import VERDICTS
from ui.page import Lesson
from ui.state import choice, integer, number

LESSON = Lesson(
    "gradients",
    params={
        "guess": choice(("", "rnn", "lstm", "gru", "none", "skip")),
        "T": integer(101, 2, 1000),
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
        "cell": choice(("rnn", "rnn, orthogonal", "lstm", "lstm, bias 5", "gru", "irnn"), "lstm, bias 5"),
        "far": choice(("1", "2", "5", "10", "20", "50", "100", "200"), "20"),
        "sseed": integer(0, 0, 999),
        "sdone": integer(0, 0, 1500),
    },
    chapters={
        "profile": profile.show,
        "products": products.show,
        "explode": explode.show,
        "span": span.show,
        "check": check.show,
    },
    quizzes=check.QUIZZES,
    verdicts=VERDICTS,
    errata=errata.ERRATA,
    opened={"guess": "gru", "edone": "30", "qz6": "0", "qz18a": "0", "qz18b": "0", "qz18c": "0"},
    views={
        "gradients": {"guess": "gru", "bias": "5"},
        "explode": {"part": "explode", "edone": "120"},
        "check": {"part": "check", "qz6": "0"},
    },
)
