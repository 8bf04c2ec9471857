"""Files that appear whole or not at all: written beside their place, then renamed into it.

What a killed process has left behind is removed when the same file is written again. A full disk leaves the old file.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

STALE = 3600.0
"""Seconds after which a half-written file is nobody's any more."""


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to, which becomes `path` at the end of the block; on any error `path` stays as it was."""
    temporary = written_beside(path)
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # else a crash of the machine may keep the name and lose the content
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write(path: Path, data: bytes | str) -> None:
    """Write `data` to `path`, whole or not at all; a str as UTF-8. Its folder is made if there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as file:
        file.write(data.encode() if isinstance(data, str) else data)


def read_json(path: Path) -> Any:
    """What a JSON file of ours holds; raises ValueError with a sentence if it is damaged."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged ({error}); delete it, and the next run makes it anew") from None


def written_beside(path: Path) -> Path:
    """A new name beside `path`; what killed processes left under such names is removed."""
    for left in path.parent.glob(f".{path.name}.*.tmp"):
        try:
            if time.time() - left.stat().st_mtime > STALE:
                left.unlink()
        except FileNotFoundError:  # its writer, or another cleaner, was faster
            continue
    return path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.tmp")
