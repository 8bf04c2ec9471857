"""Weights by name: one matrix per gate, cut out of torch's stacked tensors or taken from our own cells."""

from __future__ import annotations

from torch import Tensor, nn

from rnn_core.cells.gates import TORCH_GATES
from rnn_core.cells.layers import StepLayer


def kind_of(module: nn.Module) -> str:
    """The cell kind of a recurrent module: "rnn", "lstm", "gru", or that of a `StepLayer`.

    Raises TypeError for anything else, a subclass with a `forward` of its own included.
    """
    for cls, kind in ((nn.LSTM, "lstm"), (nn.GRU, "gru"), (nn.RNN, "rnn")):
        if isinstance(module, cls):
            if type(module).forward is not cls.forward:
                raise TypeError(f"{type(module).__name__} has a forward of its own, which is not traced")
            return kind
    if isinstance(module, StepLayer):
        return module.kind
    raise TypeError(f"cannot trace a {type(module).__name__}: give an nn.RNN, nn.LSTM, nn.GRU or a rnn_core layer")


def suffix_of(layer: int, direction: str) -> str:
    """Torch's suffix of a parameter name: "l0", "l1_reverse" …"""
    if direction not in ("forward", "backward"):
        raise ValueError(f"direction must be 'forward' or 'backward', got {direction!r}")
    return f"l{layer}" + ("_reverse" if direction == "backward" else "")


def module_weights(module: nn.RNNBase, layer: int = 0, direction: str = "forward") -> dict[str, Tensor]:
    """The weights of one lane of an `nn.RNN`, `nn.LSTM` or `nn.GRU` by name; see `named_weights`."""
    suffix = suffix_of(layer, direction)
    W_ih, W_hh = getattr(module, f"weight_ih_{suffix}"), getattr(module, f"weight_hh_{suffix}")
    b_ih, b_hh = (getattr(module, f"bias_{side}_{suffix}", None) for side in ("ih", "hh"))
    return named_weights(kind_of(module), module.hidden_size, W_ih, W_hh, b_ih, b_hh)


def named_weights(
    kind: str, H: int, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor | None, b_hh: Tensor | None
) -> dict[str, Tensor]:
    """The stacked tensors of one lane as torch keeps them, cut into one tensor per gate.

    Returns `W_x·` `(H, D)`, `W_h·` `(H, H)`, `b_·` `(H,)` as views where torch allows; `b_·` is the sum of
    torch's two bias vectors (zeros when the module has none). For the GRU's candidate the two stay
    apart as `b_xn` and `b_hn`. Source: the parameter lists in the documentation of `torch.nn`.
    """
    if b_ih is None or b_hh is None:
        b_ih = b_hh = W_hh.new_zeros(W_hh.shape[0])
    out: dict[str, Tensor] = {}
    for k, gate in enumerate(TORCH_GATES[kind]):
        rows = slice(k * H, (k + 1) * H)
        out[f"W_x{gate}"], out[f"W_h{gate}"] = W_ih[rows], W_hh[rows]
        if kind == "gru" and gate == "n":
            out["b_xn"], out["b_hn"] = b_ih[rows], b_hh[rows]
        else:
            out[f"b_{gate}"] = b_ih[rows] + b_hh[rows]
    return out
