"""The box for typed text: what is good is in the link, what is not gets a sentence, and the last good text stays in force."""

import pytest
from streamlit.testing.v1 import AppTest

from ui.typed import sentences
from ui.typed.box import Boxed

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")

WRONG = {"en": "Small letters only.", "ja": "小文字だけを入れてください。"}


def _page():
    import streamlit as st

    from tests.ui.typed.test_box import WRONG
    from ui.state import View, run_is_over, typed
    from ui.typed.box import Read, example_box, kept_box, text_box

    lang = st.query_params.get("lang", "en")
    view = View("page", {"word": typed("", 30)})

    def read(raw):
        plain = raw.strip()
        return Read(plain, None if plain.isalpha() and plain.islower() else WRONG[lang])

    label = {"en": "Word", "ja": "単語"}[lang]
    now = text_box(view, "word", label, read, first="apple", note="a note")
    examples = {"apple": "apple (ours)", "pear": "pear (ours)"}
    example_box(view, "word", "Example", examples, now.text, "my own")
    if "away" not in st.query_params:
        st.text(kept_box("page.long", "Long", height=100))
    st.session_state["now"] = now
    view.write()
    run_is_over()


def opened(**query):
    at = AppTest.from_function(_page)
    for key, value in query.items():
        at.query_params[key] = value
    return at.run()


def box(at):
    return at.text_input(key="page.word.box")


def state(at):
    """What the box holds, what is in force, whether it is the same, what the link says, and what is said to be wrong."""
    assert not at.exception
    return box(at).value, *at.session_state["now"], word_in_link(at), [w.value for w in at.warning]


def word_in_link(at):
    word = at.query_params.get("word")
    return word[0] if isinstance(word, list) else word  # a list as soon as the page has written it


def test_a_good_text_is_in_force_and_in_the_link():
    at = opened()
    assert state(at) == ("apple", "apple", True, None, [])
    box(at).set_value(" cherry ").run()
    assert state(at) == (" cherry ", "cherry", True, "cherry", [])
    box(at).set_value("apple").run()  # the example is what stands there without a word in the link
    assert state(at) == ("apple", "apple", True, None, [])


def test_a_bad_text_is_told_and_stays_while_the_good_one_is_in_force():
    at = opened(word="plum")
    box(at).set_value("PLUM 1").run()
    assert state(at) == ("PLUM 1", "plum", False, "plum", [WRONG["en"]])
    at.run()
    assert state(at) == ("PLUM 1", "plum", False, "plum", [WRONG["en"]])
    box(at).set_value("").run()
    assert state(at) == ("", "plum", False, "plum", [WRONG["en"]])
    box(at).set_value("fig").run()
    assert state(at) == ("fig", "fig", True, "fig", [])
    assert [c.value for c in at.caption] == ["a note"]


@pytest.mark.parametrize("before", ["fig", "FIG!"])
def test_a_link_brings_another_text(before):
    at = opened(word="plum")
    box(at).set_value(before).run()
    at.query_params["word"] = "melon"
    at.run()
    assert state(at) == ("melon", "melon", True, "melon", [])
    del at.query_params["word"]
    at.run()
    assert state(at) == ("apple", "apple", True, None, [])


def test_what_a_link_brings_and_cannot_be_read_is_told_with_the_example_in_force():
    at = opened(word="A B")
    assert state(at) == ("A B", "apple", False, "A B", [WRONG["en"]])
    at.run()
    assert state(at) == ("A B", "apple", False, "A B", [WRONG["en"]])
    box(at).set_value("C D").run()
    assert state(at) == ("C D", "apple", False, "A B", [WRONG["en"]])
    box(at).set_value("fig").run()
    assert state(at) == ("fig", "fig", True, "fig", [])


@pytest.mark.parametrize("typed", ["fig", "Fig 1", " fig"])
def test_what_is_typed_stays_in_the_other_language(typed):
    at = opened()
    box(at).set_value(typed).run()
    before = state(at)
    at.query_params["lang"] = "ja"
    at.run()
    assert box(at).label == "単語"
    assert state(at) == (*before[:4], [WRONG["ja"]] * len(before[4]))


ODD = {
    "number": lambda widget: setattr(widget, "int_value", 5),
    "truth": lambda widget: setattr(widget, "bool_value", True),
    "numbers": lambda widget: widget.double_array_value.data.extend([1.0, 2.0]),
    "list": lambda widget: widget.string_array_value.data.extend(["fig", "FIG"]),
    "object": lambda widget: setattr(widget, "json_value", '{"fig": 1}'),
}


def sent(at, key, put):
    """The state of all widgets, one of them changed as no browser does it."""
    states = at._tree.get_widget_states()
    (widget,) = [w for w in states.widgets if w.id.endswith(f"-{key}")]
    put(widget)
    return states


@pytest.mark.parametrize("put", ODD.values(), ids=ODD)
@pytest.mark.parametrize("key", ["page.word.box", "page.long"])
def test_a_hand_made_message_is_no_text(key, put):
    at = opened(word="plum")
    states = sent(at, key, put)
    for lang in ("en", "ja"):  # the box keeps it, in later runs as well
        at.query_params["lang"] = lang
        at._run(states)
        assert not at.exception
        short = key == "page.word.box"
        assert at.session_state["now"] == Boxed("plum", not short)
        assert [w.value for w in at.warning] == [WRONG[lang]] * short
        assert word_in_link(at) == "plum"
        assert at.text[0].value == ""


@pytest.mark.parametrize("chosen", ["fig", "FIG!", "", "x" * 999])
def test_a_hand_made_choice_of_no_example_is_dropped(chosen):
    at = opened(word="plum")
    at._run(sent(at, "page.pick", lambda widget: setattr(widget, "string_value", chosen)))
    assert state(at) == ("plum", "plum", True, "plum", [])


def test_an_example_is_picked_and_named_as_long_as_it_is_in_force():
    at = opened()
    pick = at.selectbox(key="page.pick")
    assert (pick.value, pick.options) == ("apple", ["apple (ours)", "pear (ours)"])
    pick.select("pear").run()
    assert state(at) == ("pear", "pear", True, "pear", [])
    assert at.selectbox(key="page.pick").value == "pear"
    box(at).set_value("plum").run()
    assert at.selectbox(key="page.pick").value is None
    box(at).set_value("pear").run()
    assert at.selectbox(key="page.pick").value == "pear"
    box(at).set_value("Pear").run()  # no word of ours, so the pear is still in force
    assert at.selectbox(key="page.pick").value == "pear"
    at.selectbox(key="page.pick").select("apple").run()
    assert state(at) == ("apple", "apple", True, None, [])


def test_a_long_text_stays_in_the_session_and_out_of_the_link():
    at = opened()
    at.text_area(key="page.long").set_value("a\nb").run()
    at.query_params["away"] = "1"
    at.run()
    assert not at.text_area
    del at.query_params["away"]
    at.run()
    assert at.text_area(key="page.long").value == at.text[0].value == "a\nb"
    assert not at.query_params


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize(
    ("typed", "problem"),
    [("", "empty"), (" \n ", "empty"), ("a" * 10, "long"), ("a" * 999, "long"), ("a\x00", "control"), (["a"], "control"), (5, "control"), ("\ue000", "control")],
)  # fmt: skip
def test_both_ways_to_clean_a_text_name_the_same_problems(lines, typed, problem):
    assert sentences.clean(typed, 9, lines) == ("", problem)


def test_a_character_model_reads_white_space_as_it_is_typed():
    assert sentences.clean(" a\r\nb\rc  d ", 12, lines=True) == (" a\nb\nc  d ", None)
    assert sentences.clean(" a\r\nb\rc  d ", 12) == ("a b c d", None)
    assert sentences.clean("e\u0301", 1, lines=True) == sentences.clean("e\u0301", 1) == ("é", None)
    assert sentences.clean("a\u200db", 9, lines=True).problem == "control"
    assert sentences.clean("a\u200db", 9) == ("ab", None)
    assert sentences.clean("㍿" * 3, 9, lines=True).problem is None
    assert sentences.clean("㍿" * 3, 9).problem == "long"  # the models read 株式会社
