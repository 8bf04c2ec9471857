"""The direction of imports, the names of lessons, and what must not be imported before it is needed."""

import importlib.util
import re
import subprocess
import sys
import tomllib

import pytest

from lessons import lecture_map, lesson, lessons, places
from tests.tree import FLOORS, ROOT, arrows, code_lines, floor, imports, modules, room, rooms
from ui.lecture import COMING, HOME, PAGES, PARTS
from ui.state import Param

STREAM = (
    {"files", "work", "theme"},
    {"cells", "data", "baselines", "metrics", "training", "store"},
    {"forward", "importers", "stepper"},
    {"backward", "networks"},
    {"labs"},
    {"models", "experiments"},
    {"train", "evaluate", "doubt"},
)
"""The packages of rnn_core in reading order: each imports only what stands before its row. (`importers` and the stepper need the
cells alone; that is a rule of its own.)"""

GATHERERS = {"home", "claims", "quiz", "glossary", "models", "sources"}
"""Lessons that show what all others declare; they know the registry, never another lesson's chapters."""

FORBIDDEN = {
    "rnn_core": {"streamlit", "plotly", "pandas"},
    "figures": {"streamlit", "torch"},
}


def test_arrows_never_turn_back():
    against = [
        f"{name} imports {target}"
        for name, targets in arrows().items()
        for target in targets
        if FLOORS.index(floor(target)) > FLOORS.index(floor(name))
    ]
    assert not against


def test_library_is_read_in_one_direction():
    row = {package: k for k, packages in enumerate(STREAM) for package in packages}
    found = rooms("rnn_core")
    assert set(found) == set(row), "a package without a place in the reading order"
    against = [
        f"{name} imports {target}" for name, targets in found.items() for target in targets if row[target] >= row[name]
    ]
    assert not against
    for alone in ("importers", "stepper"):
        assert found[alone] <= {"cells", "files"}, alone


def test_rooms_of_a_floor_have_no_circles():
    for of in ("rnn_core", "figures", "ui", "lessons"):
        left = rooms(of)
        while free := [name for name, targets in left.items() if not targets & set(left)]:
            for name in free:
                del left[name]
        assert not left, f"circle on {of}: {left}"


def test_a_network_never_loads_a_network():
    for name, targets in arrows().items():
        if name.startswith("rnn_core.networks"):
            assert not {t for t in targets if room(t) in ("models", "store")}, name


def test_lessons_never_import_each_other():
    for name, targets in arrows().items():
        if floor(name) == "lessons" and room(name) not in ("", "__main__", "router"):
            others = {room(t) for t in targets if floor(t) == "lessons"} - {"", room(name)}
            assert not others, f"{name} imports lessons {others}"
            if room(name) not in GATHERERS:
                assert "lessons" not in targets, f"{name} gathers other lessons"


@pytest.mark.parametrize("name", FORBIDDEN)
def test_floors_do_not_know_what_they_must_not(name):
    for module, path in modules().items():
        if floor(module) == name:
            # pandas is imported inside Trace.to_frame, on request
            found = {n.partition(".")[0] for n in imports(path, top_level_only=True)}
            assert not found & FORBIDDEN[name], module


def test_one_place_each():
    for words, home in [
        ("st.query_params", {"ui/state.py"}),
        ("gc.freeze", {"ui/server/warm.py"}),
        ("eval(", {"ui/quizzes.py"}),
        ("unsafe_allow_html", set()),
        ("pickle", set()),
    ]:
        pattern = re.compile(rf"(?<![\w.]){re.escape(words)}")
        users = {str(p.relative_to(ROOT)) for p in modules().values() if pattern.search("\n".join(code_lines(p)))}
        assert users <= home, words


def without(blocked, script):
    """A script that runs where the named packages cannot be imported."""
    guard = (
        "import sys\n"
        "class Wall:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] in {set(blocked)!r}: raise ImportError('blocked: ' + name)\n"
        "sys.meta_path.insert(0, Wall())\n"
    )
    done = subprocess.run([sys.executable, "-c", guard + script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_stepper_needs_no_streamlit_no_plotly_no_torch():
    without(
        {"streamlit", "plotly", "torch", "pandas"},
        "import numpy as np\n"
        "from rnn_core.stepper import front, strings\n"
        "from rnn_core.stepper.run import Run\n"
        "run = Run(['a']); run.add_input('x', np.eye(1))\n"
        "assert run.text and front().js and strings('ja') and strings('en')\n",
    )


def test_cells_and_store_need_no_torch():
    without(
        {"torch", "streamlit", "plotly"},
        "import rnn_core.cells, rnn_core.cells.equations, rnn_core.cells.lines, rnn_core.cells.gates\n"
        "from rnn_core.store import load_arrays\n"
        "assert load_arrays('hello-lecture')[0]\n",
    )


def test_home_and_navigation_do_not_import_torch():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, warnings; warnings.simplefilter('ignore')\n"
            "from streamlit.testing.v1 import AppTest\n"
            f"at = AppTest.from_file({str(ROOT / 'lessons/router.py')!r}, default_timeout=30).run()\n"
            "assert not at.exception and len(at.get('bidi_component')) == 3\n"
            "assert not {'torch', 'pandas'} & set(sys.modules)\n",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_a_lesson_is_one_word_and_has_everything():
    words = [place.word for place in lecture_map()]
    assert len(set(words)) == len(words)
    assert words[0] == HOME
    pages = {path.stem for path in PAGES.glob("*.py")} - {"gallery"}
    assert pages == {place.word for place in places()}
    for place in places():
        assert re.fullmatch("[a-z]+", place.word)
        assert place.part in PARTS
        assert lesson(place.word).word == place.word
        for lang in ("ja", "en"):
            assert (ROOT / "content" / lang / f"{place.word}.md").is_file()
        assert (ROOT / "content" / "strings" / f"{place.word}.toml").is_file()
        assert len((PAGES / f"{place.word}.py").read_text("utf-8").splitlines()) <= 8
    assert {place.part for place in COMING} <= set(PARTS)


def test_places_do_not_share_a_seat():
    seats = [(place.part, place.order) for place in lecture_map()]
    assert len(set(seats)) == len(seats)


def test_names_of_lessons_to_come_are_free():
    """A lesson's word is a module, a content file and a prefix of keys: nothing else may have it."""
    for place in lecture_map():
        if place in places():
            continue
        taken = [
            name
            for name in modules()
            if name.split(".")[:2] in (["ui", place.word], ["figures", place.word], ["lessons", place.word])
        ]
        assert not taken
        assert not (ROOT / "content" / "strings" / f"{place.word}.toml").exists()


def test_every_parameter_is_a_param_with_its_default_inside():
    for one in lessons():
        for name, param in one.params.items():
            assert isinstance(param, Param), (one.word, name)
            assert param.holds(param.default), (one.word, name)


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
    optional = {"pandas", "sacrebleu", "joblib"}  # imported where they are asked for
    for module, path in modules().items():
        if floor(module) == "rnn_core":
            used = {n.partition(".")[0] for n in imports(path)} - optional
            assert used <= allowed, path


def test_every_package_says_what_it_is():
    for path in sorted((ROOT / "rnn_core").iterdir()):
        if path.is_dir() and (path / "__init__.py").exists():
            told = (path / "README.md").read_text("utf-8").strip().splitlines()
            assert 2 <= len(told) <= 6, path.name
            assert importlib.util.find_spec(f"rnn_core.{path.name}")
