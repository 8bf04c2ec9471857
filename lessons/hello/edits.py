"""Weights changed by hand, kept in the URL: "W_hh,1,0,0.5;b_y,2,,1"."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from ui.components.stepper import Edit

if TYPE_CHECKING:
    from rnn_core.networks.char_rnn import CharRNN

MOST = 40
_ONE = re.compile(r"(W_xh|W_hh|b_h|W_hy|b_y),(\d{1,2}),(\d{0,2}),(-?\d{1,2}(?:\.\d{1,4})?)", re.ASCII)

_WHERE = {
    "W_xh": "rnn.weight_ih_l0",
    "W_hh": "rnn.weight_hh_l0",
    "b_h": "rnn.bias_ih_l0",
    "W_hy": "readout.weight",
    "b_y": "readout.bias",
}

Edits = dict[tuple[str, int, int | None], float]


def parse_edits(text: str) -> Edits | None:
    """The changes in a URL value, or None if it is not one."""
    edits: Edits = {}
    for piece in text.split(";") if text else []:
        match = _ONE.fullmatch(piece)
        if match is None or len(edits) >= MOST:
            return None
        name, row, col, value = match.groups()
        edits[name, int(row), int(col) if col else None] = float(value)
    return edits


def dump_edits(edits: Edits) -> str:
    """The changes as a URL value.

    >>> dump_edits({("W_hh", 1, 0): 0.5, ("b_y", 2, None): 1.0})
    'W_hh,1,0,0.5;b_y,2,,1'
    """
    return ";".join(
        f"{name},{row},{'' if col is None else col},{value:.4f}".rstrip("0").rstrip(".")
        for (name, row, col), value in edits.items()
    )


def with_edit(edits: Edits, edit: Edit) -> Edits:
    """The changes and one more; beyond the bound the oldest goes, and what no URL could hold is refused."""
    new = {k: v for k, v in edits.items() if k != (edit.weight, edit.row, edit.col)}
    new[edit.weight, edit.row, edit.col] = round(edit.value, 4)
    new = dict(list(new.items())[-MOST:])
    return edits if parse_edits(dump_edits(new)) is None else new


def apply_edits(model: CharRNN, edits: Edits) -> int:
    """Write the changes into a network's weights; returns how many fit its sizes."""
    import torch
    from torch import Tensor

    parameters: dict[str, Tensor] = dict(model.named_parameters())
    tensors = {name: parameters[where] for name, where in _WHERE.items()}
    twin = parameters["rnn.bias_hh_l0"]
    applied = 0
    with torch.no_grad():
        for (name, row, col), value in edits.items():
            tensor = tensors.get(name)
            where = (row,) if col is None else (row, col)
            if tensor is None or tensor.dim() != len(where) or not math.isfinite(value):
                continue
            if any(not 0 <= k < size for k, size in zip(where, tensor.shape, strict=True)):
                continue
            # torch adds two bias vectors; the reader sees, and changes, their sum
            other = twin[row].item() if name == "b_h" else 0.0
            tensor[where] = value - other
            applied += 1
    return applied
