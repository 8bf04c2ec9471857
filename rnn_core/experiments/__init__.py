"""Experiments: a claim, a grid with several seeds, a small table kept in the repository.

One module per experiment, with `GRID` (a list of cells, each a dict of settings), `SEEDS` and `run(cell, seed)`, which
returns a dict of numbers. Name: the module's, with hyphens. `python -m rnn_core.experiments NAME` runs what is
missing in `results/NAME.json` and writes it, so an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import datetime
import importlib
import json
import pkgutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

RESULTS = Path(__file__).parent / "results"


def experiment_names() -> list[str]:
    """The names of all experiments."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name.replace("_", "-") for name in names if not name.startswith("_"))


def experiment(name: str) -> ModuleType:
    """The module of an experiment; raises KeyError with the known names for any other."""
    if name not in experiment_names():
        raise KeyError(
            f"no experiment is called {name!r}; there are {', '.join(experiment_names())}"
        )
    return importlib.import_module(f"rnn_core.experiments.{name.replace('-', '_')}")


def run_experiment(
    name: str, folder: Path = RESULTS, progress: Callable[[int, int], None] | None = None
) -> dict[str, Any]:
    """Run the cells and seeds that `folder/NAME.json` lacks; returns and writes the whole table.

    The table: `name`, `command`, `date`, `seeds`, and `rows`, each a cell's settings with `runs`, one dict per seed.
    """
    module = experiment(name)
    path = folder / f"{name}.json"
    table = json.loads(path.read_text("utf-8")) if path.exists() else {}
    known = {json.dumps(row["cell"], sort_keys=True): row["runs"] for row in table.get("rows", [])}
    total, done = len(module.GRID) * len(module.SEEDS), 0
    rows = []
    for cell in module.GRID:
        runs = dict(known.get(json.dumps(cell, sort_keys=True), {}))
        for seed in module.SEEDS:
            if str(seed) not in runs:
                runs[str(seed)] = module.run(cell, seed)
            done += 1
            if progress is not None:
                progress(done, total)
        rows.append({"cell": cell, "runs": runs})
        table = {
            "name": name,
            "command": f"python -m rnn_core.experiments {name}",
            "date": datetime.date.today().isoformat(),
            "seeds": list(module.SEEDS),
            "rows": rows,
        }
        folder.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
        temporary.replace(path)
    return table
