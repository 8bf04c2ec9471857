"""A recurrent layer, a linear readout and a loss: forward and backward by hand, nothing left out.

    y_t = W_hy h_t + b_y
    output "softmax":   p_t = softmax(y_t),  E = −Σ_t log p_t[target_t]      δᵒᵘᵗ_t = ∂E/∂y_t = p_t − target_t (one-hot)
    output "identity":  E = Σ_t ½ ‖y_t − target_t‖²                          δᵒᵘᵗ_t = y_t − target_t
    ∂E/∂W_hy = Σ_t δᵒᵘᵗ_t h_tᵀ     ∂E/∂b_y = Σ_t δᵒᵘᵗ_t     W_hyᵀ δᵒᵘᵗ_t goes down into h_t

E is a sum, not a mean: every step's loss counts whole. Leaves out batches: one sequence, as it is shown on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from rnn_core.backward.bptt import LaneGradients, backpropagate
from rnn_core.cells.equations import rnn_equations
from rnn_core.cells.lines import bptt_lines, numpy_line
from rnn_core.cells.weights import module_weights
from rnn_core.forward.tracing import Trace, trace


@dataclass(frozen=True, eq=False)
class BackwardPass:
    """One sequence, forward and back. `y`, `target`, `out_deltas` `(T, V)`; `p` `(T, V)` or None for output "identity".

    `loss_steps` are the steps whose loss counts, `losses` `(T,)` each step's own loss (0 where none is taken), `block` the
    length of the truncation or None. `grads` are the deltas and gradients of the recurrent layer.
    """

    run: Trace
    y: Tensor
    p: Tensor | None
    target: Tensor
    output: str
    loss_steps: tuple[int, ...]
    losses: Tensor
    out_deltas: Tensor
    grads: LaneGradients
    from_above: Tensor
    block: int | None

    @property
    def loss(self) -> float:
        """E, in nats or squared units."""
        return float(self.losses.sum())

    def contributions(self, weight: str) -> Tensor:
        """What each step adds to a weight's gradient, `(T, …)`; "W_hy" and "b_y" included."""
        if weight == "b_y":
            return self.out_deltas
        if weight == "W_hy":
            return torch.einsum("ti,tj->tij", self.out_deltas, self.run.output[:, 0])
        return self.grads.contributions(weight)

    def gradients(self) -> dict[str, Tensor]:
        """All weights' gradients by name: those of the layer, "W_hy" and "b_y"."""
        own = {name: self.contributions(name).sum(0) for name in ("W_hy", "b_y")}
        return self.grads.weights | own

    def shares(self, weight: str) -> list[float]:
        """How much each step adds: the norm of its contribution."""
        return [float(c.norm()) for c in self.contributions(weight)]


def backward_pass(
    rnn: nn.RNNBase,
    readout: nn.Linear,
    x: Tensor,
    target: Tensor,
    *,
    output: str = "softmax",
    loss_steps: Sequence[int] | None = None,
    block: int | None = None,
) -> BackwardPass:
    """Forward and backward over one sequence. `x` `(T, D)`, `target` `(T, V)` (one-hot rows for "softmax").

    `loss_steps`: the steps whose loss counts (all unless told). `block`: truncate in blocks of that many steps.
    Raises ValueError for shapes that do not fit, an unknown output or a loss step outside the sequence.
    """
    if output not in ("softmax", "identity"):
        raise ValueError(f"output must be 'softmax' or 'identity', got {output!r}")
    if rnn.num_layers != 1 or rnn.bidirectional or rnn.batch_first:
        raise ValueError("one layer, one direction, time first: that is what is written out here")
    T, V = len(x), readout.out_features
    if target.shape != (T, V):
        raise ValueError(f"target must be {(T, V)}, got {tuple(target.shape)}")
    if output == "softmax" and not torch.allclose(target.sum(-1), target.new_ones(T)):
        raise ValueError("every row of target must sum to 1 for output 'softmax'")
    steps = tuple(range(T)) if loss_steps is None else tuple(sorted(set(loss_steps)))
    if not steps or not all(0 <= t < T for t in steps):
        raise ValueError(f"loss_steps must lie in 0 … {T - 1}, got {loss_steps}")
    run = trace(rnn, x)
    with torch.no_grad():
        y = run.output[:, 0] @ readout.weight.T + readout.bias
        counts = torch.zeros(T, 1, dtype=y.dtype, device=y.device)
        counts[list(steps)] = 1
        if output == "softmax":
            p = y.softmax(-1)
            losses = -(target * y.log_softmax(-1)).sum(-1)
            out_deltas = (p - target) * counts
        else:
            p, losses = None, 0.5 * (y - target).square().sum(-1)
            out_deltas = (y - target) * counts
        from_above = out_deltas @ readout.weight
        grads = backpropagate(run, from_above, block=block).lane()
    return BackwardPass(
        run,
        y,
        p,
        target,
        output,
        steps,
        losses * counts[:, 0],
        out_deltas,
        grads,
        from_above,
        block,
    )


def autograd_gradients(rnn: nn.RNNBase, readout: nn.Linear, done: BackwardPass) -> dict[str, Tensor]:
    """The gradients of the same loss by torch's autograd, by name; truncated as `done` was, by detaching the state.

    For a simple RNN of one layer.
    """
    x = done.run.lane().x
    block = len(x) if done.block is None else done.block
    named = {
        "weight_ih_l0": "W_xh",
        "weight_hh_l0": "W_hh",
        "bias_hh_l0": "b_h",
    }
    # copies: another thread may be reading the same network, and must not find it changed
    rnn = deepcopy(rnn).requires_grad_(True)
    readout = deepcopy(readout).requires_grad_(True)
    parameters = [*(getattr(rnn, key) for key in named), readout.weight, readout.bias]
    with torch.enable_grad():
        loss, state = torch.zeros((), dtype=x.dtype), None
        for start in range(0, len(x), block):
            hs, state = rnn(x[start : start + block].clone(), state)
            state = state.detach()
            for t, h in enumerate(hs[:, 0], start):
                y, target = readout(h), done.target[t]
                if t in done.loss_steps:
                    loss = loss + (
                        -(target * y.log_softmax(-1)).sum()
                        if done.output == "softmax"
                        else 0.5 * (y - target).square().sum()
                    )
        found = torch.autograd.grad(loss, parameters, allow_unused=True)
    names = [*named.values(), "W_hy", "b_y"]
    return {name: torch.zeros_like(p) if g is None else g for name, g, p in zip(names, found, parameters, strict=True)}


def as_script(done: BackwardPass, rnn: nn.RNN, readout: nn.Linear, labels: Sequence[str]) -> str:
    """A Python program that computes the same gradients twice, in NumPy by hand and by PyTorch's autograd.

    It prints both and the largest difference. Truncated as `done` was.
    """
    W = module_weights(rnn)
    T = len(done.y)
    values = W | {"W_hy": readout.weight, "b_y": readout.bias}
    block = T if done.block is None else min(done.block, T)
    lines = bptt_lines(rnn.nonlinearity, done.output)
    forward = "".join(f.text for f in numpy_line(rnn_equations(rnn.nonlinearity)["h"]))
    code = {name: "".join(f.text for f in part.numpy) for name, part in lines.items()}
    softmax = done.output == "softmax"
    text = [
        '"""BPTT by hand in NumPy, beside PyTorch\'s autograd: the run that was on the page."""',
        "",
        "import numpy as np",
        "import torch",
        "",
        f"inputs = {list(labels)!r}",
        f"xs = np.array({_list(done.run.lane().x[:, 0])})",
        f"targets = np.array({_list(done.target)})",
        f"loss_steps = {list(done.loss_steps)!r}",
        f"block = {block}  # the gradient does not cross from one block of steps into the one before",
    ]
    text += [f"{name} = np.array({_list(w)})" for name, w in values.items()]
    text += [
        "",
        "# forward",
        f"T, H = len(xs), {rnn.hidden_size}",
        "hs, ys = [np.zeros(H)], []",
        "for x_t in xs:",
        "    h_prev = hs[-1]",
        f"    {forward}",
        "    hs.append(h_t)",
        "    ys.append(W_hy @ h_t + b_y)",
        "",
        "# backward",
        *[f"d{name} = np.zeros_like({name})" for name in values],
        "delta_next = np.zeros(H)",
        "for t in reversed(range(T)):",
        "    x_t, h_prev, h_t, y_t, target_t = xs[t], hs[t], hs[t + 1], ys[t], targets[t]",
        *(["    p_t = np.exp(y_t - y_t.max()) / np.exp(y_t - y_t.max()).sum()"] if softmax else []),
        f"    {code['o']}",
        "    if t not in loss_steps:",
        "        d_out = np.zeros_like(d_out)",
        f"    {code['d']}",
        *[f"    {code[name]}" for name in ("W_xh", "W_hh", "W_hy")],
        "    db_h += delta",
        "    db_y += d_out",
        "    delta_next = np.zeros(H) if t % block == 0 else delta",
        '    print(f"t={t + 1} {inputs[t]!r} delta={np.round(delta, 4)}")',
        "",
        "# the same by autograd",
        *[f"t_{name} = torch.tensor({name}, requires_grad=True)" for name in values],
        "h, loss = torch.zeros(H, dtype=torch.float64), 0.0",
        "for t in range(T):",
        "    if t % block == 0:",
        "        h = h.detach()",
        "    h = torch."
        + {"tanh": "tanh", "relu": "relu"}[rnn.nonlinearity]
        + "(t_W_xh @ torch.tensor(xs[t]) + t_W_hh @ h + t_b_h)",
        "    y = t_W_hy @ h + t_b_y",
        "    if t in loss_steps:",
        "        loss = loss - (torch.tensor(targets[t]) * y.log_softmax(-1)).sum()"
        if softmax
        else "        loss = loss + 0.5 * (y - torch.tensor(targets[t])).square().sum()",
        "loss.backward()",
        'print(f"E = {loss.item():.6f}")',
        "",
        "largest = 0.0",
        "for name, by_hand, by_autograd in [",
        *[f'    ("{name}", d{name}, t_{name}.grad),' for name in values],
        "]:",
        "    by_autograd = np.zeros_like(by_hand) if by_autograd is None else by_autograd.numpy()",
        "    largest = max(largest, np.abs(by_hand - by_autograd).max())",
        '    print(f"dE/d{name}, by hand:\\n{np.round(by_hand, 4)}\\nby autograd:\\n{np.round(by_autograd, 4)}")',
        'print(f"largest difference: {largest:.1e}")',
        "",
    ]
    return "\n".join(text)


def _list(values: Tensor) -> str:
    return repr(np.round(values.detach().cpu().double().numpy(), 7).tolist())
