"""Trained weights on disk: NAME.safetensors beside NAME.json, the model card.

Only safetensors is read (no pickle, so a file can hold numbers but never code). The card carries the
file's sha256 and every tensor's shape; whatever does not fit is refused with a sentence that says how to
remake it. Leaves out checkpoints of a training in progress.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from rnn_core import files

FORMAT = 1
"""Version of the card; a newer file is refused, not guessed at."""

TRAINED = Path(os.environ.get("UNROLLED_TRAINED", Path(__file__).parent.parent / "trained"))
"""Where shipped models lie, unless a folder is given: beside the package, or `$UNROLLED_TRAINED`."""


ATTEMPTS = 5
"""How often weights and card are read: a save may come between the two."""


class StoreError(Exception):
    """A trained file is missing, damaged, of another version, or does not fit its card.

    `problem` says which in one word ("missing", "unreadable", "format", "swapped", "damaged", "misfit"), `file` is the
    file's name and `command` makes it again.
    """

    def __init__(self, problem: str, file: str, told: str) -> None:
        self.problem, self.file = problem, file
        self.command = f"python -m rnn_core.train {Path(file).stem}"
        super().__init__(f"{told}. Make it again with: {self.command}")


def save(model: Any, card: Mapping[str, Any], name: str, folder: Path | None = None) -> Path:
    """Write a model's weights and card; the new pair appears whole, or the old one stays. Returns the card's path.

    Both are on the disk before either takes its place. The card waits as NAME.json.new while the weights take theirs, so
    that whoever reads in between, or after a kill there, still finds the card that belongs to the weights.

    `model` is an `nn.Module`; its tensors are stored in their dtype (float32, float16, …; `load` returns the
    network's own). The card gains `name`, `format`, `sha256`,
    `parameters` (their number), `bytes` and `tensors` (name to shape and dtype).
    Raises ValueError for a name that is not lowercase words joined by hyphens, for bfloat16 weights, and for
    a card that JSON cannot hold.
    """
    _check_name(name)
    folder = TRAINED if folder is None else folder
    folder.mkdir(parents=True, exist_ok=True)
    half = [k for k, v in model.state_dict().items() if str(v.dtype) == "torch.bfloat16"]
    if half:
        raise ValueError(f"{half[0]} is bfloat16, which NumPy cannot read; store float16 or float32")
    arrays = {k: np.ascontiguousarray(v.detach().cpu().numpy()) for k, v in model.state_dict().items()}
    data = safetensors.numpy.save(arrays)
    full = dict(card) | {
        "name": name,
        "format": FORMAT,
        "sha256": _digest(data),
        "parameters": int(sum(a.size for a in arrays.values())),
        "bytes": len(data),
        "tensors": {k: {"shape": list(a.shape), "dtype": str(a.dtype)} for k, a in arrays.items()},
    }
    try:  # before anything is written: a card that fails must not leave new weights beside the old card
        text = (json.dumps(full, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()
    except (TypeError, ValueError) as error:
        raise ValueError(f"the card of {name} cannot be written as JSON: {error}") from None
    path, waiting = folder / f"{name}.json", folder / f"{name}.json.new"
    try:
        with files.whole(folder / f"{name}.safetensors") as file:
            file.write(data)
            files.write(waiting, text)
    except OSError:  # a full disk: the weights are the old ones, and so must be the card
        waiting.unlink(missing_ok=True)
        raise
    waiting.replace(path)
    return path


def load_card(name: str, folder: Path | None = None) -> dict[str, Any]:
    """The model card as a dict; raises StoreError if it is missing, unreadable or of a newer format."""
    _check_name(name)
    path = (TRAINED if folder is None else folder) / f"{name}.json"
    waiting = path.with_suffix(".json.new")
    if waiting.exists():  # a save was cut short, or is under way: see `save`
        try:
            card = _read_card(waiting, name)
            if card.get("sha256") == _digest(path.with_suffix(".safetensors").read_bytes()):
                return card
        except (StoreError, OSError):
            pass  # it has taken its place just now, or the weights are missing, which `load_arrays` tells
    return _read_card(path, name)


def _read_card(path: Path, name: str) -> dict[str, Any]:
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StoreError("missing", path.name, f"{path.name} is missing") from None
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError("unreadable", path.name, f"{path.name} is not readable ({error})") from None
    if not isinstance(card, dict) or card.get("name") != name:
        raise StoreError("swapped", path.name, f"{path.name} is not the card of {name}")
    if card.get("format") != FORMAT:
        raise StoreError(
            "format",
            path.name,
            f"{path.name} has format {card.get('format')!r}, this version reads {FORMAT}",
        )
    return card


def load_arrays(name: str, folder: Path | None = None) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Weights as NumPy arrays and the card, checked against each other; needs no torch.

    Raises StoreError for a missing or damaged file, a wrong hash, or a tensor whose name, shape or dtype is
    not what the card says.
    """
    path = (TRAINED if folder is None else folder) / f"{name}.safetensors"
    for _ in range(ATTEMPTS):
        card, data = load_card(name, folder), _read_weights(path)
        if _digest(data) == card.get("sha256"):
            break
    else:
        raise StoreError("swapped", path.name, f"{path.name} is not the file its card was made for (sha256)")
    try:
        arrays = safetensors.numpy.load(data)
    except (safetensors.SafetensorError, KeyError, ValueError) as error:
        raise StoreError("damaged", path.name, f"{path.name} is damaged ({error})") from None
    found = {k: {"shape": list(a.shape), "dtype": str(a.dtype)} for k, a in arrays.items()}
    if found != card.get("tensors"):
        raise StoreError("misfit", path.name, f"{path.name} has other tensors than its card says")
    return arrays, card


def _check_name(name: str) -> None:
    if not all(part.isalnum() and part.isascii() and part == part.lower() for part in name.split("-")):
        raise ValueError(f"a model's name is lowercase words joined by hyphens, got {name!r}")


def _read_weights(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise StoreError("missing", path.name, f"{path.name} is missing") from None
    except OSError as error:
        raise StoreError("unreadable", path.name, f"{path.name} is not readable ({error})") from None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
