"""A `Reading` of the character network as a run of the stepper."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from rnn_core.cells import rnn_step
from rnn_core.cells.arrays import softmax
from rnn_core.stepper.run import Run, add_traced_lane
from rnn_core.store import load_arrays
from ui.typed.words import shown

if TYPE_CHECKING:
    from rnn_core.networks.char_rnn import CharRNN, Reading


def reading_run(reading: Reading, word: Sequence[str], before: Reading | None = None) -> Run:
    """One column per symbol read; targets are the symbols that follow. `before` is shown beside it."""
    model = reading.model
    units = [shown(s) for s in model.symbols]
    run = Run([shown(s) for s in reading.inputs])
    run.add_input("x", model.one_hot(reading.inputs).numpy(), units=units, scale="onehot")
    lane = add_traced_lane(run, reading.trace.lane(), sources=["x"], cut=True)
    run.add_readout(
        reading.scores.numpy(),
        reading.probabilities.numpy(),
        {"W_hy": model.readout.weight.detach(), "b_y": model.readout.bias.detach()},
        units,
        sources=[f"{lane}.h"],
        target=[model.symbols.index(s) for s in word[1:]],
    )
    if before is not None:
        run.compare_with(reading_run(before, word))
    return run


def best(model: CharRNN, row: Sequence[float]) -> str:
    """The symbol with the largest value."""
    return shown(model.symbols[max(range(len(row)), key=row.__getitem__)])


@cache
def trained_run() -> Run:
    """The trained network reading h, e, l, l, in NumPy alone: home must not wait for torch.

    Not the lecture's own network: the first lesson asks for a prediction that it would give away.
    """
    arrays, card = load_arrays("hello-trained")
    symbols = card["config"]["symbols"]
    W = {
        "W_xh": arrays["rnn.weight_ih_l0"],
        "W_hh": arrays["rnn.weight_hh_l0"],
        "b_h": arrays["rnn.bias_ih_l0"] + arrays["rnn.bias_hh_l0"],
    }
    readout = {"W_hy": arrays["readout.weight"], "b_y": arrays["readout.bias"]}
    h = h_0 = np.zeros(len(W["b_h"]))
    xs = np.eye(len(symbols))[[symbols.index(s) for s in "hell"]]
    hs = []
    for x_t in xs:
        h = rnn_step(x_t, h, W).h
        hs.append(h)
    ys = np.array(hs) @ readout["W_hy"].T + readout["b_y"]
    run = Run(list("hell"))
    run.add_input("x", xs, units=symbols, scale="onehot")
    lane = run.add_lane("rnn", {"h": np.array(hs)}, W, h_0, sources=["x"])
    run.add_readout(
        ys,
        softmax(ys),
        readout,
        symbols,
        sources=[f"{lane}.h"],
        target=[symbols.index(s) for s in "ello"],
    )
    return run
