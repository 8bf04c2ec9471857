"""Every short string is shown somewhere: it stands whole in the sources, or a page asks for it.

No key is excused by how it begins. What is composed (`text(f"gru.head_{name}")`) counts only when a page, opened in every
chapter with every choice, every wrong input and every button, really asks for it.
"""

import re
import tomllib

import pytest
from streamlit.testing.v1 import AppTest

from lessons import lesson, lessons
from lessons.claims import lesson as claims
from tests.app import open_page
from tests.tree import ROOT, modules
from ui import i18n, page, shell, training
from ui.networks import translators

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")
SOURCE = "\n".join(path.read_text("utf-8") for path in modules().values())
BAD = ("", " ", "a", "\x00", "x" * 5000, "🙂", "日本語の文です。", "An English sentence.", "zqxv wvut", "1;2", "1e400", "aaa", "ab\u202e")  # fmt: skip


class Asked(dict):
    """Strings that note which of them is asked for."""

    def __init__(self, pairs, names, seen):
        super().__init__(pairs)
        self.names, self.seen = names, seen

    def __getitem__(self, key):
        self.seen.add(self.names.format(key))
        return super().__getitem__(key)


@pytest.fixture
def seen(monkeypatch):
    found: set[str] = set()
    strings, texts = i18n.strings, i18n.texts

    def told(page, prefix=""):
        return Asked(texts(page, prefix), f"{page}.{prefix}{{}}", found)

    for module in (page, translators):
        monkeypatch.setattr(module, "texts", told)
    monkeypatch.setattr(i18n, "strings", lambda page: Asked(strings(page), f"{page}.{{}}", found))
    monkeypatch.setattr(
        training, "BUDGET", 3.0
    )  # a session's computing: what it says needs no more
    for module in (shell, claims):
        monkeypatch.setattr(module, "strings", i18n.strings)
    return found


KINDS = ("button_group", "radio", "selectbox", "select_slider", "toggle")


def open_all(word: str) -> None:
    """Every chapter as far opened as a link can, wrongly used, and with every value of every choice that stands on it."""
    one = lesson(word)
    for part in one.chapters:
        base = {**one.opened, **({"part": part} if len(one.chapters) > 1 else {})}
        at = open_page(word, "en", **base)
        there = {control.key for kind in KINDS for control in getattr(at, kind)}
        act(at)
        for name, param in one.params.items():
            if f"{word}.{name}" in there:
                for value in param.options[:20]:
                    open_page(word, "en", **{**base, name: param.dump(value)})


def act(at: AppTest) -> None:
    """Type what cannot be read into every box, and press every button once."""
    for kind in ("text_input", "text_area"):
        for box in getattr(at, kind):
            for typed in BAD:
                fresh = [b for b in getattr(at, kind) if b.key == box.key]
                if fresh:
                    fresh[0].set_value(typed[: fresh[0].proto.max_chars or 5000]).run()
    for key in [button.key for button in at.button]:
        for button in [b for b in at.button if b.key == key]:
            button.click().run()


def test_every_string_is_shown(seen):
    for one in lessons():
        open_all(one.word)
    keys = {
        f"{path.stem}.{key}"
        for path in sorted((ROOT / "content" / "strings").glob("*.toml"))
        for key in tomllib.loads(path.read_text("utf-8"))
    }
    whole = {key for key in keys if f'"{key}"' in SOURCE}
    assert sorted(keys - whole - seen) == []


def test_every_string_of_the_stepper_is_shown():
    scripts = "\n".join(p.read_text("utf-8") for p in (ROOT / "rnn_core" / "stepper").glob("*.js"))
    keys = tomllib.loads((ROOT / "rnn_core" / "stepper" / "strings.toml").read_text("utf-8"))
    assert [k for k in keys if not re.search(rf"\b(S|strings)\.{k}\b", scripts)] == []
