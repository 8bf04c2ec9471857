"""Run a recurrent module once and keep every number inside it: all gates, states and pre-activations.

Works on the `nn.RNN`, `nn.LSTM` and `nn.GRU` that people already have (layers, directions, batches,
padded or packed) and on `rnn_core.cells.layers.StepLayer`. Leaves out gradients (`rnn_core` keeps them in
modules of their own) and `proj_size`.

How it is fast: torch's fused kernel gives all hidden states; then h_{t-1} is known at every t, and the
gates of all steps follow from one matrix product. Only the cell state c needs a (cheap) loop.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnn_core import files
from rnn_core.cells.arrays import sigmoid, tanh
from rnn_core.cells.equations import Bias, Equation, Factor, MatVec, equations
from rnn_core.cells.layers import StepLayer
from rnn_core.cells.weights import kind_of, named_weights, suffix_of

if TYPE_CHECKING:
    import pandas

State = Tensor | tuple[Tensor, Tensor]


class Term(NamedTuple):
    """One summand: `product` = `weight` × `source` (a bias has the source "1" with value 1)."""

    weight_name: str
    weight: float
    source_name: str
    source: float
    product: float


class Explanation(NamedTuple):
    """Why a number is what it is: `value` = fn(`total`), and `total` = Σ product of the `terms`."""

    name: str
    t: int
    unit: int
    value: float
    total: float
    fn: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, eq=False)
class Lane:
    """One layer in one direction. Values are indexed by the position in the input, in both directions.

    `lane["f"]` or `lane.f` is `(T, B, H)`; the names are those of `rnn_core.cells.equations` (`x`, `h`; LSTM `c, i, f,
    g, o`; GRU `r, z, n, m`; pre-activations `a_i` …). `held` has, for values that were held by hand, what they were held at,
    `(T, B, H)`, NaN where they were free. `h_0`, `c_0` `(B, H)` are the state before the lane's first step (its last position when it runs backward).
    """

    kind: str
    fn: str
    layer: int
    direction: str
    values: dict[str, Tensor]
    h_0: Tensor
    c_0: Tensor | None
    lengths: Tensor | None
    read_weights: Callable[[], dict[str, Tensor]]
    watched: tuple[tuple[Tensor, int], ...]
    held: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def weights(self) -> dict[str, Tensor]:
        """One matrix per gate, views of the module's tensors where torch allows.

        Raises RuntimeError if a weight, the input or the initial state was changed in place since the trace:
        then they no longer explain its numbers.
        """
        if any(tensor._version != version for tensor, version in self.watched):
            raise RuntimeError("weights or inputs have changed since this trace was made; trace again")
        named = self.read_weights()
        return {k: w.detach() for k, w in named.items()} if self["h"].is_inference() else named

    def __getitem__(self, name: str) -> Tensor:
        try:
            return self.values[name]
        except KeyError:
            raise KeyError(f"{self.kind} has no value {name!r}; there are {', '.join(self.values)}") from None

    def __getattr__(self, name: str) -> Tensor:
        try:
            return self.__dict__["values"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def equations(self) -> dict[str, Equation]:
        """The equations whose numbers this lane holds."""
        return equations(self.kind, self.fn)

    @property
    def state_names(self) -> tuple[str, ...]:
        """The states that are carried from step to step: ("h",), or ("h", "c") for cells with a cell state."""
        return ("h",) if self.c_0 is None else ("h", "c")

    def initial(self, name: str) -> Tensor:
        """The value of `h` or `c` before the lane's first step, `(B, H)`."""
        if name == "h":
            return self.h_0
        if name == "c" and self.c_0 is not None:
            return self.c_0
        raise KeyError(f"{name!r} is no state of a {self.kind}")

    def previous(self, name: str) -> Tensor:
        """The state `name` ("h" or "c") before each step, `(T, B, H)`, in the lane's own direction."""
        first, now = self.initial(name)[None], self[name]
        if self.direction == "forward":
            return torch.cat([first, now[:-1]])
        before = torch.cat([now[1:], first])
        if self.lengths is None:
            return before
        t = torch.arange(now.shape[0], device=now.device)[:, None]
        return torch.where((t == self.lengths - 1)[..., None], first, before)

    def explain(self, name: str, t: int, unit: int, batch: int = 0) -> Explanation:
        """The terms whose sum, activated, is the number `name[t, batch, unit]`. See `Trace.explain`."""
        T, B, H = self["h"].shape
        end = T if self.lengths is None else int(self.lengths[batch])
        for what, value, stop in (("t", t, end), ("batch", batch, B), ("unit", unit, H)):
            if not 0 <= value < stop:
                raise IndexError(f"{what} must lie in 0 … {stop - 1}, got {value}")
        equation, value_fn = _equation_for(self.equations, name)
        if name in self.held and not self.held[name][t, batch, unit].isnan():
            by_hand = self[name][t, batch, unit].item()
            told = Term("by hand", by_hand, "1", 1.0, by_hand)
            return Explanation(name, t, unit, by_hand, by_hand, "identity", (told,))
        terms: list[Term] = []
        for term in equation.terms:
            if isinstance(term, MatVec):
                row = self.weights[term.weight][unit]
                source = self._before_or_now(term.source, term.shift)[t, batch]
                for j, (w, s) in enumerate(zip(row.tolist(), source.tolist(), strict=True)):
                    label = _source_name(term.source, term.shift, j)
                    terms.append(Term(f"{term.weight}[{unit},{j}]", w, label, s, w * s))
            elif isinstance(term, Bias):
                b = self.weights[term.weight][unit].item()
                terms.append(Term(f"{term.weight}[{unit}]", b, "1", 1.0, b))
            else:
                parts = [self._factor(f, t, unit, batch) for f in term.factors]
                (w_name, w), (s_name, s) = parts
                terms.append(Term(w_name, w, s_name, s, w * s))
        return Explanation(
            name,
            t,
            unit,
            self[name][t, batch, unit].item(),
            sum(term.product for term in terms),
            value_fn,
            tuple(terms),
        )

    def _before_or_now(self, name: str, shift: int) -> Tensor:
        return self[name] if shift == 0 else self.previous(name)

    def _factor(self, factor: Factor, t: int, unit: int, batch: int) -> tuple[str, float]:
        if factor.is_weight:
            return f"{factor.name}[{unit}]", self.weights[factor.name][unit].item()
        value = self._before_or_now(factor.name, factor.shift)[t, batch, unit]
        name = _source_name(factor.name, factor.shift, unit)
        if factor.fn == "tanh":
            return f"tanh({name})", tanh(value).item()
        if factor.fn == "one_minus":
            return f"1 - {name}", (1 - value).item()
        return name, value.item()


def _as_array(values: Tensor) -> np.ndarray:
    """A tensor as an array; NumPy has no bfloat16, so that becomes float32."""
    values = values.detach().cpu()
    return (values.float() if values.dtype == torch.bfloat16 else values).numpy()


def _source_name(name: str, shift: int, unit: int) -> str:
    return f"{name}_prev[{unit}]" if shift == -1 else f"{name}[{unit}]"


def _equation_for(table: dict[str, Equation], name: str) -> tuple[Equation, str]:
    """The equation that gives `name`, which may also be a pre-activation (then nothing is activated)."""
    for equation in table.values():
        if equation.name == name:
            return equation, equation.fn
        if equation.pre == name:
            return equation, "identity"
    raise KeyError(f"{name!r} is not computed here; there are {', '.join(table)}")


@dataclass(frozen=True, eq=False)
class Trace:
    """All numbers of one run. `output` `(T, B, directions·H)` and `state` are what the module returns.

    Time comes first here, whatever `batch_first` says. Where `lengths` cuts a sequence short, every value
    behind its end is 0, as in torch's padded outputs.
    """

    lanes: tuple[Lane, ...]
    output: Tensor
    state: State
    lengths: Tensor | None

    def lane(self, layer: int = 0, direction: str = "forward") -> Lane:
        """The lane of one layer and direction; raises KeyError if the module has no such lane."""
        for lane in self.lanes:
            if (lane.layer, lane.direction) == (layer, direction):
                return lane
        there = ", ".join(f"({x.layer}, {x.direction!r})" for x in self.lanes)
        raise KeyError(f"no lane ({layer}, {direction!r}); there are {there}")

    def explain(
        self,
        name: str,
        t: int,
        unit: int,
        batch: int = 0,
        layer: int = 0,
        direction: str = "forward",
    ) -> Explanation:
        """The terms (weight, source, product) whose sum, activated, is the number asked for.

        `name` is any value of the lane but `x`; `t` the position in the input, `unit` the hidden unit. Returns
        an `Explanation`; raises KeyError for a name or lane that is not there and IndexError for a
        position outside the run.

        >>> rnn = nn.RNN(1, 1).double()
        >>> run = trace(rnn, torch.ones(2, 1, dtype=torch.float64))
        >>> why = run.explain("h", t=1, unit=0)
        >>> [term.source_name for term in why.terms]
        ['x[0]', 'h_prev[0]', '1']
        >>> bool(abs(np.tanh(why.total) - why.value) < 1e-12)
        True
        """
        return self.lane(layer, direction).explain(name, t, unit, batch)

    def to_rows(self) -> Iterator[tuple[int, str, int, int, str, int, float]]:
        """Every number as a row: layer, direction, t, batch, name, unit, value; padding is left out."""
        for lane in self.lanes:
            for name, tensor in lane.values.items():
                array = tensor.detach().cpu().double().numpy()
                for (t, b, unit), value in np.ndenumerate(array):
                    if self.lengths is None or t < int(self.lengths[b]):
                        yield lane.layer, lane.direction, t, b, name, unit, float(value)

    def to_frame(self) -> pandas.DataFrame:
        """The rows of `to_rows` as a pandas table (pandas is not required by anything else here)."""
        import pandas as pd

        return pd.DataFrame(list(self.to_rows()), columns=list(ROW_NAMES))

    def arrays(self) -> dict[str, np.ndarray]:
        """Every tensor as an array: "l0.f", "l0_reverse.h", weights as "l0.weights.W_xf", initial states as
        "l0.h_0"."""
        out: dict[str, np.ndarray] = {}
        for lane in self.lanes:
            prefix = suffix_of(lane.layer, lane.direction)
            named = {f"{prefix}.{n}": v for n, v in lane.values.items()}
            named |= {f"{prefix}.weights.{n}": v for n, v in lane.weights.items()}
            named[f"{prefix}.h_0"] = lane.h_0
            if lane.c_0 is not None:
                named[f"{prefix}.c_0"] = lane.c_0
            out |= {n: _as_array(v) for n, v in named.items()}
        if self.lengths is not None:
            out["lengths"] = self.lengths.cpu().numpy()
        return out

    def save(self, path: str | Path) -> None:
        """Write the numbers to `path`: `.npz` (the arrays of `arrays()`) or `.csv` (the rows of `to_rows()`).

        Raises ValueError for another ending.
        """
        path = Path(path)
        if path.suffix == ".npz":
            with files.whole(path) as file:
                np.savez_compressed(file, **self.arrays())  # type: ignore[arg-type]
        elif path.suffix == ".csv":
            with files.whole(path) as file:
                writer = csv.writer(codecs.getwriter("utf-8")(file))
                writer.writerow(ROW_NAMES)
                writer.writerows(self.to_rows())
        else:
            raise ValueError(f"save to a name ending in .npz or .csv, got {path.name!r}")


ROW_NAMES = ("layer", "direction", "t", "batch", "name", "unit", "value")


def trace(
    module: nn.Module,
    x: Tensor | PackedSequence,
    state: State | None = None,
    lengths: Tensor | list[int] | None = None,
    grad: bool = False,
) -> Trace:
    """Run `module` on `x` and return every number inside it.

    `module`: `nn.RNN`, `nn.LSTM`, `nn.GRU` (any number of layers, one or both directions, any device and
    float dtype) or `rnn_core.cells.layers.StepLayer`. `x`: `(T, B, D)`, `(B, T, D)` if the module is `batch_first`,
    `(T, D)` without a batch, or a `PackedSequence`. `state`: as the module takes it. `lengths` `(B,)`: how many
    steps of each sequence count. `grad=True` keeps the autograd graph; otherwise inference mode is used.
    Dropout between layers is not applied: a trace shows the net as it predicts. Forward hooks are not run.

    Raises TypeError for a module that is not recurrent, ValueError for shapes, dtypes, lengths or a
    `proj_size` that cannot be traced.

    >>> lstm = nn.LSTM(3, 4, num_layers=2, bidirectional=True)
    >>> run = trace(lstm, torch.zeros(5, 3))
    >>> run.lane(layer=1, direction="backward")["f"].shape
    torch.Size([5, 1, 4])
    """
    kind = kind_of(module)
    if not isinstance(x, Tensor | PackedSequence):
        raise TypeError(f"x must be a torch.Tensor or a PackedSequence, got {type(x).__name__}")
    with torch.inference_mode(not grad), torch.set_grad_enabled(grad):
        if isinstance(module, StepLayer):
            return _trace_layers(module, kind, 1, ("forward",), x, state, lengths)
        assert isinstance(module, nn.RNNBase)
        if module.proj_size:
            raise ValueError("an LSTM with proj_size is not traced: its h is not o ⊙ tanh(c)")
        directions = ("forward", "backward") if module.bidirectional else ("forward",)
        return _trace_layers(module, kind, module.num_layers, directions, x, state, lengths)


def _trace_layers(
    module: nn.Module,
    kind: str,
    num_layers: int,
    directions: tuple[str, ...],
    x: Tensor | PackedSequence,
    state: State | None,
    lengths: Tensor | list[int] | None,
) -> Trace:
    xs, ends, unbatched = _time_first(module, x, lengths)
    T, B, _ = xs.shape
    given = [xs]
    h_0, c_0 = _initial_states(module, kind, num_layers * len(directions), B, state, unbatched, xs)
    mask = None
    if ends is not None:
        mask = (torch.arange(T, device=xs.device)[:, None] < ends)[..., None]  # (T, B, 1)
        xs = torch.where(mask, xs, 0)
    lanes: list[Lane] = []
    for layer in range(num_layers):
        outputs = []
        for direction in directions:
            k = len(lanes)
            backward = direction == "backward"
            inputs = _reverse(xs, ends) if backward else xs
            h, c = h_0[k], None if c_0 is None else c_0[k]
            values = _run_lane(module, kind, layer, direction, inputs, h, c)
            if backward:
                values = {n: _reverse(v, ends) for n, v in values.items()}
            if mask is not None:
                values = {n: torch.where(mask, v, 0) for n, v in values.items()}
            values = {"x": xs, **values}
            fn = str(getattr(module, "nonlinearity", "tanh"))
            read: Callable[[], dict[str, Tensor]]
            if isinstance(module, nn.RNNBase):
                flat = _flat_weights(module, layer, direction)
                read = partial(named_weights, kind, module.hidden_size, *flat)
                used = [w for w in flat if w is not None]
            else:
                assert isinstance(module, StepLayer)
                kept = module.named_weights()
                read, used = kept.copy, list(kept.values())
            watched = tuple(
                (w, w._version) for w in (*used, *given, h, *([] if c is None else [c])) if not w.is_inference()
            )
            held = module.held(T, B) if isinstance(module, StepLayer) else {}
            lanes.append(Lane(kind, fn, layer, direction, values, h, c, ends, read, watched, held))
            outputs.append(values["h"])
        xs = torch.cat(outputs, dim=-1) if len(outputs) > 1 else outputs[0]
    last_h = torch.stack([_last(lane, "h") for lane in lanes])
    final: State = last_h
    if c_0 is not None:
        final = (last_h, torch.stack([_last(lane, "c") for lane in lanes]))
    return Trace(tuple(lanes), xs, final, ends)


def _run_lane(
    module: nn.Module,
    kind: str,
    layer: int,
    direction: str,
    xs: Tensor,
    h_0: Tensor,
    c_0: Tensor | None,
) -> dict[str, Tensor]:
    """All values `(T, B, H)` of one lane in its own time order."""
    if isinstance(module, StepLayer):
        return module.steps(xs, h_0, c_0)[0]
    assert isinstance(module, nn.RNNBase)
    W_ih, W_hh, b_ih, b_hh = _flat_weights(module, layer, direction)
    flat = [W_ih, W_hh] if b_ih is None or b_hh is None else [W_ih, W_hh, b_ih, b_hh]
    hs = _fused(module, flat, xs, h_0, c_0)
    before = torch.cat([h_0[None], hs[:-1]])  # h_{t-1}, (T, B, H)
    from_x = F.linear(xs, W_ih, b_ih)  # (T, B, gates·H)
    from_h = F.linear(before, W_hh, b_hh)
    if kind == "rnn":
        return {"a_h": from_x + from_h, "h": hs}
    if kind == "gru":
        x_r, x_z, x_n = from_x.chunk(3, dim=-1)
        h_r, h_z, m = from_h.chunk(3, dim=-1)
        a_r, a_z = x_r + h_r, x_z + h_z
        r, z = sigmoid(a_r), sigmoid(a_z)
        a_n = x_n + r * m
        values = {"a_r": a_r, "a_z": a_z, "r": r, "z": z, "m": m, "a_n": a_n, "n": tanh(a_n)}
        return values | {"h": hs}
    a_i, a_f, a_g, a_o = (from_x + from_h).chunk(4, dim=-1)
    i, f, g, o = sigmoid(a_i), sigmoid(a_f), tanh(a_g), sigmoid(a_o)
    assert c_0 is not None
    values = {"a_i": a_i, "a_f": a_f, "a_g": a_g, "a_o": a_o, "i": i, "f": f, "g": g, "o": o}
    return values | {"c": _cell_states(f, i * g, c_0), "h": hs}


def _flat_weights(
    module: nn.RNNBase, layer: int, direction: str
) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
    """The lane's tensors as torch stacks them: W_ih, W_hh, b_ih, b_hh (None without bias)."""
    suffix = suffix_of(layer, direction)
    W_ih, W_hh = getattr(module, f"weight_ih_{suffix}"), getattr(module, f"weight_hh_{suffix}")
    if not module.bias:
        return W_ih, W_hh, None, None
    return W_ih, W_hh, getattr(module, f"bias_ih_{suffix}"), getattr(module, f"bias_hh_{suffix}")


def _cell_states(f: Tensor, written: Tensor, c_0: Tensor) -> Tensor:
    """c_t = f_t ⊙ c_{t-1} + written_t for all t, `(T, B, H)`."""
    if f.is_inference() and f.dtype in (torch.float32, torch.float64) and f.device.type == "cpu":
        cs = torch.empty_like(f)  # the same sum in NumPy: half the cost per step of torch's calls
        before = c_0.detach().numpy()
        for f_t, written_t, now in zip(f.numpy(), written.numpy(), cs.numpy(), strict=True):
            np.multiply(f_t, before, out=now)
            now += written_t
            before = now
        return cs
    c, kept = c_0, []
    for f_t, written_t in zip(f.unbind(0), written.unbind(0), strict=True):
        c = torch.addcmul(written_t, f_t, c)
        kept.append(c)
    return torch.stack(kept)


def _fused(module: nn.RNNBase, flat: list[Tensor], xs: Tensor, h_0: Tensor, c_0: Tensor | None) -> Tensor:
    """All hidden states `(T, B, H)` of one lane from torch's own kernel."""
    # cuDNN can go backward only through a call in training mode; without dropout it is the same call
    options = (module.bias, 1, 0.0, torch.is_grad_enabled(), False, False)
    # cuDNN wants all layers' weights in one chunk and warns about a lane cut out of it.
    whole = module.num_layers == 1 and not module.bidirectional
    with nullcontext() if whole or not xs.is_cuda else torch.backends.cudnn.flags(enabled=False):
        if c_0 is not None:
            return torch.lstm(xs, (h_0[None], c_0[None]), flat, *options)[0]
        if isinstance(module, nn.GRU):
            return torch.gru(xs, h_0[None], flat, *options)[0]
        kernel = torch.rnn_relu if module.nonlinearity == "relu" else torch.rnn_tanh
        return kernel(xs, h_0[None], flat, *options)[0]


def _time_first(
    module: nn.Module, x: Tensor | PackedSequence, lengths: Tensor | list[int] | None
) -> tuple[Tensor, Tensor | None, bool]:
    """Input as `(T, B, D)`, the lengths `(B,)` or None, and whether the batch axis was added here."""
    if isinstance(x, PackedSequence):
        if lengths is not None:
            raise ValueError("a PackedSequence carries its own lengths; give lengths only with a tensor")
        x, lengths = pad_packed_sequence(x)
        batch_first = False
    else:
        batch_first = bool(getattr(module, "batch_first", False))
    weight = module.weight_hh_l0 if isinstance(module, nn.RNNBase) else next(module.parameters())
    D = int(module.input_size)  # type: ignore[arg-type]
    if x.dim() not in (2, 3) or x.shape[-1] != D:
        raise ValueError(f"x must be (T, {D}) or (T, B, {D}), got {tuple(x.shape)}")
    if x.dtype != weight.dtype:
        raise ValueError(f"x is {x.dtype} but the module's weights are {weight.dtype}")
    unbatched = x.dim() == 2
    if unbatched:
        x = x[:, None]
    elif batch_first:
        x = x.transpose(0, 1)
    T, B, _ = x.shape
    if T < 1 or B < 1:
        raise ValueError(f"x must have at least one step and one sequence, got T={T}, B={B}")
    if lengths is None:
        return x, None, unbatched
    ends = torch.as_tensor(lengths, device=x.device)
    whole = ends.dtype in (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
    if ends.shape != (B,) or not whole or not ((ends >= 1) & (ends <= T)).all():
        raise ValueError(f"lengths must be {B} whole numbers in 1 … {T}, got {lengths}")
    return x, ends.long(), unbatched


def _initial_states(
    module: nn.Module,
    kind: str,
    count: int,
    B: int,
    state: State | None,
    unbatched: bool,
    like: Tensor,
) -> tuple[Tensor, Tensor | None]:
    """h_0 and c_0 (None without a cell), each `(layers·directions, B, H)`."""
    H = int(module.hidden_size)  # type: ignore[arg-type]
    has_cell = kind in ("lstm", "peephole")
    if state is None:
        zero = like.new_zeros(count, B, H)
        return zero, zero if has_cell else None
    parts = state if isinstance(state, tuple) else (state,)
    if len(parts) != (2 if has_cell else 1):
        raise ValueError(f"state of a {kind} must be {'(h_0, c_0)' if has_cell else 'h_0 alone'}")
    wanted = (count, H) if unbatched else (count, B, H)
    for part in parts:
        if tuple(part.shape) != wanted:
            raise ValueError(f"state must have the shape {wanted}, got {tuple(part.shape)}")
        if part.dtype != like.dtype:
            raise ValueError(f"state is {part.dtype} but x is {like.dtype}")
    full = [part.reshape(count, B, H) for part in parts]
    return full[0], full[1] if has_cell else None


def _reverse(values: Tensor, lengths: Tensor | None) -> Tensor:
    """Each sequence of `(T, B, N)` turned round within its own length; padding stays where it is."""
    if lengths is None:
        return values.flip(0)
    t = torch.arange(values.shape[0], device=values.device)[:, None]
    index = torch.where(t < lengths, lengths - 1 - t, t)  # (T, B)
    return values.gather(0, index[..., None].expand_as(values))


def _last(lane: Lane, name: str) -> Tensor:
    """The lane's state after its own last step, `(B, H)`."""
    values = lane[name]
    if lane.direction == "backward":
        return values[0]
    if lane.lengths is None:
        return values[-1]
    return values[lane.lengths - 1, torch.arange(values.shape[1], device=values.device)]
