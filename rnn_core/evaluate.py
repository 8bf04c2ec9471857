"""Measure a shipped model again: `python -m rnn_core.evaluate NAME [--data DIR] [--json]`.

Prints the numbers that its card promises, measured now from the weights on disk.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rnn_core.data.files import DataError
from rnn_core.models import load, model_names, model_spec
from rnn_core.store import TRAINED, StoreError


def measure(name: str, data: Path | None = None, folder: Path | None = None) -> dict[str, float]:
    """The scores of the shipped weights; same keys as the card's `scores`."""
    return model_spec(name).evaluate(load(name, folder), data)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m rnn_core.evaluate", description=__doc__)
    parser.add_argument("name", help="one of: " + ", ".join(model_names()))
    parser.add_argument("--data", type=Path, help="folder with the data sets")
    parser.add_argument("--folder", type=Path, default=TRAINED, help="folder with the weights")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    try:
        scores = measure(args.name, args.data, args.folder)
    except KeyError as error:
        parser.error(error.args[0])
    except (DataError, StoreError) as error:
        print(error, file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps({"name": args.name, **scores}))
    else:
        for key, value in scores.items():
            print(f"{key:24} {value:.6g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
