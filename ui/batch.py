"""Many reviews at once: what a visitor pastes or uploads becomes a bounded list of texts, and back a file."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from ui.reviews import MOST
from ui.sentences import decoded, too_long, visible

LINES = 5000
BYTES = 4_000_000


class Batch(NamedTuple):
    """Texts ready to be judged (each at most 2,000 characters), how many were cut, or the name of the problem.

    `columns`: the columns of a CSV that has several, to choose from.
    """

    texts: list[str]
    cut: int = 0
    problem: str | None = None
    columns: tuple[str, ...] = ()


def pasted(lines: str) -> Batch:
    """One review a line; empty lines are left out. Problems: "empty", "many"."""
    return _bounded(lines.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def pasted_file(data: bytes) -> Batch:
    """The same from a text file in UTF-8 or Shift_JIS. Problems also: "size", "encoding"."""
    if len(data) > BYTES:
        return Batch([], problem="size")
    plain = decoded(data)
    return Batch([], problem="encoding") if plain is None else pasted(plain)


def uploaded(data: bytes, column: str | None = None) -> Batch:
    """One review a row of a CSV in UTF-8 or Shift_JIS.

    A file of one column needs no header name; of several, the first row is the header and `column` one of its names (until
    one is chosen `columns` tells them). Problems: "size", "encoding", "csv", "column", "empty", "many".
    """
    if len(data) > BYTES:
        return Batch([], problem="size")
    plain = decoded(data)
    if plain is None:
        return Batch([], problem="encoding")
    try:
        first = plain.split("\n", 1)[0]
        comma = max(",;\t", key=first.count) if any(c in first for c in ",;\t") else ","
        table = csv.reader(io.StringIO(plain, newline=""), strict=True, delimiter=comma)
        rows = _without_empty_columns([row for row in table if "".join(row).strip()])
    except csv.Error:
        return Batch([], problem="csv")
    if not rows:
        return Batch([], problem="empty")
    if len(rows) > LINES + 1:
        return Batch([], problem="many")
    width = max(map(len, rows))
    if width == 1:
        head = rows[0][0].strip().lower()
        return _bounded([row[0] for row in (rows[1:] if head in HEADERS else rows)])
    header = tuple(name.strip() for name in rows[0])
    if len(set(header)) < len(header) or len(header) < width:
        return Batch([], problem="column")
    if column not in header:
        return Batch([], columns=header)
    k = header.index(column)
    found = _bounded([row[k] if k < len(row) else "" for row in rows[1:]])
    return found._replace(columns=header)


def _without_empty_columns(rows: list[list[str]]) -> list[list[str]]:
    """A spreadsheet often leaves columns at the right that hold nothing."""
    width = max((k + 1 for row in rows for k, cell in enumerate(row) if cell.strip()), default=0)
    return [row[:width] for row in rows]


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
    found = [line for line in map(visible, lines) if line]
    if not found:
        return Batch([], problem="empty")
    if len(found) > LINES:
        return Batch([], problem="many")
    long = [too_long(line, MOST) for line in found]
    kept = [
        unicodedata.normalize("NFKC", line)[:MOST] if cut else line
        for line, cut in zip(found, long, strict=True)
    ]
    return Batch(kept, sum(long))


RUN = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")
"""What a spreadsheet may take for the beginning of a formula."""


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """A table as CSV in UTF-8 with a mark that spreadsheets know; what they would run as a formula becomes text."""
    out = io.StringIO()
    csv.writer(out).writerows(
        [f"'{cell}" if cell[:1] in RUN else cell for cell in row] for row in rows
    )
    return out.getvalue().encode("utf-8-sig")
