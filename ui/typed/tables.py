"""A visitor's table: CSV as spreadsheets of any country write it, read into lines and numbers, and written back.

Nothing is guessed in silence: what cannot be read for certain is a `TableError` that names the line, the column and the cell.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from ui.blocks import escaped
from ui.i18n import listed, text
from ui.typed.sentences import ENCODINGS, Decoded, decoded, visible
from ui.typed.upload import BYTES, MEGABYTES

COLUMNS = 50
"""Columns of a table at most."""

NAME = 40
"""Characters of a column's name, or of a cell that a sentence quotes, at most."""

LARGEST = 1e12
"""Numbers lie between this and its negative: float32, in which everything is computed, holds them and their squares."""


class TableError(ValueError):
    """A text that cannot be read: `problem` in one word, and where (`line` from 1, `column`'s name, what was `found` there)."""

    def __init__(self, problem: str, line: int = 0, column: str = "", found: str = "") -> None:
        super().__init__(f"{problem}: line {line}, column {column!r}, {found!r}" if line else problem)
        self.problem, self.line = problem, line
        self.column, self.found = short(column), short(found)


def short(cell: str) -> str:
    """A cell as a sentence quotes it."""
    plain = visible(cell[: 4 * NAME])
    return plain if len(plain) <= NAME else plain[: NAME - 1] + "…"


def told(error: TableError) -> dict[str, object]:
    """What a sentence about a problem may quote, safe in Markdown."""
    return {
        "line": error.line,
        "column": escaped(error.column),
        "found": escaped(error.found),
        "columns": COLUMNS,
        "mb": MEGABYTES,
        "encodings": listed(ENCODINGS),
    }


def tell_encoding(found: Decoded) -> None:
    """Say which encoding a file was read in, unless it is plainly UTF-8."""
    if found.told:
        st.caption(text("tables.read_as", encoding=found.encoding))


class Line(NamedTuple):
    """A row of the table and the line of the text on which it begins."""

    number: int
    cells: tuple[str, ...]

    def cell(self, k: int) -> str:
        """The cell of column k; a short row ends in empty ones."""
        return self.cells[k].strip() if k < len(self.cells) else ""


class Table(NamedTuple):
    """Rows that are not empty, how many columns hold anything, and what stands between the cells ("" for a single column)."""

    lines: list[Line]
    width: int
    mark: str


def text_of(data: bytes) -> Decoded:
    """A file's text. Raises TableError: "size", "encoding"."""
    if len(data) > BYTES:
        raise TableError("size")
    found = decoded(data)
    if found is None:
        raise TableError("encoding")
    return found


def read(plain: str, most: int, split: bool = True) -> Table:
    """Cells apart by tabs, semicolons or commas, whichever part the rows most evenly; quoted ones may hold anything.

    If the first row has none of the three there is one column: `split` False then leaves the commas of the other rows alone,
    True lets them be a mistake. Raises TableError: "empty", "rows" (over `most`), "columns" (over 50), "wide" (a row with more
    cells than the first), "quote".

    >>> [line.cells for line in read('day;sales\\n1;12,5\\n', 9).lines]
    [('day', 'sales'), ('1', '12,5')]
    """
    plain = plain.removeprefix("\ufeff")
    mark = _mark(plain)
    reader = csv.reader(
        io.StringIO(plain, newline=""),
        delimiter=mark or ("," if split else "\x1f"),
        strict=True,
        skipinitialspace=True,
    )
    lines: list[Line] = []
    width, room = 0, 0
    while True:
        begins = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error:
            raise TableError("quote", begins) from None
        if row is None:
            break
        if not row:  # an empty line, of which a file may have a million
            continue
        used = next((k for k in range(len(row), 0, -1) if row[k - 1].strip()), 0)
        if not used:
            continue
        room = room or len(row)
        if used > COLUMNS:
            raise TableError("columns", begins)
        if used > room:
            raise TableError("wide", begins, found=row[room])
        if len(lines) == most:
            raise TableError("rows", begins)
        lines.append(Line(begins, tuple(row[:used])))
        width = max(width, used)
    if not lines:
        raise TableError("empty")
    return Table(lines, width, mark)


def _mark(plain: str) -> str:
    """What stands between the cells; "" if nothing in the first row does. Commas that are all quoted say that it is the comma."""
    sample = plain.lstrip()[:20_000]
    best, most = "", 0
    for mark in "\t;,":
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=mark, skipinitialspace=True)
        try:
            widths = [len(row) for row in rows if row]
        except csv.Error:
            continue
        even = widths.count(widths[0]) if widths and widths[0] > 1 else 0
        if even > most:
            best, most = mark, even
        if mark == "," and not best and "," in sample and max(widths, default=0) < 2:
            return mark
    return best


def names_of(line: Line | None, width: int) -> tuple[str, ...]:
    """The columns' names, each once, from a line or (None) their numbers from 1.

    >>> names_of(Line(1, ("sales", "", "sales")), 4)
    ('sales', '2', 'sales (3)', '4')
    """
    names: list[str] = []
    for k in range(width):
        name = short(line.cell(k) if line else "") or str(k + 1)
        while name in names:
            name = f"{name} ({k + 1})"
        names.append(name)
    return tuple(names)


# --- numbers -------------------------------------------------------------------------------------


def _written(point: str, group: str) -> re.Pattern[str]:
    whole = rf"\d+|[1-9]\d{{0,2}}([{group} '’])\d{{3}}(?:\1\d{{3}})*"
    return re.compile(rf"[+-]?(?:(?:{whole})(?:{point}\d*)?|{point}\d+)(?:e[+-]?\d{{1,4}})?", re.ASCII | re.I)


_WRITTEN = {".": _written(r"\.", ","), ",": _written(",", ".")}
_PLAIN = str.maketrans("−–", "--")


def number(cell: str, point: str) -> float | None:
    """The number in a cell, its decimals after `point` ("." or ","); None if there is none. Digits and signs of full width, the
    minus sign, and groups of three apart by the other mark, a space or ' are read.

    >>> number("1,100", "."), number("1,100", ","), number("−０．５", "."), number("1,10", ".")
    (1100.0, 1.1, -0.5, None)
    """
    if len(cell) > NAME:
        return None
    plain = unicodedata.normalize("NFKC", cell).translate(_PLAIN).strip()
    match = _WRITTEN[point].fullmatch(plain)
    if match is None:
        return None
    if match[1]:
        plain = plain.replace(match[1], "")
    return float(plain.replace(",", "."))


def _is_number(cell: str) -> bool:
    return number(cell, ".") is not None or number(cell, ",") is not None


class Column(NamedTuple):
    """The numbers of a column, and what a comma in them was read as ("decimal", "thousands", "" if there is none)."""

    values: tuple[float, ...]
    comma: str


TOTALS = frozenset(
    ["total", "totals", "sum", "subtotal", "grand total", "average", "mean", "合計", "計", "小計", "総計", "総合計", "累計", "平均"]
)  # fmt: skip
"""What begins a line that sums up the others."""


def has_names(table: Table) -> bool:
    """Whether the first row holds the names of the columns and no numbers.

    Raises TableError "names" where it holds both, so that it could be either.
    """
    first, *rest = table.lines
    if not rest:
        return not any(_is_number(cell) for cell in first.cells)
    of_numbers = []
    for k in range(table.width):
        cells = [cell for line in rest if (cell := line.cell(k))]
        if 2 * sum(map(_is_number, cells)) > len(cells):
            of_numbers.append(k)
    heads = [cell for k in of_numbers if (cell := first.cell(k))]
    if not of_numbers or (heads and not any(map(_is_number, heads))):
        return True
    words = [cell for k in range(table.width) if (cell := first.cell(k)) and not any(c.isdigit() for c in cell)]
    others = [cell for cell in heads if not _is_number(cell)] + words
    if heads and others:
        raise TableError("names", first.number, found=others[0])
    return False


def column(lines: Sequence[Line], k: int, name: str, mark: str) -> Column:
    """The numbers of column k, up to the last one.

    A comma is decimal or parts thousands, whichever all cells agree with; if both fit, decimal between semicolons, thousands
    between commas. Raises TableError: "missing", "number", "large" (beyond 10¹²), "total" (a line that sums up the others), "comma"
    (it could be either).
    """
    cells = [(line, line.cell(k)) for line in lines]
    while cells and not cells[-1][1]:
        cells.pop()
    for line, cell in cells:
        label = next((c for c in map(str.strip, line.cells) if _said(c) in TOTALS), None)
        if label is not None:
            raise TableError("total", line.number, name, label)
        if not cell:
            raise TableError("missing", line.number, name)
    found = {point: [number(cell, point) for _, cell in cells] for point in (".", ",")}
    missed = {point: [k for k, v in enumerate(values) if v is None] for point, values in found.items()}
    point = "." if len(missed["."]) <= len(missed[","]) else ","
    if missed[point]:
        line, cell = cells[missed[point][0]]
        raise TableError("number", line.number, name, cell)
    commas = [k for k, (_, cell) in enumerate(cells) if "," in unicodedata.normalize("NFKC", cell)]
    if commas and not missed["."] and not missed[","]:
        if mark not in (";", ","):
            line, cell = cells[commas[0]]
            raise TableError("comma", line.number, name, cell)
        point = "," if mark == ";" else "."
    values = tuple(v for v in found[point] if v is not None)
    for (line, cell), value in zip(cells, values, strict=True):
        if not abs(value) <= LARGEST:
            raise TableError("large", line.number, name, cell)
    return Column(values, "" if not commas else "decimal" if point == "," else "thousands")


def _said(cell: str) -> str:
    """A cell's words alone: "Total:" → "total"."""
    return unicodedata.normalize("NFKC", cell[:NAME]).strip(" :.*").casefold()


# --- writing -------------------------------------------------------------------------------------

_RUN = re.compile(r'(^|[,;|])(?="*[=+\-@＝＋－＠])')
"""Where a cell may begin for a spreadsheet, whichever mark it parts cells at, and begin as a formula."""


def as_csv(rows: Sequence[Sequence[str | float]]) -> bytes:
    """A table as CSV in UTF-8 with a mark that spreadsheets know. Line breaks and tabs in a cell become spaces.

    Text that a spreadsheet would run as a formula gets a ' before it, also after a mark inside the text: one that parts at
    semicolons takes no notice of our commas and quotes.

    >>> as_csv([["=1+1", "a;=1", -0.5]]).decode("utf-8-sig")
    "'=1+1,a;'=1,-0.5\\r\\n"
    """
    out = io.StringIO()
    csv.writer(out).writerows([_harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return _RUN.sub(r"\1'", re.sub(r"[\t\v\f\r\n]+", " ", cell))
