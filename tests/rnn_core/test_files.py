"""Files are whole or not there; nobody writes one in place."""

import ast
import os
import time
from pathlib import Path

import pytest

from rnn_core import files
from rnn_core.files import STALE, read_json, whole, write

ROOT = Path(__file__).parents[2]


def test_a_file_is_written_with_its_folder_and_nothing_else_is_left(tmp_path):
    write(tmp_path / "a" / "b.txt", "h_t = tanh(…)\n")
    write(tmp_path / "a" / "b.txt", b"2")
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["b.txt"]
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"2"
    mask = os.umask(0)
    os.umask(mask)
    assert (tmp_path / "a" / "b.txt").stat().st_mode & 0o777 == 0o666 & ~mask  # others may read it


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_goes_wrong_inside_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "a.txt"
    write(path, "old")

    def cut():
        with whole(path) as file:
            file.write(b"half of the ne")
            raise error

    with pytest.raises(type(error)):
        cut()
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.txt", "old")]


def test_what_a_kill_has_left_goes_with_the_next_write(tmp_path):
    path = tmp_path / "a.txt"
    for name, age in ((".a.txt.old.tmp", 2 * STALE), (".a.txt.new.tmp", 1), (".b.txt.old.tmp", 2 * STALE)):
        (tmp_path / name).write_text("half")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    write(path, "x")
    assert {p.name for p in tmp_path.iterdir()} == {"a.txt", ".a.txt.new.tmp", ".b.txt.old.tmp"}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a": 1'])
def test_a_damaged_json_file_is_told_with_its_name(tmp_path, content):
    path = tmp_path / "cut.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"cut\.json is damaged .*delete it"):
        read_json(path)
    write(path, '{"a": 1}')
    assert read_json(path) == {"a": 1}


def test_nothing_in_the_library_writes_in_place():
    """Only `rnn_core.files` opens a file for writing."""
    found = []
    for path in sorted((ROOT / "rnn_core").rglob("*.py")):
        if path == Path(files.__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                words = [
                    a.value for a in [*node.args, *(k.value for k in node.keywords)] if isinstance(a, ast.Constant)
                ]
                writes = name == "open" and any(
                    isinstance(w, str) and set(w) & set("wxa") and len(w) < 4 for w in words
                )
                if writes or name in ("write_text", "write_bytes", "NamedTemporaryFile", "save_file", "dump"):
                    found.append(f"{path.name}:{node.lineno} {name}")
    assert found == []
