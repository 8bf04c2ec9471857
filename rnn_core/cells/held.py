"""A step of any cell in which some values are held by hand: the table of equations, run as it stands.

A held value replaces what its equation gives; everything after it in the step, and every later step, follows from
the replaced value. That is how a gate is clamped (`rnn_core.forward.surgery`) and how a cell loses a gate for good
(`StepLayer(..., fixed=...)`). Leaves out speed.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from rnn_core.cells import Weights
from rnn_core.cells.arrays import ACTIVATIONS
from rnn_core.cells.equations import Bias, Equation, Factor, MatVec, Product


def held_step(
    table: Mapping[str, Equation],
    x_t: Tensor,
    previous: Mapping[str, Tensor],
    W: Weights,
    hold: Mapping[str, Tensor],
) -> dict[str, Tensor]:
    """Every value of one step by name, `(B, H)`, in the order of the equations.

    `table`: `rnn_core.cells.equations.equations(kind)`; `x_t` `(B, D)`; `previous` the states before the step, `W` the weights;
    `hold` names to values that broadcast to `(B, H)`, NaN where a unit is left free. A value that is held everywhere
    needs no weights, and its pre-activation is not computed. Raises KeyError for a missing weight.

    >>> import torch
    >>> from rnn_core.cells.equations import LSTM
    >>> zero = {w: torch.zeros(1, 1) for q in "ifgo" for w in (f"W_x{q}", f"W_h{q}")}
    >>> zero |= {f"b_{q}": torch.zeros(1) for q in "ifgo"}
    >>> before = {"h": torch.zeros(1, 1), "c": torch.full((1, 1), 0.8)}
    >>> keep = {"f": torch.ones(1), "i": torch.zeros(1)}
    >>> held_step(LSTM, torch.ones(1, 1), before, zero, keep)["c"]
    tensor([[0.8000]])
    """
    now: dict[str, Tensor] = {"x": x_t}

    def read(name: str, shift: int) -> Tensor:
        return previous[name] if shift == -1 else now[name]

    def factor(f: Factor) -> Tensor:
        value: Tensor = W[f.name] if f.is_weight else read(f.name, f.shift)
        if f.fn == "one_minus":
            return 1 - value
        return value.tanh() if f.fn == "tanh" else value

    like = next(iter(previous.values()))
    for equation in table.values():
        by_hand = hold.get(equation.name)
        if by_hand is not None and not by_hand.isnan().any():
            now[equation.name] = by_hand.to(like).expand_as(like)
            continue
        total = like.new_zeros(())
        for term in equation.terms:
            if isinstance(term, MatVec):
                total = total + read(term.source, term.shift) @ W[term.weight].T
            elif isinstance(term, Bias):
                total = total + W[term.weight]
            elif isinstance(term, Product):
                product = factor(term.factors[0])
                for other in term.factors[1:]:
                    product = product * factor(other)
                total = total + product
        value = ACTIVATIONS[equation.fn](total)
        if equation.pre is not None:
            now[equation.pre] = total
        now[equation.name] = value if by_hand is None else by_hand.where(~by_hand.isnan(), value)
    del now["x"]
    return now
