"""Many reviews at once: whatever is pasted or uploaded becomes a bounded list or one named problem."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.batch import BYTES, LINES, as_csv, pasted, pasted_file, uploaded
from ui.reviews import MOST, clean
from ui.sentences import looks


def test_pasted_lines():
    assert pasted("a b\n\n  c \n").texts == ["a b", "c"]
    assert pasted(" \n\t").problem == "empty"
    assert pasted("x\n" * (LINES + 1)).problem == "many"
    long = pasted("y" * (MOST + 5) + "\nz")
    assert [len(t) for t in long.texts] == [MOST, 1]
    assert long.cut == 1


def test_one_column_needs_no_header():
    assert uploaded(b"good\nbad\n").texts == ["good", "bad"]
    assert uploaded("\ufeffReview\ngood, really\n".encode("utf-8")).problem == "column"
    assert uploaded(b"Reviews,,\ngood,,\n\nbad,,\n").texts == ["good", "bad"]
    assert uploaded('\ufeffReview\n"good, really"\n'.encode()).texts == ["good, really"]
    assert uploaded("本文\nとても良い\n".encode("cp932")).texts == ["とても良い"]


def test_several_columns_are_asked_for():
    data = b"id,comment\n1,fine\n2,\n3,awful\n"
    asked = uploaded(data)
    assert asked.columns == ("id", "comment")
    assert asked.texts == []
    assert asked.problem is None
    assert uploaded(data, "comment").texts == ["fine", "awful"]
    assert uploaded(data, "nonsense").texts == []
    for comma in (b";", b"\t"):
        for end in (b"\r\n", b"\r"):
            european = data.replace(b",", comma).replace(b"\n", end)
            assert uploaded(european, "comment").texts == ["fine", "awful"]


def test_a_text_file_is_lines_and_no_csv():
    assert pasted_file(b'"Great" is not the word.\r\nGood, but slow.\n').texts == ['"Great" is not the word.', "Good, but slow."]  # fmt: skip
    assert pasted_file(b"\x80\x81\xff").problem == "encoding"
    assert pasted_file(b"x" * (BYTES + 1)).problem == "size"


def test_what_nfkc_takes_apart_is_bounded_too():
    (text,) = pasted("\ufdfa" * 1000).texts
    assert len(text) == MOST
    assert pasted("\ufdfa" * 1000).cut == 1


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b'a,"b\n', "csv"),
        (b"a,a\n1,2\n", "column"),
        (b"a\n1,2\n", "column"),
        (b"\xff\xfe\x00a\x00", "encoding"),
        (b"\x80\x81\xff", "encoding"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "encoding"),
        (b"x" * (BYTES + 1), "size"),
        (b"x\n" * (LINES + 2), "many"),
    ],
)
def test_problems_have_names(data, problem):
    assert uploaded(data).problem == problem


@given(st.binary(max_size=200), st.one_of(st.none(), st.text(max_size=5)))
def test_any_file_becomes_texts_or_a_problem(data, column):
    found = uploaded(data, column)
    assert bool(found.texts) or found.problem is not None or found.columns
    assert all(0 < len(text) <= MOST for text in found.texts)


def test_what_spreadsheets_would_run_becomes_text():
    rows = [["=1+1", "a,b"], ["@x", 'say "hi"'], ["-3", "ok"]]
    back = list(csv.reader(io.StringIO(as_csv(rows).decode("utf-8-sig"))))
    assert back == [["'=1+1", "a,b"], ["'@x", 'say "hi"'], ["'-3", "ok"]]


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("x" * MOST, None),
        ("x" * (MOST + 1), "long"),
        ("x" * 100_000, "long"),
        ("a\x00b", "control"),
        ("a\u202eb", None),
        ("\u200b", "empty"),
        ("\ufdfa" * 500, "long"),
        ("<b>ok</b>", None),
        ("👍", None),
    ],
)
def test_what_can_be_read(typed, problem):
    assert clean(typed).problem == problem


@given(st.text(max_size=80))
def test_clean_text_stays_clean(typed):
    found = clean(typed)
    if found.problem is None:
        assert clean(found.text) == found
    assert looks(typed) in ("ja", "en", None)
