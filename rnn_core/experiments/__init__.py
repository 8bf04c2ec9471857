"""Experiments: a claim, a grid with several seeds, a small table kept in the repository.

One module per experiment, with `GRID` (a list of cells, each a dict of settings), `SEEDS` and `run(cell, seed)`, which
returns a dict of numbers; `QUICK`, if it is there, names rows that a test makes again. Name: the module's, with hyphens. `python -m rnn_core.experiments NAME` runs what is
missing in `results/NAME.json` on all cores and writes it, so an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import datetime
import importlib
import json
import pkgutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from rnn_core import files

RESULTS = Path(__file__).parent / "results"


def experiment_names() -> list[str]:
    """The names of all experiments."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name.replace("_", "-") for name in names if not name.startswith("_"))


def experiment(name: str) -> ModuleType:
    """The module of an experiment; raises KeyError with the known names for any other."""
    if name not in experiment_names():
        raise KeyError(f"no experiment is called {name!r}; there are {', '.join(experiment_names())}")
    return importlib.import_module(f"rnn_core.experiments.{name.replace('-', '_')}")


@cache
def results(name: str) -> dict[str, Any]:
    """The table of an experiment that is kept in the repository, as `run_experiment` describes it; read only."""
    table: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return table


def run_experiment(
    name: str,
    folder: Path = RESULTS,
    progress: Callable[[int, int], None] | None = None,
    jobs: int = 1,
) -> dict[str, Any]:
    """Run the cells and seeds that `folder/NAME.json` lacks; returns and writes the whole table.

    `jobs` run side by side, by joblib: −1 for one per core, or a cluster under `joblib.parallel_config(backend=…)`. After each,
    the table is written, so what is done is never done twice. A module with `run_seeds(cell, seeds)` gets all missing
    seeds of a cell at once.

    The table: `name`, `command`, `date`, `seeds`, and `rows`, each a cell's settings with `runs`, one dict per seed.
    Raises ModuleNotFoundError without joblib.
    """
    try:
        from joblib import Parallel, delayed
    except ImportError:
        raise ModuleNotFoundError("experiments need joblib: pip install -r requirements-dev.txt") from None

    module = experiment(name)
    path = folder / f"{name}.json"
    table = files.read_json(path) if path.exists() else {}
    known = {json.dumps(row["cell"], sort_keys=True): row["runs"] for row in table.get("rows", [])}
    runs = [dict(known.get(json.dumps(cell, sort_keys=True), {})) for cell in module.GRID]
    work = [
        (k, seeds)
        for k, cell_runs in enumerate(runs)
        for seeds in _shares(module, [s for s in module.SEEDS if str(s) not in cell_runs])
    ]
    total = len(module.GRID) * len(module.SEEDS)
    done = total - sum(len(seeds) for _, seeds in work)
    tasks = (delayed(_run)(name, k, module.GRID[k], seeds) for k, seeds in work)
    for k, seeds, found in Parallel(n_jobs=jobs, return_as="generator_unordered")(tasks):
        runs[k] |= {str(seed): one for seed, one in zip(seeds, found, strict=True)}
        done += len(seeds)
        table = _table(name, module, runs)
        files.write(path, json.dumps(table, indent=1) + "\n")
        if progress is not None:
            progress(done, total)
    if not table:
        table = _table(name, module, runs)
    return table


def _shares(module: ModuleType, seeds: list[int]) -> list[list[int]]:
    """What one job runs of the missing seeds of a cell."""
    if hasattr(module, "run_seeds"):
        return [seeds] if seeds else []
    return [[seed] for seed in seeds]


def _run(name: str, k: int, cell: Any, seeds: list[int]) -> tuple[int, list[int], list[Any]]:
    """One job, maybe in another process."""
    module = experiment(name)
    if hasattr(module, "run_seeds"):
        return k, seeds, module.run_seeds(cell, seeds)
    return k, seeds, [module.run(cell, seed) for seed in seeds]


def _table(name: str, module: ModuleType, runs: list[dict[str, Any]]) -> dict[str, Any]:
    order = [str(seed) for seed in module.SEEDS]
    return {
        "name": name,
        "command": f"python -m rnn_core.experiments {name}",
        "date": datetime.date.today().isoformat(),
        "seeds": list(module.SEEDS),
        "rows": [
            {"cell": cell, "runs": {seed: cell_runs[seed] for seed in order if seed in cell_runs}}
            for cell, cell_runs in zip(module.GRID, runs, strict=True)
        ],
    }
