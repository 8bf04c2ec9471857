"""Clamp gates, units or states of a trained layer from some step on, and read what becomes of the rest.

`operate` gives a `Trace` like any other; the numbers that were held are marked in it and explain themselves as
"by hand". Leaves out several layers, directions and lengths: one layer at a time is cut open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from rnn_core.cells.equations import equations
from rnn_core.cells.held import held_step
from rnn_core.cells.layers import StepLayer
from rnn_core.cells.weights import kind_of, module_weights
from rnn_core.forward.tracing import Lane, State, Trace, trace


@dataclass(frozen=True)
class Clamp:
    """Hold `name` ("f", "c", "h" …) at `value` at the steps `start` … `stop` − 1 (None: to the end).

    `units`: which units (None: all of them).
    """

    name: str
    value: float
    start: int = 0
    stop: int | None = None
    units: tuple[int, ...] | None = None


def operate(module: nn.Module, x: Tensor, clamps: Iterable[Clamp], state: State | None = None) -> Trace:
    """Run one layer with values held by hand.

    `module`: an `nn.RNN`, `nn.LSTM`, `nn.GRU` of one layer and one direction, or a `StepLayer`; `x` `(T, D)` or `(T, B, D)`;
    `state` as the module takes it. Where two clamps meet, the later one counts. Without clamps the numbers are those of
    `trace`. Returns a `Trace` whose lane says in `.held` which numbers were held.

    Raises what `trace` raises, and ValueError for a module of several layers or directions, a value that the cell does not
    have, a unit or step outside, or a value that is not finite.

    >>> lstm = nn.LSTM(1, 2)
    >>> run = operate(lstm, torch.ones(4, 1), [Clamp("f", 1.0), Clamp("i", 0.0, start=2)])
    >>> bool((run.lane().c[3] == run.lane().c[1]).all())  # kept from the second step on
    True
    """
    kind = kind_of(module)
    plain = trace(module, x, state)
    if len(plain.lanes) != 1 or plain.lengths is not None:
        raise ValueError("surgery is written for one layer in one direction")
    (lane,) = plain.lanes
    T, B, H = lane["h"].shape
    table = equations(kind, lane.fn)
    held = {name: values.clone() for name, values in lane.held.items()}
    clamped = list(clamps)
    for clamp in clamped:
        if clamp.name not in table:
            raise ValueError(f"a {kind} has no {clamp.name!r} to hold; it has {', '.join(table)}")
        stop = T if clamp.stop is None else clamp.stop
        if not 0 <= clamp.start < stop <= T:
            raise ValueError(f"steps {clamp.start} … {stop - 1} are not all in 0 … {T - 1}")
        units = range(H) if clamp.units is None else clamp.units
        if not all(0 <= unit < H for unit in units):
            raise ValueError(f"units must lie in 0 … {H - 1}, got {list(units)}")
        if not abs(clamp.value) < float("inf"):
            raise ValueError(f"a held value must be finite, got {clamp.value}")
        if clamp.name not in held:
            held[clamp.name] = torch.full((T, B, H), torch.nan, dtype=lane["h"].dtype)
        held[clamp.name][clamp.start : stop, :, list(units)] = clamp.value
    if isinstance(module, StepLayer):
        read = module.named_weights
    else:
        assert isinstance(module, nn.RNNBase)
        read = partial(module_weights, module)
    with torch.inference_mode():
        W = read()
        previous = {name: lane.initial(name) for name in lane.state_names}
        kept: list[dict[str, Tensor]] = []
        for t in range(T):
            hold = {name: values[t].to(lane["h"].device) for name, values in held.items()}
            # a pre-activation is wanted at every step: what is clamped everywhere still has its sum, unless the layer has
            # no weights for it
            fixed = {name: values[t] for name, values in lane.held.items()}
            free = held_step(table, lane.x[t], previous, W, fixed) if clamped else {}
            step = free | held_step(table, lane.x[t], previous, W, hold)
            previous = {name: step[name] for name in previous}
            kept.append(step)
        values = {name: torch.stack([step[name] for step in kept]) for name in kept[0]}
    done = Lane(
        kind,
        lane.fn,
        0,
        "forward",
        {"x": lane.x, **values},
        lane.h_0,
        lane.c_0,
        None,
        read,
        (),
        held,
    )
    last = [values[name][-1][None] for name in lane.state_names]
    return Trace((done,), values["h"], (last[0], last[1]) if len(last) == 2 else last[0], None)
