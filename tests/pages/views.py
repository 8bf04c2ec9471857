"""Every chapter of every lesson, with the parameters that open as much of it as a link can."""

import ast
from pathlib import Path

from ui.lecture import LESSONS

PAGES = Path(__file__).parent.parent.parent / "pages"

OPENED = {
    "home": {"text": "Dull."},
    "hello": {"guess": "o", "edit": "W_hh,0,0,1", "done": "20", "wdone": "10", "qz2": "0", "qz4": "0"},
    "bptt": {"guess": "2", "k": "2", "qz5": "0", "qb1": "0", "qb2": "0"},
    "adder": {"done": "100", "goal": "0"},
    "sine": {"done": "40", "epochs": "100"},
    "gradients": {"guess": "gru", "edone": "30", "qz6": "0", "qz18a": "0", "qz18b": "0", "qz18c": "0"},
    "lstm": {"corpus": "ja", "hold": "f", "to": "0", "qz7": "0", "qz8": "0", "qz9a": "0", "qz9b": "0"},
    "gru": {"qz10": "0", "qz11": "0"},
    "sentiment": {"of": "en", "all": "1", "pguess": "bi", "qs1": "0", "qs2": "0", "qs3": "0"},
    "translation": {"dir": "en-ja", "qz13": "0", "qz14": "0", "qz17a": "0", "qz17b": "0", "swap": "1", "by": "book"},
}  # fmt: skip


def chapters_of(word: str) -> tuple[str, ...]:
    """The words of a lesson's chapters as its page lists them; one empty word for a page without chapters."""
    for node in ast.parse((PAGES / f"{word}.py").read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CHAPTERS":
            return tuple(ast.literal_eval(node.value))
    return ("",)


VIEWS = [
    (lesson.word, OPENED.get(lesson.word, {}) | ({"part": part} if part else {}))
    for lesson in LESSONS
    if lesson.ready
    for part in chapters_of(lesson.word)
]
"""(page, query) of every chapter."""
