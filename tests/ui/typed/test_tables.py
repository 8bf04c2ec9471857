"""Visitors' tables: the right numbers, or the line, the column and the cell; and what is written is run by no spreadsheet."""

import csv
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.hello.word import as_sheet
from lessons.sine.series import LEAST, MOST, columns_of, numbers_of
from rnn_core.labs.word import word_network
from ui.typed.tables import COLUMNS, LARGEST, NAME, TableError, as_csv, names_of, number, read

COUNT = range(LEAST)


def numbers(plain, name=None):
    """The numbers of a column (the last one, unless named), and how its commas were read."""
    columns = columns_of(plain)
    return numbers_of(columns, name or columns.names[-1])


def read_or_problem(plain):
    """The numbers of the last column, or the problem's name."""
    try:
        return numbers(plain)
    except TableError as error:
        return error.problem


def table(row, head=None, end="\n"):
    """A row for each of 30 numbers, some text above and below."""
    return end.join([*([head] if head is not None else []), *(row(k) for k in COUNT)])


@pytest.mark.parametrize(
    ("plain", "values", "comma"),
    [
        (table(lambda k: f"{k};{k},500"), [k + 0.5 for k in COUNT], "decimal"),
        (table(lambda k: f"{k};{12 + k},500", "t;y"), [12.5 + k for k in COUNT], "decimal"),
        (table(lambda k: f"{k}.0,{100 + k}.0"), [100.0 + k for k in COUNT], ""),
        (table(lambda k: f'{k},"{1 + k},100"', "t,y"), [1100.0 + 1000 * k for k in COUNT], "thousands"),
        (table(lambda k: f'"{1 + k},100"'), [1100.0 + 1000 * k for k in COUNT], "thousands"),
        (table(lambda k: f'{k},"{k},25"'), [k + 0.25 for k in COUNT], "decimal"),
        (table(lambda k: f"{k}\t{k},25"), [k + 0.25 for k in COUNT], "decimal"),
        (table(lambda k: f"{k},25", "気温"), [k + 0.25 for k in COUNT], "decimal"),
        (table(lambda k: f"{1 + k}.234.567,5", "y"), [(1 + k) * 1e6 + 234567.5 for k in COUNT], "decimal"),
        (table(lambda k: f"{1 + k}\u00a0000", "y"), [1000.0 + 1000 * k for k in COUNT], ""),
        (table(lambda k: f"{1 + k}'000.5", "y"), [1000.5 + 1000 * k for k in COUNT], ""),
        (table(lambda k: f"−{k}", "y"), [-float(k) for k in COUNT], ""),
        (table(lambda k: "－" + str(k).translate(str.maketrans("0123456789", "０１２３４５６７８９")) + "．５"), [-k - 0.5 for k in COUNT], ""),
        ("\ufeff" + table(lambda k: f"{k}", "売上", "\r\n"), [float(k) for k in COUNT], ""),
        (table(lambda k: f"2020-01-{k + 1:02d},{k}"), [float(k) for k in COUNT], ""),
        (table(lambda k: f"{k},{2 * k}", "y,y"), [2.0 * k for k in COUNT], ""),
        (table(lambda k: f'"Jan {k}", "{2 * k}"', '"Month", "y"'), [2.0 * k for k in COUNT], ""),
        (table(lambda k: f"{k},{2 * k}", "t,y") + "\nSource: the office,\n", [2.0 * k for k in COUNT], ""),
        (table(lambda k: f"{k},{2 * k},,", "t,y,,"), [2.0 * k for k in COUNT], ""),
        (table(lambda k: f"{k}" + ",7" * (k == 5), "y"), [k + 0.7 * (k == 5) for k in COUNT], "decimal"),
        (table(lambda k: f"{k}e-1", "y"), [k / 10 for k in COUNT], ""),
    ],
    ids=lambda v: repr(v)[:24] if isinstance(v, str) else "",
)  # fmt: skip
def test_the_right_numbers(plain, values, comma):
    found = numbers(plain)
    assert found.values == pytest.approx(values)
    assert found.comma == comma


@pytest.mark.parametrize(
    ("plain", "problem", "line", "column", "cell"),
    [
        (table(lambda k: f"{k}," if k == 7 else f"{k},{k}", "t,y"), "missing", 9, "y", ""),
        (table(lambda k: f"{k},n/a" if k == 7 else f"{k},{k}", "t,y"), "number", 9, "y", "n/a"),
        (table(lambda k: f"{k},NaN" if k == 7 else f"{k},{k}", "t,y"), "number", 9, "y", "NaN"),
        (table(lambda k: f"{k}\n" if k == 3 else "1.5.2" if k == 7 else f"{k}", "y"), "number", 10, "y", "1.5.2"),
        (table(lambda k: f"{k},5" if k == 7 else f"{k}.5", "y"), "number", 9, "y", "7,5"),
        (table(lambda k: f"{k},{k}", "t,y") + "\nTotal,435", "total", 32, "y", "Total"),
        (table(lambda k: f"{k},{k}", "t,y") + "\n合計：,435", "total", 32, "y", "合計："),
        (table(lambda k: f"{k}", "y") + "\nTotal: 435", "number", 32, "y", "Total: 435"),
        (table(lambda k: f"{1 + k},100", "y"), "comma", 2, "y", "1,100"),
        (table(lambda k: f"{1 + k},100\t", "y\t"), "comma", 2, "y", "1,100"),
        (table(lambda k: f"Jan {k},{k}", "Month,1958"), "names", 1, "", "Month"),
        (table(lambda k: f"{k},{k}", "x,1958"), "names", 1, "", "x"),
        (table(lambda k: f"{k},{k}" + ",7" * (k == 5), "t,y"), "wide", 7, "", "7"),
        (table(lambda k: f"{k}\n\"" if k == 5 else f"{k}", "y"), "quote", 8, "", ""),
        (table(lambda k: f"{k},1e300" if k == 7 else f"{k},{k}", "t,y"), "large", 9, "y", "1e300"),
        (table(lambda k: "１_0" if k == 7 else f"{k}", "y"), "number", 9, "y", "１_0"),
        (table(lambda k: "=1+1" if k == 7 else f"{k}", "y"), "number", 9, "y", "=1+1"),
        (",".join(map(str, range(COLUMNS + 1))), "columns", 1, "", ""),
        ("day\nday,sales\n1,2", "number", 2, "day", "day,sales"),
        ("", "empty", 0, "", ""),
        (table(str)[:20], "few", 0, "", ""),
        ("\n".join(map(str, range(MOST + 1))), "many", 0, "", ""),
        ("\n".join(map(str, range(MOST + 2))), "many", 0, "", ""),
        ("1\n" * 40, "flat", 0, "", ""),
        ("1\n" * 27 + "2\n" * 13, "flat", 0, "", ""),
        (table(lambda k: f"{k}") + "\n1e9", "far", 0, "", ""),
    ],
    ids=lambda v: repr(v)[:24] if isinstance(v, str) else "",
)  # fmt: skip
def test_or_the_place(plain, problem, line, column, cell):
    with pytest.raises(TableError) as raised:
        numbers(plain)
    error = raised.value
    assert (error.problem, error.line, error.column, error.found) == (problem, line, column, cell)


SPREADSHEETS = {  # point, thousands, mark: as they are written in the United States, Germany, France, Switzerland
    "en": (".", ",", ","),
    "de": (",", ".", ";"),
    "fr": (",", "\u202f", ";"),
    "ch": (".", "'", ";"),
    "tab": (".", ",", "\t"),
}


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(sorted(SPREADSHEETS)),
    st.lists(st.integers(-(10**9), 10**9), min_size=LEAST, max_size=60, unique=True),
    st.integers(1, 4),
    st.booleans(),
)
def test_every_spreadsheet_is_read_rightly_or_refused(country, hundredths, digits, grouped):
    """Numbers with decimals written as each country writes them: never a wrong value."""
    point, group, mark = SPREADSHEETS[country]
    values = [h / 10**digits for h in hundredths]
    cells = [f"{v:{',' if grouped else ''}.{digits}f}" for v in values]
    swap = str.maketrans({",": group, ".": point})
    out = io.StringIO()
    csv.writer(out, delimiter=mark).writerows([("t", "y"), *((k, c.translate(swap)) for k, c in enumerate(cells))])
    found = read_or_problem(out.getvalue())
    assert found in ("comma", "flat", "far") or found.values == pytest.approx(values)


@settings(max_examples=600, deadline=None)
@given(st.text(max_size=200) | st.lists(st.floats() | st.integers(), max_size=60).map(lambda v: "\n".join(map(str, v))))
def test_any_text_is_numbers_or_a_problem(plain):
    found = read_or_problem(plain)
    if not isinstance(found, str):
        assert LEAST <= len(found.values) <= MOST
        assert all(abs(value) <= LARGEST for value in found.values)


@given(st.text(max_size=60))
def test_a_cell_is_the_number_that_it_says(cell):
    for point in (".", ","):
        found = number(cell, point)
        if found is not None:
            assert re.search(r"[0-9０-９]", cell) or any(c.isnumeric() for c in cell)
            assert number(f"{found:.17g}".replace(".", point), point) == found


def test_names_are_each_once_and_short():
    wide = read("a,a,,a (2),".ljust(200, "x"), 9)
    names = names_of(wide.lines[0], 6)
    assert names[:4] == ("a", "a (2)", "3", "a (2) (4)")
    assert len(set(names)) == 6
    assert len(names[4]) == NAME


FORMULA = re.compile(r"[=+\-@＝＋－＠]")


def split_as(plain, mark):
    """The cells as a spreadsheet with this mark sees them: quotes count only at the beginning of a cell."""
    return [cell for row in csv.reader(io.StringIO(plain, newline=""), delimiter=mark) for cell in row]


@settings(max_examples=800, deadline=None)
@given(
    st.lists(st.lists(st.text("ab=+-@＝;,|\t\"'\n\r 1", max_size=9), min_size=1, max_size=3), min_size=1, max_size=3)
)
def test_no_spreadsheet_runs_what_is_exported(rows):
    plain = as_csv(rows).decode("utf-8-sig")
    for mark in ",;\t|":
        assert not [cell for cell in split_as(plain, mark) if FORMULA.match(cell)]


def test_a_word_of_signs_is_exported_as_text():
    word = tuple("=;+,-@|a")
    reading = word_network(word, 3, 0).read(word[:-1])
    plain = as_sheet(reading).decode("utf-8-sig")
    for mark in ",;\t|":
        formulas = [cell for cell in split_as(plain, mark) if FORMULA.match(cell)]
        assert all(re.match(r"-\d", cell) for cell in formulas)  # negative numbers, ours
    rows = list(csv.reader(io.StringIO(plain)))
    assert {row[1] for row in rows[1:]} == {"'=", ";", "'+", ",", "'-", "'@", "|"}


def test_what_is_exported_comes_back():
    rows = [["=1+1", "a,b"], ["@x", 'say "hi"'], ["x;=cmd()", "ok"], ["5;-)", "a-b"]]
    back = list(csv.reader(io.StringIO(as_csv(rows).decode("utf-8-sig"))))
    assert back == [["'=1+1", "a,b"], ["'@x", 'say "hi"'], ["x;'=cmd()", "ok"], ["5;'-)", "a-b"]]
    assert as_csv([[-0.5, 3]]).decode("utf-8-sig") == "-0.5,3\r\n"
