"""Run all measurements, or those whose name is given: `python -m benchmarks [trace verdict profile rtrl optimizer training beam step change paint memory]`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
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


def main() -> int:
    names = sys.argv[1:] or list(ALL)
    for name in names:
        if name not in ALL:
            print(f"no measurement {name!r}; there are {', '.join(ALL)}", file=sys.stderr)
            return 2
    for name in names:
        for line in ALL[name]():
            print(json.dumps(line), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
