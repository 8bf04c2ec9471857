"""A damaged installation: the lesson concerned says what is wrong and how to mend it; nothing else is touched."""

import json
import os
import resource
import shutil
import socket
import subprocess
import sys

import pytest

from rnn_core import store, train
from rnn_core.store import TRAINED
from tests.app import ROOT, open_page, words_of
from ui.server import models

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")

LESSON = {"lstm": "chars-lstm-en", "sentiment": "sentiment-en", "adder": "adder", "hello": "hello-lecture"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of `trained/` that may be damaged."""
    copy = tmp_path / "trained"
    shutil.copytree(TRAINED, copy, ignore=shutil.ignore_patterns("checkpoints"))
    monkeypatch.setattr(store, "TRAINED", copy)
    caches = (models.shared, models.card_of)
    for cache in caches:
        cache.cache_clear()
    yield copy
    for cache in caches:
        cache.cache_clear()


def newer(path):
    card = json.loads(path.with_suffix(".json").read_text("utf-8"))
    path.with_suffix(".json").write_text(json.dumps(card | {"format": 99}), "utf-8")


DAMAGE = {
    "missing": lambda path: path.unlink(),
    "swapped": lambda path: path.write_bytes(b"0" * 1000),
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "format": newer,
    "unreadable": lambda path: path.with_suffix(".json").write_text("{", "utf-8"),
}
SAID = {
    "missing": "missing",
    "swapped": "not the one",
    "cut": "not the one",
    "format": "another version",
    "unreadable": "cannot be read",
}


def errors(at):
    return "\n".join(e.value for e in at.error)


@pytest.mark.parametrize("damage", DAMAGE)
def test_the_lesson_says_what_is_wrong_and_how_to_mend_it(folder, damage):
    DAMAGE[damage](folder / "chars-lstm-en.safetensors")
    at = open_page("lstm", "en", corpus="en")
    assert SAID[damage] in errors(at)
    assert "python -m rnn_core.train chars-lstm-en" in errors(at)
    assert "chars-lstm-en" in errors(open_page("lstm", "ja", corpus="en"))
    assert not open_page("lstm", "en", corpus="ja").error  # the other model is whole
    assert not open_page("adder", "en").error


@pytest.mark.parametrize("lesson", LESSON)
def test_the_language_switch_stays_and_other_lessons_open(folder, lesson):
    (folder / f"{LESSON[lesson]}.safetensors").unlink()
    at = open_page(lesson, "ja", of="en", corpus="en")
    assert "見つかりません" in errors(at)
    other = open_page(next(name for name in LESSON if name != lesson), "en")
    assert not other.error
    assert words_of(other)


def small(limit):
    """In the child: no file may grow beyond `limit` bytes, as on a full disk."""

    def set_limit():
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return set_limit


def test_a_full_disk_is_told_and_leaves_the_old_files(tmp_path):
    for name in ("adder.json", "adder.safetensors"):
        shutil.copy(TRAINED / name, tmp_path / name)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    command = [sys.executable, "-m", "rnn_core.train", "adder", "--steps", "2", "--seed", "0", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, preexec_fn=small(200), env=os.environ)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "adder" in done.stderr
    after = {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()}
    assert after == before


def test_a_port_that_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
        command += ["--server.address", "127.0.0.1", "--server.port", port]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode
    assert f"Port {port} is not available" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_gpu_that_is_not_there(tmp_path, capsys):
    for device in ("cuda:99", "nonsense"):
        with pytest.raises(SystemExit):
            train.main(["hello-trained", "--device", device, "--out", str(tmp_path)])
        assert f"device '{device}' cannot be used here" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_python_that_is_too_old(tmp_path):
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit\nexit 1\n')
    old.chmod(0o755)
    command = ["make", "run", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode
    assert "Python 3.11 or newer is needed; this is Python 3.9.2" in done.stdout
    assert not (tmp_path / "venv").exists()
