"""URL values: read when they are valid, replaced by the default when they are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.state import answer, choice, integer, number, string

PARAMS = {
    "choice": choice(("run", "train")),
    "integer": integer(4, -2, 16),
    "number": number(0.01, (0.001, 0.01, 0.3)),
    "answer": answer(4),
    "string": string("apple", 20, str.isalpha),
}


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("choice", "train", "train"),
        ("choice", "Train", None),
        ("integer", "-2", -2),
        ("integer", "16", 16),
        ("integer", "17", None),
        ("integer", "1.0", None),
        ("integer", "٣", None),
        ("integer", "1" * 5000, None),
        ("integer", "--1", None),
        ("number", "0.3", 0.3),
        ("number", "0.2", None),
        ("number", "nan", None),
        ("answer", "3", 3),
        ("answer", "4", None),
        ("string", "abc", "abc"),
        ("string", "a" * 21, None),
        ("string", "a b", None),
    ],
)
def test_read(name, raw, value):
    assert PARAMS[name].parse(raw) == value


@pytest.mark.parametrize("name", PARAMS)
def test_written_values_are_read_back(name):
    for value in {
        "choice": ["run", "train"],
        "integer": range(-2, 17),
        "number": [0.001, 0.01, 0.3],
        "answer": range(4),
        "string": ["x", "りんご"],
    }[name]:
        param = PARAMS[name]
        assert param.parse(param.dump(value)) == value


@settings(max_examples=500)
@given(st.sampled_from(sorted(PARAMS)), st.text(max_size=40))
def test_anything_is_read_or_refused(name, raw):
    value = PARAMS[name].parse(raw)
    assert value is None or PARAMS[name].parse(PARAMS[name].dump(value)) == value
