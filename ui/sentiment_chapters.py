"""The chapters of the lesson `sentiment`. Imports torch; the page makes sure that it is loaded."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np
import streamlit as st

from rnn_core.data.own_reviews import KINDS
from rnn_core.data.reviews import verdict
from rnn_core.forward.probing import score
from rnn_core.networks.attribution import gradient_times_input, occlusion
from rnn_core.networks.char_lm import CharLM
from rnn_core.networks.review import ReviewReading
from rnn_core.work import Work
from ui import batch, models, reviews, tables, upload
from ui.blocks import judged, percent, predict, prose, quiz, same_question, signed, table
from ui.components.stepper import show_stepper
from ui.components.stepper.run import Run
from ui.errata import Erratum, show_errata
from ui.i18n import Section, language, text
from ui.reviews import CELLS, NAMES
from ui.sentences import looks
from ui.state import View, control
from ui.tables import TableError
from ui.training import computed

Text = Mapping[str, Section]
URL = {"t": "t", "draw": "draw", "open": "open", "unit": "u", "value": "v"}


# --- 1 read --------------------------------------------------------------------------------------


def show_read(view: View, content: Text) -> None:
    """The verdict on the visitor's text after every word, with the network behind it."""
    prose(content["read"])
    of, typed = reviews.controls(view)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        cell = reviews.cell_control(view)
        st.toggle(text("sentiment.all"), **control(view, "all"))
    model = reviews.model_of(cell, of)
    tokens = model.tokens(typed)
    first = tuple(tokens[: reviews.OPENED])
    said, p = reviews.judge(model, tokens)
    st.markdown(
        text(
            f"sentiment.said_{said}",
            p=percent(p),
            net=NAMES[cell],
            bag=percent(reviews.floor_positive(of, tokens)),
        )
    )
    reviews.show_strange(model, tokens)
    if len(tokens) > reviews.OPENED:
        st.info(text("sentiment.opened", words=len(tokens), most=reviews.OPENED))
    run = _read_run(cell, of, first, view["all"], language())
    show_stepper(run, "sentiment.read.stepper", url=URL, start=len(first) - 1)
    slope = f"{card_slope(cell, of):.1f}"
    for section in ("bidirectional",) if model.both else ("equations", "many-to-one"):
        prose(content[section], slope=slope)


@lru_cache(maxsize=12)
def _read_run(cell: str, of: str, tokens: tuple[str, ...], every: bool, lang: str) -> Run:
    """The reading in the page's language `lang`: a room of readers opens the same examples."""
    assert lang == language()
    reading = reviews.model_of(cell, of).read_tokens(list(tokens))
    return reviews.review_run(reading, _curves(reading, cell, of, every))


def _curves(reading: ReviewReading, cell: str, of: str, every: bool) -> dict[str, Any]:
    """P(positive) after each token: this network's, and if wished the other networks' and the bag's."""
    found: dict[str, Any] = {NAMES[cell]: (cell, reading.positive.numpy())}
    if not every:
        return found
    for other in CELLS:
        if other != cell:
            p = reviews.model_of(other, of).read_tokens(reading.tokens).positive
            found[NAMES[other]] = (other, p.numpy())
    model = reviews.model_of("lstm", of)
    assert model.floor is not None
    prefixes = [reading.tokens[: t + 1] for t in range(len(reading.tokens))]
    bag = model.floor([model.floor_tokens(tokens) for tokens in prefixes]).sigmoid()
    return found | {text("sentiment.bag"): ("bag", bag.numpy())}


# --- 2 why ---------------------------------------------------------------------------------------


def show_why(view: View, content: Text) -> None:
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
            [
                [token, *(signed(float(values[t]), 3) for values in pushes.values())]
                for t, token in enumerate(tokens)
            ],
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


# --- 3 pairs -------------------------------------------------------------------------------------

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


def show_pairs(view: View, content: Text) -> None:
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
    right = {
        name: sum((p > 0.5) == good for p, good in zip(ps, wanted, strict=True))
        for name, ps in found.items()
    }
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
    sides = {good: text(f"sentiment.class_{'positive' if good else 'negative'}") for good in (True, False)}  # fmt: skip
    rows = [
        [sentence, sides[good], *(_marked(found[name][k], good) for name in found)]
        for k, (_, sentence, good) in enumerate(PAIRS[of])
    ]
    total = [text("sentiment.head_right"), "", *(f"{n} / {len(wanted)}" for n in right.values())]
    table(heads, [*rows, total], wrap=1)
    st.caption(text("sentiment.pairs_note"))
    prose(content["two-ways"])
    st.selectbox(
        text("sentiment.pair"), range(len(wanted)), format_func=lambda k: PAIRS[of][k][1],
        **control(view, "pair"),
    )  # fmt: skip
    reading = reviews.model_of("bi", of).read(PAIRS[of][view["pair"]][1])
    show_stepper(
        reviews.review_run(reading, _curves(reading, "bi", of, True)),
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


# --- 4 scores ------------------------------------------------------------------------------------


def show_scores(view: View, content: Text) -> None:
    """What the cards say: accuracy, spread over seeds, floor, calibration, and the worst errors."""
    prose(content["scores"])
    for of in ("en", "ja"):
        keys = _score_keys(of)
        heads = [
            text("sentiment.cell"),
            *(text(f"sentiment.score_{key}") for key in keys),
            text("sentiment.head_seeds"),
            text("sentiment.head_parameters"),
        ]
        rows = []
        for cell in CELLS:
            card = reviews.card_of(cell, of)
            rows.append(
                [
                    NAMES[cell],
                    *(_spread(card, key) for key in keys),
                    _seeds(card),
                    f"{network_weights(card):,}",
                ]
            )
        main = reviews.card_of("lstm", of)
        rows.append(
            [
                text("sentiment.bag"),
                *(_share(main["baseline"].get(key)) for key in keys),
                "–",
                f"{main['config']['floor'][1]:,}",
            ]
        )
        st.markdown(f"**{text(f'sentiment.of_{of}')}**")
        table(heads, rows)
    prose(content["verdict"], level=2, **verdict_numbers())
    judged("clm26", twin_numbers())
    prose(content["calibration"], level=2, **calibration_numbers())
    prose(content["strange"], level=2, **strange_numbers())
    table(*strange_table())
    prose(content["errors"])
    of = reviews.language_control(view)
    card = reviews.card_of("lstm", of)
    _texts_table(card["errors"])
    prose(content["floor-wins"], level=2, **floor_numbers())
    _texts_table(card["floor_wins"])
    st.caption(text(f"sentiment.errors_source_{of}"))
    prose(content["own"], level=2)
    table(*own_table(of))
    prose(content["card"], level=2, **{f"{of}_{k}": v for of in ("en", "ja") for k, v in card_numbers(of).items()})  # fmt: skip


def _texts_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Test texts, their labels and what the LSTM says of each."""
    names = reviews.class_names()
    table(
        [text(f"sentiment.head_{n}") for n in ("text", "label", "said")],
        [[row["text"], names[row["label"]], percent(row["p"])] for row in rows],
        wrap=1,
    )


def calibration_numbers() -> dict[str, str]:
    """The calibration error of the LSTMs, with and without the share of "neither", in percent."""
    out = {}
    for of in ("en", "ja"):
        scores = reviews.card_of("lstm", of)["scores"]
        out[f"{of}_ece"] = f"{100 * scores['ece']:.1f}"
        out[f"{of}_sides"] = f"{100 * scores['ece_without_neither']:.1f}"
    return out


def card_slope(cell: str, of: str) -> float:
    """The slope a of a network's doubt."""
    return float(reviews.card_of(cell, of)["config"]["doubt"])


def strange_numbers() -> dict[str, str]:
    """What doubt changes on the test texts, from the LSTMs' cards; shares in percent."""
    out: dict[str, str] = {}
    for of in ("en", "ja"):
        scores = reviews.card_of("lstm", of)["scores"]
        out |= {
            f"{of}_rare": f"{scores['rare_texts']:.0f}",
            f"{of}_rare_before": f"{100 * scores['confident_errors_rare_before']:.1f}",
            f"{of}_rare_now": f"{100 * scores['confident_errors_rare']:.1f}",
            f"{of}_silent": f"{100 * scores['silent']:.1f}",
            f"{of}_loss_before": f"{scores['loss_before']:.4f}",
            f"{of}_loss": f"{scores['loss']:.4f}",
            f"{of}_ece_before": f"{100 * scores['ece_before']:.1f}",
            f"{of}_ece": f"{100 * scores['ece']:.1f}",
            f"{of}_sides_before": f"{100 * scores['ece_without_neither_before']:.1f}",
            f"{of}_sides": f"{100 * scores['ece_without_neither']:.1f}",
            f"{of}_slope": f"{card_slope('lstm', of):.1f}",
        }
    false = models.card_of("familiar-ja")["scores"]["false_share"]
    return out | {"false_share": f"{100 * false:.1f}"}


def strange_table() -> tuple[list[str], list[list[str]]]:
    """Confident errors among strange test texts, before and after doubt, of every network."""
    heads = [text(f"sentiment.head_{n}") for n in ("network", "doubt", "errors_before", "errors_now")]  # fmt: skip
    rows = []
    for of in ("en", "ja"):
        for cell in CELLS:
            scores = reviews.card_of(cell, of)["scores"]
            shares = (scores[f"confident_errors_rare{when}"] for when in ("_before", ""))
            name = f"{text(f'sentiment.of_{of}')}, {NAMES[cell]}"
            rows.append([name, f"{card_slope(cell, of):.1f}", *map(_share, shares)])
    return heads, rows


def own_table(of: str) -> tuple[list[str], list[list[str]]]:
    """Our own reviews by kind: how many the LSTM gets right, leaves open, gets wrong, and wrong with confidence."""
    scores = reviews.card_of("lstm", of)["scores"]
    heads = [text(f"sentiment.head_{n}") for n in ("kind", "own_count", "own_right", "own_unsure", "own_wrong", "own_confident", "own_before")]  # fmt: skip
    rows = []
    for kind in KINDS:
        count, right, unsure, sure, before = (
            round(scores[f"own_{kind}{key}"])
            for key in ("", "_right", "_unsure", "_confident_errors", "_confident_errors_before")
        )
        numbers = (count, right, unsure, count - right - unsure, sure, before)
        rows.append([text(f"sentiment.kind_{kind}"), *map(str, numbers)])
    return heads, rows


def floor_numbers() -> dict[str, str]:
    """How often the floor is right where the LSTM is wrong, from the cards."""
    keys = {"en": "floor_wins", "ja": "floor_wins_economy_watchers", "absa": "floor_wins_m_absa"}
    return {
        name: f"{100 * reviews.card_of('lstm', 'en' if name == 'en' else 'ja')['scores'][key]:.1f}"
        for name, key in keys.items()
    }


def _score_keys(of: str) -> list[str]:
    return ["accuracy", "ece"] if of == "en" else ["accuracy_economy_watchers", "accuracy_m_absa", "ece"]  # fmt: skip


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}%"


def _spread(card: Mapping[str, Any], key: str) -> str:
    """The shipped weights' score, and mean ± standard deviation over the seeds where several were measured."""
    seeds = card["seeds"]
    told = _share(card["scores"][key])
    if len(seeds["seeds"]) < 2 or key not in seeds:
        return told
    found = seeds[key]
    return f"{told} ({100 * found['mean']:.1f} ± {100 * found['standard_deviation']:.1f})"


def network_weights(card: Mapping[str, Any]) -> int:
    """The numbers of the network alone: the file of an LSTM also holds the bag."""
    return sum(
        math.prod(t["shape"]) for name, t in card["tensors"].items() if not name.startswith("floor")
    )


def _seeds(card: Mapping[str, Any]) -> str:
    return str(len(card["seeds"]["seeds"]))


@cache
def verdict_numbers() -> dict[str, str]:
    """What the verdict on CLM-15 quotes: means over the seeds."""
    out = {}
    for of, key in (("en", "accuracy"), ("ja", "accuracy_economy_watchers")):
        for cell in CELLS:
            found = reviews.card_of(cell, of)["seeds"][key]
            out[f"{of}_{cell}"] = f"{100 * found['mean']:.2f}"
        out[f"{of}_bag"] = f"{100 * reviews.card_of('lstm', of)['baseline'][key]:.2f}"
        one, both = (reviews.card_of(cell, of)["seeds"][key] for cell in ("lstm", "bi"))
        out[f"{of}_gain"] = signed(100 * (both["mean"] - one["mean"]))
        out[f"{of}_sd_lstm"] = f"{100 * one['standard_deviation']:.2f}"
        out[f"{of}_sd_bi"] = f"{100 * both['standard_deviation']:.2f}"
    return out


@cache
def twin_numbers() -> dict[str, str]:
    """CLM-26: simple RNN and LSTM on the reviews, means ± standard deviations over the seeds, and the adder's simple RNN."""
    out = {}
    for of, key in (("en", "accuracy"), ("ja", "accuracy_economy_watchers")):
        for cell in ("rnn", "lstm"):
            found = reviews.card_of(cell, of)["seeds"][key]
            out[f"{cell}_{of}"] = (
                f"{100 * found['mean']:.1f} ± {100 * found['standard_deviation']:.1f}"
            )
        out[f"bag_{of}"] = f"{100 * reviews.card_of('lstm', of)['baseline'][key]:.1f}"
    adder = models.card_of("adder")
    return out | {
        "sums": f"{adder['scores']['sums_right']:,}",
        "units": str(adder["config"]["hidden"]),
    }


def card_numbers(of: str) -> dict[str, str]:
    """What the closing section quotes from a card."""
    card = reviews.card_of("lstm", of)
    return {
        "vocabulary": f"{len(card['config']['symbols'].split(' ')):,}",
        "units": str(card["config"]["hidden"]),
        "parameters": f"{card['parameters']:,}",
        "megabytes": f"{card['bytes'] / 1e6:.1f}",
        "minutes": f"{card['training_seconds'] / 60:.0f}",
    }


# --- 5 many --------------------------------------------------------------------------------------

SHOWN = 200
CHUNK = 64


def show_many(view: View, content: Text) -> None:
    """Many reviews at once: paste lines or upload a CSV; progress, a table, a file to keep."""
    prose(content["many"])
    of = reviews.language_control(view)
    box, kept = "sentiment.many.paste", "sentiment.many.kept"
    if box not in st.session_state:  # Streamlit forgets a box that was not drawn for a while
        st.session_state[box] = st.session_state.get(kept, "")
    pasted = st.text_area(text("sentiment.paste"), key=box, height=140, max_chars=400_000)
    st.session_state[kept] = pasted
    file = upload.uploader(text("sentiment.upload"), ["csv", "txt"], "sentiment.many.file")
    try:
        found = _batch(pasted or "", file)
    except TableError as error:
        st.warning(text(f"tables.problem_{error.problem}", **tables.told(error), most=f"{batch.LINES:,}"))  # fmt: skip
        return
    if found is None:
        return
    if found.cut:
        st.info(text("sentiment.cut", count=found.cut, most=f"{reviews.MOST:,}"))
    wanted = (of, tuple(found.texts))
    asked = st.button(text("sentiment.judge", count=f"{len(found.texts):,}"), key="sentiment.many.go", type="primary")  # fmt: skip
    done = computed("sentiment.many.done", wanted, partial(_judged, of, found.texts), asked)
    if done is None:
        return
    judged, other = done
    if other:
        st.warning(text("sentiment.many_other", count=f"{other:,}"))
    _show_judged(found.texts, judged)
    st.caption(text("sentiment.many_rule"))


def _batch(pasted: str, file: Any) -> batch.Batch | None:
    """What is there to judge, read once; an uploaded file goes before pasted lines. Raises TableError."""
    read = partial(upload.once, "sentiment.many.read")
    if file is None:
        return read(pasted, lambda: batch.pasted(pasted)) if pasted.strip() else None
    plain = upload.once(
        "sentiment.many.plain", file.file_id, lambda: tables.text_of(file.getvalue())
    )
    tables.tell_encoding(plain)
    if file.name.lower().endswith(".txt"):
        return read(file.file_id, lambda: batch.pasted(plain.text))
    found = upload.once(
        "sentiment.many.columns", file.file_id, lambda: batch.columns_of(plain.text)
    )
    column: str | None = found.names[0]
    if len(found.names) > 1:
        column = st.selectbox(text("sentiment.column"), found.names, index=None, key="sentiment.many.column")  # fmt: skip
    if column not in found.names:
        return None
    return read((file.file_id, column), lambda: batch.texts_of(found, column))


def _judged(of: str, texts: Sequence[str]) -> Work[tuple[list[list[float] | None], int]]:
    """p(negative), p(neither), p(positive) of each text and how much of it is hardly known (None for one without anything to
    read); how many are in the other language."""
    model = reviews.model_of("lstm", of)
    found: list[list[float] | None] = []
    other = 0
    for start in range(0, len(texts), CHUNK):
        yield start / len(texts)
        other += sum(looks(line[:200]) not in (None, of) for line in texts[start : start + CHUNK])
        cut = [model.tokens(line) for line in texts[start : start + CHUNK]]
        judged = iter(model.probabilities([tokens for tokens in cut if tokens]).tolist())
        found += [
            [*next(judged), model.strange_share(tokens)] if tokens else None for tokens in cut
        ]
    return found, other


def _show_judged(texts: Sequence[str], shares: Sequence[list[float] | None]) -> None:
    verdicts = ["unreadable" if p is None else verdict(p[:3], p[3]) for p in shares]
    found = [None if p is None else p[2] + p[1] / 2 for p in shares]
    counts = {name: verdicts.count(name) for name in ("positive", "unsure", "negative", "unreadable")}  # fmt: skip
    with st.container(horizontal=True):
        for name, count in counts.items():
            if count or name != "unreadable":
                st.metric(text(f"sentiment.verdict_{name}"), f"{count:,}")
    heads = [text(f"sentiment.head_{n}") for n in ("text", "verdict", "p")]
    rows = [
        [_short(line), text(f"sentiment.verdict_{v}"), "–" if p is None else percent(p)]
        for line, v, p in zip(texts, verdicts, found, strict=True)
    ]
    exact = [[line, v, "" if p is None else f"{p:.4f}"] for line, v, p in zip(texts, verdicts, found, strict=True)]  # fmt: skip
    st.download_button(
        text("sentiment.download"),
        partial(tables.as_csv, [["text", "verdict", "p_positive"], *exact]),
        "sentiment.csv",
        "text/csv",
        key="sentiment.many.download",
    )
    table(heads, rows[:SHOWN], wrap=1)
    if len(rows) > SHOWN:
        st.caption(text("sentiment.more", shown=SHOWN, count=f"{len(rows):,}"))


def _short(line: str) -> str:
    """The beginning of a long text; the file to keep has all of it."""
    return line if len(line) <= 160 else line[:160] + "…"


# --- 6 check -------------------------------------------------------------------------------------


def show_check(view: View, content: Text) -> None:
    """Questions on what was seen, the claims on words and vocabularies, and the errors of the sources."""
    prose(content["check"])
    quiz(view, "qs1", [text(f"quiz.qs1_choice{k}") for k in range(3)], right=1)
    quiz(view, "qs2", [text(f"quiz.qs2_choice{k}") for k in range(3)], right=2)
    quiz(view, "qs3", [text(f"quiz.qs3_choice{k}") for k in range(3)], right=0)
    prose(content["sizes"])
    _tables_table()
    judged("clm27", sizes())
    judged("clm28", lengths())
    show_errata("sentiment", ERRATA)


@cache
def sizes() -> dict[str, str]:
    """CLM-27: three tables over the English model's vocabulary of V words: V × V counts, V × H of a one-hot RNN, V × d."""
    tensors = reviews.card_of("lstm", "en")["tensors"]
    V, d = tensors["embedding.weight"]["shape"]
    H = tensors["rnn.weight_hh_l0"]["shape"][1]
    found = {"v": V, "h": H, "d": d, "vv": V * V, "vh": V * H, "vd": V * d}
    return {name: f"{count:,}" for name, count in found.items()}


def _tables_table() -> None:
    found = sizes()
    rows = [[text(f"sentiment.table_{n}"), text(f"sentiment.shape_{n}", **found), found[n]] for n in ("vv", "vh", "vd")]  # fmt: skip
    table([text(f"sentiment.head_{n}") for n in ("table", "shape", "numbers")], rows, wrap=1)


@cache
def lengths() -> dict[str, str]:
    """CLM-28: the longest word of the English vocabulary and its shortest, spelt out to the character LSTM: the same weights, as many numbers."""
    model: CharLM = models.shared("chars-lstm-en")
    symbols = reviews.card_of("lstm", "en")["config"]["symbols"].split(" ")
    words = sorted((w for w in symbols if w.isascii() and w.isalpha()), key=lambda w: (len(w), w))
    out = {"weights": f"{sum(p.numel() for p in model.parameters()):,}"}
    for name, word in (("short", words[0]), ("long", words[-1])):
        state = model.read(word).trace.lane().h[-1, 0]
        out |= {name: word, f"steps_{name}": str(len(word)), f"state_{name}": str(len(state))}
    return out


ERRATA = (Erratum("lengths", "S2", lengths), Erratum("vv", "S2", sizes))
