"""A `BackwardPass` as a run of the stepper, and what a visitor may give it: a word or a few numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from rnn_core.stepper.run import Run, add_traced_lane

if TYPE_CHECKING:
    from torch import Tensor, nn

    from rnn_core.backward.readout import BackwardPass

MOST_NUMBERS = 12


class Series(NamedTuple):
    """The numbers that were typed, or the name of the problem with them ("empty", "short", "many", "letters", "large")."""

    values: tuple[float, ...]
    problem: str | None
    found: str = ""


def split_numbers(text: str) -> Series:
    """Cut "1.5, 2.3 0.2" into numbers: 3 to 12 of them, from −100 to 100, apart by commas, spaces or 、.

    Full-width digits and signs are read as well.

    >>> split_numbers("1.5, −2 ３")
    Series(values=(1.5, -2.0, 3.0), problem=None, found='')
    >>> split_numbers("1 2 x").problem
    'letters'
    """
    plain = text.translate(_PLAIN).strip()
    if len(plain) > 400:
        return Series((), "many", "")
    pieces = [piece for piece in re.split(r"[,;\s]+", plain) if piece]
    if not pieces:
        return Series((), "empty")
    values = []
    for piece in pieces:
        if not re.fullmatch(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})", piece, re.ASCII):
            return Series((), "letters", piece[:20])
        values.append(float(piece))
    if any(abs(value) > 100 for value in values):
        return Series((), "large", next(p for p, v in zip(pieces, values, strict=True) if abs(v) > 100))
    if len(values) > MOST_NUMBERS:
        return Series((), "many", str(len(values)))
    if len(values) < 3:
        return Series((), "short", str(len(values)))
    return Series(tuple(values), None)


_PLAIN = str.maketrans("０１２３４５６７８９．，、；−－＋　", "0123456789.,,;--+ ")


def backward_run(
    done: BackwardPass,
    readout: nn.Linear,
    labels: Sequence[str],
    units: Sequence[str] | None = None,
) -> Run:
    """One column per step, forward and back. `units` names the symbols of a one-hot vocabulary (None: numbers)."""
    run = Run(list(labels))
    lane = done.run.lane()
    scale = "onehot" if units is not None else "state"
    run.add_input("x", _array(lane.x[:, 0]), units=units, scale=scale)
    lane_id = add_traced_lane(run, lane, sources=["x"])
    targets = None if units is None else done.target.argmax(-1).tolist()
    run.add_readout(
        _array(done.y),
        None if done.p is None else _array(done.p),
        {"W_hy": _array(readout.weight), "b_y": _array(readout.bias)},
        units if units is not None else ["y"],
        sources=[f"{lane_id}.h"],
        target=targets,
    )
    run.add_backward(
        lane_id,
        _array(done.grads["a_h"][:, 0]),
        _array(done.out_deltas),
        _array(done.target),
        loss_steps=done.loss_steps,
        cuts=sorted(done.grads.cuts),
        output=done.output,
        units=units if units is not None else ["y"],
    )
    return run


def _array(values: Tensor) -> object:
    return values.detach().cpu().numpy()
