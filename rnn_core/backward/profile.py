"""How much of the gradient is left after t steps: norms and Jacobian products for every step, in one sweep.

For one layer in one direction, states s_t = h_t (or (h_t, c_t) with a cell state):

    ∂h_S/∂h_t = (∂s_S/∂s_{S-1} · … · ∂s_{t+1}/∂s_t), its h rows and h columns

A sweep from S back to 1 carries the product as H rows at once; no autograd, never a backward pass per step.
Every factor is a diagonal times W_hh (or sums of such), so `diag(f') W_hh` products do not commute and there is no
"W_hh to the power t−1" in them.

Leaves out: lengths and packed sequences (`rnn_core.backpropagate` has them).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from rnn_core.backward.bptt import backpropagate
from rnn_core.cells.arrays import Array, slope, tanh
from rnn_core.cells.gates import TORCH_GATES
from rnn_core.forward.tracing import Lane, State, trace
from rnn_core.work import Work, finished

RESCALE_EVERY = 4
"""Steps between two rescalings: float32 holds 38 decades, and four steps lose fewer than that."""

CHUNK = 16
"""Matrices whose singular values are computed together; bounds the memory for long sequences."""


class Spectrum(NamedTuple):
    """Singular values of ∂(state at S)/∂(state at t), each `(T,)` or `(T, B)`, as log10 so that nothing underflows.

    `largest` is log10 of the spectral norm. `smallest` is NaN where it lies below what the dtype resolves beside
    the largest (H · eps · largest); both are −inf where the Jacobian is exactly zero and NaN at steps not asked for.
    """

    largest: Tensor
    smallest: Tensor


@dataclass(frozen=True, eq=False)
class GradientProfile:
    """What `gradient_profile` found. Tensors are float64 on the module's device, `(T,)` for one sequence, else `(T, B)`.

    `log10_grad_h[t]` is log10 ‖∂L/∂h_t‖, `log10_grad_c` the same for the cell state (None without one);
    −inf means exactly zero: the step cannot reach the loss. `loss_step` is S, the last step that the loss looks at.
    The Jacobians are computed when they are first asked for: they cost H rows, the gradients one.
    """

    log10_grad_h: Tensor
    log10_grad_c: Tensor | None
    loss_step: int
    _sweep: _Sweep
    _at: tuple[int, ...]
    _squeeze: bool

    @property
    def grad_h(self) -> Tensor:
        """‖∂L/∂h_t‖₂ for every t. 0 where a float64 cannot hold it: see `underflow`, or use the logarithm."""
        return 10**self.log10_grad_h

    @property
    def grad_c(self) -> Tensor | None:
        """‖∂L/∂c_t‖₂ for every t, or None for a cell without c."""
        return None if self.log10_grad_c is None else 10**self.log10_grad_c

    @cached_property
    def spectrum_h(self) -> Spectrum:
        """Singular values of ∂h_S/∂h_t, c_t held fixed as a separate input of the later steps."""
        return finished(self.spectrum_in_steps("h"))

    @cached_property
    def spectrum_c(self) -> Spectrum:
        """Singular values of ∂c_S/∂c_t; raises ValueError for a cell without c."""
        return finished(self.spectrum_in_steps("c"))

    def spectrum_in_steps(self, state: str) -> Work[Spectrum]:
        """`spectrum_h` ("h") or `spectrum_c` ("c"), with a pause after every time step: for long runs of large layers."""
        if state == "c" and self._sweep.lane.c_0 is None:
            raise ValueError(f"a {self._sweep.lane.kind} has no cell state")
        largest, smallest = yield from self._sweep.spectrum(state, self.loss_step, self._at)
        both = (torch.as_tensor(v, device=self.log10_grad_h.device) for v in (largest, smallest))
        return Spectrum(*(v[:, 0] if self._squeeze else v for v in both))

    @property
    def jacobian_h(self) -> Tensor:
        """‖∂h_S/∂h_t‖₂, the largest singular value, for every t. 0 where float64 cannot hold it: see `underflow`."""
        return 10**self.spectrum_h.largest

    @property
    def jacobian_c(self) -> Tensor:
        """‖∂c_S/∂c_t‖₂ for every t; raises ValueError for a cell without c."""
        return 10**self.spectrum_c.largest

    @property
    def underflow(self) -> bool:
        """Whether `grad_h` or `jacobian_h` shows a 0 (or infinity) where the logarithm knows better."""
        lost = False
        for log, plain in (
            (self.log10_grad_h, self.grad_h),
            (self.spectrum_h.largest, self.jacobian_h),
        ):
            lost |= bool((torch.isfinite(log) & ((plain == 0) | torch.isinf(plain))).any())
        return lost


def gradient_profile(
    module: nn.Module,
    x: Tensor,
    loss_at: str | int = "last",
    *,
    state: State | None = None,
    layer: int = -1,
    direction: str = "forward",
    at: list[int] | None = None,
) -> GradientProfile:
    """‖∂L/∂h_t‖ and ‖∂h_S/∂h_t‖₂ for every step t of one layer, in one sweep.

    `module`: what `trace` takes. `x`: `(T, D)` or `(T, B, D)` (time second if `batch_first`). `loss_at`: "last" for
    L = Σ_i h_T[i], a step s (from 0) for L = Σ_i h_s[i], "all" for L = Σ_t Σ_i h_t[i]; h is the last layer's output.
    `layer` (from 0; −1 the last) and `direction` choose the lane that is profiled; a backward lane's last step is
    position 0. `at`: the steps whose Jacobian is wanted (all of them unless told; singular values cost H³ each).

    Works in the dtype and on the device of the module; magnitudes are kept as float64 logarithms with exact powers
    of two, so a norm of 1e-500 is reported as −500 and not as 0. Raises what `trace` raises, and ValueError for a
    `loss_at`, `layer` or `at` outside the run. Two limits: what a lower layer receives from the layers above is computed in
    the module's dtype and can underflow there, and a state that has overflowed gives NaN, as its slope does.

    Source: Pascanu, Mikolov and Bengio (2013), section 2; Hochreiter and Schmidhuber (1997), section 3.

    >>> layer_ = nn.RNN(1, 2, nonlinearity="relu", bias=False)
    >>> _ = nn.init.eye_(layer_.weight_hh_l0), nn.init.ones_(layer_.weight_ih_l0)
    >>> gradient_profile(layer_, torch.ones(5, 1)).jacobian_h  # the identity, five times
    tensor([1., 1., 1., 1., 1.], dtype=torch.float64)
    """
    if not isinstance(x, Tensor):
        raise TypeError(f"x must be a torch.Tensor, got {type(x).__name__}: lengths are left out")
    run = trace(module, x, state)
    T, B, _ = run.output.shape
    layers = 1 + max(lane.layer for lane in run.lanes)
    if not -layers <= layer < layers:
        raise ValueError(f"layer must lie in {-layers} … {layers - 1}, got {layer}")
    lane = run.lane(layer % layers, direction)
    backward = direction == "backward"
    whole = isinstance(loss_at, int) and not isinstance(loss_at, bool)
    if not (loss_at in ("last", "all") or (whole and 0 <= int(loss_at) < T)):
        raise ValueError(f"loss_at must be 'last', 'all' or a step in 0 … {T - 1}, got {loss_at!r}")
    if at is not None and not all(isinstance(t, int) and 0 <= t < T for t in at):
        raise ValueError(f"at must hold steps in 0 … {T - 1}, got {at}")
    final = 0 if backward else T - 1
    S = int(loss_at) if whole else final
    if lane.held:
        raise ValueError("a layer with fixed values has no profile")
    sweep = _Sweep(lane)
    from_above = torch.zeros_like(run.output)
    if loss_at == "all":
        from_above += 1
    else:
        from_above[S] = 1
    if lane.layer == layers - 1:
        H = lane["h"].shape[-1]
        from_above = from_above[..., -H:] if backward else from_above[..., :H]
    else:
        from_above = backpropagate(run, from_above).lane(lane.layer, direction).from_above
    logs_h, logs_c = sweep.gradients(from_above)
    squeeze = B == 1

    def ready(values: Array) -> Tensor:
        tensor = torch.as_tensor(values, device=run.output.device)
        return tensor[:, 0] if squeeze else tensor

    return GradientProfile(
        ready(logs_h),
        None if logs_c is None else ready(logs_c),
        S,
        sweep,
        tuple(range(T)) if at is None else tuple(sorted(set(at))),
        squeeze,
    )


class _Sweep:
    """The linear map from (dh_t, dc_t) to (dh_{t-1}, dc_{t-1}) at every step of a lane.

    Everything that does not depend on the gradient is multiplied out beforehand: `gates[t]` `(B, 1, G, H)` are the
    slopes with which dh_t (or dc_t) reaches the G gates, `W_h` `(G·H, H)` leads from the gates to h_{t-1}, `keep[t]` is what
    is passed on without any matrix. NumPy on the CPU (half the cost per call), torch elsewhere.
    """

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        like = lane["h"]
        self.T, self.B, self.H = like.shape
        self.backward = lane.direction == "backward"
        self.numpy = like.device.type == "cpu" and like.dtype in (torch.float32, torch.float64)
        v = {name: tensor.detach() for name, tensor in lane.values.items()}
        W = {name: w.detach() for name, w in lane.weights.items()}
        self.W_h = self._own(torch.cat([W[f"W_h{q}"] for q in TORCH_GATES.get(lane.kind, "ifgo")]))
        self.keep: Any = None
        self.show: Any = None
        self.output: Any = None
        if lane.kind == "rnn":
            gates = [slope(lane.fn, v["h"])]
        elif lane.kind == "gru":
            new = (1 - v["z"]) * slope("tanh", v["n"])
            reset = new * v["m"] * slope("sigmoid", v["r"])
            update = (lane.previous("h") - v["n"]) * slope("sigmoid", v["z"])
            gates = [reset, update, new * v["r"]]
            self.keep = self._rows(v["z"])
        else:
            shown = tanh(v["c"])
            self.show = self._rows(v["o"] * (1 - shown * shown))
            self.output = self._rows(shown * slope("sigmoid", v["o"]))
            kept = lane.previous("c") * slope("sigmoid", v["f"])
            gates = [v["g"] * slope("sigmoid", v["i"]), kept, v["i"] * slope("tanh", v["g"])]
            self.keep = self._rows(v["f"])
        self.gates = self._own(torch.stack(gates, dim=-2)[:, :, None])
        self.peep = {n: self._own(W[n]) for n in ("w_ci", "w_cf", "w_co") if n in W}

    def _own(self, tensor: Tensor) -> Any:
        return tensor.numpy() if self.numpy else tensor

    def _rows(self, tensor: Tensor) -> Any:
        return self._own(tensor[:, :, None])  # (T, B, 1, H)

    def _full(self, shape: tuple[int, ...], value: float, float64: bool = False) -> Any:
        like = self.lane["h"]
        dtype = torch.float64 if float64 else like.dtype
        return self._own(torch.full(shape, value, dtype=dtype, device=like.device))

    def back(self, t: int, dh: Array, dc: Array | None) -> tuple[Array, Array | None]:
        """From the gradients at step t, rows `(B, R, H)`, to what they send to the step before."""
        rows = dh.shape[:2]
        gates = self.gates[t]
        if dc is None:
            before = (dh[:, :, None] * gates).reshape(*rows, -1) @ self.W_h
            return (before if self.keep is None else before + dh * self.keep[t]), None
        a_o = dh * self.output[t]
        dc = self.all_of_c(t, dh, dc)
        inner = dc[:, :, None] * gates
        wide = (np.concatenate if self.numpy else torch.cat)([inner, a_o[:, :, None]], -2)
        before = wide.reshape(*rows, -1) @ self.W_h
        dc = dc * self.keep[t]
        if self.peep:
            dc = dc + inner[:, :, 0] * self.peep["w_ci"] + inner[:, :, 1] * self.peep["w_cf"]
        return before, dc

    def all_of_c(self, t: int | slice, dh: Array, dc: Array) -> Array:
        """∂L/∂c_t: what the step after sends, and what comes through h_t."""
        total = dc + dh * self.show[t]
        return total + dh * self.output[t] * self.peep["w_co"] if self.peep else total

    def gradients(self, from_above: Tensor) -> tuple[Array, Array | None]:
        """log10 of ‖dh_t‖ and ‖dc_t‖, each `(T, B)`, for a loss whose direct gradient is `from_above` `(T, B, H)`."""
        given = self._rows(from_above.detach())
        at = from_above.flatten(1).any(1).tolist()
        dh = self._full((self.B, 1, self.H), 0.0)
        dc = None if self.lane.c_0 is None else self._full((self.B, 1, self.H), 0.0)
        power = self._full((self.B,), 0.0, float64=True)
        kept_h = self._full((self.T, self.B, 1, self.H), 0.0)
        kept_c = self._full((self.T, self.B, 1, self.H), 0.0)
        powers = self._full((self.T, self.B), 0.0, float64=True)
        for k, t in enumerate(self._order(0 if self.backward else self.T - 1)):
            if at[t]:
                dh, dc = self._grow_back(dh, dc, power)
                dh = dh + self._shift(given[t], -power)
            kept_h[t], powers[t] = dh, power
            if dc is not None:
                kept_c[t] = dc
            dh, dc = self.back(t, dh, dc)
            if k % RESCALE_EVERY == RESCALE_EVERY - 1:
                dh, dc = self._rescale(dh, dc, power)
        logs_h = self._log_norms(kept_h, powers)
        if dc is None:
            return logs_h, None
        return logs_h, self._log_norms(self.all_of_c(slice(None), kept_h, kept_c), powers)

    def spectrum(self, state: str, S: int, at: tuple[int, ...]) -> Work[tuple[Array, Array]]:
        """log10 of the largest and smallest singular value of ∂state_S/∂state_t, each `(T, B)`; a pause after every step."""
        largest = self._full((self.T, self.B), torch.nan, float64=True)
        smallest = self._full((self.T, self.B), torch.nan, float64=True)
        eye = torch.eye(self.H, dtype=self.lane["h"].dtype, device=self.lane["h"].device)
        seed = self._own(eye.expand(self.B, self.H, self.H).clone())
        none = self._full((self.B, self.H, self.H), 0.0)
        dh = seed if state == "h" else none
        dc = None if self.lane.c_0 is None else none if state == "h" else seed
        power = self._full((self.B,), 0.0, float64=True)
        inside = [t for t in at if (t >= S if self.backward else t <= S)]
        for t in set(at) - set(inside):  # behind S nothing can reach it
            largest[t] = smallest[t] = -torch.inf
        farthest = (max if self.backward else min)(inside, default=S)
        waiting: list[tuple[int, Array, Array]] = []
        order = self._order(S)
        for k, t in enumerate(order):
            yield k / len(order)
            if t in inside:
                through_h = state == "c" and k > 0  # c_t also acts through h_t, but for S itself
                now = self.all_of_c(t, dh, dc) if through_h else dc if state == "c" else dh
                waiting.append((t, now, power + 0.0))
            if len(waiting) == CHUNK or t == farthest:
                self._measure(waiting, largest, smallest)
                waiting = []
            if t == farthest:
                break
            dh, dc = self.back(t, dh, dc)
            if k % RESCALE_EVERY == RESCALE_EVERY - 1:
                dh, dc = self._rescale(dh, dc, power)
        return largest, smallest

    def _order(self, S: int) -> range:
        return range(S, self.T) if self.backward else range(S, -1, -1)

    def _measure(self, waiting: list[tuple[int, Array, Array]], largest: Array, smallest: Array) -> None:
        if not waiting:
            return
        matrices = torch.stack([torch.as_tensor(m) for _, m, _ in waiting])  # (n, B, H, H)
        if matrices.dtype in (torch.float16, torch.bfloat16):  # torch has no SVD for these
            matrices = matrices.float()
        whole = torch.isfinite(matrices).all(-1).all(-1)  # (n, B); a state that is no number has no spectrum
        values = torch.linalg.svdvals(torch.where(whole[..., None, None], matrices, 0)).double()
        values = torch.where(whole[..., None], values, torch.nan)
        eps = self.H * torch.finfo(self.lane["h"].dtype).eps
        top, low = values[..., 0], values[..., -1]
        low = torch.where((low <= eps * top) & (top > 0), torch.nan, low)
        for n, (t, _, power) in enumerate(waiting):
            exponents = torch.as_tensor(power) * np.log10(2.0)
            largest[t] = self._own(top[n].log10() + exponents)
            smallest[t] = self._own(low[n].log10() + exponents)

    def _log_norms(self, values: Array, powers: Array) -> Array:
        """log10 of the norms of `(T, B, 1, H)` values that were kept divided by 2^power."""
        norms = torch.as_tensor(values)[:, :, 0].double().norm(dim=-1)
        return self._own(norms.log10() + torch.as_tensor(powers) * np.log10(2.0))

    # --- powers of two: exact, and without end ------------------------------------------------------

    def _rescale(self, dh: Array, dc: Array | None, power: Array) -> tuple[Array, Array | None]:
        """Divide by the power of two that brings each sequence's largest entry to ½ … 1; it is added to `power`."""
        lib: Any = np if self.numpy else torch
        top = abs(dh).reshape(self.B, -1).max(1) if self.numpy else dh.abs().flatten(1).amax(1)
        if dc is not None:
            also = abs(dc).reshape(self.B, -1).max(1) if self.numpy else dc.abs().flatten(1).amax(1)
            top = lib.maximum(top, also)
        exponent = lib.frexp(top)[1]
        power += exponent
        return self._shift(dh, -exponent), None if dc is None else self._shift(dc, -exponent)

    def _shift(self, values: Array, power: Array) -> Array:
        """values · 2^power, one power per sequence."""
        if self.numpy:
            return np.ldexp(values, power.astype(np.int64)[:, None, None])
        return torch.ldexp(values, power[:, None, None]).to(values.dtype)

    def _grow_back(self, dh: Array, dc: Array | None, power: Array) -> tuple[Array, Array | None]:
        """Undo what was scaled up, so that something of size 1 can be added without overflow."""
        shrunk = power.clip(max=0) if not self.numpy else np.minimum(power, 0)
        power -= shrunk
        return self._shift(dh, shrunk), None if dc is None else self._shift(dc, shrunk)
