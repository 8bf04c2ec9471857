"""The chapters of the lesson `hello`. Imports torch; the page makes sure that it is loaded."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial

import numpy as np
import streamlit as st

from figures.training import loss_figure, probability_figure
from rnn_core import load
from rnn_core.labs.word import WordTraining, as_script, right_predictions, word_network
from rnn_core.models.hello import WORD
from rnn_core.networks.char_rnn import CharRNN, Reading
from ui import models
from ui.blocks import escaped, percent, predict, prose, quiz, signed, table
from ui.components.page_frame import is_dark
from ui.components.stepper import Edit, show_stepper
from ui.edits import apply_edits, with_edit
from ui.errata import Erratum, show_errata
from ui.i18n import Section, text
from ui.readings import best, reading_run
from ui.state import View, control
from ui.tables import as_csv
from ui.training import Live, buttons, live_training, progress, replay, run_live
from ui.words import is_right_to_left, shown, split_word

URL = {"t": "t", "draw": "draw", "open": "open"}
WORD_URL = {"t": "wt", "draw": "draw", "open": "wopen"}
Text = Mapping[str, Section]


# --- 1 run ---------------------------------------------------------------------------------------


def show_run(view: View, content: Text, _: Sequence[float]) -> None:
    """The lecture's network: predict, step, open numbers, change weights."""
    lecture = models.shared("hello-lecture")
    clean = lecture.read(WORD[:-1])
    guess = predict(
        view,
        "guess",
        text("hello.predict"),
        {s: s for s in lecture.symbols} | {"skip": text("hello.predict_skip")},
    )
    edited = _copy(lecture)
    applied = apply_edits(edited, view["edit"])
    reading = edited.read(WORD[:-1])
    if guess:
        _reveal(view, clean, guess, bool(applied))
    show_stepper(
        reading_run(reading, WORD, before=clean if applied else None),
        "hello.run.stepper",
        url=URL,
        before="edit",
        veil=None if guess else {"nodes": ["y", "p"], "from": 0},
        on_edit=_editor(view, "edit"),
    )
    _edit_note(view, "edit", applied)
    prose(content["figure"], h_20=signed(float(clean.trace.lane().h[1, 0, 0])))
    prose(content["equation"])
    prose(content["drawings"])
    if guess:
        prose(content["scores"], level=2, **first_step(reading))


def first_step(reading: Reading) -> dict[str, str]:
    """Of step 1, as the weights are now: the symbol with the largest score and the right one, their scores and probabilities."""
    scores, p = reading.scores[0].tolist(), reading.probabilities[0].tolist()
    top, right = best(reading.model, scores), WORD[1]
    k, e = (reading.model.symbols.index(s) for s in (top, right))
    return {
        "best": top,
        "y_best": signed(scores[k]),
        "y_right": signed(scores[e]),
        "p_best": percent(p[k]),
        "p_right": percent(p[e]),
    }


def _reveal(view: View, reading: Reading, guess: str, edited: bool) -> None:
    """Grade the guess by the figure's own weights, and say so where they have been `edited` since."""
    scores = reading.scores[0].tolist()
    top, target = best(reading.model, scores), WORD[1]
    kind = "shown" if guess == "skip" else "right" if guess == top else "wrong"
    message = text(
        f"hello.predict_{kind}",
        guess=guess,
        best=top,
        score=signed(max(scores)),
        target=target,
        target_score=signed(scores[reading.model.symbols.index(target)]),
    )
    if edited:
        message = f"{message} {text('hello.predict_before')}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(message, width="stretch")
        st.button(
            text("hello.predict_again"),
            type="tertiary",
            on_click=view.__setitem__,
            args=("guess", ""),
        )


def _editor(view: View, key: str) -> Callable[[Edit], None]:
    def on_edit(edit: Edit) -> None:
        view[key] = with_edit(view[key], edit)

    return on_edit


def _edit_note(view: View, key: str, applied: int) -> None:
    if not applied:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(text("hello.edits", count=applied), width="content")
        st.button(
            text("hello.edits_reset"),
            key=f"hello.{key}.reset",
            type="tertiary",
            on_click=view.__setitem__,
            args=(key, {}),
        )


# --- 2 train -------------------------------------------------------------------------------------


def show_train(view: View, content: Text, rates: Sequence[float]) -> None:
    """Train the lecture's network here and now, then step it, with the numbers from before beside it."""
    prose(content["train"])
    start = models.shared("hello-lecture")
    before = start.read(WORD[:-1])
    left, right = st.columns(2)
    left.select_slider(text("hello.lr"), rates, **control(view, "lr"))
    right.slider(text("hello.steps"), 10, 300, step=10, **control(view, "steps"))

    def make() -> WordTraining:
        return WordTraining(load("hello-lecture").requires_grad_(), WORD, view["lr"])

    live = live_training("hello.train.live", view["lr"], make)
    replay(live, view["done"])
    _buttons(view, live, "steps", "done")

    def draw() -> None:
        trainer = live.trainer
        if trainer.steps or live.running:
            _curves(live, view["steps"])
        now = trainer.model.read(WORD[:-1])
        row = now.probabilities[0].tolist()
        if trainer.steps:
            message = text(
                "hello.says_now",
                done=trainer.steps,
                best=best(now.model, row),
                p=percent(max(row)),
                right=right_predictions(now.model, WORD),
            )
        else:
            message = text("hello.says_before", best=best(now.model, row), p=percent(max(row)))
        st.markdown(message)
        show_stepper(
            reading_run(now, WORD, before=before if trainer.steps else None),
            "hello.train.stepper",
            url=URL,
        )

    run_live(live, view["steps"], 25, draw, finished=partial(view.__setitem__, "done"))
    if live.trainer.steps and not live.running:
        prose(content["compare"])


def _buttons(view: View, live: Live, goal: str, done: str) -> None:
    buttons(
        live,
        f"hello.{done}",
        view[goal],
        partial(view.__setitem__, done),
        text("hello.start"),
        text("hello.reset"),
    )


def _curves(live: Live, goal: int) -> None:
    trainer: WordTraining = live.trainer
    span = max(goal, trainer.steps)
    loss, target = trainer.losses[-1], int(trainer.target[0])
    symbols = [shown(s) for s in trainer.model.symbols]
    labels = {
        "steps": text("hello.axis_steps"),
        "loss": text("hello.axis_loss"),
        "probability": text("hello.axis_probability"),
    }
    label = text("hello.progress", done=trainer.steps, goal=goal, loss=f"{loss:.4f}")
    progress(live, goal, label)
    left, right = st.columns(2)
    left.plotly_chart(
        loss_figure(trainer.losses, span, labels, is_dark()),
        theme=None,
        key="hello.loss",
        alt=text("hello.figure_loss_alt", loss=f"{loss:.4f}"),
        config={"displayModeBar": False},
    )
    right.plotly_chart(
        probability_figure(trainer.first, symbols, target, span, labels, is_dark()),
        theme=None,
        key="hello.probability",
        alt=text(
            "hello.figure_probability_alt",
            target=symbols[target],
            p=percent(trainer.first[-1][target]),
        ),
        config={"displayModeBar": False},
    )


# --- 3 word --------------------------------------------------------------------------------------


def show_word(view: View, content: Text, rates: Sequence[float]) -> None:
    """A network for the reader's own word, trained from nothing."""
    prose(content["word"])
    word = _word_controls(view, rates)

    def make() -> WordTraining:
        return WordTraining(word_network(word, view["hidden"], view["seed"]), word, view["wlr"])

    signature = (word, view["hidden"], view["seed"], view["wlr"])
    live = live_training("hello.word.live", signature, make)
    replay(live, view["wdone"])
    _buttons(view, live, "wsteps", "wdone")

    def draw() -> None:
        trainer = live.trainer
        if trainer.steps or live.running:
            _curves(live, view["wsteps"])
        model = _copy(trainer.model)
        applied = 0 if live.running else apply_edits(model, view["wedit"])
        reading = model.read(word[:-1])
        right = right_predictions(model, word)
        says = "hello.word_says" if trainer.steps else "hello.word_says_untrained"
        st.markdown(text(says, done=trainer.steps, right=right, total=len(word) - 1))
        clean = trainer.model.read(word[:-1]) if applied else None
        show_stepper(
            reading_run(reading, word, before=clean),
            "hello.word.stepper",
            url=WORD_URL,
            before="edit",
            on_edit=None if live.running else _editor(view, "wedit"),
        )
        _edit_note(view, "wedit", applied)
        if not live.running:
            _downloads(reading, word)
            prose(content["edit"])
            prose(content["pairs"])
            _pairs(reading, word)

    run_live(live, view["wsteps"], 10, draw, finished=partial(view.__setitem__, "wdone"), tick=0.05)


def _word_controls(view: View, rates: Sequence[float]) -> tuple[str, ...]:
    """The controls; returns the last good word, whatever stands in the box."""
    left, middle, right = st.columns([2, 1, 1])
    box = "hello.word"
    if box not in st.session_state or view["word"] != st.session_state.get("hello.word.good"):
        st.session_state[box] = view["word"]  # what is typed stays, even while it is no good word
    typed = left.text_input(text("hello.word"), key=box, help=text("hello.word_help"))
    middle.slider(text("hello.hidden"), 1, 16, **control(view, "hidden"))
    right.number_input(text("hello.seed"), 0, 999, **control(view, "seed"))
    left, right = st.columns(2)
    left.select_slider(text("hello.lr"), rates, **control(view, "wlr"))
    right.slider(text("hello.steps"), 10, 300, step=10, **control(view, "wsteps"))
    word = split_word(typed or "")
    if word.problem is None:
        if split_word(view["word"]).symbols != word.symbols:
            view["wedit"], view["wdone"] = {}, 0
        view["word"] = "".join(word.symbols)
    else:
        st.warning(text(f"hello.problem_{word.problem}", count=word.length))
    st.session_state["hello.word.good"] = view["word"]
    symbols = split_word(view["word"]).symbols
    if is_right_to_left(symbols):
        st.caption(text("hello.rtl"))
    return symbols


def _copy(model: CharRNN) -> CharRNN:
    copy = CharRNN(model.symbols, model.rnn.hidden_size)
    copy.load_state_dict(model.state_dict())
    return copy.requires_grad_(False).eval()


def _pairs(reading: Reading, word: Sequence[str]) -> None:
    names = ("pair_t", "pair_input", "pair_target", "pair_guess", "pair_p")
    rows, marks = [], []
    for t, row in enumerate(reading.probabilities.tolist()):
        target, guess = shown(word[t + 1]), best(reading.model, row)
        p = row[reading.model.symbols.index(word[t + 1])]
        rows.append((str(t + 1), shown(word[t]), target, guess, percent(p)))
        marks.append(guess == target)
    table([text(f"hello.{name}") for name in names], rows, marks)
    for symbol in dict.fromkeys(word[:-1]):
        nexts = dict.fromkeys(shown(b) for a, b in itertools.pairwise(word) if a == symbol)
        if len(nexts) > 1:
            # one sentence is enough to make the point
            st.markdown(
                text(
                    "hello.twofold", symbol=escaped(shown(symbol)), nexts=escaped(", ".join(nexts))
                )
            )
            break


def as_sheet(reading: Reading) -> bytes:
    """Every number of a run as CSV; the reader's symbols stay text in a spreadsheet."""
    rows: list[Sequence[str | float]] = [("t", "input", "name", "unit", "value")]
    for _, _, t, _, name, unit, value in reading.trace.to_rows():
        entry = reading.model.symbols[unit] if name == "x" else unit
        rows.append((t + 1, reading.inputs[t], name, entry, value))
    for name, values in (("y", reading.scores), ("p", reading.probabilities)):
        for t, row in enumerate(values.tolist()):
            for symbol, value in zip(reading.model.symbols, row, strict=True):
                rows.append((t + 1, reading.inputs[t], name, symbol, value))
    return as_csv(rows)


def _downloads(reading: Reading, word: Sequence[str]) -> None:
    def npz() -> bytes:
        file = io.BytesIO()
        np.savez_compressed(file, **reading.arrays())  # type: ignore[arg-type]
        return file.getvalue()

    def script() -> bytes:
        return as_script(reading.model, word).encode()

    st.markdown(f"**{text('hello.downloads')}**")
    with st.container(horizontal=True):
        for name, make, file in (
            ("npz", npz, "unrolled.npz"),
            ("csv", partial(as_sheet, reading), "unrolled.csv"),
            ("script", script, "unrolled.py"),
        ):
            st.download_button(
                text(f"hello.download_{name}"),
                make,
                file,
                key=f"hello.download.{name}",
                on_click="ignore",
            )


# --- 4 check -------------------------------------------------------------------------------------

QZ4 = (
    "W_hy @ (W_xh @ x_1 + W_hh @ h_0 + b_h) + b_y",
    "W_hy @ np.tanh(W_xh @ x_1 + W_hh @ h_1 + b_h) + b_y",
    "W_hy @ np.tanh(W_xh @ x_1 + W_hh @ h_0 + b_h) + b_y",
    "np.tanh(W_hy @ (W_xh @ x_1 + W_hh @ h_0 + b_h) + b_y)",
)
QZ4_RIGHT = 2


def show_check(view: View, content: Text, _: Sequence[float]) -> None:
    """Quizzes of the lecture, and its errors put right."""
    quiz(view, "qz2", [text(f"quiz.qz2_choice{k}") for k in range(4)], right=1)
    quiz(view, "qz4", QZ4, QZ4_RIGHT, code=True, after=_qz4_values)
    show_errata("hello", ERRATA)


def qz4_values() -> list[list[float]]:
    """What every line of QZ-4 returns for the lecture's network; h_1 is the true next state."""
    model = models.shared("hello-lecture")
    reading = model.read(WORD[:-1])
    lane, W = reading.trace.lane(), reading.trace.lane().weights
    space = {"np": np} | {name: weight.numpy() for name, weight in W.items()}
    space |= {
        "W_hy": model.readout.weight.numpy(),
        "b_y": model.readout.bias.numpy(),
        "x_1": lane.x[0, 0].numpy(),
        "h_0": lane.h_0[0].numpy(),
        "h_1": lane.h[0, 0].numpy(),
    }
    # our own four lines, never a visitor's text
    return [list(map(float, eval(line, {"__builtins__": {}}, space))) for line in QZ4]  # noqa: S307


def _qz4_values() -> None:
    truth = models.shared("hello-lecture").read(WORD[:1]).scores[0].tolist()
    st.markdown(text("quiz.returns"))
    rows = [[line, *[signed(v) for v in row]] for line, row in zip(QZ4, qz4_values(), strict=True)]
    rows.append([text("quiz.network"), *[signed(v) for v in truth]])
    marks = [k == QZ4_RIGHT for k in range(len(QZ4))] + [True]
    table([text("quiz.choice"), "h", "e", "l", "o"], rows, marks)


@cache
def _scores_and_probabilities() -> dict[str, str]:
    """Of the lecture's network after h: the largest score and the smallest, what the scores add up to, and the same as probabilities."""
    reading = models.shared("hello-lecture").read(WORD[:-1])
    scores, p = reading.scores[0], reading.probabilities[0]
    return {
        "most": signed(float(scores.max())),
        "least": signed(float(scores.min())),
        "sum": signed(float(scores.sum())),
        "p_most": percent(float(p.max())),
        "p_sum": percent(float(p.sum())),
    }


ERRATA = (
    Erratum("logits", "S4", _scores_and_probabilities),
    Erratum("index", "S4"),
)
