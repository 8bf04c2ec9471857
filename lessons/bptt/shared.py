"""What several chapters of the lesson `bptt` use."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import streamlit as st
import torch
from torch import nn

from rnn_core.backward.readout import BackwardPass, as_script, autograd_gradients
from rnn_core.backward.truncation import block_lengths
from rnn_core.cells.lines import bptt_lines
from rnn_core.labs.remember import recurrent
from ui.blocks import (
    number_of,
    prose,
    table,
)
from ui.controls import choose
from ui.errata import Erratum
from ui.i18n import text
from ui.page import Content
from ui.state import View


def loss_control(place: st.delta_generator.DeltaGenerator, view: View, key: str) -> None:
    options = {name: text(f"bptt.loss_{name}") for name in ("all", "last")}
    choose(view, key, text("bptt.loss"), options, place=place)


def code_twin(done: BackwardPass, rnn: nn.RNN, readout: nn.Linear, labels: Sequence[str], content: Content) -> None:
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
        for j, (a, b) in enumerate(zip(by_hand[name][0, :2].tolist(), by_torch[name][0, :2].tolist(), strict=True))
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


def number_model(hidden: int, seed: int) -> tuple[nn.RNN, nn.Linear]:
    rnn = recurrent("rnn", 1, hidden, seed=seed)
    assert isinstance(rnn, nn.RNN)
    readout = nn.Linear(hidden, 1)
    generator = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        for parameter in readout.parameters():
            parameter.uniform_(-(hidden**-0.5), hidden**-0.5, generator=generator)
    return rnn.requires_grad_(False), readout.requires_grad_(False)


@cache
def _first_block() -> dict[str, str]:
    """100 steps, cut where i % 30 is 0 and where it is 29: the loops run, their blocks counted."""
    (wrong, left), (right, rest) = block_lengths(100, 30), block_lengths(100, 30, 29)
    return {
        "wrong": " + ".join(map(str, wrong)),
        "left": str(left),
        "right": " + ".join(map(str, right)),
        "rest": str(rest),
    }


FIRST_BLOCK = Erratum("first_block", "S3", _first_block)
