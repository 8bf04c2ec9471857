"""The loop behind `rnn_core.train`: epochs, the best weights on dev, checkpoints that resume to the same result.

A model family says what one epoch's losses are and how dev is scored; this module does the rest: Adam with a
warm-up and a cosine, clipping by norm, several processes under `torchrun`, a line of progress, and after each epoch a
checkpoint (safetensors, written whole or not at all). Leaves out mixed precision.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import safetensors
import safetensors.torch
import torch
import torch.distributed
from torch import Tensor, nn

from rnn_core import files
from rnn_core.training.clipping import clip_by_norm
from rnn_core.training.optim import Adam

T = TypeVar("T")


@dataclass(frozen=True)
class Schedule:
    """How long and how fast: `epochs` of `steps` steps; the learning rate rises over `warmup` steps to `lr`, then

        lr_k = lr · (1 + cos(π k / K)) / 2,   k the step, K = epochs · steps

    falls to 0. Gradients are clipped to norm `clip`. With `average` = β the weights that are scored and kept are not θ but
    their running mean θ̄ ← β θ̄ + (1 − β) θ after each step (Polyak and Juditsky 1992), with β smaller in the first steps.
    """

    epochs: int
    steps: int
    lr: float
    warmup: int = 50
    clip: float = 1.0
    average: float | None = None

    def rate(self, k: int) -> float:
        """The learning rate of step k (from 0)."""
        rise = min(1.0, (k + 1) / self.warmup)
        return rise * self.lr * (1 + math.cos(math.pi * k / (self.epochs * self.steps))) / 2


@dataclass
class Fitted:
    """What a training left behind: dev score after each epoch, which epoch's weights were kept, the time all epochs took."""

    dev: list[float] = field(default_factory=list)
    best: int = -1
    seconds: float = 0.0


def total_seconds(fitted: Iterable[Fitted]) -> float | None:
    """How long several trainings took together; None if one was resumed from a checkpoint that did not count.

    >>> total_seconds([Fitted([0.5], 0, 2.0), Fitted([0.4], 0, 3.0)])
    5.0
    >>> total_seconds([Fitted([0.5], 0, 2.0), Fitted([0.4], 0, 0.0)]) is None
    True
    """
    each = [one.seconds for one in fitted]
    return round(sum(each), 1) if all(each) else None


def world() -> tuple[int, int]:
    """(rank, number of processes): (0, 1) unless `torchrun` started us."""
    return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))


@contextmanager
def process_group(device: torch.device) -> Iterator[torch.device]:
    """Join the other processes that `torchrun` started; gives each its own device."""
    _, size = world()
    if size == 1:
        yield device
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    torch.distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield device
    finally:
        torch.distributed.destroy_process_group()


def fit(
    model: nn.Module,
    schedule: Schedule,
    losses: Callable[[int], Iterator[Tensor]],
    dev: Callable[[], float],
    *,
    name: str,
    seed: int,
    checkpoint: Path | None = None,
    resume: bool = False,
    settings: Mapping[str, Any] | None = None,
    max_steps: int | None = None,
) -> Fitted:
    """Train in place and leave the best weights on dev in the model, in eval mode.

    `losses(epoch)` yields the loss of each step (it may keep a state between yields); `dev()` scores the model, lower
    is better. Random numbers are seeded anew from (seed, epoch) at each epoch, so a resumed training draws the same.
    Under `torchrun` the gradients of all processes are averaged before each step; each process must yield losses of
    its own share of the data.

    A checkpoint belongs to `name`, `seed`, `schedule` and `settings`; another one is not resumed from.
    `resume` starts a seed from its beginning where only other seeds of `name` have a checkpoint.
    Raises FileNotFoundError if there is none of any seed, ValueError if it is damaged or belongs to other settings.
    """
    rank, size = world()
    optimizer = Adam(model.parameters(), schedule.lr)
    identity = _identity(name, seed, schedule, settings or {})
    done = Fitted()
    kept = _copy(model)
    mean = None if schedule.average is None else _copy(model)
    if resume:
        if checkpoint is None or not any(checkpoint.parent.glob(f"{name}-*.safetensors")):
            raise FileNotFoundError(f"there is no checkpoint of {name} to go on from")
        if checkpoint.exists():  # if not, the run was killed in an earlier seed
            done, kept = _load(checkpoint, identity, model, optimizer, mean)
    start, first, step = time.perf_counter(), len(done.dev), len(done.dev) * schedule.steps
    for epoch in range(first, schedule.epochs):
        begun = time.perf_counter()
        torch.manual_seed(seed * 100_003 + epoch * size + rank)
        model.train()
        total, taken = torch.zeros((), device=next(model.parameters()).device), 0
        for taken, loss in enumerate(losses(epoch), start=1):
            loss.backward()  # type: ignore[no-untyped-call]
            if size > 1:
                _average(model)
            clip_by_norm(model.parameters(), schedule.clip)
            optimizer.lr = schedule.rate(step)
            optimizer.step()
            step += 1
            if mean is not None:
                _mix(mean, model, min(schedule.average or 0, step / (step + 10)))
            total += loss.detach()
            if rank == 0:
                _progress(name, seed, schedule, epoch, taken, total, start, first)
            if max_steps is not None and step >= max_steps:
                break
        own = _copy(model)
        if mean is not None:
            model.load_state_dict(mean)
        model.eval()
        with torch.inference_mode():
            done.dev.append(dev())
        if done.best < 0 or done.dev[-1] < done.dev[done.best]:
            done.best = epoch
            kept = _copy(model)
        model.load_state_dict(own)
        done.seconds += time.perf_counter() - begun
        if rank == 0:
            print(f"  dev {done.dev[-1]:.4f}", file=sys.stderr, flush=True)
            if checkpoint is not None and taken == schedule.steps:  # never from inside an epoch
                _save(checkpoint, identity, model, optimizer, done, kept, mean)
        if max_steps is not None and step >= max_steps:
            break
    model.load_state_dict(kept)
    model.eval()  # also where nothing was left to train: what comes next is measuring
    return done


def gathered(own: T) -> list[T]:
    """What each process holds, in the order of their ranks."""
    size = world()[1]
    if size == 1:
        return [own]
    every: list[T | None] = [None] * size
    torch.distributed.all_gather_object(every, own)
    return [one for one in every if one is not None]


def _copy(model: nn.Module) -> dict[str, Tensor]:
    return {key: value.detach().clone() for key, value in model.state_dict().items()}


@torch.no_grad()
def _mix(mean: dict[str, Tensor], model: nn.Module, share: float) -> None:
    for key, value in model.state_dict().items():
        mean[key].lerp_(value, 1 - share)


def _average(model: nn.Module) -> None:
    for parameter in model.parameters():
        if parameter.grad is not None:
            torch.distributed.all_reduce(parameter.grad)
            parameter.grad /= torch.distributed.get_world_size()


def _progress(
    name: str,
    seed: int,
    schedule: Schedule,
    epoch: int,
    taken: int,
    total: Tensor,
    start: float,
    first: int,
) -> None:
    """One line that is written over; nothing but the last step of an epoch when nobody watches."""
    if not sys.stderr.isatty() and taken < schedule.steps:
        return
    share = (epoch - first + taken / schedule.steps) / (schedule.epochs - first)
    left = (time.perf_counter() - start) * (1 - share) / share
    print(
        f"\r{name} seed {seed}  epoch {epoch + 1}/{schedule.epochs}  step {taken}/{schedule.steps}  "
        f"loss {float(total) / taken:.4f}  {left:.0f} s left",
        end="",
        file=sys.stderr,
        flush=True,
    )


# --- checkpoints ---------------------------------------------------------------------------------


def _identity(name: str, seed: int, schedule: Schedule, settings: Mapping[str, Any]) -> str:
    plan = {key: value for key, value in asdict(schedule).items() if value is not None}
    told = {"name": name, "seed": seed, "schedule": plan, "settings": dict(settings)}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _save(
    path: Path,
    identity: str,
    model: nn.Module,
    optimizer: Adam,
    done: Fitted,
    kept: dict[str, Tensor],
    mean: dict[str, Tensor] | None,
) -> None:
    tensors = {f"model.{k}": v for k, v in model.state_dict().items()}
    tensors |= {f"best.{k}": v for k, v in kept.items()}
    tensors |= {f"mean.{k}": v for k, v in (mean or {}).items()}
    for name in ("m", "v", "k"):
        tensors |= {f"{name}.{j}": t for j, t in enumerate(getattr(optimizer, name))}
    data = safetensors.torch.save(
        {key: tensor.detach().cpu().contiguous() for key, tensor in tensors.items()},
        {"identity": identity, "done": json.dumps(asdict(done))},
    )
    files.write(path, data)


def _load(
    path: Path,
    identity: str,
    model: nn.Module,
    optimizer: Adam,
    mean: dict[str, Tensor] | None,
) -> tuple[Fitted, dict[str, Tensor]]:
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            about = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118  (not a dict)
        made, told = about["identity"], json.loads(about["done"])
    except (safetensors.SafetensorError, KeyError, ValueError) as error:
        raise ValueError(
            f"{path} is damaged ({error}). Delete it: with --resume this seed then begins anew"
            " and the others go on; if it was the only one, drop --resume"
        ) from None
    if made != identity:
        raise ValueError(f"{path.name} was made with other settings; delete it or drop --resume")

    def part(prefix: str) -> dict[str, Tensor]:
        return {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}

    model.load_state_dict(part("model."))
    for name in ("m", "v", "k"):
        for j, tensor in enumerate(getattr(optimizer, name)):
            tensor.copy_(tensors[f"{name}.{j}"])
    device = next(model.parameters()).device
    kept = {key: value.to(device) for key, value in part("best.").items()}
    for key, value in (mean or {}).items():
        value.copy_(part("mean.")[key])
    return Fitted(**told), kept
