"""A lesson is made of new files only: one is added to a copy of the tree, and everything that gathers lessons finds it."""

import shutil
import subprocess
import sys

import pytest

from tests.tree import ROOT

WORD = "trial"
FILES = {
    f"lessons/{WORD}/__init__.py": '''"""Lesson `trial`."""

from ui.lecture import Place

PLACE = Place("trial", "gates", 15, "CLM-99")
''',
    f"lessons/{WORD}/lesson.py": '''"""Lesson `trial`."""

from __future__ import annotations

from lessons.trial import look
from ui.lecture import Link
from ui.page import Lesson
from ui.quizzes import Quiz
from ui.state import integer
from ui.verdicts import Verdict

LESSON = Lesson(
    "trial",
    params={"T": integer(3, 1, 9)},
    chapters={"look": look.show, "again": look.show},
    quizzes=(Quiz("qt1", right=1, choices=2),),
    verdicts=(Verdict("clm99", "holds", Link("trial", {"T": "4"}), lambda: {"n": "7"}),),
    opened={"T": "5"},
    views={"far": {"T": "9"}},
)
''',
    f"lessons/{WORD}/look.py": '''"""Chapter `look` of the lesson `trial`."""

from __future__ import annotations

import streamlit as st

from ui.blocks import prose
from ui.controls import between
from ui.i18n import text
from ui.page import Content
from ui.state import View


def show(view: View, content: Content) -> None:
    """A slider."""
    prose(content["look"])
    st.slider(text("trial.steps"), **between(view, "T"))
''',
    f"pages/{WORD}.py": '''"""Lesson `trial`."""

from ui.server import warm

warm.wait()
from lessons.trial.lesson import LESSON  # noqa: E402  (imports torch, which the line above made ready)

LESSON.show()
''',
    f"content/en/{WORD}.md": "## A trial {#title}\n\nOne.\n\n## Look {#look}\n\nTwo.\n",
    f"content/ja/{WORD}.md": "## 試し {#title}\n\n一つめです。\n\n## 見る {#look}\n\n二つめです。\n",
    f"content/strings/{WORD}.toml": "".join(
        f'[{key}]\nja = "{ja}"\nen = "{en}"\n\n'
        for key, ja, en in (
            ("name", "試しのレッスン", "A trial lesson"),
            ("about", "試しです", "A trial"),
            ("chapter_look", "1 見る", "1 Look"),
            ("chapter_again", "2 もう一度", "2 Again"),
            ("steps", "時刻の数", "steps"),
            ("qt1_question", "どちらですか。", "Which?"),
            ("qt1_choice0", "あちら", "that"),
            ("qt1_choice1", "こちら", "this"),
            ("qt1_why", "そうだからです。", "Because."),
            ("clm99_claim", "「試しは役に立つ」", "“Trials help”"),
            ("clm99_verdict", "正しい（{n} 回）", "Holds ({n} times)"),
            ("clm99_why", "{n} 回でした。", "{n} times."),
        )
    ),
}
SEEN = """
import json, sys, warnings; warnings.simplefilter("ignore")
from lessons import lesson, places
from tests.app import open_page, words_of
from tests.browser.screenshots import views
from tests.views import VIEWS
from benchmarks.load import LESSON_WORDS
home = open_page("home", "en")
cards = [json.loads(c.proto.bytes)[0] for c in home.get("bidi_component") if c.proto.component_name == "unrolled_map"]
named = [item["title"] for part in cards[0]["parts"] for item in part["lessons"]]
at = named.index("A trial lesson")
assert named[at - 1 : at + 2] == ["LSTM", "A trial lesson", "GRU"], named
assert "試しのレッスン" in [p.title for p in ()] or open_page("trial", "ja").title[0].value == "試し"
claims = words_of(open_page("claims", "en"))
assert "99. “Trials help”" in claims and "7 times." in claims
assert ("trial", {"T": "5", "part": "again"}) in VIEWS
assert {name for name, _ in views() if name.startswith("trial")} == {"trial-look", "trial-again", "trial-far"}
assert "trial" in LESSON_WORDS and "trial" in [p.word for p in places()]
page = open_page("trial", "en", T="4", part="again")
assert page.slider[0].value == 4 and (page.slider[0].min, page.slider[0].max) == (1, 9)
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    to = tmp_path_factory.mktemp("tree")
    for name in ("app.py", "pyproject.toml", "README.md", "README.ja.md", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, to / name)
    for name in (
        "benchmarks",
        "content",
        "deploy",
        "figures",
        "lessons",
        "pages",
        "rnn_core",
        "tests",
        "ui",
        ".streamlit",
    ):
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
    (to / "trained").symlink_to(ROOT / "trained")
    for name, text in FILES.items():
        path = to / name
        assert not path.exists(), f"{name} is an old file: a lesson adds new ones only"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return to


def run(copy, *command):
    done = subprocess.run([sys.executable, *command], cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_whoever_gathers_lessons_finds_a_new_one(copy):
    run(copy, "-c", SEEN)


def test_tests_of_all_lessons_take_it_in(copy):
    listed = run(
        copy,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/lessons",
        "tests/browser/test_hostile.py",
        "tests/browser/test_accessibility.py",
        "tests/test_architecture.py",
    )
    for test in (
        "test_all.py::test_every_page_opens",
        "test_languages.py",
        "test_costliest.py",
        "test_quizzes.py::test_every_answer_is_graded",
        "test_claims.py",
        "test_hostile.py",
        "test_accessibility.py",
    ):
        assert any(
            test in line and ("trial" in line or "clm99" in line or "qt1" in line) for line in listed.splitlines()
        ), test
