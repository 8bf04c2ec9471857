"""Many reviews at once: whatever is pasted or uploaded becomes a bounded list or one named problem."""

import unicodedata
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.sentiment import batch
from lessons.sentiment.batch import LINES, columns_of, pasted, texts_of
from tests.app import open_page, words_of
from ui.i18n import strings
from ui.networks.reviews import MOST, clean
from ui.typed import sentences
from ui.typed.sentences import looks
from ui.typed.tables import TableError, text_of
from ui.typed.upload import BYTES

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")


def uploaded(data, column=None):
    """A CSV as the page reads it; the only column unless one is named."""
    columns = columns_of(text_of(data).text)
    return texts_of(columns, column or columns.names[0]).texts


def uploaded_or_problem(data):
    try:
        return uploaded(data)
    except TableError as error:
        return error.problem


def problem_of(read, *given):
    with pytest.raises(TableError) as raised:
        read(*given)
    return raised.value


def test_pasted_lines():
    assert pasted("a b\n\n  c \n").texts == ["a b", "c"]
    assert problem_of(pasted, " \n\t").problem == "empty"
    assert problem_of(pasted, "x\n" * (LINES + 1)).problem == "rows"
    long = pasted("y" * (MOST + 5) + "\nz")
    assert [len(t) for t in long.texts] == [MOST, 1]
    assert long.cut == 1


def test_one_column_needs_no_header():
    assert uploaded(b"good\nbad\n") == ["good", "bad"]
    assert uploaded(b"Reviews,,\ngood,,\n\nbad,,\n") == ["good", "bad"]
    assert uploaded('\ufeffReview\n"good, really"\n'.encode()) == ["good, really"]
    assert uploaded("本文\nとても良い\n".encode("cp932")) == ["とても良い"]
    assert uploaded("本文\nとても良い\n".encode("euc_jp")) == ["とても良い"]
    assert uploaded("本文\nとても良い\n".encode("iso2022_jp")) == ["とても良い"]


def test_several_columns_are_asked_for():
    data = b"id,comment\n1,fine\n2,\n3,awful\n"
    assert columns_of(data.decode()).names == ("id", "comment")
    assert uploaded(data, "comment") == ["fine", "awful"]
    for comma in (b";", b"\t"):
        for end in (b"\r\n", b"\r"):
            european = data.replace(b",", comma).replace(b"\n", end)
            assert uploaded(european, "comment") == ["fine", "awful"]
    assert uploaded(b"a,a\n1,2\n", "a (2)") == ["2"]


def test_a_text_file_is_lines_and_no_csv():
    assert pasted('"Great" is not the word.\r\nGood, but slow.\n').texts == [
        '"Great" is not the word.',
        "Good, but slow.",
    ]


def test_what_nfkc_takes_apart_is_bounded_too():
    (text,) = pasted("\ufdfa" * 1000).texts
    assert len(text) == MOST
    assert pasted("\ufdfa" * 1000).cut == 1


def test_a_megabyte_is_normalised_no_longer_than_it_is_kept(monkeypatch):
    """Counted in characters, not in seconds: NFKC makes 18 of each of these."""
    seen = []
    real = unicodedata.normalize

    def counted(form, plain):
        seen.append(len(plain))
        return real(form, plain)

    monkeypatch.setattr(batch, "unicodedata", SimpleNamespace(normalize=counted))
    monkeypatch.setattr(sentences, "unicodedata", SimpleNamespace(normalize=counted, category=unicodedata.category))
    for lines in ("\ufdfa" * 340_000, "\n".join(["\ufdfa" * 170_000] * 2)):
        seen.clear()
        assert {len(text) for text in pasted(lines).texts} == {MOST}
        assert sum(seen) < 1.1 * len(lines)


@pytest.mark.parametrize(
    ("data", "problem", "line"),
    [
        (b"", "empty", 0),
        (b"\n\n", "empty", 0),
        (b'ok\na,"b\n', "quote", 2),
        (b"Review\ngood, really\n", "wide", 2),
        (b"a,b\n\n1,2,3\n", "wide", 3),
        (b"\xff\xfe\x00a\x00", "encoding", 0),
        (b"\x80\x81\xff", "encoding", 0),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "encoding", 0),
        (b"x" * (BYTES + 1), "size", 0),
        (b"x\n" * (LINES + 2), "rows", LINES + 2),
        (b"name," * 160_000, "columns", 1),
    ],
)
def test_problems_have_names_and_places(data, problem, line):
    found = problem_of(uploaded, data)
    assert (found.problem, found.line) == (problem, line)


def test_names_of_columns_are_few_and_short():
    header = ",".join("n" * 30_000 for _ in range(30))
    names = columns_of(f"{header}\n1").names
    assert len(set(names)) == 30
    assert max(map(len, names)) < 50


@given(st.binary(max_size=200))
def test_any_file_becomes_texts_or_a_problem(data):
    found = uploaded_or_problem(data)
    if isinstance(found, str):
        assert f"problem_{found}" in strings("tables")
    else:
        assert all(0 < len(text) <= MOST for text in found)


def test_a_file_is_read_once_however_often_the_page_runs(monkeypatch):
    reads = []
    real = batch.columns_of
    monkeypatch.setattr(batch, "columns_of", lambda plain: reads.append(plain) or real(plain))
    at = open_page("sentiment", "en", part="many")
    at.file_uploader(key="sentiment.many.file").set_value(
        ("a.csv", "感想\n良い店です\n".encode("euc_jp"), "text/csv")
    ).run()
    assert "read as EUC-JP" in words_of(at)
    at.segmented_control(key="sentiment.of.box").set_value("ja").run()
    at.run()
    assert len(reads) == 1
    at.file_uploader(key="sentiment.many.file").set_value(("b.csv", b'a\n"b', "text/csv")).run()
    assert "begins on line 2" in words_of(at)
    at.run()
    assert "begins on line 2" in words_of(at)
    assert len(reads) == 2


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
