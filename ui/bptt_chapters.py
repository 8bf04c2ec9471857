"""The chapters of the lesson `bptt`. Imports torch; the page makes sure that it is loaded."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache, partial

import numpy as np
import streamlit as st
import torch
from torch import Tensor, nn

from figures.gradients import truncation_figure
from rnn_core import trace
from rnn_core.backward.readout import BackwardPass, as_script, autograd_gradients, backward_pass
from rnn_core.backward.rtrl import bptt, rtrl
from rnn_core.backward.truncation import TruncationError, block_lengths, truncation_errors
from rnn_core.cells.lines import bptt_lines
from rnn_core.labs.remember import recurrent
from rnn_core.labs.slips import ScalarGradient, off_by, scalar_gradient, slipped_gradients
from rnn_core.labs.word import WordTraining, word_network
from rnn_core.models.hello import WORD
from rnn_core.networks.char_rnn import CharRNN
from rnn_core.work import Work
from ui import models
from ui.backward import backward_run, split_numbers
from ui.blocks import (
    chart,
    escaped,
    number_of,
    percent,
    predict,
    prose,
    quiz,
    same_question,
    signed,
    table,
)
from ui.components.page_frame import is_dark
from ui.components.stepper import show_stepper
from ui.errata import Erratum, show_errata
from ui.i18n import Section, text
from ui.state import View, control
from ui.training import computed
from ui.words import shown, split_word

Text = Mapping[str, Section]
URL = {"t": "t", "draw": "draw", "open": "open", "grad": "grad"}
OWN_URL = {"t": "wt", "draw": "draw", "open": "wopen", "grad": "wgrad"}


# --- 1 run ---------------------------------------------------------------------------------------


def show_run(view: View, content: Text) -> None:
    """The lecture's network: forward, then back; predict which step counts most."""
    model = models.shared("hello-lecture")
    T = len(WORD) - 1
    left, right = st.columns(2)
    _loss_control(left, view, "loss")
    right.slider(text("bptt.k"), 1, T, **control(view, "k"), help=text("bptt.k_help"))
    done = backward_pass(
        model.rnn,
        model.readout,
        model.one_hot(WORD[:-1]),
        model.one_hot(WORD[1:]),
        loss_steps=None if view["loss"] == "all" else [T - 1],
        block=view["k"] if view["k"] < T else None,
    )
    guess = _prediction(view, done, list(WORD[:-1]))
    show_stepper(
        backward_run(done, model.readout, list(WORD[:-1]), list(model.symbols)),
        "bptt.run.stepper",
        url=URL,
        veil=None if guess else {"nodes": ["gradients"], "from": 0},
    )
    prose(content["figure"])
    prose(content["equations"])
    if done.block is not None:
        full = backward_pass(
            model.rnn, model.readout, model.one_hot(WORD[:-1]), model.one_hot(WORD[1:]),
            loss_steps=done.loss_steps,
        )  # fmt: skip
        prose(content["cut-here"], k=str(done.block), error=percent(_error(done, full)))
    _twin(done, model.rnn, model.readout, list(WORD[:-1]), content)


def _loss_control(place: st.delta_generator.DeltaGenerator, view: View, key: str) -> None:
    options = {name: text(f"bptt.loss_{name}") for name in ("all", "last")}
    place.segmented_control(
        text("bptt.loss"),
        list(options),
        format_func=options.__getitem__,
        required=True,
        **control(view, key),
    )


def _prediction(view: View, done: BackwardPass, labels: Sequence[str]) -> str:
    """Ask which step adds most to ∂E/∂W_hh, and grade the answer with the numbers of this run."""
    options = {str(t + 1): f"t={t + 1} {label}" for t, label in enumerate(labels)}
    guess = predict(
        view, "guess", text("bptt.predict"), options | {"skip": text("bptt.predict_skip")}
    )
    if not guess:
        return guess
    shares = done.shares("W_hh")
    most = max(range(len(shares)), key=shares.__getitem__)
    same = same_question("bptt.guess", guess, (done.block, done.loss_steps))
    kind = (
        "shown" if guess == "skip" or not same else "right" if guess == str(most + 1) else "wrong"
    )
    message = text(
        f"bptt.predict_{kind}", guess=guess, best=most + 1, share=number_of(shares[most])
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{message} {text('bptt.first_is_zero')}", width="stretch")
        st.button(
            text("bptt.predict_again"),
            type="tertiary",
            on_click=view.__setitem__,
            args=("guess", ""),
        )
    return guess


def _error(done: BackwardPass, full: BackwardPass) -> float:
    """‖g_k − g‖ / ‖g‖ over the weights of the recurrent layer."""
    ours, theirs = (
        torch.cat([g.flatten() for g in p.grads.weights.values()]) for p in (done, full)
    )
    return float((ours - theirs).norm() / theirs.norm())


def _twin(
    done: BackwardPass, rnn: nn.RNN, readout: nn.Linear, labels: Sequence[str], content: Text
) -> None:
    """NumPy by hand beside PyTorch's autograd, and the same numbers from both."""
    prose(content["twin"])
    lines = bptt_lines(rnn.nonlinearity, done.output)
    code = {name: "".join(f.text for f in part.numpy) for name, part in lines.items()}
    left, right = st.columns(2)
    left.code(
        "\n".join(
            [
                "# NumPy",
                "for t in reversed(range(T)):",
                f"    {code['o']}",
                f"    {code['d']}",
                *[f"    {code[name]}" for name in ("W_xh", "W_hh", "W_hy")],
                "    delta_next = delta",
            ]
        ),
        language="python",
    )
    loss = (
        "loss = F.cross_entropy(ys, targets, reduction='sum')"
        if done.output == "softmax"
        else "loss = 0.5 * (ys - targets).square().sum()"
    )
    right.code(
        "\n".join(
            [
                "# PyTorch",
                "hs, _ = rnn(xs)",
                "ys = readout(hs)",
                loss,
                "loss.backward()",
                *["".join(f.text for f in lines[name].torch) for name in ("W_xh", "W_hh", "W_hy")],
            ]
        ),
        language="python",
    )
    by_hand, by_torch = done.gradients(), autograd_gradients(rnn, readout, done)
    rows = [
        [f"∂E/∂{name}[0,{j}]", f"{a:+.6f}".replace("-", "−"), f"{b:+.6f}".replace("-", "−")]
        for name in ("W_xh", "W_hh", "W_hy")
        for j, (a, b) in enumerate(
            zip(by_hand[name][0, :2].tolist(), by_torch[name][0, :2].tolist(), strict=True)
        )
    ]
    table([text("bptt.entry"), text("bptt.by_hand"), text("bptt.by_autograd")], rows)
    gap = max(float((by_hand[n] - by_torch[n]).abs().max()) for n in by_torch)
    entries = sum(g.numel() for g in by_torch.values())
    st.caption(text("bptt.gap", entries=entries, gap=number_of(gap, 1)))
    st.download_button(
        text("bptt.script"),
        as_script(done, rnn, readout, labels).encode(),
        "unrolled_bptt.py",
        key=f"bptt.script.{done.output}.{len(labels)}",
        on_click="ignore",
    )


# --- 2 own ---------------------------------------------------------------------------------------


def show_own(view: View, content: Text) -> None:
    """The reader's own word or numbers."""
    prose(content["own"])
    kinds = {name: text(f"bptt.kind_{name}") for name in ("word", "numbers")}
    st.segmented_control(
        text("bptt.kind"),
        list(kinds),
        format_func=kinds.__getitem__,
        required=True,
        **control(view, "kind"),
    )
    symbols, numbers = _input(view)
    left, middle, right = st.columns(3)
    left.slider(text("bptt.hidden"), 1, 6, **control(view, "hidden"))
    middle.number_input(text("bptt.seed"), 0, 999, **control(view, "seed"))
    if view["kind"] == "word":
        right.slider(text("bptt.trained"), 0, 200, step=10, **control(view, "trained"))
    T = len(symbols if view["kind"] == "word" else numbers) - 1
    view["ok"] = min(view["ok"], T) if view["ok"] < 24 else T
    left, right = st.columns(2)
    _loss_control(left, view, "oloss")
    if T > 1:  # one step alone cannot be cut
        right.slider(text("bptt.k"), 1, T, **control(view, "ok"), help=text("bptt.k_help"))
    steps = None if view["oloss"] == "all" else [T - 1]
    block = view["ok"] if view["ok"] < T else None
    if view["ok"] == T:
        view["ok"] = 24  # "no truncation" stays so for a longer word
    if view["kind"] == "word":
        settings = (symbols, view["hidden"], view["seed"], view["trained"])
        model = computed("bptt.own.model", settings, partial(_word_model, *settings))
        if model is None:
            return
        labels, units = [shown(s) for s in symbols[:-1]], [shown(s) for s in model.symbols]
        rnn, readout = model.rnn, model.readout
        done = backward_pass(
            rnn, readout, model.one_hot(symbols[:-1]), model.one_hot(symbols[1:]),
            loss_steps=steps, block=block,
        )  # fmt: skip
    else:
        rnn, readout = _number_model(view["hidden"], view["seed"])
        labels, units = [f"{value:g}".replace("-", "−") for value in numbers[:-1]], None
        values = torch.tensor(numbers)[:, None] / max(1.0, *map(abs, numbers))
        done = backward_pass(
            rnn, readout, values[:-1], values[1:],
            output="identity", loss_steps=steps, block=block,
        )  # fmt: skip
        st.caption(text("bptt.scaled", largest=f"{max(1.0, *map(abs, numbers)):g}"))
    st.markdown(text("bptt.loss_now", loss=f"{done.loss:.4f}"))
    show_stepper(backward_run(done, readout, labels, units), "bptt.own.stepper", url=OWN_URL)
    _twin(done, rnn, readout, labels, content)


def _input(view: View) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The text box of the chosen kind; what is no good gets a sentence and the last good input stays."""
    key = str(view["kind"])
    box = f"bptt.{key}.box"
    good = f"bptt.{key}.good"
    if box not in st.session_state or view[key] != st.session_state.get(good):
        st.session_state[box] = view[key]
    typed = st.text_input(text(f"bptt.input_{key}"), key=box, help=text(f"bptt.input_{key}_help"))
    if key == "word":
        word = split_word(typed or "")
        if word.problem is None:
            view["word"] = "".join(word.symbols)
        else:
            st.warning(text(f"hello.problem_{word.problem}", count=word.length))
    else:
        series = split_numbers(typed or "")
        if series.problem is None:
            view["numbers"] = (typed or "").strip()
        else:
            st.warning(text(f"bptt.problem_{series.problem}", found=escaped(series.found)))
    st.session_state[good] = view[key]
    return split_word(view["word"]).symbols, split_numbers(view["numbers"]).values


def _word_model(symbols: tuple[str, ...], hidden: int, seed: int, steps: int) -> Work[CharRNN]:
    """The network for a word, trained some steps."""
    training = WordTraining(word_network(symbols, hidden, seed), symbols, lr=0.03)
    for k in range(steps):
        yield k / steps
        training.advance(1)
    return training.model.requires_grad_(False).eval()


def _number_model(hidden: int, seed: int) -> tuple[nn.RNN, nn.Linear]:
    rnn = recurrent("rnn", 1, hidden, seed=seed)
    assert isinstance(rnn, nn.RNN)
    readout = nn.Linear(hidden, 1)
    generator = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        for parameter in readout.parameters():
            parameter.uniform_(-(hidden**-0.5), hidden**-0.5, generator=generator)
    return rnn.requires_grad_(False), readout.requires_grad_(False)


# --- 3 cut ---------------------------------------------------------------------------------------

UNITS, INPUTS = 16, 4


def show_cut(view: View, content: Text) -> None:
    """Truncation in blocks and by a window, and the gradient carried forward (RTRL)."""
    prose(content["cut"])
    left, middle, right = st.columns([3, 4, 2])
    cells = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}
    left.segmented_control(
        text("bptt.cell"), list(cells), format_func=cells.__getitem__, required=True,
        **control(view, "cell"),
    )  # fmt: skip
    _loss_control(middle, view, "closs")
    right.number_input(text("bptt.seed"), 0, 999, **control(view, "cseed"))
    left, middle, right = st.columns(3)
    left.slider(text("bptt.length"), 4, 120, **control(view, "T"))
    middle.slider(
        text("bptt.sigma"), 50, 150, step=5, format="%d%%", **control(view, "sigma"),
        help=text("bptt.sigma_help"),
    )  # fmt: skip
    view["ck"] = min(view["ck"], view["T"])
    right.slider(text("bptt.k"), 1, view["T"], **control(view, "ck"))
    settings = tuple(view[key] for key in ("cell", "T", "sigma", "closs", "cseed", "ck"))
    errors = cut_errors(*settings)
    here = next(e for e in errors if e.k == view["ck"])
    labels = {
        "k": text("bptt.axis_k"),
        "error": text("bptt.axis_error"),
        "blocks": text("bptt.blocks"),
        "window": text("bptt.window"),
    }
    chart(
        truncation_figure(errors, view["ck"], labels, is_dark()),
        "bptt.truncation",
        text("bptt.truncation_alt"),
    )
    st.markdown(
        text(
            "bptt.cut_now",
            k=here.k,
            blocks=percent(here.blocks),
            window=percent(here.window),
            cosine_blocks=f"{here.cosine_blocks:.2f}".replace("-", "−"),
            cosine_window=f"{here.cosine_window:.2f}".replace("-", "−"),
        )
    )
    prose(content["not-the-same"])
    show_errata("bptt", [FIRST_BLOCK])
    prose(content["rtrl"])
    asked = st.button(text("bptt.measure"), key="bptt.measure")
    measured = computed("bptt.measured", None, measure_rtrl, asked)
    if measured is not None:
        heads = ["unit", "T", "bptt_ms", "rtrl_ms", "bptt_kept", "rtrl_kept", "difference"]
        table([text(f"bptt.head_{name}") for name in heads], measured)
        st.caption(text("bptt.measured"))


@lru_cache(maxsize=32)
def _cut_input(T: int, seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(T, INPUTS, generator=generator), torch.randn(T, UNITS, generator=generator)


@lru_cache(maxsize=64)
def cut_errors(
    cell: str, T: int, sigma: int, loss: str, seed: int, k: int
) -> list[TruncationError]:
    """Errors for many k, the given one among them: a net of 16 units reads T random vectors; each step's (or the last) loss is a random direction."""
    module = recurrent(cell, INPUTS, UNITS, start="orthogonal", scale=sigma / 100, seed=seed)
    x, direction = _cut_input(T, seed)
    if loss == "last":
        direction = direction * (torch.arange(T) == T - 1)[:, None]
    ks = sorted(
        {*range(1, min(T, 12) + 1), *np.geomspace(1, T, 20).round().astype(int).tolist(), T}
    )
    ks = sorted({*ks, min(k, T)})
    return truncation_errors(trace(module, x), direction, ks)


def measure_rtrl() -> Work[list[list[str]]]:
    """Both gradients here and now: time, numbers kept, largest difference."""
    rng = np.random.default_rng(0)
    rows: list[list[str]] = []
    D = 8
    for H in (8, 16, 32):
        for T in (10, 100, 500):
            W = {
                "W_xh": rng.normal(size=(H, D)) / 3,
                "W_hh": rng.normal(size=(H, H)) / H,
                "b_h": np.zeros(H),
            }
            xs, h_0 = rng.normal(size=(T, D)), np.zeros(H)
            found, taken = [], []
            for way in (bptt, rtrl):
                times = []
                yield len(rows) / 9
                for _ in range(3):  # the first run warms up; other visitors may slow one down
                    start = time.perf_counter()
                    gradient = way(xs, h_0, W, lambda t, h: h)
                    times.append(1000 * (time.perf_counter() - start))
                found.append(gradient)
                taken.append(min(times))
            gap = max(float(np.abs(a - b).max()) for a, b in zip(*found, strict=True))
            kept = (T * H, H * H * (D + H + 1))
            rows.append(
                [
                    str(H),
                    str(T),
                    *[f"{ms:.1f}" for ms in taken],
                    *[f"{n:,}" for n in kept],
                    number_of(gap, 1),
                ]
            )
    return rows


# --- 4 check -------------------------------------------------------------------------------------

QZ5 = (
    "(W_hh @ delta_next + W_hy @ d_out) * (1 - h**2)",
    "(W_hh.T @ delta_next + W_hy.T @ d_out) * (1 - h**2)",
    "W_hh.T @ delta_next + W_hy.T @ d_out",
    "(W_hh.T @ delta_next + W_hy.T @ d_out) * (1 - h)",
)
QZ5_RIGHT = 1


def show_check(view: View, content: Text) -> None:
    """Quizzes, and the errors of the sources put right."""
    quiz(view, "qz5", QZ5, QZ5_RIGHT, code=True, after=_qz5_table)
    quiz(view, "qb1", [text(f"quiz.qb1_choice{k}") for k in range(4)], right=0)
    quiz(view, "qb2", [text(f"quiz.qb2_choice{k}") for k in range(3)], right=1)
    show_errata("bptt", [e for e in ERRATA if e is not FIRST_BLOCK])
    _through_w_out_table()


def _lecture_pass() -> BackwardPass:
    model = models.shared("hello-lecture")
    return backward_pass(
        model.rnn, model.readout, model.one_hot(WORD[:-1]), model.one_hot(WORD[1:])
    )


def qz5_values() -> list[list[float] | None]:
    """What every line of QZ-5 returns at step 2 of the lecture's network; None where it cannot be computed."""
    done, model = _lecture_pass(), models.shared("hello-lecture")
    W = done.run.lane().weights
    space = {
        "W_hh": W["W_hh"].numpy(),
        "W_hy": model.readout.weight.detach().numpy(),
        "h": done.run.lane().h[1, 0].numpy(),
        "delta_next": done.grads["a_h"][2, 0].numpy(),
        "d_out": done.out_deltas[1].numpy(),
    }
    values: list[list[float] | None] = []
    for line in QZ5:
        try:  # our own four lines, never a visitor's text
            values.append(list(map(float, eval(line, {"__builtins__": {}}, space))))  # noqa: S307
        except ValueError:  # the shapes do not fit: that is what the reader is shown
            values.append(None)
    return values


def _qz5_table() -> None:
    truth = _lecture_pass().grads["a_h"][1, 0].tolist()
    st.markdown(text("quiz.returns"))
    rows = [
        [
            line,
            *([text("quiz.does_not_fit"), "", ""] if row is None else [signed(v, 3) for v in row]),
        ]
        for line, row in zip(QZ5, qz5_values(), strict=True)
    ]
    rows.append([text("quiz.true_delta"), *[signed(v, 3) for v in truth]])
    marks = [k == QZ5_RIGHT for k in range(len(QZ5))] + [True]
    table([text("quiz.choice"), "δ₂[0]", "δ₂[1]", "δ₂[2]"], rows, marks)


# --- the sources put right -------------------------------------------------------------------------

SERIES, NETS = (1.5, 2.3, 0.2, 5.2), 1000
"""The lecture's measurements, as far as an article's three steps go: three are read, the fourth is the target."""


@cache
def through_w_out() -> tuple[
    tuple[ScalarGradient, ScalarGradient], tuple[ScalarGradient, ScalarGradient]
]:
    """The gradient of a net with one unit, right and as the article writes it (back through time by w_out): of the number
    net of chapter 2, and of `NETS` nets with weights drawn evenly from −1 to 1, which is PyTorch's start for one unit."""
    values = np.array(SERIES) / max(SERIES)
    rnn, readout = _number_model(1, 0)
    own = [p.detach().double().numpy()[0] for p in (*rnn.all_weights[0][:2], readout.weight)]  # fmt: skip
    drawn = np.random.default_rng(0).uniform(-1, 1, (3, NETS))

    def both(weights: Sequence[np.ndarray]) -> tuple[ScalarGradient, ScalarGradient]:
        found = [
            scalar_gradient(weights[0], weights[1], weights[2], values[:-1], values[-1], through)
            for through in ("hidden", "out")
        ]
        return found[0], found[1]

    return both(own), both(list(drawn))


@cache
def _w_out() -> dict[str, str]:
    (right, wrong), (rights, wrongs) = through_w_out()
    whole = [off_by(b, a) for a, b in zip(np.array(rights).T, np.array(wrongs).T, strict=True)]
    turned = np.array(rights.w_input) * np.array(wrongs.w_input) < 0
    return {
        "nets": f"{NETS:,}",
        "one": f"{off_by(np.array(wrong), np.array(right)).error * 100:.0f}",
        "error": f"{100 * np.median([o.error for o in whole]):.0f}",
        "cosine": f"{np.median([o.cosine for o in whole]):.2f}",
        "against": f"{100 * np.mean([o.cosine < 0 for o in whole]):.0f}",
        "turned": f"{100 * turned.mean():.0f}",
    }


def _through_w_out_table() -> None:
    """Per weight: the gradient right and as written, and in how many nets it is off by half or has the wrong sign."""
    (right, wrong), (rights, wrongs) = through_w_out()
    rows = []
    for name in ScalarGradient._fields:
        (a,), (b,) = getattr(right, name), getattr(wrong, name)
        all_a, all_b = getattr(rights, name), getattr(wrongs, name)
        rows.append(
            [
                f"∂E/∂{name}",
                signed(a, 4),
                signed(b, 4),
                f"{100 * np.mean(np.abs(all_b - all_a) > 0.5 * np.abs(all_a)):.0f}%",
                f"{100 * np.mean(all_a * all_b < 0):.0f}%",
            ]
        )
    table([text(f"bptt.head_{n}") for n in ("weight", "right", "written", "size", "turned")], rows)
    st.caption(text("bptt.through_note", nets=f"{NETS:,}"))


@cache
def _slips() -> dict[str, str]:
    """How far the gradients of the lecture's network are off with each slip of the study notes' tables."""
    done, model = _lecture_pass(), models.shared("hello-lecture")
    right = done.gradients()

    def off(slip: str, name: str) -> dict[str, str]:
        found = off_by(slipped_gradients(done, model.readout, slip)[name], right[name])
        return {
            f"{slip}_{name.lower()}": f"{100 * found.error:.0f}",
            f"{slip}_{name.lower()}_cosine": f"{found.cosine:.2f}".replace("-", "−"),
            f"{slip}_{name.lower()}_size": f"{found.ratio:.2f}",
        }

    pairs = (("same_step", "W_hh"), ("value", "W_hh"), ("no_path", "W_xh"), ("last_step", "W_hy"), ("last_step", "b_y"))  # fmt: skip
    return {key: value for slip, name in pairs for key, value in off(slip, name).items()}


@cache
def _first_block() -> dict[str, str]:
    """100 steps, cut where i % 30 is 0 and where it is 29: the loops run, their blocks counted."""
    (wrong, left), (right, rest) = block_lengths(100, 30), block_lengths(100, 30, 29)
    return {
        "wrong": " + ".join(map(str, wrong)), "left": str(left),
        "right": " + ".join(map(str, right)), "rest": str(rest),
    }  # fmt: skip


FIRST_BLOCK = Erratum("first_block", "S3", _first_block)
ERRATA = (
    Erratum("w_out", "S1", _w_out),
    Erratum("same_name", "S1"),
    Erratum("copied", "S2"),
    Erratum("same_step", "S2", _slips),
    Erratum("delta", "S2", _slips),
    Erratum("sums", "S2", _slips),
    FIRST_BLOCK,
)
