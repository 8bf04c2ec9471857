"""Backpropagation through time, written out: every delta by name, no autograd.

Each `…_step_backward` is one step of a cell of `rnn_core.cells` read from right to left. `backpropagate` chains
them over a `Trace` and returns every delta, every weight's gradient, and the products that each is made of.
Leaves out the loss (its gradient with respect to the hidden states comes in) and second derivatives.

Notation: d v stands for ∂E/∂v. Of a pre-activation a the lectures write δ for it. NumPy arrays and torch tensors
alike; axes in front, `(..., H)`, are carried along.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnn_core.cells import Weights
from rnn_core.cells.arrays import Array, slope, tanh
from rnn_core.cells.equations import Bias, Equation, Factor, MatVec, Product
from rnn_core.cells.gates import TORCH_GATES
from rnn_core.cells.layers import StepLayer
from rnn_core.cells.weights import suffix_of
from rnn_core.forward.tracing import Explanation, Lane, Term, Trace

Values = Mapping[str, Array]


class RNNDeltas(NamedTuple):
    """What one step of the simple RNN sends back; `h_prev` goes on to the step before."""

    a_h: Array
    x: Array
    h_prev: Array


class LSTMDeltas(NamedTuple):
    """What one step of the LSTM sends back; `h_prev` and `c_prev` go on to the step before."""

    c: Array
    i: Array
    f: Array
    g: Array
    o: Array
    a_i: Array
    a_f: Array
    a_g: Array
    a_o: Array
    x: Array
    h_prev: Array
    c_prev: Array


class GRUDeltas(NamedTuple):
    """What one step of the GRU sends back; `h_prev` goes on to the step before."""

    n: Array
    z: Array
    a_n: Array
    r: Array
    m: Array
    a_r: Array
    a_z: Array
    x: Array
    h_prev: Array


def rnn_step_backward(dh: Array, step: Values, W: Weights, fn: str = "tanh") -> RNNDeltas:
    """One step of the simple RNN, backward.

        δ_t = dh_t ⊙ fn'(a_t)              fn' from the value: tanh' = 1 − h_t²
        dx_t = W_xhᵀ δ_t
        dh_{t-1} receives W_hhᵀ δ_t

    `dh` `(..., H)` is all of ∂E/∂h_t; `step` holds `h` `(..., H)` of the forward pass; `W` as in `rnn_step`. No units.
    Raises KeyError for a missing value or weight. Source: Werbos (1990), "Backpropagation through time".

    >>> import numpy as np
    >>> W = {"W_xh": np.array([[1.0]]), "W_hh": np.array([[0.5]])}
    >>> rnn_step_backward(np.array([1.0]), {"h": np.array([0.6])}, W).h_prev.round(2)  # 0.5 (1 − 0.6²)
    array([0.32])
    """
    a_h = dh * slope(fn, step["h"])
    return RNNDeltas(a_h, a_h @ W["W_xh"], a_h @ W["W_hh"])


def lstm_step_backward(dh: Array, dc_next: Array, step: Values, c_prev: Array, W: Weights) -> LSTMDeltas:
    """One step of the LSTM, backward.

        do = dh_t ⊙ tanh(c_t)
        dc_t = dc_next + dh_t ⊙ o ⊙ (1 − tanh²(c_t))
        df = dc_t ⊙ c_{t-1}     di = dc_t ⊙ g     dg = dc_t ⊙ i
        δ_i = di ⊙ i (1 − i)    δ_f = df ⊙ f (1 − f)    δ_g = dg ⊙ (1 − g²)    δ_o = do ⊙ o (1 − o)
        dc_{t-1} receives f ⊙ dc_t                                  the constant error carousel
        dh_{t-1} receives W_hiᵀ δ_i + W_hfᵀ δ_f + W_hgᵀ δ_g + W_hoᵀ δ_o

    `dh` `(..., H)` is all of ∂E/∂h_t, `dc_next` what the step after sends to c_t (f_{t+1} ⊙ dc_{t+1}); `step` holds `i`, `f`,
    `g`, `o`, `c`; `c_prev` is c_{t-1}; `W` as in `lstm_step`. No units. Raises KeyError for a missing value or weight.
    Source: Gers et al. (2000), here with the full gradient.

    >>> import numpy as np
    >>> zero = {w: np.zeros((1, 1)) for q in "ifgo" for w in (f"W_x{q}", f"W_h{q}")}
    >>> open_gate = {"i": 0.0, "f": 1.0, "g": 0.0, "o": 0.0, "c": 0.8}
    >>> step = {name: np.full(1, value) for name, value in open_gate.items()}
    >>> lstm_step_backward(np.zeros(1), np.ones(1), step, np.ones(1), zero).c_prev  # f = 1 keeps it whole
    array([1.])
    """
    return _lstm_backward(dh, dc_next, step, c_prev, W, peephole=False)


def peephole_lstm_step_backward(dh: Array, dc_next: Array, step: Values, c_prev: Array, W: Weights) -> LSTMDeltas:
    """One step of the peephole LSTM, backward: `lstm_step_backward` and three paths more.

        dc_t also receives w_co ⊙ δ_o;   dc_{t-1} also receives w_ci ⊙ δ_i + w_cf ⊙ δ_f

    Shapes, errors and the rest as in `lstm_step_backward`; `W` as in `peephole_lstm_step`.
    """
    return _lstm_backward(dh, dc_next, step, c_prev, W, peephole=True)


def _lstm_backward(dh: Array, dc_next: Array, step: Values, c_prev: Array, W: Weights, peephole: bool) -> LSTMDeltas:
    i, f, g, o, shown = step["i"], step["f"], step["g"], step["o"], tanh(step["c"])
    do = dh * shown
    a_o = do * slope("sigmoid", o)
    c = dc_next + dh * o * (1 - shown * shown)
    if peephole:
        c = c + W["w_co"] * a_o
    df, di, dg = c * c_prev, c * g, c * i
    a_i, a_f = di * slope("sigmoid", i), df * slope("sigmoid", f)
    a_g = dg * slope("tanh", g)
    x = a_i @ W["W_xi"] + a_f @ W["W_xf"] + a_g @ W["W_xg"] + a_o @ W["W_xo"]
    h_prev = a_i @ W["W_hi"] + a_f @ W["W_hf"] + a_g @ W["W_hg"] + a_o @ W["W_ho"]
    before = c * f
    if peephole:
        before = before + W["w_ci"] * a_i + W["w_cf"] * a_f
    return LSTMDeltas(c, di, df, dg, do, a_i, a_f, a_g, a_o, x, h_prev, before)


def gru_step_backward(dh: Array, step: Values, h_prev: Array, W: Weights) -> GRUDeltas:
    """One step of the GRU, backward.

        dn = dh_t ⊙ (1 − z)      dz = dh_t ⊙ (h_{t-1} − n)
        δ_n = dn ⊙ (1 − n²)      dr = δ_n ⊙ m      dm = δ_n ⊙ r
        δ_r = dr ⊙ r (1 − r)     δ_z = dz ⊙ z (1 − z)
        dh_{t-1} receives z ⊙ dh_t + W_hrᵀ δ_r + W_hzᵀ δ_z + W_hnᵀ dm

    The first summand is what the cell is to the LSTM: a way back that no matrix touches.
    `dh` `(..., H)` is all of ∂E/∂h_t; `step` holds `r`, `z`, `n`, `m`; `h_prev` is h_{t-1}; `W` as in `gru_step`. No units.
    Raises KeyError for a missing value or weight. Source: Cho et al. (2014), in torch's form.

    >>> import numpy as np
    >>> zero = {w: np.zeros((1, 1)) for q in "rzn" for w in (f"W_x{q}", f"W_h{q}")}
    >>> step = {name: np.full(1, v) for name, v in {"r": 0.5, "z": 1.0, "n": 0.0, "m": 0.0}.items()}
    >>> gru_step_backward(np.ones(1), step, np.zeros(1), zero).h_prev  # z = 1 keeps it whole
    array([1.])
    """
    r, z, n, m = step["r"], step["z"], step["n"], step["m"]
    dn, dz = dh * (1 - z), dh * (h_prev - n)
    a_n = dn * slope("tanh", n)
    dr, dm = a_n * m, a_n * r
    a_r, a_z = dr * slope("sigmoid", r), dz * slope("sigmoid", z)
    x = a_r @ W["W_xr"] + a_z @ W["W_xz"] + a_n @ W["W_xn"]
    before = dh * z + a_r @ W["W_hr"] + a_z @ W["W_hz"] + dm @ W["W_hn"]
    return GRUDeltas(dn, dz, a_n, dr, dm, a_r, a_z, x, before)


# --- over a whole run ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class LaneGradients:
    """All gradients of one lane. `deltas["a_f"]` or `grads["a_f"]` is ∂E/∂a_f, `(T, B, H)`, by position.

    Names are those of the lane: `h` and `c` (everything that reaches them), gates, pre-activations. `from_above`
    is what came in from the loss or the layer above, `x` `(T, B, D)` what goes out below; `h_0`, `c_0` `(B, H)`
    are the gradients of the initial state. `cuts` lists the steps whose way to the step before was cut.
    """

    lane: Lane
    deltas: dict[str, Tensor]
    from_above: Tensor
    x: Tensor
    h_0: Tensor
    c_0: Tensor | None
    cuts: frozenset[int]
    weights: dict[str, Tensor] = field(init=False)

    def __post_init__(self) -> None:
        names = self.lane.weights
        summed = {name: self.contributions(name).sum(0) for name in names}
        object.__setattr__(self, "weights", summed)

    def __getitem__(self, name: str) -> Tensor:
        try:
            return self.deltas[name]
        except KeyError:
            raise KeyError(f"no delta of {name!r}; there are {', '.join(self.deltas)}") from None

    def contributions(self, weight: str) -> Tensor:
        """What each step adds to a weight's gradient, `(T, H, D)`, `(T, H, H)` or `(T, H)`, summed over the batch.

            ∂E/∂W = Σ_t δ_t v_tᵀ        v_t the vector that W multiplies at step t
            ∂E/∂b = Σ_t δ_t

        Raises KeyError for a weight that the lane does not have.
        """
        equation, term = self._home(weight)
        delta = self.deltas[equation.pre or equation.name]  # (T, B, H)
        if isinstance(term, MatVec):
            source = self.lane[term.source] if term.shift == 0 else self.lane.previous(term.source)
            return torch.einsum("tbi,tbj->tij", delta, source)
        if isinstance(term, Bias):
            return delta.sum(1)
        (other,) = (f for f in term.factors if not f.is_weight)
        source = self.lane[other.name] if other.shift == 0 else self.lane.previous(other.name)
        return (delta * source).sum(1)

    def explain_weight(self, weight: str, row: int, col: int = 0, batch: int = 0) -> Explanation:
        """One entry of a weight's gradient as its products, one per step: δ_t[row] · v_t[col].

        Counts one sequence of the batch; for a bias, col is 0. Raises KeyError or IndexError for an entry that is not there.
        """
        equation, term = self._home(weight)
        name = equation.pre or equation.name
        rows, cols = (*self.weights[weight].shape, 1)[:2]
        B = self.deltas[name].shape[1]
        for what, value, stop in (("row", row, rows), ("col", col, cols), ("batch", batch, B)):
            if not 0 <= value < stop:
                raise IndexError(f"{what} must lie in 0 … {stop - 1}, got {value}")
        delta = self.deltas[name][:, batch]
        if isinstance(term, MatVec):
            read = self.lane[term.source] if term.shift == 0 else self.lane.previous(term.source)
            label, source = (
                (f"{term.source}{'_prev' if term.shift else ''}[{col}]"),
                read[:, batch, col],
            )
        elif isinstance(term, Bias):
            label, source = "1", torch.ones_like(delta[:, 0])
        else:
            (other,) = (f for f in term.factors if not f.is_weight)
            read = self.lane[other.name] if other.shift == 0 else self.lane.previous(other.name)
            label, source = (
                f"{other.name}{'_prev' if other.shift else ''}[{row}]",
                read[:, batch, row],
            )
        terms = tuple(
            Term(f"d{name}[{row}] at t={t}", d, f"{label} at t={t}", s, d * s)
            for t, (d, s) in enumerate(zip(delta[:, row].tolist(), source.tolist(), strict=True))
        )
        total = float(sum(t.product for t in terms))
        return Explanation(f"d{weight}", -1, row, total, total, "identity", terms)

    def explain(self, name: str, t: int, unit: int, batch: int = 0) -> Explanation:
        """The products whose sum is ∂E/∂name at `[t, batch, unit]`: every way the value reaches the loss.

        They are read off the table of equations, not off the code above, so the two check each other. Raises
        KeyError for a name and IndexError for a position that is not there.
        """
        T, B, H = self.lane["h"].shape
        for what, value, stop in (("t", t, T), ("batch", batch, B), ("unit", unit, H)):
            if not 0 <= value < stop:
                raise IndexError(f"{what} must lie in 0 … {stop - 1}, got {value}")
        if self.lane.lengths is not None and t >= int(self.lane.lengths[batch]):
            raise IndexError(f"sequence {batch} has {int(self.lane.lengths[batch])} steps, got t={t}")
        there = self[name][t, batch, unit].item()
        terms = tuple(self._ways(name, t, unit, batch))
        total = float(sum(term.product for term in terms))
        return Explanation(f"d{name}", t, unit, there, total, "identity", terms)

    def _home(self, weight: str) -> tuple[Equation, MatVec | Bias | Product]:
        """The equation and the term in which a weight stands."""
        for equation in self.lane.equations.values():
            for term in equation.terms:
                if isinstance(term, Product):
                    if any(f.is_weight and f.name == weight for f in term.factors):
                        return equation, term
                elif term.weight == weight:
                    return equation, term
        raise KeyError(f"{weight!r} is no weight of a {self.lane.kind}")

    def _ways(self, name: str, t: int, unit: int, batch: int) -> list[Term]:
        table = self.lane.equations
        for equation in table.values():
            if equation.pre == name:  # one way: through its activation
                made = equation.name
                slope_here = slope(equation.fn, self.lane[made][t, batch, unit]).item()
                return [self._term(f"{equation.fn}'", slope_here, made, t, unit, batch)]
        if name not in self.deltas:
            raise KeyError(f"no delta of {name!r}; there are {', '.join(self.deltas)}")
        ways: list[Term] = []
        if name == "h":
            here = self.from_above[t, batch, unit].item()
            ways.append(Term("1", 1.0, f"from_above[{unit}]", here, here))
        later = t + 1 if self.lane.direction == "forward" else t - 1
        end = len(self.lane["h"]) if self.lane.lengths is None else int(self.lane.lengths[batch])
        for equation in table.values():
            target = equation.pre or equation.name
            for term in equation.terms:
                if isinstance(term, MatVec) and term.source == name:
                    s = t if term.shift == 0 else later
                    if self._open(s, t, end):
                        column = self.lane.weights[term.weight][:, unit].tolist()
                        for j, w in enumerate(column):
                            label = f"{term.weight}[{j},{unit}]"
                            ways.append(self._term(label, w, target, s, j, batch))
                elif isinstance(term, Product):
                    for k, factor in enumerate(term.factors):
                        s = t if factor.shift == 0 else later
                        if factor.name == name and not factor.is_weight and self._open(s, t, end):
                            rest = [f for n, f in enumerate(term.factors) if n != k]
                            label, by = self._partial(factor, rest, s, unit, batch)
                            ways.append(self._term(label, by, target, s, unit, batch))
        return ways

    def _open(self, s: int, t: int, end: int) -> bool:
        """Whether the gradient of step s reaches step t."""
        return 0 <= s < end and (s == t or s not in self.cuts)

    def _term(self, label: str, by: float, target: str, s: int, unit: int, batch: int) -> Term:
        delta = self.deltas[target][s, batch, unit].item()
        return Term(label, by, f"d{target}[{unit}] at t={s}", delta, by * delta)

    def _partial(self, factor: Factor, rest: list[Factor], s: int, unit: int, batch: int) -> tuple[str, float]:
        """∂(product)/∂factor at step s: the other factors, times the slope of the factor's own function."""
        by: float = 1.0
        parts: list[str] = []
        if factor.fn == "one_minus":
            by, parts = -1.0, ["-1"]
        elif factor.fn == "tanh":
            value = self.lane[factor.name][s, batch, unit]
            by, parts = (1 - tanh(value) ** 2).item(), [f"tanh'({factor.name})"]
        for other in rest:
            text, value_ = self.lane._factor(other, s, unit, batch)
            by, parts = by * value_, [*parts, text]
        return " * ".join(parts) or "1", by


@dataclass(frozen=True, eq=False)
class Gradients:
    """Everything that BPTT computes for one run: a `LaneGradients` per layer and direction.

    `x` is ∂E/∂(input), `(T, B, D)`.
    """

    lanes: tuple[LaneGradients, ...]
    x: Tensor

    def lane(self, layer: int = 0, direction: str = "forward") -> LaneGradients:
        """The gradients of one layer and direction; raises KeyError if there is no such lane."""
        for grads in self.lanes:
            if (grads.lane.layer, grads.lane.direction) == (layer, direction):
                return grads
        raise KeyError(f"no lane ({layer}, {direction!r})")

    def parameters(self, module: nn.Module) -> dict[str, Tensor]:
        """The gradients by the names of the module's own parameters, stacked as torch stacks them.

        What `loss.backward()` would have left in their `.grad`. Raises TypeError for a module of another kind
        or size.
        """
        if isinstance(module, StepLayer):
            return dict(self.lanes[0].weights)
        if not isinstance(module, nn.RNNBase):
            raise TypeError(f"give the traced module, not a {type(module).__name__}")
        out: dict[str, Tensor] = {}
        for grads in self.lanes:
            lane, by = grads.lane, grads.weights
            suffix, gates = suffix_of(lane.layer, lane.direction), TORCH_GATES[lane.kind]
            out[f"weight_ih_{suffix}"] = torch.cat([by[f"W_x{q}"] for q in gates])
            out[f"weight_hh_{suffix}"] = torch.cat([by[f"W_h{q}"] for q in gates])
            if getattr(module, f"weight_ih_{suffix}", None) is None or any(
                getattr(module, name).shape != out[name].shape
                for name in (f"weight_ih_{suffix}", f"weight_hh_{suffix}")
            ):
                raise TypeError("these gradients are of another module than the one given")
            if module.bias:  # torch keeps two bias vectors; but for GRU's candidate both get the same
                for side, own in (("ih", "b_xn"), ("hh", "b_hn")):
                    rows = [by[f"b_{q}"] if f"b_{q}" in by else by[own] for q in gates]
                    out[f"bias_{side}_{suffix}"] = torch.cat(rows)
        return out


def backpropagate(
    run: Trace, grad_output: Tensor, grad_state: Tensor | None = None, block: int | None = None
) -> Gradients:
    """BPTT by hand over a traced run.

    `grad_output` is ∂E/∂(run.output), `(T, B, directions·H)` (or `(T, directions·H)` for one sequence): how the
    loss depends on each hidden state of the last layer directly. `grad_state` `(layers·directions, B, H)`: the same for the last hidden states.
    `block=k` truncates: the sequence is cut into blocks of k steps from its start, the state is carried over, the
    gradient is not (Williams and Peng 1990, the form in which k new steps are taken per update).

    Returns `Gradients`, equal to autograd's (`tests/rnn_core/backward/test_bptt.py`). Raises ValueError for other shapes or a block below 1.

    >>> from torch import nn
    >>> from rnn_core.forward.tracing import trace
    >>> rnn = nn.RNN(2, 3)
    >>> grads = backpropagate(trace(rnn, torch.randn(5, 2)), torch.ones(5, 3))
    >>> grads.lane()["a_h"].shape, grads.lane().weights["W_hh"].shape
    (torch.Size([5, 1, 3]), torch.Size([3, 3]))
    """
    if grad_output.dim() == 2:
        grad_output = grad_output[:, None]
    if grad_output.shape != run.output.shape:
        raise ValueError(f"grad_output must be {tuple(run.output.shape)}, got {tuple(grad_output.shape)}")
    if block is not None and block < 1:
        raise ValueError(f"block must be at least 1, got {block}")
    if block is not None and run.lengths is not None:
        raise ValueError("truncation is written for sequences of equal length: give block or lengths")
    H = run.lanes[0]["h"].shape[-1]
    wanted = (len(run.lanes), *run.lanes[0]["h"].shape[1:])
    if grad_state is not None and tuple(grad_state.shape) != wanted:
        raise ValueError(f"grad_state must be {wanted}, got {tuple(grad_state.shape)}")
    layers = sorted({lane.layer for lane in run.lanes})
    done: list[LaneGradients] = []
    with torch.no_grad():
        above = grad_output.detach()
        for layer in reversed(layers):
            lanes = [lane for lane in run.lanes if lane.layer == layer]
            below = torch.zeros_like(lanes[0]["x"])
            for lane in lanes:
                k = run.lanes.index(lane)
                part = above[..., :H] if lane.direction == "forward" else above[..., -H:]
                last = None if grad_state is None else grad_state[k]
                grads = backpropagate_lane(lane, part, last, block)
                below = below + grads.x
                done.append(grads)
            above = below
    done.sort(key=lambda g: run.lanes.index(g.lane))
    return Gradients(tuple(done), above)


def backpropagate_lane(
    lane: Lane, from_above: Tensor, last: Tensor | None = None, block: int | None = None
) -> LaneGradients:
    """BPTT over one lane; `from_above` `(T, B, H)` by position, `last` `(B, H)` for its last state. See `backpropagate`."""
    if lane.held:
        raise ValueError("a run with values held by hand has no gradient here: use autograd")
    T = len(lane["h"])
    W = lane.weights
    from_above = from_above.clone()
    order = range(T) if lane.direction == "backward" else range(T - 1, -1, -1)
    mask = None
    if lane.lengths is not None:
        steps = torch.arange(T, device=from_above.device)
        mask = (steps[:, None] < lane.lengths)[..., None]
        from_above = torch.where(mask, from_above, 0)
    if last is not None:
        from_above = from_above + _at_last(lane, last)
    cuts = frozenset() if block is None else frozenset(_cuts(order, block))
    previous = {name: lane.previous(name) for name in lane.state_names}
    dh = torch.zeros_like(lane.h_0)
    dc = torch.zeros_like(lane.h_0)
    kept: dict[int, dict[str, Tensor]] = {}
    for t in order:
        values = {name: tensor[t] for name, tensor in lane.values.items()}
        total = from_above[t] + dh
        deltas = step_backward(lane.kind, lane.fn, total, dc, values, {n: p[t] for n, p in previous.items()}, W)
        deltas["h"] = total
        to_h, to_c = deltas.pop("h_prev"), deltas.pop("c_prev", dc)
        if mask is not None:  # behind a sequence's end nothing happens: what came in waits
            deltas = {name: torch.where(mask[t], d, 0) for name, d in deltas.items()}
            to_h, to_c = torch.where(mask[t], to_h, dh), torch.where(mask[t], to_c, dc)
        dh, dc = to_h, to_c
        if t in cuts:
            dh, dc = torch.zeros_like(dh), torch.zeros_like(dc)
        kept[t] = deltas
    names = kept[0]
    stacked = {name: torch.stack([kept[t][name] for t in range(T)]) for name in names}
    x = stacked.pop("x")
    c_0 = dc if "c" in lane.state_names else None
    return LaneGradients(lane, stacked, from_above, x, dh, c_0, cuts)


def step_backward(
    kind: str,
    fn: str,
    dh: Array,
    dc_next: Array,
    step: Values,
    previous: Values,
    W: Weights,
) -> dict[str, Array]:
    """One step of any cell backward, by names: the fields of the cell's own function."""
    if kind == "rnn":
        return rnn_step_backward(dh, step, W, fn)._asdict()
    if kind == "gru":
        return gru_step_backward(dh, step, previous["h"], W)._asdict()
    cell: Callable[..., LSTMDeltas] = lstm_step_backward if kind == "lstm" else peephole_lstm_step_backward
    return cell(dh, dc_next, step, previous["c"], W)._asdict()


def _cuts(order: range, block: int) -> list[int]:
    """The steps whose state comes from the block before, counted in the lane's own time."""
    own_time = list(reversed(order))
    return own_time[block::block]


def _at_last(lane: Lane, last: Tensor) -> Tensor:
    """A gradient of the last state, put where that state stands: `(T, B, H)`."""
    full = torch.zeros_like(lane["h"])
    if lane.direction == "backward":
        full[0] = last
    elif lane.lengths is None:
        full[-1] = last
    else:
        full[lane.lengths - 1, torch.arange(full.shape[1], device=full.device)] = last
    return full
