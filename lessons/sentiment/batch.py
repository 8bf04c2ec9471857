"""Many reviews at once: what a visitor pastes or uploads becomes a bounded list of texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from ui.networks.reviews import MOST
from ui.typed import tables
from ui.typed.sentences import too_long, visible
from ui.typed.tables import Table, TableError

LINES = 5000


class Batch(NamedTuple):
    """Texts ready to be judged (each at most 2,000 characters), and how many were cut."""

    texts: list[str]
    cut: int = 0


def pasted(lines: str) -> Batch:
    """One review a line; empty lines are left out. Raises TableError: "empty", "rows"."""
    return _bounded(lines.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


class Columns(NamedTuple):
    """A visitor's table of reviews and the names of its columns: those in its first row, if it has several columns."""

    table: Table
    names: tuple[str, ...]


def columns_of(plain: str) -> Columns:
    """One review a row of a CSV. Raises TableError: see `tables.read`.

    A table of one column needs no name at its head; of several, the first row holds the names.
    """
    table = tables.read(plain, LINES + 1)
    return Columns(table, tables.names_of(table.lines[0] if table.width > 1 else None, table.width))


def texts_of(columns: Columns, name: str) -> Batch:
    """The reviews in the column of that name. Raises TableError: "empty", "rows"."""
    k = columns.names.index(name)
    first, *rest = columns.table.lines
    headed = len(columns.names) > 1 or first.cell(0).lower() in HEADERS
    return _bounded([line.cell(k) for line in (rest if headed else columns.table.lines)])


HEADERS = (
    *("text", "texts", "review", "reviews", "comment", "comments", "sentence", "sentences"),
    "テキスト",
    "本文",
    "レビュー",
    "コメント",
    "文",
)
"""What a header above a single column may say; anything else there is a review."""


def _bounded(lines: Sequence[str]) -> Batch:
    lines = [line for line in lines if line.strip()]
    if len(lines) > LINES:
        raise TableError("rows")
    found = [line for line in map(visible, lines) if line]
    if not found:
        raise TableError("empty")
    long = [too_long(line, MOST) for line in found]
    kept = [
        unicodedata.normalize("NFKC", line[:MOST])[:MOST] if cut else line
        for line, cut in zip(found, long, strict=True)
    ]
    return Batch(kept, sum(long))
