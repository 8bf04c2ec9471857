"""Make a shipped model: `python -m rnn_core.train NAME [--data DIR] [--device D] [--steps N] [--resume]`.

`--seed 1 --add` trains one more seed of a model that is there: its card gets the seed's score, and dev decides which is kept.
Writes `trained/NAME.safetensors` and its card with the scores that `rnn_core.evaluate` measures.
`python -m rnn_core.train --all` makes every model.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import torch

from rnn_core.data.files import DataError
from rnn_core.models import TrainOptions, load, model_names, model_spec
from rnn_core.store import TRAINED, StoreError, save
from rnn_core.training.fitting import world
from rnn_core.training.seeds import check_new


def make(name: str, options: TrainOptions, folder: Path) -> Path:
    """Train one model, measure it, write it with its card; returns the card's path."""
    spec = model_spec(name)
    there = None
    if options.add:
        if spec.join is None or options.seed is None:
            raise ValueError("--add needs --seed, and a model whose card can take one more")
        there = load(name, folder, options.device)
        check_new(there.card, options.seed)
    start = time.perf_counter()
    model, card = spec.train(options)
    seconds = round(time.perf_counter() - start, 2)
    if world()[0]:  # under torchrun, the first process writes for all
        return folder / f"{name}.json"
    if spec.half:
        model = model.half().float()
    told = [] if options.steps is None else [f"--steps {options.steps}"]
    told += [] if options.seed is None else [f"--seed {options.seed}"]
    told += ["--add"] if options.add else []
    card["command"] = " ".join([f"python -m rnn_core.train {name}", *told])
    card.setdefault("training_seconds", seconds)  # a family that resumes counts its epochs instead
    if there is not None and spec.join is not None:
        model, card = spec.join((there, there.card), (model, card), options.data)
    card["scores"] = spec.evaluate(model.eval(), options.data)
    return save(model.half() if spec.half else model, card, name, folder)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m rnn_core.train", description=__doc__)
    parser.add_argument("name", nargs="?", help="one of: " + ", ".join(model_names()))
    parser.add_argument("--all", action="store_true", help="make every model")
    parser.add_argument("--data", type=Path, help="folder with the data sets")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1 …")
    parser.add_argument("--steps", type=int, help="optimiser steps, instead of the model's own")
    parser.add_argument("--seed", type=int, help="one seed, instead of the model's own")
    parser.add_argument(
        "--add",
        action="store_true",
        help="join the one seed to the seeds of the card that is there",
    )
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoints")
    parser.add_argument("--out", type=Path, default=TRAINED, help="folder to write to")
    parser.add_argument("--json", action="store_true", help="print the card as one JSON object")
    args = parser.parse_args(argv)
    if args.all == bool(args.name):
        parser.error("give one NAME, or --all")
    try:
        names = model_names() if args.all else [args.name]
        for name in names:
            model_spec(name)
    except KeyError as error:
        parser.error(error.args[0])
    try:
        device = torch.device(args.device)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        parser.error(f"device {args.device!r} cannot be used here: {str(error).splitlines()[0]}")
    if device.type == "cuda":  # TF32, as cuDNN's LSTMs have it by default
        torch.set_float32_matmul_precision("high")
    if args.steps is not None and args.steps < 1:
        parser.error(f"--steps must be at least 1, got {args.steps}")
    try:  # before hours of training, not after
        args.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"cannot write to {args.out}: {error.strerror}")
    for name in names:
        options = TrainOptions(
            args.data,
            device,
            args.steps,
            args.seed,
            args.resume,
            args.out / "checkpoints",
            args.add,
        )
        try:
            path = make(name, options, args.out)
        except (DataError, OSError, StoreError, ValueError) as error:  # a full disk among them
            print(f"{name}: {error}", file=sys.stderr)
            return 1
        if world()[0]:
            continue
        card = json.loads(path.read_text(encoding="utf-8"))
        if args.json:
            print(json.dumps(card, ensure_ascii=False))
        else:
            scores = ", ".join(f"{k} {v:.4g}" for k, v in card["scores"].items())
            print(f"{name}: {scores} ({card['training_seconds'] or '?'} s) -> {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
