"""Where the training texts come from: a local folder, else their public address, always checked by sha256.

`data_file("tiny_shakespeare/input.txt")` looks in the folder that `--data` names, else in `$UNROLLED_DATA`, else in
`data/` beside the package, where it also keeps what it downloads. Data are never part of this repository.
"""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.request
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from rnn_core import files

DATA = Path(os.environ.get("UNROLLED_DATA", Path(__file__).parents[2] / "data"))
"""Where data lie unless a folder is given."""


class DataError(Exception):
    """A data file is missing and cannot be fetched, or is not the file that was expected."""


@dataclass(frozen=True)
class Source:
    """The public address of a file, pinned to a commit, and the sha256 of its bytes."""

    url: str
    sha256: str


def _sources() -> dict[str, Source]:
    """Read `sources.txt`: an address with `{}` for the path after the set's name, below it `sha256  path` lines."""
    found, url = {}, ""
    for line in Path(__file__).with_name("sources.txt").read_text("utf-8").splitlines():
        if line.startswith("https:"):
            url = line
        elif line and not line.startswith("#"):
            sha256, name = line.split("  ")
            found[name] = Source(url.replace("{}", name.partition("/")[2]), sha256)
    return found


SOURCES = _sources()
"""Every data file by its path inside the data folder."""

ARCHIVES = {"economy_watchers/": "current_201801-202604.zip"}
"""Sets whose files may also lie together in one zip, with the paths they have in the set."""


def data_file(name: str, folder: Path | None = None) -> bytes:
    """The checked bytes of a data file; fetched into the folder if it is not there.

    Raises KeyError for a name that is not in `SOURCES`, and DataError when the file cannot be had or its sha256 is
    another one.
    """
    source = SOURCES[name]
    path = (DATA if folder is None else folder) / name
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        packed = _from_archive(path.parents[name.count("/")], name)
        if packed is not None:
            _check(packed, source, name)
            return packed
        data = _fetch(source.url)
        _check(data, source, source.url)
        _keep(path, data)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    else:
        _check(data, source, str(path))
    return data


def _from_archive(folder: Path, name: str) -> bytes | None:
    top, _, member = name.partition("/")
    archive = folder / top / ARCHIVES.get(f"{top}/", "-")
    if not archive.is_file():
        return None
    try:
        with zipfile.ZipFile(archive) as file:
            return file.read(member)
    except (KeyError, OSError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
        raise DataError(f"{archive} does not give {member}: {error}") from None


def _check(data: bytes, source: Source, where: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != source.sha256:
        raise DataError(f"{where} is not the expected file: sha256 {found[:12]}…, not {source.sha256[:12]}…")


def _fetch(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310  (https, from SOURCES)
            data: bytes = answer.read()
    except (urllib.error.URLError, OSError) as error:
        raise DataError(
            f"{url} cannot be fetched ({error}). Download it by hand and name its folder with --data or $UNROLLED_DATA"
        ) from None
    return data


def _keep(path: Path, data: bytes) -> None:
    """Write whole or not at all."""
    try:
        files.write(path, data)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}") from None
