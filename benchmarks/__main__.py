"""Run all measurements, or those whose name is given: `python -m benchmarks [trace verdict profile rtrl optimizer training beam step change paint memory]`.

One JSON line each. A measurement whose data cannot be had (`beam` needs a test set; `$UNROLLED_DATA` names the folder)
is left out, and its line says why.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from benchmarks.browser import control_change, first_paint, step_response
from benchmarks.core import (
    beam_cost,
    optimizer_cost,
    profile_ratios,
    rtrl_cost,
    trace_ratios,
    training_cost,
    verdict_cost,
)
from benchmarks.memory import memory
from rnn_core.data.files import DataError

ALL: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
    "trace": trace_ratios,
    "verdict": verdict_cost,
    "profile": profile_ratios,
    "rtrl": rtrl_cost,
    "optimizer": optimizer_cost,
    "training": training_cost,
    "beam": beam_cost,
    "step": step_response,
    "change": control_change,
    "paint": first_paint,
    "memory": memory,
}


def measure(names: Iterable[str]) -> Iterator[dict[str, Any]]:
    """What these measurements find, one after the other; one without its data says so instead of ending all."""
    for name in names:
        try:
            yield from ALL[name]()
        except DataError as error:
            yield {"name": name, "left_out": str(error)}


def main() -> int:
    names = sys.argv[1:] or list(ALL)
    for name in names:
        if name not in ALL:
            print(f"no measurement {name!r}; there are {', '.join(ALL)}", file=sys.stderr)
            return 2
    for line in measure(names):
        print(json.dumps(line), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
