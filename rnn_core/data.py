"""Where the training texts come from: a local folder, else their public address, always checked by sha256.

`data_file("tiny_shakespeare/input.txt")` looks in the folder that `--data` names, else in `$UNROLLED_DATA`, else in
`data/` beside the package, where it also keeps what it downloads. Data are never part of this repository.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

DATA = Path(os.environ.get("UNROLLED_DATA", Path(__file__).parent.parent / "data"))
"""Where data lie unless a folder is given."""


class DataError(Exception):
    """A data file is missing and cannot be fetched, or is not the file that was expected."""


@dataclass(frozen=True)
class Source:
    """The public address of a file, pinned to a commit, and the sha256 of its bytes."""

    url: str
    sha256: str


_SHAKESPEARE = (
    "https://raw.githubusercontent.com/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e"
)
_AOZORA = (
    "https://raw.githubusercontent.com/aozorahack/aozorabunko_text/"
    "0984f7dc18a2270bdfd2ff99bf14fd1b3ebb4f65/cards/000148/files"
)

SOURCES = {
    "tiny_shakespeare/input.txt": Source(
        f"{_SHAKESPEARE}/data/tinyshakespeare/input.txt",
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    ),
    "aozora_soseki/789_ruby_5639.txt": Source(
        f"{_AOZORA}/789_ruby_5639/789_ruby_5639.txt",
        "f8c511ab3e69e3a1ccfea475783c2e4d64917a2cdedfb67441ea27655aca5f75",
    ),
    "aozora_soseki/752_ruby_2438.txt": Source(
        f"{_AOZORA}/752_ruby_2438/752_ruby_2438.txt",
        "8b1087162da44dbf54705c15f5ba62c7c07db86bb6f38caacd4f5beb62e4618b",
    ),
    "aozora_soseki/773_ruby_5968.txt": Source(
        f"{_AOZORA}/773_ruby_5968/773_ruby_5968.txt",
        "d0124c6a71ca3c8f6898dc84578134789fcbdf6a1133121d205ebdaf52274594",
    ),
}
"""Every data file by its path inside the data folder."""


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
        data = _fetch(source.url)
        _check(data, source, source.url)
        _keep(path, data)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    else:
        _check(data, source, str(path))
    return data


def _check(data: bytes, source: Source, where: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != source.sha256:
        raise DataError(
            f"{where} is not the expected file: sha256 {found[:12]}…, not {source.sha256[:12]}…"
        )


def _fetch(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310  (https, from SOURCES)
            data: bytes = answer.read()
    except (urllib.error.URLError, OSError) as error:
        raise DataError(
            f"{url} cannot be fetched ({error}). Download it by hand and name its folder with --data"
        ) from None
    return data


def _keep(path: Path, data: bytes) -> None:
    """Write whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(data)
        Path(file.name).replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}") from None
