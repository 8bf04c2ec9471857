"""The sentiment models on a page: a visitor's text, the models and their cards, the run of the stepper."""

from __future__ import annotations

import html
from itertools import groupby
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnn_core.data.reviews import STRANGE, verdict
from rnn_core.stepper.run import Run, add_traced_lane
from ui.blocks import percent
from ui.components.stepper import show_stepper
from ui.i18n import language, listed, text
from ui.server import models
from ui.state import View, control
from ui.typed import sentences
from ui.typed.box import Read, example_box, text_box
from ui.typed.sentences import Typed, looks

if TYPE_CHECKING:
    from rnn_core.networks.review import ReviewNet, ReviewReading

MOST = 2000
"""Characters of one review."""

OPENED = 160
"""Steps that the stepper draws with every gate; a longer text is judged whole and opened up to there."""

CELLS = ("lstm", "gru", "rnn", "bi")
NAMES = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN", "bi": "BiLSTM"}
CLASSES = ("negative", "neither", "positive")
NAMED = 8
"""Hardly known words that are named in a sentence; all are marked in the text."""

EXAMPLES = {
    "en": (
        "The acting is superb, but the story is dull and far too long.",
        "I expected little, and yet this small film moved me to tears.",
        "It is not a bad film, only a slow one.",
        "Nothing in this so-called comedy is funny.",
        "She plays the mother of the two boys.",
    ),
    "ja": (
        "料理はおいしいのに、店員の態度が悪くて残念でした。",
        "最初は不安でしたが、店員さんが親切で、とても満足しています。",
        "味は悪くないが、値段が高すぎる。",
        "客足が戻り、売上は前年を大きく上回っている。",
        "会議は三階の部屋で行われます。",
    ),
}
"""Reviews of our own; the last one of each is neither good nor bad."""


def clean(typed: str) -> Typed:
    """A review of at most 2,000 characters; see `ui.typed.sentences.clean`."""
    return sentences.clean(typed, MOST)


def is_clean(raw: str) -> bool:
    """Whether a link may bring this text."""
    return clean(raw).problem is None


def read_language(view: View) -> str:
    """Which language the model reads: the page's unless chosen."""
    return str(view["of"] or language())


def language_control(view: View) -> str:
    """Which language the model reads; another one begins with its own example."""
    box = f"{view.name}.of.box"
    st.session_state[box] = read_language(view)

    def chosen() -> None:
        view.take("of", st.session_state[box])
        view["text"] = ""

    st.segmented_control(
        text("sentiment.of"),
        ["en", "ja"],
        format_func=lambda code: text(f"sentiment.of_{code}"),
        required=True,
        key=box,
        on_change=chosen,
    )
    return read_language(view)


def controls(view: View) -> tuple[str, str]:
    """Language of the model and text; what cannot be read gets a sentence, and the text from before stays."""
    of = read_language(view)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        language_control(view)
    now = text_box(
        view,
        "text",
        text("sentiment.text"),
        _read,
        first=EXAMPLES[of][0],
        note=f"{text('sentiment.text_help')} {text(f'sentiment.learnt_{of}')}",
        height=96,
    )
    with row:
        example_box(view, "text", text("sentiment.pick"), _examples(of), now.text, text("sentiment.own"))
    if now.fine:
        warn_of(now.text, of)
    return of, now.text


def _read(raw: str) -> Read:
    typed = clean(raw)
    return Read(typed.text, typed.problem and text(f"sentiment.problem_{typed.problem}", most=f"{MOST:,}"))


def _examples(of: str) -> dict[str, str]:
    """Our own, then real ones with what their writer (or annotator) meant, each as the list shows it."""
    names = class_names()
    return {plain: plain for plain in EXAMPLES[of]} | {
        row["text"]: text("sentiment.real", text=row["text"], label=names[row["label"]])
        for row in card_of("lstm", of)["examples"]
    }


def ask(view: View) -> None:
    """The opening demo's one question: a review to judge."""
    with (
        st.form("home.ask", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        typed = st.text_input(
            text("home.review"),
            view["text"] or EXAMPLES[language()][0],
            key=f"home.review.{language()}",
        )
        asked = st.form_submit_button(text("home.judge"), type="primary")
    if asked:
        found = _read(typed or "")
        if found.wrong is None:
            view["text"] = found.text
        else:
            st.warning(found.wrong)


def show_compact(plain: str) -> str:
    """The verdict on a text after every word, small; returns the language it was read in."""
    of = looks(plain) or language()
    model = model_of("lstm", of)
    tokens = model.tokens(plain)
    reading = model.read_tokens(tokens[:OPENED])
    said, p = judge(model, tokens)
    st.markdown(text(f"home.said_{said}", p=percent(p)))
    show_strange(model, tokens)
    show_stepper(
        review_run(reading, {NAMES["lstm"]: ("lstm", reading.positive.numpy())}, units=False),
        "home.verdict",
        compact=True,
        start=len(reading.tokens) - 1,
    )
    return of


def warn_of(plain: str, of: str) -> None:
    """Say that the text is in the other language, or that the model knows none of its words."""
    seems = looks(plain)
    if seems is not None and seems != of:
        st.warning(text(f"sentiment.other_{of}"))
    else:
        model = model_of("lstm", of)
        tokens = model.tokens(plain)
        if not any(model.index.get(token, 0) for token in tokens):
            st.warning(text("sentiment.unknown"))


def cell_control(view: View) -> str:
    """Which network reads."""
    st.segmented_control(
        text("sentiment.cell"),
        list(CELLS),
        format_func=NAMES.__getitem__,
        required=True,
        **control(view, "cell"),
    )
    return str(view["cell"])


def _name(cell: str, of: str) -> str:
    return f"sentiment-{of}" + ("" if cell == "lstm" else f"-{cell}")


def model_of(cell: str, of: str) -> ReviewNet:
    """A shipped sentiment model."""
    model: ReviewNet = models.shared(_name(cell, of))
    return model


def card_of(cell: str, of: str) -> dict[str, Any]:
    """The card of a shipped sentiment model."""
    return models.card_of(_name(cell, of))


def floor_positive(of: str, tokens: list[str]) -> float:
    """P(positive) by the bag of n-grams."""
    model = model_of("lstm", of)
    assert model.floor is not None
    return float(model.floor([model.floor_tokens(tokens)]).sigmoid()[0])


def judge(model: ReviewNet, tokens: list[str]) -> tuple[str, float]:
    """The verdict ("positive", "negative" or "unsure") on a text in tokens, and P(positive)."""
    shares = model.probabilities([tokens])[0].tolist()
    return verdict(shares, model.strange_share(tokens)), shares[2] + shares[1] / 2


def strange_parts(model: ReviewNet, tokens: list[str]) -> list[tuple[str, bool]]:
    """The text in stretches, and whether each is hardly known: single words of English, runs of letters of Japanese."""
    units = zip(model.floor_tokens(tokens), model.strange(tokens), strict=True)
    if model.language == "en":
        return list(units)
    return [("".join(unit for unit, _ in part), strange) for strange, part in groupby(units, key=lambda unit: unit[1])]


def show_strange(model: ReviewNet, tokens: list[str]) -> None:
    """The text with what the network hardly knows marked, and a sentence that names it; nothing if it knows all."""
    parts = strange_parts(model, tokens)
    names = list(dict.fromkeys(part for part, strange in parts if strange))
    if not names:
        return
    space = " " if model.language == "en" else ""
    spans = (f"<u>{html.escape(p)}</u>" if strange else html.escape(p) for p, strange in parts)
    share = model.strange_share(tokens)
    said = text(
        f"sentiment.said_{'silent' if share >= STRANGE else 'strange'}_{model.language}",
        words=_named(names),
        share=percent(share),
        tau=f"{model.temperature(share):.2f}",
    )
    st.html(
        f'<p class="u-strange" lang="{model.language}">{space.join(spans)}</p>'
        f'<p class="u-strange-said">{html.escape(said)}</p>'
    )


def _named(names: list[str]) -> str:
    """Words in a sentence, at most `NAMED` of them and each at most 20 characters long."""
    short = (name if len(name) <= 20 else name[:20] + "…" for name in names[:NAMED])
    left, right = "「」" if language() == "ja" else "“”"
    told = listed(f"{left}{name}{right}" for name in short)
    more = len(names) - NAMED
    return text("sentiment.strange_more", words=told, count=more) if more > 0 else told


def class_names() -> list[str]:
    """The three answers, from the bad end to the good one."""
    return [text(f"sentiment.class_{name}") for name in CLASSES]


def order_of(reading: ReviewReading) -> list[int]:
    """The units from top to bottom: by how much they pull the last verdict, either way.

    Before all of them the strongest that speaks for "positive" when it is high: it colours the text at first.
    """
    model = reading.model
    H = model.rnn.hidden_size
    h = reading.trace.lane().values["h"][:, 0]
    pull = (model.W_hy[2, :H] - model.W_hy[0, :H]) * h[-1]
    pull = pull + (model.W_my[2, :H] - model.W_my[0, :H]) * h.amax(0)
    order: list[int] = pull.detach().abs().argsort(descending=True, stable=True).tolist()
    up = model.W_hy[2, :H] + model.W_my[2, :H] > model.W_hy[0, :H] + model.W_my[0, :H]
    first = next((unit for unit in order if up[unit]), order[0])
    return [first, *(unit for unit in order if unit != first)]


def review_run(reading: ReviewReading, curves: dict[str, Any], units: bool = True) -> Run:
    """A reading as a run of the stepper: meter, map of the units (if `units`), cell and readout.

    `curves`: P(positive) after each token by name, the reading's own first. In two directions the verdict belongs to no
    single pair of states (the way back starts anew at each step), so no readout is drawn.
    """
    model = reading.model
    run = Run(reading.tokens)
    forward = reading.trace.lane()
    run.add_input("x", forward.x[:, 0].numpy())
    lanes = [forward] if not model.both else [forward, reading.trace.lane(0, "backward")]
    titles = ("",) if len(lanes) == 1 else tuple(text(f"sentiment.lane_{d}") for d in ("forward", "backward"))
    ids = [
        add_traced_lane(run, lane, sources=["x"], module="rnn", title=title)
        for lane, title in zip(lanes, titles, strict=True)
    ]
    if not model.both:
        run.add_readout(
            reading.scores.numpy(),
            reading.p.numpy(),
            {n: getattr(model, n).detach().numpy() for n in ("W_hy", "W_my", "b_y")},
            [text(f"sentiment.short_{name}") for name in CLASSES],
            sources=[f"{ids[0]}.h"],
            peaks=[f"{ids[0]}.h"],
            temperatures=reading.tau.tolist(),
        )
    run.add_meter(reading.p.numpy(), class_names(), curves)
    if not units:
        return run
    names = {"lstm": ("h", "c", "f", "i", "o"), "gru": ("h", "z", "r", "n"), "rnn": ("h",)}
    space = " " if model.language == "en" else ""
    run.add_map(
        ids[0],
        names[forward.kind],
        order_of(reading),
        sorted_by="pull",
        text=[token + space for token in reading.tokens],
    )
    return run
