"""`pip install .` gives all of rnn_core: the wheel is built, installed alone, and does what the README says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

DATA = """
import sys
from pathlib import Path
from rnn_core import experiments, stepper
from rnn_core.data.files import SOURCES

assert Path(stepper.__file__).is_relative_to(sys.argv[1])
for name in experiments.experiment_names():
    assert experiments.results(name)["name"] == name
assert all(stepper.front())
assert stepper.strings("ja").keys() == stepper.strings("en").keys()
print(len(SOURCES), experiments.results("adder")["command"])
"""


def pip(*arguments):
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder that holds the installed wheel and nothing else.

    Built from a copy: in the tree, setuptools leaves build/ behind, and puts into the next wheel whatever lies there.
    """
    work = tmp_path_factory.mktemp("wheel")
    tree = work / "tree"
    shutil.copytree(ROOT / "rnn_core", tree / "rnn_core")
    for name in ("pyproject.toml", "LICENSE", "LICENSES.md"):
        shutil.copy(ROOT / name, tree)
    pip("wheel", str(tree), "--no-index", "--no-deps", "--no-build-isolation", "-w", str(work))
    (wheel,) = work.glob("*.whl")
    pip("install", str(wheel), "--no-index", "--no-deps", "--target", str(work / "site"))
    return work / "site"


def run(installed, cwd, code):
    """What Python prints outside the repository, the installed folder before the environment's own packages."""
    done = subprocess.run(
        [sys.executable, "-c", code, str(installed)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(installed), "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def files(folder):
    """Of rnn_core in this folder, compiled ones left out."""
    found = (path for path in (folder / "rnn_core").rglob("*") if path.is_file())
    return {str(p.relative_to(folder)) for p in found if p.parent.name != "__pycache__"}


def test_every_file_of_the_tree_is_in_the_wheel_and_no_other(installed):
    assert files(installed) == files(ROOT)
    assert {p.name for p in installed.iterdir() if p.suffix != ".dist-info"} == {"rnn_core"}


def test_its_data_can_be_read(installed, tmp_path):
    from rnn_core.data.files import SOURCES

    said = run(installed, tmp_path, DATA)
    assert said == f"{len(SOURCES)} python -m rnn_core.experiments adder\n"


def test_the_example_of_the_readme_runs(installed, tmp_path):
    readme = (ROOT / "README.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert run(installed, tmp_path, code).startswith("torch.Size([20, 1, 16])")
