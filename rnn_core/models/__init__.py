"""Every model that is shipped: one module per family, found by its name.

`hello-trained` lives in `rnn_core.models.hello`, `sentiment-en` would live in `rnn_core.models.sentiment`: the part
before the first hyphen is the module. Each module has a dict `MODELS` from full names to `ModelSpec`, so
a new family joins by adding one file here.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from rnn_core.store import StoreError, load_arrays
from rnn_core.training.seeds import Made


@dataclass(frozen=True)
class TrainOptions:
    """What `python -m rnn_core.train` was told.

    `steps=None` means the model's own number of steps, `seed=None` its own seeds (several, where a card reports a
    spread). Checkpoints go to the folder `checkpoints`, none are written without it. `add`: the one seed joins those of the card that is
    there.
    """

    data: Path | None = None
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    steps: int | None = None
    seed: int | None = None
    resume: bool = False
    checkpoints: Path | None = None
    add: bool = False

    def checkpoint(self, name: str, seed: int) -> Path | None:
        """Where the checkpoint of one training lies."""
        folder = self.checkpoints
        return None if folder is None else folder / f"{name}-{seed}.safetensors"


@dataclass(frozen=True)
class ModelSpec:
    """How one shipped model is built, made and measured.

    `build(config)` gives the module with untrained weights; `train(options)` the trained module and what
    its card must say (`config`, `data`, `licence`, `seed`, `scores`, `baseline`, `failures`); `evaluate(model,
    data)` measures the shipped weights again and returns the numbers the card promises. `half`: the weights are rounded to
    float16 before they are measured and stored. `join(old, new, data)`: one network and card of two, of which the second
    has other seeds.
    """

    build: Callable[[Mapping[str, Any]], nn.Module]
    train: Callable[[TrainOptions], tuple[nn.Module, dict[str, Any]]]
    evaluate: Callable[[nn.Module, Path | None], dict[str, float]]
    half: bool = False
    join: Callable[[Made, Made, Path | None], Made] | None = None


def model_spec(name: str) -> ModelSpec:
    """The spec of a shipped model; raises KeyError with the known names for any other."""
    family = name.partition("-")[0]
    if family.isidentifier() and family in _families():
        module = importlib.import_module(f"rnn_core.models.{family}")
        if name in module.MODELS:
            return module.MODELS[name]  # type: ignore[no-any-return]
    raise KeyError(f"no model is called {name!r}; there are {', '.join(model_names())}")


def model_names() -> list[str]:
    """The names of all models, sorted."""
    names: list[str] = []
    for family in _families():
        names += importlib.import_module(f"rnn_core.models.{family}").MODELS
    return sorted(names)


def _families() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(__path__)]


def load(name: str, folder: Path | None = None, device: Any = "cpu") -> Any:
    """A shipped model in eval mode on `device`, with its card as `.card`.

    Raises KeyError for an unknown name and StoreError as `load_arrays` does.
    """
    import torch

    from rnn_core.models import model_spec

    spec = model_spec(name)
    arrays, card = load_arrays(name, folder)
    try:
        model = spec.build(card["config"])
        model.load_state_dict({k: torch.from_numpy(a) for k, a in arrays.items()})
    except (RuntimeError, TypeError, ValueError, KeyError) as error:
        raise StoreError("misfit", f"{name}.safetensors", f"{name} does not fit its network ({error})") from None
    model.requires_grad_(False)
    setattr(model, "card", card)  # noqa: B010  (nn.Module types its attributes as tensors)
    return model.to(device).eval()
