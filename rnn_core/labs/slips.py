"""What comes out of formulas that are wrong: the slips of the lecture's sources, run beside the right ones.

Each function computes the right thing too, under the slip "" or "hidden", so that the tests hold it to autograd and to torch.
Leaves out words; which source made which slip is the lessons' business (`ui.errata`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rnn_core.cells import gru_step, lstm_step
from rnn_core.cells.arrays import slope
from rnn_core.cells.weights import module_weights

if TYPE_CHECKING:
    from rnn_core.backward.readout import BackwardPass
    from rnn_core.networks.char_lm import CharLM


class Off(NamedTuple):
    """How far a gradient is off: its cosine with the right one, its length in units of the right one's, ‖found − right‖ / ‖right‖."""

    cosine: float
    ratio: float
    error: float


def off_by(found: Tensor | np.ndarray, right: Tensor | np.ndarray) -> Off:
    """Compare two arrays of one shape as vectors, in float64. A found one of length 0 has cosine NaN.

    >>> off_by(np.array([0.0, 2.0]), np.array([0.0, 1.0]))
    Off(cosine=1.0, ratio=2.0, error=1.0)
    """
    a, b = (np.asarray(v, dtype=np.float64).ravel() for v in (found, right))
    sizes = np.linalg.norm(a), np.linalg.norm(b)
    cosine = a @ b / (sizes[0] * sizes[1]) if sizes[0] else np.nan
    return Off(float(cosine), float(sizes[0] / sizes[1]), float(np.linalg.norm(a - b) / sizes[1]))


# --- the way back ----------------------------------------------------------------------------------


class ScalarGradient(NamedTuple):
    """∂E/∂w of the three weights of a net with one unit, each of the shape of the weights."""

    w_input: np.ndarray
    w_hidden: np.ndarray
    w_out: np.ndarray


def scalar_gradient(
    w_input: np.ndarray,
    w_hidden: np.ndarray,
    w_out: np.ndarray,
    x: np.ndarray,
    target: float,
    through: str = "hidden",
) -> ScalarGradient:
    """BPTT of a net with one unit, its loss at the last step, over many nets at once.

        s_t = tanh(w_hidden s_{t-1} + w_input x_t),  s_0 = 0       ŷ = w_out s_T      E = ½ (ŷ − target)²
        d_T = (ŷ − target) w_out (1 − s_T²)        d_{t-1} = d_t w (1 − s_{t-1}²)

    `through`: which weight w leads back through time, "hidden", or, as one source writes it, "out". Weights of any one shape, `x`
    `(T,)`. Raises ValueError for another `through`.

    >>> one = np.ones(1)
    >>> scalar_gradient(one, 0 * one, one, np.array([0.0, 1.0]), 0.0).w_hidden  # s_1 = 0: nothing to weigh
    array([0.])
    """
    if through not in ("hidden", "out"):
        raise ValueError(f"through must be 'hidden' or 'out', got {through!r}")
    w = w_hidden if through == "hidden" else w_out
    s = [np.zeros_like(w_input)]
    for x_t in x:
        s.append(np.tanh(w_hidden * s[-1] + w_input * x_t))
    error = w_out * s[-1] - target
    d = error * w_out * (1 - s[-1] ** 2)
    by_input, by_hidden = np.zeros_like(d), np.zeros_like(d)
    for t in range(len(x), 0, -1):
        by_input = by_input + d * x[t - 1]
        by_hidden = by_hidden + d * s[t - 1]
        d = d * w * (1 - s[t - 1] ** 2)
    return ScalarGradient(by_input, by_hidden, error * s[-1])


WAYS_BACK = ("", "value", "no_path", "same_step", "last_step")


def slipped_gradients(done: BackwardPass, readout: nn.Linear, slip: str = "") -> dict[str, Tensor]:
    """The gradients of a simple RNN with a readout, "W_xh", "W_hh", "b_h", "W_hy" and "b_y", with one slip in them.

        ""          δ_t = (W_hhᵀ δ_{t+1} + W_hyᵀ δᵒᵘᵗ_t) ⊙ f'(a_t),   ∂E/∂W_hh = Σ δ_t h_{t-1}ᵀ      what BPTT is
        value       f(a_t) in place of f'(a_t)
        no_path     δ_t = W_hyᵀ δᵒᵘᵗ_t ⊙ f'(a_t): nothing comes from the step after
        same_step   ∂E/∂W_hh = Σ δ_t h_tᵀ
        last_step   no sum over t: the last step's product alone

    `done` as `rnn_core.backward.readout.backward_pass` gives it, without truncation. Raises ValueError for another slip.
    """
    if slip not in WAYS_BACK:
        raise ValueError(f"no slip {slip!r}; there are {', '.join(map(repr, WAYS_BACK))}")
    lane = done.run.lane()
    x, h, before = lane.x[:, 0], lane.h[:, 0], lane.previous("h")[:, 0]
    W_hh = lane.weights["W_hh"]
    factor = h if slip == "value" else slope(lane.fn, h)
    deltas, later = torch.zeros_like(h), torch.zeros_like(h[0])
    for t in range(len(h) - 1, -1, -1):
        from_later = 0 if slip == "no_path" else later @ W_hh
        deltas[t] = (from_later + done.out_deltas[t] @ readout.weight) * factor[t]
        later = deltas[t]
    out = done.out_deltas
    ones = torch.ones(len(h), 1, dtype=h.dtype)
    pairs = {
        "W_xh": (deltas, x),
        "W_hh": (deltas, h if slip == "same_step" else before),
        "b_h": (deltas, ones),
        "W_hy": (out, h),
        "b_y": (out, ones),
    }
    steps = slice(-1, None) if slip == "last_step" else slice(None)
    found = {}
    for name, (d, v) in pairs.items():
        product = torch.einsum("ti,tj->ij", d[steps], v[steps])
        found[name] = product[:, 0] if name.startswith("b") else product
    return found


# --- the cells -------------------------------------------------------------------------------------

CELL_SLIPS = ("", "columns", "g_by_o", "f_on_h", "z_turned")


def slipped_states(rnn: nn.LSTM | nn.GRU, x: Tensor, slip: str = "") -> Tensor:
    """The hidden states `(T, H)` of one layer over `x` `(T, D)` from zero states, with one slip in its equations.

        ""          as torch computes it
        columns     LSTM: the columns of g's weights belong to [h_{t-1}, x_t] and are applied to [x_t, h_{t-1}]
        g_by_o      LSTM: c_t = f ⊙ c_{t-1} + o ⊙ g
        f_on_h      LSTM: c_t = c_{t-1} + i ⊙ g,  h_t = f ⊙ o ⊙ tanh(c_t): the forget gate acts on the hidden state
        z_turned    GRU: h_t = (1 − z) ⊙ h_{t-1} + z ⊙ n with weights for which z keeps

    Raises ValueError for another slip or one of the other cell.
    """
    is_lstm = isinstance(rnn, nn.LSTM)
    if slip not in CELL_SLIPS or (slip and (slip == "z_turned") is is_lstm):
        raise ValueError(f"no slip {slip!r} in a cell of {type(rnn).__name__}")
    W = module_weights(rnn)
    if slip == "columns":
        both = torch.cat([W["W_hg"], W["W_xg"]], 1)
        W = W | {"W_xg": both[:, : x.shape[1]], "W_hg": both[:, x.shape[1] :]}
    h = c = torch.zeros(rnn.hidden_size, dtype=x.dtype)
    states = []
    for x_t in x:
        if is_lstm:
            v = lstm_step(x_t, h, c, W)
            c_prev, c, h = c, v.c, v.h
            if slip == "g_by_o":
                c = v.f * c_prev + v.o * v.g
                h = v.o * c.tanh()
            elif slip == "f_on_h":
                c = c_prev + v.i * v.g
                h = v.f * v.o * c.tanh()
        else:
            u = gru_step(x_t, h, W)
            h = (1 - u.z) * h + u.z * u.n if slip == "z_turned" else u.h
        states.append(h)
    return torch.stack(states)


@torch.inference_mode()
def slipped_nats(model: CharLM, text: str, slip: str = "") -> float:
    """Mean −log p in nats of every character of a text but the first, read by the model with a slip in its cell."""
    ids = model.encode(text)
    assert isinstance(model.rnn, nn.LSTM | nn.GRU)
    h = slipped_states(model.rnn, model.embedding(ids[:-1]), slip)
    return float(F.cross_entropy(F.linear(h, model.W_hy, model.b_y), ids[1:]))
