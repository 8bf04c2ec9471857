"""Chapter `pairs` of the lesson `sentiment`."""

from __future__ import annotations

import streamlit as st

from lessons.sentiment.shared import URL, curves
from ui.blocks import percent, predict, prose, same_question, table
from ui.components.stepper import show_stepper
from ui.i18n import language, text
from ui.networks import reviews
from ui.networks.reviews import CELLS, NAMES
from ui.page import Content
from ui.state import View, control

PAIRS: dict[str, tuple[tuple[str, str, bool], ...]] = {
    "en": (
        ("negation", "The film is good.", True),
        ("negation", "The film is not good.", False),
        ("negation", "The film is bad.", False),
        ("negation", "The film is not bad.", True),
        ("far", "I think that everyone in the theatre found it funny.", True),
        ("far", "I do not think that anyone in the theatre found it funny.", False),
        ("order", "The acting is weak, but the story is wonderful.", True),
        ("order", "The story is wonderful, but the acting is weak.", False),
        ("less", "Every scene is moving.", True),
        ("less", "Hardly a scene is moving.", False),
    ),
    "ja": (
        ("negation", "味は良い。", True),
        ("negation", "味は良くない。", False),
        ("negation", "サービスは悪い。", False),
        ("negation", "サービスは悪くない。", True),
        ("far", "この店を友人に勧めたいと思います。", True),
        ("far", "この店を友人に勧めたいとは思いません。", False),
        ("order", "接客はひどいが、料理がとてもおいしい。", True),
        ("order", "料理はとてもおいしいが、接客がひどい。", False),
        ("less", "売上が伸びている。", True),
        ("less", "売上がほとんど伸びていない。", False),
    ),
}
"""Sentences of our own and whether we would call them positive: what differs within a pair is small."""


def pair_table(of: str) -> dict[str, list[float]]:
    """P(positive) of every sentence by each network and by the bag."""
    texts = [sentence for _, sentence, _ in PAIRS[of]]
    found = {cell: reviews.model_of(cell, of).predict(texts) for cell in CELLS}
    model = reviews.model_of("lstm", of)
    return found | {"bag": [reviews.floor_positive(of, model.tokens(t)) for t in texts]}


def show(view: View, content: Content) -> None:
    """Pairs that differ in little: what a bag cannot see, and what the networks make of it."""
    prose(content["pairs"])
    of = reviews.language_control(view)
    options = {"bag": text("sentiment.guess_bag"), **{n: NAMES[n] for n in ("rnn", "gru", "lstm")}}
    options["bi"] = text("sentiment.guess_bi")
    asked = "sentiment.pguess.asked"
    if view["pguess"] and not same_question(asked, view["pguess"], of):
        view["pguess"] = ""  # the other language's sentences are another question
        del st.session_state[asked]
    guess = predict(view, "pguess", text("sentiment.guess"), options)
    if not guess:
        return
    found = pair_table(of)
    wanted = [good for _, _, good in PAIRS[of]]
    right = {name: sum((p > 0.5) == good for p, good in zip(ps, wanted, strict=True)) for name, ps in found.items()}
    same_question(asked, guess, of)  # remembers what it was made for
    won = right[guess] == max(right.values())
    told = _comma().join(f"{_called(name)} {n}" for name, n in right.items())
    (st.success if won else st.info)(
        text(
            f"sentiment.guess_{'right' if won else 'wrong'}",
            counts=told,
            of=len(wanted),
            guess=options[guess],
        )
    )
    heads = [text(f"sentiment.head_{n}") for n in ("sentence", "wanted")]
    heads += [_called(name) for name in found]
    sides = {good: text(f"sentiment.class_{'positive' if good else 'negative'}") for good in (True, False)}
    rows = [
        [sentence, sides[good], *(_marked(found[name][k], good) for name in found)]
        for k, (_, sentence, good) in enumerate(PAIRS[of])
    ]
    total = [text("sentiment.head_right"), "", *(f"{n} / {len(wanted)}" for n in right.values())]
    table(heads, [*rows, total], wrap=1)
    st.caption(text("sentiment.pairs_note"))
    prose(content["two-ways"])
    st.selectbox(
        text("sentiment.pair"),
        range(len(wanted)),
        format_func=lambda k: PAIRS[of][k][1],
        **control(view, "pair"),
    )
    reading = reviews.model_of("bi", of).read(PAIRS[of][view["pair"]][1])
    show_stepper(
        reviews.review_run(reading, curves(reading, "bi", of, True)),
        "sentiment.pairs.stepper",
        url=URL,
        start=len(reading.tokens) - 1,
    )


def _comma() -> str:
    return "、" if language() == "ja" else ", "


def _called(name: str) -> str:
    return text("sentiment.bag") if name == "bag" else NAMES[name]


def _marked(p: float, good: bool) -> str:
    return f"{percent(p)} {'✓' if (p > 0.5) == good else '✗'}"
