"""What holds for every lesson, run without a browser."""

from unittest.mock import PropertyMock, patch

import pytest
from streamlit.testing.v1 import AppTest

from lessons import places
from tests.app import ROUTER, open_page

READY = [place.word for place in places()]
pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")


def arrive(at):
    """Follow a link that trains until it has come to where it stood; in how many runs."""
    runs = 0
    while any(getattr(v, "running", False) for v in at.session_state._state.filtered_state.values()):
        at.run()
        assert not at.exception, at.exception
        runs += 1
    return runs


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("word", [*READY, "gallery"])
def test_every_page_opens(word, lang):
    open_page(word, lang)


def test_first_visit_follows_the_browser():
    for locale, lang in [
        ("ja-JP", "ja"),
        ("ja", "ja"),
        ("en-GB", "en"),
        ("fr", "en"),
        (None, "en"),
    ]:
        at = AppTest.from_file(ROUTER, default_timeout=60)
        with patch("streamlit.runtime.context.ContextProxy.locale", new_callable=PropertyMock) as fake:
            fake.return_value = locale
            at.run()
        assert at.session_state["lang"] == lang


def test_two_sessions_never_share_a_training():
    one = open_page("hello", "en", part="word", word="apple", wdone="10")
    two = open_page("hello", "en", part="word", word="apple", wdone="200")
    arrive(one)
    arrive(two)
    assert one.session_state["hello.word.live"].trainer.steps == 10
    assert two.session_state["hello.word.live"].trainer.steps == 200


def test_switching_language_keeps_the_controls():
    at = open_page("hello", "ja", part="word", word="りんご", hidden="7")
    at.session_state["shell.lang"] = "en"
    at.run()
    assert at.text_input(key="hello.word.box").value == "りんご"
    assert at.slider(key="hello.hidden").value == 7
