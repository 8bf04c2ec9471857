"""The series of the lesson `sine`: a sine, one with noise, one drawn by hand, or a visitor's numbers, bounded."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from rnn_core.sine import wave
from ui.sentences import decoded

COUNT, TRAINED = 300, 200
"""Values of the sine, and of them those that are trained on; of other series the first two thirds are."""

DRAWN = 120
"""Values of a series drawn by hand."""

LEAST, MOST, BYTES = 30, 600, 200_000
"""Values of a visitor's series, and bytes of a file."""

SOURCES = ("sine", "noisy", "drawn", "own")


class Numbers(NamedTuple):
    """What a visitor's text holds: values, or the name of the problem; `columns` to choose from where there are several."""

    values: tuple[float, ...] = ()
    problem: str | None = None
    columns: tuple[str, ...] = ()


def read_numbers(plain: str, column: str | None = None) -> Numbers:
    """One number a line, or one column of a CSV (comma, semicolon or tab) with a header; empty lines are left out.

    Problems: "empty", "csv", "column" (not chosen yet), "number", "few", "many", "flat".

    >>> read_numbers("1\\n2\\nx").problem, read_numbers("a,b\\n1,2").problem, read_numbers("").problem
    ('number', 'column', 'empty')
    """
    if len(plain) > BYTES:
        return Numbers(problem="many")
    first = plain.strip().split("\n", 1)[0]
    comma = max(",;\t", key=first.count)
    try:
        rows = [r for r in csv.reader(io.StringIO(plain, newline=""), strict=True, delimiter=comma) if "".join(r).strip()]  # fmt: skip
    except csv.Error:
        return Numbers(problem="csv")
    if not rows:
        return Numbers(problem="empty")
    if len(rows) > MOST + 1:
        return Numbers(problem="many")
    width = max(map(len, rows))
    if width > 50:
        return Numbers(problem="csv")
    if width == 1:
        cells = [row[0] for row in rows]
        cells = cells[1:] if _number(cells[0]) is None and len(cells) > 1 else cells
        return _checked(cells)
    header = tuple(dict.fromkeys(name.strip() or f"{k + 1}" for k, name in enumerate(rows[0])))
    if len(header) < width:
        return Numbers(problem="csv")
    if column not in header:
        return Numbers(problem="column", columns=header)
    k = header.index(column)
    return _checked([row[k] if k < len(row) else "" for row in rows[1:]])._replace(columns=header)


def read_file(data: bytes, column: str | None = None) -> Numbers:
    """The same from a file in UTF-8 or Shift_JIS. Problems also: "size", "encoding"."""
    if len(data) > BYTES:
        return Numbers(problem="size")
    plain = decoded(data)
    return Numbers(problem="encoding") if plain is None else read_numbers(plain, column)


def _checked(cells: Sequence[str]) -> Numbers:
    values = [_number(cell) for cell in cells]
    if any(v is None for v in values):
        return Numbers(problem="number")
    found = tuple(v for v in values if v is not None)
    if len(found) < LEAST:
        return Numbers(problem="few")
    if len(found) > MOST:
        return Numbers(problem="many")
    return Numbers(found) if max(found) > min(found) else Numbers(problem="flat")


def _number(cell: str) -> float | None:
    """A finite number of at most 30 characters and not beyond 10¹²; None for anything else."""
    try:
        value = float(cell.strip()) if len(cell) <= 30 and "_" not in cell else math.nan
    except ValueError:
        return None
    return value if abs(value) <= 1e12 else None


def scaled(values: Sequence[float]) -> Tensor:
    """Between −1 and 1, the middle of the range at 0.

    >>> scaled([2.0, 4.0, 3.0]).tolist()
    [-1.0, 1.0, 0.0]
    """
    found = torch.tensor(values, dtype=torch.double)
    low, high = found.min(), found.max()
    return ((found - (low + high) / 2) / ((high - low) / 2)).float()


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


def split_of(series: Tensor) -> int:
    """How many of the values are trained on."""
    return TRAINED if len(series) == COUNT else len(series) * 2 // 3


def made(source: str) -> Tensor:
    """The sine, or the one with noise."""
    return wave(COUNT, noise=0.1 if source == "noisy" else 0.0)
