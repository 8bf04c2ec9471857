"""`rnn_core` against torch alone."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from rnn_core import trace


def interleaved(functions: dict[str, Callable[[], Any]], rounds: int = 60) -> dict[str, float]:
    """Median seconds of each, the calls taking turns so that drift hits all alike."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for k in range(rounds + 5):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            if k >= 5:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def trace_ratios() -> Iterator[dict[str, Any]]:
    """Full trace of an nn.LSTM against its fused forward, and a loop of nn.LSTMCell against the trace."""
    torch.set_num_threads(1)
    for H in (64, 128, 256):
        module, cell = nn.LSTM(H, H).eval(), nn.LSTMCell(H, H)
        x = torch.randn(100, 1, H)

        def fused(module: nn.LSTM = module, x: torch.Tensor = x) -> None:
            with torch.inference_mode():
                module(x)

        def loop(cell: nn.LSTMCell = cell, x: torch.Tensor = x, H: int = H) -> None:
            with torch.inference_mode():
                state = (torch.zeros(1, H), torch.zeros(1, H))
                for x_t in x:
                    state = cell(x_t, state)

        times = interleaved(
            {"fused": fused, "trace": lambda m=module, x=x: trace(m, x), "loop": loop}
        )
        yield {
            "measurement": "trace of nn.LSTM",
            "T": 100,
            "B": 1,
            "H": H,
            "ms": {name: round(1000 * t, 3) for name, t in times.items()},
            "trace_over_fused": round(times["trace"] / times["fused"], 2),
            "budget_trace_over_fused": 2,
            "cell_loop_over_trace": round(times["loop"] / times["trace"], 2),
            "budget_cell_loop_over_trace": 3,
        }


_OPTIMIZER = """
import re, sys, time, torch
from pathlib import Path
from rnn_core.optim import Adam
def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text()).group(1)) / 1024
w = torch.zeros(3, 3, requires_grad=True)
w.sum().backward()
before, start = resident(), time.perf_counter()
(Adam([w], 0.01) if sys.argv[1] == "ours" else torch.optim.Adam([w], lr=0.01)).step()
print(resident() - before, time.perf_counter() - start)
"""


def optimizer_cost() -> Iterator[dict[str, Any]]:
    """Memory and time of the first step: `rnn_core.optim.Adam` against `torch.optim.Adam`."""
    cost = {}
    for name in ("ours", "torch"):
        command = [sys.executable, "-c", _OPTIMIZER, name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        mib, seconds = map(float, done.stdout.split())
        cost[name] = {"MiB": round(mib, 1), "seconds": round(seconds, 3)}
    yield {"measurement": "first step of Adam", **cost}
