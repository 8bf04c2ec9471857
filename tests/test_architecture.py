"""The direction of imports, the names of lessons, and what must not be imported before it is needed."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ui.lecture import LESSONS, PARTS

ROOT = Path(__file__).parent.parent
ORDER = ["rnn_core", "figures", "ui", "pages", "app"]
FORBIDDEN = {
    "rnn_core": {"streamlit", "plotly", "pandas"},
    "figures": {"streamlit", "torch"},
}
SOURCES = [*sorted(p for name in ORDER[:4] for p in (ROOT / name).rglob("*.py")), ROOT / "app.py"]


def imports(path, top_level_only=False):
    tree = ast.parse(path.read_text("utf-8"))
    nodes = tree.body if top_level_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def layer(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_arrows_never_turn_back(path):
    here = layer(path)
    for name in imports(path):
        top = name.partition(".")[0]
        if top in ORDER:
            assert ORDER.index(top) <= ORDER.index(here), f"{here} imports {name}"
        if here == "pages":
            assert top != "pages", "lessons never import each other"


@pytest.mark.parametrize("name", FORBIDDEN)
def test_layers_do_not_know_what_they_must_not(name):
    for path in (ROOT / name).rglob("*.py"):
        # pandas is imported inside Trace.to_frame, on request
        found = {n.partition(".")[0] for n in imports(path, top_level_only=True)}
        assert not found & FORBIDDEN[name], path


def test_one_place_each():
    for words, home in [
        ("st.query_params", {"ui/state.py"}),
        ("gc.freeze", {"ui/server/warm.py"}),
        ("unsafe_allow_html", set()),
        ("pickle", set()),
    ]:
        users = {
            str(p.relative_to(ROOT))
            for p in SOURCES
            if words in "\n".join(line.partition("#")[0] for line in code_lines(p))
        }
        assert users <= home, words


def code_lines(path):
    """The file without its docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value = ast.Constant(None)
    return ast.unparse(tree).splitlines()


def test_home_and_navigation_do_not_import_torch():
    script = (
        "import sys, warnings; warnings.simplefilter('ignore')\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"at = AppTest.from_file({str(ROOT / 'ui/router.py')!r}, default_timeout=30).run()\n"
        "assert not at.exception and len(at.get('bidi_component')) == 3\n"
        "assert not {'torch', 'pandas'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_lessons_are_one_word_and_have_everything():
    words = [lesson.word for lesson in LESSONS]
    assert len(set(words)) == len(words)
    for lesson in LESSONS:
        assert lesson.word.isascii()
        assert lesson.word.islower()
        assert lesson.part in PARTS
        if lesson.ready:
            for lang in ("ja", "en"):
                assert (ROOT / "content" / lang / f"{lesson.word}.md").is_file()


def test_requirements_are_pinned_and_free_of_index_lines():
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text("utf-8").splitlines():
            if line and not line.startswith(("#", "-r ")):
                assert "==" in line, line
            assert "index" not in line.partition("#")[0]


def test_package_of_its_own_needs_no_more_than_it_says():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {d.partition(">")[0] for d in project["dependencies"]}
    allowed = declared | {"rnn_core"} | set(sys.stdlib_module_names)
    for path in (ROOT / "rnn_core").rglob("*.py"):
        optional = {"pandas", "sacrebleu", "joblib"}  # imported where they are asked for
        used = {n.partition(".")[0] for n in imports(path)} - optional
        assert used <= allowed, path


def test_chapters_of_one_lesson_do_not_import_those_of_another():
    for path in (ROOT / "ui").glob("*_chapters.py"):
        others = [name for name in imports(path) if name.endswith("_chapters")]
        assert not others, f"{path.name} imports {others}"
