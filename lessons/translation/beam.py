"""Greedy, a beam as a tree, and drawing by lot: three ways out of the same scores."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import streamlit as st
import torch

from figures.translation import Candidate, beam_figure, share_figure
from rnn_core.networks.decoding import Beam, Hypothesis, greedy
from rnn_core.networks.translator import REWARD, Reading, Translator, room
from ui.blocks import chart, escaped, prose, signed, table
from ui.components.page_frame import is_dark
from ui.controls import between, one_of
from ui.i18n import text
from ui.networks import translators as translations
from ui.page import Content
from ui.state import View, control

DRAWS = 5
LIKELIEST = 8


def show(view: View, content: Content) -> None:
    """Width and length normalisation; the tree, its scores, and what was given up; then the temperature."""
    prose(content["beam"], level=2, **reward_numbers())
    model, words = translations.controls(view)
    direction = translations.direction_of(view)
    a, b, c = st.columns(3)
    a.slider(text("translation.width"), **between(view, "width"))
    b.select_slider(text("translation.alpha"), format_func=_tenths, **one_of(view, "alpha"))
    c.select_slider(text("translation.reward"), format_func=_tenths, **one_of(view, "reward"))
    alpha, reward = view["alpha"] / 10, view["reward"] / 10
    beam = translations.beam_of(direction, tuple(words), view["width"], alpha, reward)
    labels = {n: text(f"translation.fate_{n.replace(' ', '_')}") for n in ("kept", "ended", "given up")}
    labels["axis_step"] = text("translation.axis_step")
    chart(
        beam_figure(tree(model, beam), way_of(beam), labels, is_dark()),
        "translation.tree",
        text("translation.tree_alt"),
    )
    said, counted, ranked = (text(f"translation.head_{n}") for n in ("said", "words", "ranked"))
    heads = [said, "log p", counted, ranked]
    rows = [_row(model, words, h) for h in beam.hypotheses]
    table(heads, rows, [k == 0 for k in range(len(rows))], wrap=1)
    reading = translations.reading_of(direction, tuple(words))
    one = translations.hypothesis_of(reading)
    greedy_said = translations.final(model, words, one)
    st.markdown(text("translation.greedy_says", log_p=signed(one.log_p), said=escaped(greedy_said)))
    weighed = (model.target_words[node.token] for nodes in beam.steps for node in nodes)
    translations.explain_mark(greedy_said, *(row[0] for row in rows), *weighed)
    prose(content["beam-verdict"], level=2, **verdict_numbers() | _gains() | {"seeds": translations.seeds_sentence()})
    prose(content["temperature"])
    _temperature(view, reading)
    prose(content["sampling"])
    st.number_input(text("translation.seed"), **between(view, "seed"))
    drawn_here = _drawn(direction, tuple(words), view["tau"], view["seed"])
    drawn_said = [translations.final(model, words, h) for h in drawn_here]
    table(
        [text("translation.head_said"), "log p"],
        [[said, signed(h.log_p)] for said, h in zip(drawn_said, drawn_here, strict=True)],
        wrap=1,
    )
    translations.explain_mark(*drawn_said)


def tree(model: Translator, beam: Beam) -> list[list[Candidate]]:
    """The beam's candidates with their words."""
    return [[Candidate(n.parent, model.target_words[n.token], n.log_p, n.fate) for n in nodes] for nodes in beam.steps]


def way_of(beam: Beam) -> list[tuple[int, int]]:
    """(step, place) of the words of the sentence that won; empty if it was cut off."""
    tokens = beam.hypotheses[0].tokens
    last = len(tokens) - 1
    if last >= len(beam.steps):
        return []
    for place, node in enumerate(beam.steps[last]):
        way = _up(beam, last, place)
        if tuple(beam.steps[t][k].token for t, k in way) == tokens and node.fate != "given up":
            return way
    return []


def _up(beam: Beam, t: int, place: int) -> list[tuple[int, int]]:
    way = []
    for step in range(t, -1, -1):
        way.append((step, place))
        place = beam.steps[step][place].parent
    return way[::-1]


def shares_of(reading: Reading, t: int, tau: float) -> list[tuple[str, float]]:
    """The likeliest words at step t with their p = softmax(y / τ), from the scores that are there: the network does not run."""
    p = (reading.y[t].double() / tau).softmax(0)
    best = p.topk(LIKELIEST).indices.tolist()
    return [(reading.model.target_words[k], float(p[k])) for k in best]


def _temperature(view: View, reading: Reading) -> None:
    """One step's distribution under a temperature."""
    words = [f"{t + 1} {reading.model.target_words[k]}" for t, k in enumerate(reading.tokens)]
    view["step"] = min(view["step"], len(words) - 1)
    a, b = st.columns(2)
    a.selectbox(text("translation.step"), range(len(words)), format_func=words.__getitem__, **control(view, "step"))
    b.select_slider(text("translation.temperature"), format_func=_tenths, **one_of(view, "tau"))
    shown = shares_of(reading, view["step"], view["tau"] / 10)
    shown.append((text("translation.rest"), 1 - sum(p for _, p in shown)))
    translations.explain_mark(*(word for word, _ in shown))
    chart(
        share_figure(shown, {"axis": text("translation.axis_share")}, is_dark()),
        "translation.shares.figure",
        text("translation.shares_alt"),
    )


def _tenths(k: int) -> str:
    return f"{k / 10:.1f}"


@lru_cache(maxsize=64)
def _drawn(direction: str, words: tuple[str, ...], tenths: int, seed: int) -> list[Hypothesis]:
    return drawn(translations.model_of(direction), words, tenths / 10, seed)


def drawn(model: Translator, words: Sequence[str], tau: float, seed: int) -> list[Hypothesis]:
    """Sentences drawn from p^(1/τ), the same for the same seed."""
    source = model.read_all([list(words)] * DRAWS)
    generator = torch.Generator().manual_seed(seed)
    return greedy(
        model.stepper(source),
        source.state,
        1,
        2,
        room(len(words)),
        temperature=tau,
        generator=generator,
    )


def verdict_numbers() -> dict[str, str]:
    """What the verdict on CLM-17 quotes: greedy and beam, means over the seeds, and on dev with and without the reward."""
    out = {"seeds": translations.seeds_told()} | reward_numbers()
    for direction in translations.DIRECTIONS:
        seeds = translations.card_of(direction)["seeds"]
        way = direction.replace("-", "_")
        for key in ("bleu_greedy", "bleu_beam"):
            out[f"{way}_{key}"] = f"{seeds[key]['mean']:.1f}"
    return out


def reward_numbers() -> dict[str, str]:
    """BLEU of the shipped weights on dev: a beam with the reward that it pays per word, with none, and greedy."""
    out = {"reward": f"{REWARD:.1f}"}
    for direction in translations.DIRECTIONS:
        scores = translations.card_of(direction)["scores"]
        way = direction.replace("-", "_")
        out[f"{way}_dev"] = f"{scores['dev_bleu_greedy']:.1f}"
        for name, reward in (("with", out["reward"]), ("without", "0.0")):
            out[f"{way}_{name}"] = f"{scores[f'dev_bleu_reward_{reward}']:.1f}"
    return out


def _gains() -> dict[str, str]:
    """What the beam gains on greedy in each direction: one number, or from where to where over the seeds."""
    out = {}
    for direction in translations.DIRECTIONS:
        seeds = translations.card_of(direction)["seeds"]
        gains = [b - g for b, g in zip(seeds["bleu_beam"]["each"], seeds["bleu_greedy"]["each"], strict=True)]
        low, high = signed(min(gains), 1), signed(max(gains), 1)
        told = low if len(gains) == 1 else text("translation.gain_range", low=low, high=high)
        out[f"{direction.replace('-', '_')}_gain"] = told
    return out


def _row(model: Translator, words: Sequence[str], h: Hypothesis) -> list[str]:
    return [translations.final(model, words, h), signed(h.log_p), str(len(h.tokens)), signed(h.score, 3)]
