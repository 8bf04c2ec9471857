"""`python -m rnn_core.experiments NAME [--jobs N] [--json]`."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path

from rnn_core.experiments import RESULTS, experiment, experiment_names, run_experiment


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m rnn_core.experiments", description=__doc__)
    parser.add_argument("name", help="one of: " + ", ".join(experiment_names()))
    parser.add_argument("--jobs", type=int, default=-1, help="processes; -1: one per core")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the tables")
    parser.add_argument("--json", action="store_true", help="print the table as one JSON object")
    args = parser.parse_args(argv)
    try:
        experiment(args.name)
    except KeyError as error:
        parser.error(error.args[0])

    def show(done: int, total: int) -> None:
        print(f"\r{done} of {total}", end="", file=sys.stderr, flush=True)

    table = run_experiment(args.name, args.out, None if args.json else show, args.jobs)
    if args.json:
        print(json.dumps(table))
        return 0
    print(file=sys.stderr)
    for row in table["rows"]:
        runs = list(row["runs"].values())
        means = ", ".join(f"{k} {statistics.fmean(r[k] for r in runs):.3f}" for k in runs[0])
        print(f"{row['cell']}: {means} ({len(runs)} seeds)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
