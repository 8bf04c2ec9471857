"""URL values: read when they are valid, replaced by the default when they are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

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


def _page():
    import streamlit as st

    from ui.state import View, control, integer, run_is_over

    view = View("toy", {"k": integer(1, 1, 9), "n": integer(1, 1, 9)})
    st.slider("k", 1, 9, **control(view, "k"))
    st.markdown(f"k = {view['k']}, n = {view['n']}")
    view.write()
    run_is_over()


def test_a_click_that_overtakes_the_url_of_the_one_before_is_kept():
    at = AppTest.from_function(_page).run()
    at.slider[0].set_value(2).run()
    at.slider[0].set_value(3).run()
    at.query_params["k"] = "2"  # the browser has not heard of 3 yet
    at.slider[0].set_value(4).run()
    assert at.markdown[0].value == "k = 4, n = 1"
    assert at.query_params["k"] == "4"


def _stopped():
    import streamlit as st

    from ui.state import View, choice, run_is_over

    view = View("toy", {"part": choice(("a", "b"))})
    view["part"] = view["part"]  # what a page sets in its body without a change is no act
    st.markdown(view["part"])
    if view["part"] == "a":
        st.stop()
    view.write()
    run_is_over()


def test_a_run_cut_short_does_not_undo_the_next_link():
    at = AppTest.from_function(_stopped).run()
    at.query_params["part"] = "b"
    at.run()
    assert at.markdown[0].value == "b"


def test_back_goes_back():
    at = AppTest.from_function(_page).run()
    at.slider[0].set_value(2).run()
    at.slider[0].set_value(3).run()
    at.query_params["k"] = "2"
    at.run()
    assert at.markdown[0].value == "k = 2, n = 1"
    assert at.slider[0].value == 2
