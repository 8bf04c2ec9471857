"""Our own recurrent layer: the cells of `rnn_core.cells` looped over time.

It exists for what torch lacks (peepholes; sigmoid or linear simple RNNs) and as a plain reference.
Leaves out speed: a Python loop per step. `rnn_core.trace` reads it like any torch module.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from rnn_core.cells import gru_step, lstm_step, peephole_lstm_step, rnn_step
from rnn_core.cells.arrays import ACTIVATIONS
from rnn_core.cells.equations import Bias, MatVec, Product, equations
from rnn_core.cells.held import held_step

State = Tensor | tuple[Tensor, Tensor]


class StepLayer(nn.Module):
    """One layer, one direction, one weight matrix per gate, the parameters named as in the equations.

    `kind` is "rnn", "lstm", "peephole" or "gru"; `nonlinearity` ("tanh", "relu", "sigmoid", "identity")
    counts for "rnn" only. `fixed` holds values at constants for good, {"f": 1.0}: such a gate has no weights. Input `(T, B, D)`; returns all hidden states `(T, B, H)` and the last state,
    `(1, B, H)` or a pair of them for cells with c, as torch's modules do. Weights start uniform in
    ±1/√H like torch's. Raises ValueError for an unknown kind or activation, a size below 1, or a fixed value that the cell
    does not have.

    >>> sorted(StepLayer("lstm", 1, 1, fixed={"f": 1.0, "o": 1.0}).named_weights())  # no W_xf, no W_xo
    ['W_hg', 'W_hi', 'W_xg', 'W_xi', 'b_g', 'b_i']
    """

    def __init__(
        self,
        kind: str,
        input_size: int,
        hidden_size: int,
        nonlinearity: str = "tanh",
        fixed: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__()
        if nonlinearity not in ACTIVATIONS:
            raise ValueError(f"no activation {nonlinearity!r}; there are {', '.join(sorted(ACTIVATIONS))}")
        if input_size < 1 or hidden_size < 1:
            raise ValueError(f"sizes must be at least 1, got {input_size} and {hidden_size}")
        self.kind, self.nonlinearity = kind, nonlinearity
        self.input_size, self.hidden_size = input_size, hidden_size
        self.table = equations(kind, nonlinearity)
        self.fixed = dict(fixed or {})
        for name in self.fixed:
            if name not in self.table:
                raise ValueError(f"a {kind} has no {name!r}; it has {', '.join(self.table)}")
        H = hidden_size
        shapes: dict[str, tuple[int, ...]] = {}
        for equation in self.table.values():
            if equation.name in self.fixed:
                continue
            for term in equation.terms:
                if isinstance(term, MatVec):
                    shapes[term.weight] = (H, input_size if term.source == "x" else H)
                elif isinstance(term, Bias):
                    shapes[term.weight] = (H,)
                elif isinstance(term, Product):
                    shapes |= {f.name: (H,) for f in term.factors if f.is_weight}
        for name, shape in shapes.items():
            bound = 1 / math.sqrt(H)
            self.register_parameter(name, nn.Parameter(torch.empty(shape).uniform_(-bound, bound)))

    def named_weights(self) -> dict[str, Tensor]:
        """The parameters by the names that the equations use."""
        return dict(self.named_parameters(recurse=False))

    def steps(self, x: Tensor, h: Tensor, c: Tensor | None = None) -> tuple[dict[str, Tensor], Tensor, Tensor | None]:
        """Loop over time and keep every intermediate: names to `(T, B, H)`, and the last h and c.

        `x` `(T, B, D)`; `h` and `c` `(B, H)` are the state before the first step.
        """
        W = self.named_weights()
        kept: list[dict[str, Tensor]] = []
        hold = {name: x.new_tensor(value) for name, value in self.fixed.items()}
        for x_t in x:
            step: object
            if hold:
                previous = {"h": h} if c is None else {"h": h, "c": c}
                values = held_step(self.table, x_t, previous, W, hold)
                h, c = values["h"], values.get("c")
                kept.append(values)
                continue
            if self.kind == "rnn":
                step = rnn_step(x_t, h, W, ACTIVATIONS[self.nonlinearity])
            elif self.kind == "gru":
                step = gru_step(x_t, h, W)
            else:
                assert c is not None
                cell = lstm_step if self.kind == "lstm" else peephole_lstm_step
                step = cell(x_t, h, c, W)
            values = step._asdict()
            h, c = values["h"], values.get("c")
            kept.append(values)
        names = kept[0] if kept else {}
        return {name: torch.stack([s[name] for s in kept]) for name in names}, h, c

    def held(self, T: int, B: int) -> dict[str, Tensor]:
        """The fixed values as a `Lane` keeps them, `(T, B, H)`."""
        return {n: torch.full((T, B, self.hidden_size), v) for n, v in self.fixed.items()}

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """All hidden states `(T, B, H)` and the last state, from input `(T, B, D)`.

        Raises ValueError for an input of another shape or without a step.
        """
        if x.dim() != 3 or x.shape[-1] != self.input_size or not len(x):
            raise ValueError(f"x must be (T, B, {self.input_size}) with T > 0, got {tuple(x.shape)}")
        h, c = self.initial(x.shape[1], state, x)
        values, h_T, c_T = self.steps(x, h, c)
        return values["h"], h_T[None] if c_T is None else (h_T[None], c_T[None])

    def initial(self, B: int, state: State | None, like: Tensor) -> tuple[Tensor, Tensor | None]:
        """The state before the first step, `(B, H)` each; zeros when `state` is None."""
        has_cell = self.kind in ("lstm", "peephole")
        if state is None:
            zero = like.new_zeros(B, self.hidden_size)
            return zero, zero.clone() if has_cell else None
        if has_cell:
            return state[0][0], state[1][0]
        assert isinstance(state, Tensor)
        return state[0], None
