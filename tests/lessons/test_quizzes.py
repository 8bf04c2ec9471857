"""Every quiz of every lesson: its texts, its lines of code run on real arrays, and what the page says to each answer."""

import numpy as np
import pytest

from lessons import lesson, lessons
from tests.app import open_page, words_of
from ui.i18n import strings
from ui.quizzes import CodeQuiz

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")
QUIZZES = [(one.word, quiz) for one in lessons() for quiz in one.quizzes]
each = pytest.mark.parametrize(("word", "quiz"), QUIZZES, ids=lambda v: getattr(v, "name", v))


def test_a_name_stands_for_one_quiz():
    names = [quiz.name for _, quiz in QUIZZES]
    assert len(set(names)) == len(names) > 15


@each
def test_its_texts_are_there_and_no_others(word, quiz):
    count = 0 if isinstance(quiz, CodeQuiz) else quiz.choices
    wanted = {f"{quiz.name}_{part}" for part in ("question", "why", *(f"choice{k}" for k in range(count)))}
    assert {key for key in strings(word) if key.startswith(f"{quiz.name}_")} == wanted


@pytest.mark.parametrize(
    ("word", "quiz"), [q for q in QUIZZES if isinstance(q[1], CodeQuiz)], ids=lambda v: getattr(v, "name", v)
)
def test_one_line_alone_is_right(word, quiz):
    found = quiz.returned()
    right = found[quiz.right]
    assert right is not None
    assert len(right) == len(quiz.heads)
    if quiz.truth is not None:
        np.testing.assert_allclose(right, quiz.truth()[1], atol=1e-5)
    for k, values in enumerate(found):
        same = values is not None and len(values) == len(right) and np.allclose(values, right)
        assert same == (k == quiz.right), quiz.lines[k]


@pytest.mark.parametrize("lang", ["ja", "en"])
@each
def test_every_answer_is_graded_and_explained(word, quiz, lang):
    part = next(p for p in lesson(word).chapters if p == "check")
    count = len(quiz.lines) if isinstance(quiz, CodeQuiz) else quiz.choices
    for k in range(count):
        shown = words_of(open_page(word, lang, part=part, **{quiz.name: str(k)}))
        assert strings("blocks")["right" if k == quiz.right else "wrong"][lang] in shown
        assert strings(word)[f"{quiz.name}_why"][lang] in shown
