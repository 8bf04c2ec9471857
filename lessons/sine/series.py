"""The series of the lesson `sine`: a sine, one with noise, one drawn by hand, or a visitor's numbers, bounded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor

from rnn_core.labs.sine import scaled, wave
from ui.typed import tables
from ui.typed.tables import TableError

COUNT = 300
"""Values of the sine."""

DRAWN = 120
"""Values of a series drawn by hand."""

LEAST, MOST = 30, 600
"""Values of a visitor's series."""

PASTED = 200_000
"""Characters that may be pasted."""

FARTHEST = 1e6
"""How far a value may lie outside of those trained on, in halves of their range: beyond, float32 has no errors to show."""

SOURCES = ("sine", "noisy", "drawn", "own")


class Columns(NamedTuple):
    """A visitor's table with the names of its columns; `named`: whether its first row gives them, and they are not just counted."""

    table: tables.Table
    names: tuple[str, ...]
    named: bool


def columns_of(plain: str) -> Columns:
    """One number a line, or a CSV (tabs, semicolons or commas) of at most 600 rows, with or without a row of names.

    Raises TableError: "many" and what `tables.read` and `tables.has_names` raise.

    >>> columns_of("a,b\\n1,2").names, columns_of("0.5;1,5").names
    (('a', 'b'), ('1', '2'))
    """
    try:
        table = tables.read(plain, MOST + 1, split=False)
    except TableError as error:
        raise TableError("many") if error.problem == "rows" else error from None
    named = tables.has_names(table)
    return Columns(table, tables.names_of(table.lines[0] if named else None, table.width), named)


def numbers_of(columns: Columns, name: str) -> tables.Column:
    """The numbers of the column of that name. Raises TableError: "few", "many", "flat", "far" and what `tables.column` raises."""
    k = columns.names.index(name)
    found = tables.column(columns.table.lines[columns.named :], k, name, columns.table.mark)
    if len(found.values) < LEAST:
        raise TableError("few")
    if len(found.values) > MOST:
        raise TableError("many")
    prepared(found.values)
    return found


def split_of(values: Sequence[float] | Tensor) -> int:
    """How many of the values are trained on: the first two thirds."""
    return len(values) * 2 // 3


def prepared(values: Sequence[float]) -> Tensor:
    """The values as they are trained on and predicted (`rnn_core.labs.sine.scaled`).

    Raises TableError: "flat" if those trained on are all the same, "far" if a later one is over a million times as far away.

    >>> prepared([2.0, 4.0, 6.0]).tolist()
    [-1.0, 1.0, 3.0]
    """
    try:
        found = scaled(values, split_of(values))
    except ValueError:
        raise TableError("flat") from None
    if not bool((found.abs() <= FARTHEST).all()):
        raise TableError("far")
    return found


def encode_drawn(values: Sequence[int]) -> str:
    """Two digits a value, as a link keeps it.

    >>> encode_drawn([7, 99])
    '0799'
    """
    return "".join(f"{v:02d}" for v in values)


def decode_drawn(raw: str) -> list[int] | None:
    """The other way of `encode_drawn`, for `DRAWN` values; None for anything else."""
    if len(raw) != 2 * DRAWN or not (raw.isascii() and raw.isdigit()):
        return None
    return [int(raw[k : k + 2]) for k in range(0, len(raw), 2)]


def first_drawn() -> list[int]:
    """What is drawn before the reader draws: waves that grow."""
    return [round(50 + 0.4 * t * math.sin(t / 4)) for t in range(DRAWN)]


def made(source: str) -> Tensor:
    """The sine, or the one with noise."""
    return wave(COUNT, noise=0.1 if source == "noisy" else 0.0)
