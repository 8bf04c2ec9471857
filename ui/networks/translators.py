"""The translators on a page: a visitor's sentence, the models and their cards, a translation as the stepper draws it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
import torch

from rnn_core.data.carried import SENTENCES
from rnn_core.data.marks import Quoted
from rnn_core.data.parallel import english_words, japanese_text
from rnn_core.networks.decoding import Beam, Hypothesis, ranked_by
from rnn_core.networks.translator import UNKNOWN, Looks, Reading, join
from rnn_core.stepper.run import Run, add_traced_lane
from ui.blocks import escaped
from ui.i18n import language, listed, text, texts
from ui.server import models
from ui.state import View
from ui.typed import sentences
from ui.typed.box import Read, example_box, text_box
from ui.typed.sentences import looks

if TYPE_CHECKING:
    from rnn_core.networks.translator import Translator

MOST = 200
"""Characters of a sentence."""

MOST_WORDS = 20
"""Words of a sentence; training had 4 to 16."""

DIRECTIONS = ("en-ja", "ja-en")

EXAMPLES = {
    "en": (
        "I left my umbrella on the train.",
        "He bought his mother a book.",
        "Don't open the window.",
        "How long does it take to get to the station?",
        "My brother can swim faster than I.",
    ),
    "ja": (
        "私は毎朝駅まで歩きます。",
        "彼は母に本を買ってあげた。",
        "窓を開けないで下さい。",
        "駅までどれくらい時間がかかりますか。",
        "私は電車に傘を忘れた。",
    ),
}
"""Sentences of our own. In the first of each language the words of content look at their own word, as the text says."""

SHOWN = 5
"""How many of the likeliest words are shown at each step."""


def translation_run(reading: Reading, labels: Mapping[str, str]) -> Run:
    """Encoder, then decoder, on one time bar; rows of the attention that were put in by hand are marked.

    `labels`: "phase_read", "phase_write", "lane_forward", "lane_backward", "lane_decoder" and "rest" (all words that are not named).
    """
    titles = [labels[f"lane_{name}"] for name in ("forward", "backward", "decoder")]
    model, words = reading.model, reading.words
    S, T = len(words), len(reading.tokens)
    said = [model.target_words[k] for k in reading.tokens]
    run = Run(
        (*words, *said),
        phases=[
            (labels["phase_read"], 0, S),
            (labels["phase_write"], S, S + T),
        ],
    )
    run.add_input("x", model.E_x(model.source_ids(words)).numpy())
    before = torch.tensor([1, *reading.tokens[:-1]], device=model.b_y.device)
    run.add_input("w", model.E_y(before).numpy(), start=S)
    encoder = [
        add_traced_lane(run, lane, sources=["x"], title=title, module="encoder")
        for lane, title in zip(reading.encoder.lanes, titles, strict=False)
    ]
    decoder = add_traced_lane(
        run,
        reading.decoder.lane(),
        sources=["w"],
        start=S,
        init_from=encoder,
        title=titles[2],
        module="decoder",
    )
    named, ranked, values = _answer(reading)
    if reading.attention is not None and reading.e is not None:
        memory = reading.source.memory[:, 0]
        values |= {
            "k": reading.source.keys[:, 0],
            "e": reading.e,
            "a": reading.attention,
            "r": reading.attention @ memory,
        }
    weights: dict[str, Any] = {
        "W_h": model.W_h,
        "b": model.b,
        "E_y": model.E_y.weight[named],
        "b_y": model.b_y[named],
    }
    if model.attention is not None and model.W_r is not None:
        weights |= {"W_a": model.attention.W_a, "W_r": model.W_r}
    index = {k: j for j, k in enumerate(named)}
    run.add_decoder_output(
        encoder,
        decoder,
        words,
        said,
        {name: _array(v) for name, v in values.items()},
        {name: _array(w) for name, w in weights.items()},
        [*(model.target_words[k] for k in named), labels["rest"]],
        ranked,
        said=[index[k] for k in reading.tokens],
        held=[t for t in reading.looks if t < T],
    )
    return run


def _array(values: Any) -> np.ndarray:
    array: np.ndarray = values.detach().cpu().numpy()
    return array


def _answer(reading: Reading) -> tuple[list[int], list[list[int]], dict[str, torch.Tensor]]:
    """The words that are named (likeliest somewhere, or said), which are shown at each step, and their scores and probabilities.

    The last column is all other words together: y = log Σ exp y, so that p is right for every one that is named.
    """
    best = reading.y.topk(SHOWN).indices.tolist()
    for row, token in zip(best, reading.tokens, strict=True):
        if token not in row:  # chosen by a beam, by lot or by hand
            row[-1] = token
    named = sorted({k for row in best for k in row})
    index = {k: j for j, k in enumerate(named)}
    others = torch.ones(reading.y.shape[1], dtype=torch.bool)
    others[named] = False
    rest = reading.y[:, others].logsumexp(1, keepdim=True)
    y = torch.cat([reading.y[:, named], rest], 1)
    return (
        named,
        [[index[k] for k in row] for row in best],
        {
            "y": y,
            "p": y.softmax(1),
            "h̃": reading.mixed,
        },
    )


# --- a visitor's sentence --------------------------------------------------------------------------


def is_clean(raw: str) -> bool:
    """Whether a link may bring this sentence."""
    return sentences.clean(raw, MOST).problem is None


def direction_of(view: View) -> str:
    """From which language into which: from the page's unless chosen."""
    return str(view["dir"] or ("ja-en" if language() == "ja" else "en-ja"))


def model_of(direction: str) -> Translator:
    """A shipped translator."""
    model: Translator = models.shared(f"translator-{direction}")
    return model


def card_of(direction: str) -> dict[str, Any]:
    """The card of a shipped translator."""
    return models.card_of(f"translator-{direction}")


@lru_cache(maxsize=64)
def beam_of(direction: str, words: tuple[str, ...], width: int, alpha: float, reward: float) -> Beam:
    """What a beam finds for one sentence, with its tree; read only."""
    (found,) = model_of(direction).decode([words], width, alpha, reward, keep_steps=True)
    return found


Rules = tuple[tuple[int, tuple[float, ...]], ...]
"""Rows of the attention put in by hand: step and shares."""


@lru_cache(maxsize=32)
def reading_of(direction: str, words: tuple[str, ...], prefix: tuple[int, ...] = (), rules: Rules = ()) -> Reading:
    """The greedy translation of one sentence by a reader's rules with every number; read only."""
    model = model_of(direction)
    looks = {t: list(row) for t, row in rules}
    return model.read(words, model.guided(words, prefix, looks), looks)


@lru_cache(maxsize=12)
def run_of(
    lang: str,
    direction: str,
    words: tuple[str, ...],
    prefix: tuple[int, ...] = (),
    rules: Rules = (),
) -> Run:
    """The same as a run of the stepper in the page's language `lang`: a room of readers opens the same examples."""
    assert lang == language()
    return translation_run(reading_of(direction, words, prefix, rules), texts("translation"))


@lru_cache(maxsize=64)
def twin_says(direction: str, words: tuple[str, ...]) -> str:
    """The greedy translation of the twin without attention, as it is written."""
    plain = model_of(direction).plain
    assert plain is not None
    return written(plain, words, plain.guided(words))


def hypothesis_of(reading: Reading) -> Hypothesis:
    """The translation of a reading with its log p."""
    log_p = reading.y.log_softmax(1)
    total = float(log_p[range(len(reading.tokens)), reading.tokens].double().sum())
    return Hypothesis(tuple(reading.tokens), total, ranked_by(total, len(reading.tokens), 1.0))


def final(model: Translator, words: Sequence[str], hypothesis: Hypothesis, looks: Looks | None = None) -> str:
    """A translation as it is written, the source's word where the network said "unknown"; `looks` as they were while it was made."""
    if looks:
        return join(model.languages[1], model.said(words, hypothesis, looks))
    return _final(model, tuple(words), hypothesis.tokens)


@lru_cache(maxsize=512)
def _final(model: Translator, words: tuple[str, ...], tokens: tuple[int, ...]) -> str:
    """Kept, since an unknown word costs a whole reading, and a beam has ten sentences."""
    return join(model.languages[1], model.said(words, Hypothesis(tokens, 0.0, 0.0)))


def written(model: Translator, words: Sequence[str], tokens: Sequence[int], looks: Looks | None = None) -> str:
    """`final` of ids alone."""
    return final(model, words, Hypothesis(tuple(tokens), 0.0, 0.0), looks)


def as_word(model: Translator, typed: str) -> str:
    """One typed word as the network reads it: with the characters of the data if it knows it, else as it is typed."""
    data = japanese_text(typed) if model.languages[0] == "ja" else typed.lower().replace(" ", "")
    return data if data in model.source_index else unicodedata.normalize("NFKC", typed)


def explain_mark(*shown: str) -> None:
    """Say what the mark of an unknown word is, where one is shown."""
    if any(UNKNOWN in one for one in shown):
        st.caption(text("translation.mark", sign=UNKNOWN))


def named(reading: Reading) -> list[str]:
    """The words that the stepper shows: those said, and the likeliest at each step."""
    ids = {*reading.tokens, *reading.y.topk(SHOWN).indices.flatten().tolist()}
    return [reading.model.target_words[k] for k in ids]


def target_words(model: Translator, typed: str) -> list[str]:
    """A typed beginning of a translation in words."""
    return english_words(typed) if model.languages[1] == "en" else model.cut([typed])[0]


def seeds_told() -> str:
    """How many seeds the cards hold, the same in both directions or one number each."""
    counts = [len(card_of(direction)["seeds"]["seeds"]) for direction in DIRECTIONS]
    return " / ".join(map(str, dict.fromkeys(counts)))


def seeds_sentence() -> str:
    """The same in words of the page's language."""
    counts = seeds_told()
    return text("translation.seeds_one") if counts == "1" else text("translation.seeds_many", counts=counts)


@cache
def end_shares() -> dict[str, str]:
    """How much of its look, in percent, each network gives to the last two words of the source on its five examples, and what it would be if it looked at
    all alike."""
    out = {}
    for direction in DIRECTIONS:
        model = model_of(direction)
        rows, even = [], []
        for words in model.words(EXAMPLES[direction[:2]]):
            a = reading_of(direction, tuple(words)).attention
            assert a is not None
            rows.append(a[:, -2:].sum(1))
            even += [2 / len(words)] * len(a)
        way = direction.replace("-", "_")
        out[f"{way}_end"] = f"{100 * float(torch.cat(rows).mean()):.0f}"
        out[f"{way}_even"] = f"{100 * fmean(even):.0f}"
    return out


VERBS = {"walk": "歩", "bought": "た", "stem": "買"}
"""Of verbs that the Japanese examples lead to: where the network looks, or might be expected to."""


@cache
def verb_shares() -> dict[str, str]:
    """How much of its look, in percent, "walk" gives to its stem, and "bought" to the ending and to the stem, in the Japanese examples."""
    model, out = model_of("ja-en"), {}
    for name, at in VERBS.items():
        said = "walk" if name == "walk" else "bought"
        example = EXAMPLES["ja"][0 if name == "walk" else 1]
        words = model.words([example])[0]
        reading = reading_of("ja-en", tuple(words))
        assert reading.attention is not None
        t = reading.tokens.index(model.target_index[said])
        out[name] = f"{100 * float(reading.attention[t, words.index(at)]):.0f}"
    return out


def card_numbers(direction: str) -> dict[str, str]:
    """What the section on the card quotes: the shipped weights on test, the mean of the seeds, sizes."""
    card = card_of(direction)
    out = {
        key: f"{card['scores'][key]:.1f}"
        for key in ("bleu_greedy", "bleu_beam", "bleu_no_attention", "bleu_copy_floor")
    }
    for key in ("copied_right", "copied_right_greedy"):
        out[key] = f"{100 * card['scores'][key]:.0f}"
    out["copied_count"] = str(len(SENTENCES[direction[:2]]))
    config, seeds = card["config"], card["seeds"]
    spreads = {
        name: "{mean:.1f} ± {standard_deviation:.1f}".format(**seeds[key])
        for name, key in (("greedy", "bleu_greedy"), ("beam", "bleu_beam"), ("plain", "bleu_no_attention"))
        if len(seeds["seeds"]) > 1
    }
    return out | {
        "spread": text("translation.spread_many", seeds=len(seeds["seeds"]), **spreads)
        if spreads
        else text("translation.spread_one"),
        "source_words": f"{len(config['source_words'].split(' ')):,}",
        "target_words": f"{len(config['target_words'].split(' ')):,}",
        "signature": card["bleu_signature"],
    }


def direction_control(view: View) -> None:
    """From which language into which; another one begins with its own example."""
    way = f"{view.name}.way"
    st.session_state[way] = direction_of(view)

    def turned() -> None:
        for name, value in {
            "dir": st.session_state[way],
            "text": "",
            "prefix": "",
            "by": "",
            "looks": "",
            "swap": 0,
        }.items():
            view.take(name, value)

    st.segmented_control(
        text("translation.way"),
        DIRECTIONS,
        format_func=lambda d: text(f"translation.way_{d.replace('-', '_')}"),
        required=True,
        key=way,
        on_change=turned,
    )


def controls(view: View) -> tuple[Translator, list[str]]:
    """Direction and sentence in words; what cannot be translated gets a sentence, and the one from before stays."""
    direction = direction_of(view)
    source = direction[:2]
    model = model_of(direction)

    def read(raw: str) -> Read:
        plain, problem = sentences.clean(raw, MOST)
        words = [] if problem else model.words([plain])[0]
        if problem is None and not 1 <= model.size(words) <= MOST_WORDS:
            problem = "words" if words else "empty"
        return Read(plain, problem and text(f"translation.problem_{problem}", most=MOST, words=MOST_WORDS))

    row = st.container(horizontal=True)
    with row:
        direction_control(view)
    now, _ = text_box(view, "text", text("translation.sentence"), read, first=EXAMPLES[source][0])
    with row:
        example_box(
            view,
            "text",
            text("translation.pick"),
            _examples(direction),
            now,
            text("translation.own"),
        )
    words = model.words([now])[0]
    _warn(model, now, words, source)
    return model, words


def _examples(direction: str) -> dict[str, str]:
    """Our own, then sentences of the data, each as the list shows it."""
    source = direction[:2]
    real = (join(source, row["source"].split(" ")) for row in card_of(direction)["examples"]["by_lot"])
    return {plain: plain for plain in EXAMPLES[source]} | {
        plain: text("translation.real", text=plain) for plain in real
    }


def _warn(model: Translator, now: str, words: Sequence[str], source: str) -> None:
    """Say that the sentence is in the other language, or which of its words are unknown."""
    seems = looks(now)
    quoted = [w for w in words if isinstance(w, Quoted)]
    unknown = [w for w in words if w not in model.source_index and w not in quoted]
    if seems is not None and seems != source:
        st.warning(text(f"translation.other_{source}"))
    elif (unknown or quoted) and not any(w in model.source_index and w[-1].isalnum() for w in words):
        st.warning(text("translation.all_unknown"))
    elif unknown:
        st.info(
            text(
                "translation.some_unknown",
                words=listed(map(escaped, unknown)),
                sign=UNKNOWN,
            )
        )
    if quoted:
        st.info(text("translation.some_quoted", parts=listed(map(escaped, quoted)), sign=UNKNOWN))
