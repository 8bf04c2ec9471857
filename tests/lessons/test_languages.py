"""No cache and no session hands on words of the language in which somebody opened a page first."""

import inspect
import re
import sys
from types import FunctionType

import pytest

from lessons import lessons
from tests.app import open_page, words_of
from tests.views import VIEWS
from ui import i18n

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")
each_view = pytest.mark.parametrize(
    ("word", "query"), VIEWS, ids=lambda v: v if isinstance(v, str) else v.get("part", "-")
)
assert lessons()  # imports whatever keeps something


def caches():
    """Every cached function of the app: all that is kept for all readers."""
    return {
        value.__wrapped__.__code__: value
        for name, module in list(sys.modules.items())
        if name.split(".")[0] in ("ui", "figures", "lessons", "pages")
        for value in vars(module).values()
        if hasattr(value, "cache_clear") and isinstance(value.__wrapped__, FunctionType)
    }


@pytest.fixture
def watched(monkeypatch):
    """Whoever asks for the page's language from inside a cached function that is not told one by its caller."""
    asked, real = set(), i18n.language

    def language():
        known = caches()
        frame = inspect.currentframe().f_back
        while frame is not None:
            code = frame.f_code
            if code in known and "lang" not in code.co_varnames[: code.co_argcount]:
                asked.add(f"{code.co_filename.rsplit('/', 1)[-1]}:{code.co_name}")
            frame = frame.f_back
        return real()

    for name, module in list(sys.modules.items()):
        if name.startswith(("ui.", "lessons.")) and getattr(module, "language", None) is real:
            monkeypatch.setattr(module, "language", language)
    return asked


@each_view
def test_a_cached_function_is_told_its_language(word, query, watched):
    open_page(word, "en")  # imports what this lesson keeps
    for function in caches().values():
        if function.__wrapped__.__module__.startswith(("ui.", "lessons.")) and "_component" not in function.__name__:
            function.cache_clear()
    open_page(word, "en", **query)
    assert not watched


def told(at):
    """All words of a page, numbers aside (some are times that were measured)."""
    tables = "\n".join(str(h.proto.body) for h in at.get("html"))
    return re.sub(r"\d[\d,.]*", "#", f"{words_of(at)}\n{tables}")


@each_view
def test_the_switch_leaves_no_word_of_the_other_language(word, query):
    fresh = told(open_page(word, "ja", **query))
    at = open_page(word, "en", **query)
    at.segmented_control(key="shell.lang").set_value("ja").run()
    assert not at.exception
    assert told(at) == fresh
