"""Every short string is used: no key is excused by how it begins.

A key counts when it stands whole in the sources, when a lesson's own data ask for it (chapters, quizzes, verdicts, errata), or when
it is put together there: its beginning in an f-string, and its end a word of the sources or a value that a parameter can have.
"""

import ast
import re
import tomllib

from lessons import lessons
from lessons.claims.lesson import to_come
from tests.tree import ROOT, modules
from ui.lecture import COMING
from ui.quizzes import CodeQuiz

TREES = [ast.parse(path.read_text("utf-8")) for path in modules().values()]
WORDS = {
    node.value
    for tree in TREES
    for node in ast.walk(tree)
    if isinstance(node, ast.Constant) and isinstance(node.value, str)
}
STRINGS = sorted((ROOT / "content" / "strings").glob("*.toml"))
SOURCE = "\n".join(path.read_text("utf-8") for path in modules().values())
WHOLE_FILES = {"frame"}
"""Files of which every string is handed on at once (`ui.shell`); tests/browser/test_frame.py sees them."""


def composed():
    """What the f-strings of the sources can make, as patterns with a group for every value: "gru\\.head_(.+)"."""
    strings = (node for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.JoinedStr))
    for node in strings:
        parts = [re.escape(v.value) if isinstance(v, ast.Constant) else "(.+)" for v in node.values]
        if re.fullmatch(r"[\w.]*", "".join(v.value for v in node.values if isinstance(v, ast.Constant))):
            yield re.compile("".join(parts))


def declared():
    """The keys that the data of the lessons ask for."""
    for one in lessons():
        yield from (f"{one.word}.{key}" for key in ("name", "about"))
        if len(one.chapters) > 1:
            yield from (f"{one.word}.chapter_{part}" for part in one.chapters)
        for quiz in one.quizzes:
            count = 0 if isinstance(quiz, CodeQuiz) else quiz.choices
            parts = ("question", "why", *(f"choice{k}" for k in range(count)))
            yield from (f"{one.word}.{quiz.name}_{part}" for part in parts)
        for verdict in one.verdicts:
            yield from (f"{verdict.key}_{part}" for part in ("claim", "verdict", "why"))
        for erratum in one.errata:
            yield from (f"{one.word}.erratum_{erratum.id}_{part}" for part in ("said", "right"))

    yield from (f"claims.{claim}_claim" for claim in to_come())
    yield from (f"coming.{place.word}" for place in COMING)


def values():
    """What the parameters of the lessons can be, as their links write it."""
    for one in lessons():
        for param in one.params.values():
            yield from (param.dump(value) for value in param.options)
            if param.low is not None and param.high - param.low < 50:
                yield from map(str, range(param.low, param.high + 1))


def test_every_string_is_used():
    known = set(declared()) | WORDS
    ends = {word.replace("-", "_").replace(", ", "_").replace(" ", gap) for word in WORDS for gap in ("", "_")} | set(
        values()
    )
    patterns = [p for p in composed() if p.pattern.count("(.+)") < len(p.pattern) / 4]
    handed_on = {word for word in (p.stem for p in STRINGS) if f'texts("{word}")' in SOURCE}
    left = []
    for path in STRINGS:
        if path.stem in WHOLE_FILES:
            continue
        for key in tomllib.loads(path.read_text("utf-8")):
            names = {f"{path.stem}.{key}"} | ({key} if path.stem in handed_on else set())
            made = any(
                match and all(value in ends or value.isdigit() for value in match.groups())
                for pattern in patterns
                for name in names
                for match in [pattern.fullmatch(name)]
            )
            if not (names & known or made):
                left.append(f"{path.stem}.{key}")
    assert not left


def test_every_string_of_the_stepper_is_used():
    scripts = "\n".join(p.read_text("utf-8") for p in (ROOT / "rnn_core" / "stepper").glob("*.js"))
    keys = tomllib.loads((ROOT / "rnn_core" / "stepper" / "strings.toml").read_text("utf-8"))
    quoted = set(re.findall(r'"(\w+)"', scripts))
    drawn = {f"draw_{name}" for name in quoted} if "S[`draw_${name}`]" in scripts else set()
    named = set(re.findall(r"\b(?:S|strings)\.(\w+)", scripts))
    left = set(keys) - named - drawn - (quoted if "this.strings[group]" in scripts else set())
    assert not left
