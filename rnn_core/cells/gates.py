"""How libraries stack the gates of a cell in one matrix: the one place that knows an order."""

from __future__ import annotations

TORCH_GATES = {"rnn": "h", "lstm": "ifgo", "gru": "rzn"}
"""The order in which torch stacks the gates' rows inside one weight tensor."""


GATE_ORDER = {
    ("torch", "lstm"): ("i", "f", "g", "o"),
    ("keras", "lstm"): ("i", "f", "g", "o"),
    ("torch", "gru"): ("r", "z", "n"),
    ("keras", "gru"): ("z", "r", "n"),
    ("torch", "rnn"): ("h",),
    ("keras", "rnn"): ("h",),
}
"""The gates in the order in which each library stacks them, by our letters: Keras calls g "c" and n "h"; PyTorch stacks
rows, Keras columns."""


def gate_of_row(library: str, kind: str, hidden: int, row: int) -> tuple[str, int]:
    """Gate and unit of a row of `weight_ih_l0` (Keras: of a column of `kernel`).

    Raises ValueError for a row outside, KeyError for another library or kind.

    >>> gate_of_row("torch", "lstm", 128, 300)
    ('g', 44)
    """
    gates = GATE_ORDER[library, kind]
    if not 0 <= row < hidden * len(gates):
        raise ValueError(f"row must lie in 0 … {hidden * len(gates) - 1}, got {row}")
    return gates[row // hidden], row % hidden
