"""`rnn_core` against torch alone."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.notes import numpy_training
from rnn_core import gradient_profile, load, trace
from rnn_core.backward.rtrl import bptt, rtrl
from rnn_core.data.parallel import side
from rnn_core.labs.adder import Settings, adder_net, adder_training, addition


def interleaved(functions: dict[str, Callable[[], Any]], rounds: int = 60, before: int = 5) -> dict[str, float]:
    """Median seconds of each, the calls taking turns so that drift hits all alike; `before`: rounds that do not count."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for k in range(rounds + before):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            if k >= before:
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

        times = interleaved({"fused": fused, "trace": lambda m=module, x=x: trace(m, x), "loop": loop})
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


def verdict_cost() -> Iterator[dict[str, Any]]:
    """A 60-token review with its full trace and a verdict at every step, against the fused forward of the same module."""
    torch.set_num_threads(1)
    for name in ("sentiment-en", "sentiment-ja"):
        model = load(name)
        tokens = [model.symbols[1 + 7 * k] for k in range(60)]
        x = model.embedding(model.encode(tokens)).detach()

        def fused(module: nn.Module = model.rnn, x: torch.Tensor = x) -> None:
            with torch.inference_mode():
                module(x)

        times = interleaved({"fused": fused, "verdict": lambda m=model, t=tokens: m.read_tokens(t)})
        yield {
            "measurement": "verdict with full trace",
            "model": name,
            "T": 60,
            "ms": {key: round(1000 * t, 3) for key, t in times.items()},
            "verdict_over_fused": round(times["verdict"] / times["fused"], 2),
            "budget_verdict_over_fused": 3,
        }


def profile_ratios() -> Iterator[dict[str, Any]]:
    """`gradient_profile` of T = 200 steps, H = 64, against one forward + backward of the module, and against
    T backward passes, one for each step."""
    torch.set_num_threads(1)
    T, H = 200, 64
    for cls in (nn.RNN, nn.LSTM, nn.GRU):
        torch.manual_seed(0)
        module, x = cls(H, H), torch.randn(T, 1, H)
        leaf = x.clone().requires_grad_()

        def once(module: Any = module, x: torch.Tensor = x) -> None:
            module(x)[0][-1].sum().backward()

        def every_step(module: Any = module, leaf: torch.Tensor = leaf) -> None:
            output = module(leaf)[0]
            for t in range(T):
                torch.autograd.grad(output[t].sum(), leaf, retain_graph=True)

        times = interleaved(
            {
                "forward_and_backward": once,
                "gradient_norms": lambda m=module, x=x: gradient_profile(m, x),
                "and_singular_values": lambda m=module, x=x: gradient_profile(m, x).jacobian_h,
            },
            20,
        )
        times |= interleaved({"backward_for_each_step": every_step}, 2)
        both = times["and_singular_values"]
        yield {
            "measurement": f"gradient profile of nn.{cls.__name__}",
            "T": T,
            "H": H,
            "ms": {name: round(1000 * t, 2) for name, t in times.items()},
            "norms_over_once": round(times["gradient_norms"] / times["forward_and_backward"], 2),
            "all_over_once": round(both / times["forward_and_backward"], 2),
            "budget_over_once": 3,
            "each_step_over_norms": round(times["backward_for_each_step"] / times["gradient_norms"], 1),
            "each_step_over_all": round(times["backward_for_each_step"] / both, 1),
        }


def rtrl_cost() -> Iterator[dict[str, Any]]:
    """Time and peak memory of RTRL against BPTT, both in NumPy, over T and H (D = 8)."""
    rng = np.random.default_rng(0)
    for H in (8, 16, 32):
        for T in (10, 100, 1000):
            W = {"W_xh": rng.normal(size=(H, 8)) / 3, "W_hh": rng.normal(size=(H, H)) / H, "b_h": np.zeros(H)}
            xs, h_0 = rng.normal(size=(T, 8)), np.zeros(H)
            cost: dict[str, dict[str, float]] = {"ms": {}, "peak_kB": {}}
            for name, way in (("bptt", bptt), ("rtrl", rtrl)):
                start = time.perf_counter()
                way(xs, h_0, W, lambda t, h: h)
                cost["ms"][name] = round(1000 * (time.perf_counter() - start), 2)
                tracemalloc.start()
                way(xs, h_0, W, lambda t, h: h)
                cost["peak_kB"][name] = round(tracemalloc.get_traced_memory()[1] / 1000, 1)
                tracemalloc.stop()
            yield {"measurement": "rtrl against bptt", "T": T, "H": H, **cost}


_OPTIMIZER = """
import re, sys, time, torch
from pathlib import Path
from rnn_core.training.optim import Adam
def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text()).group(1)) / 1024
w = torch.zeros(3, 3, requires_grad=True)
w.sum().backward()
before, start = resident(), time.perf_counter()
(Adam([w], 0.01) if sys.argv[1] == "ours" else torch.optim.Adam([w], lr=0.01)).step()
print(resident() - before, time.perf_counter() - start)
"""


def optimizer_cost() -> Iterator[dict[str, Any]]:
    """Memory and time of the first step: `rnn_core.training.optim.Adam` against `torch.optim.Adam`."""
    cost = {}
    for name in ("ours", "torch"):
        command = [sys.executable, "-c", _OPTIMIZER, name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        mib, seconds = map(float, done.stdout.split())
        cost[name] = {"MiB": round(mib, 1), "seconds": round(seconds, 3)}
    yield {"measurement": "first step of Adam", **cost}


def training_cost() -> Iterator[dict[str, Any]]:
    """Live training of the adder, one sum per step: ours, a plain torch loop, and the NumPy loop of the notes."""
    torch.set_num_threads(1)
    steps = 300
    for batch in (1, 32):
        settings = Settings(batch=batch)

        def ours(settings: Settings = settings) -> None:
            adder_training(settings, check_every=10 * steps).advance(steps)

        def plain(settings: Settings = settings) -> None:
            net, task = adder_net(), addition(settings.bits)
            optimizer = torch.optim.SGD(net.parameters(), lr=settings.lr)
            losses = []
            generator = torch.Generator().manual_seed(0)
            for _ in range(steps):
                x, target = task.make(settings.batch, generator)
                optimizer.zero_grad()
                loss = task.loss(net(x), target)
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                losses.append(loss.item())

        def numpy() -> None:
            numpy_training(adder_net(), steps, 0.1, 0, 7)

        functions = {"ours": ours, "torch loop": plain}
        times = interleaved(functions | ({"NumPy loop": numpy} if batch == 1 else {}), 7, 1)
        yield {
            "measurement": "training of the adder",
            "sums_per_step": batch,
            "ms_per_step": {name: round(1000 * t / steps, 3) for name, t in times.items()},
            "torch_over_ours": round(times["torch loop"] / times["ours"], 2),
            "budget_torch_over_ours": 0.9,
        }


def beam_cost() -> Iterator[dict[str, Any]]:
    """Beam of 5 over the 500 test sentences, many at once, against one sentence after the other."""
    torch.set_num_threads(1)
    for direction in ("en-ja", "ja-en"):
        model = load(f"translator-{direction}")
        sentences = side(direction[:2], None).test

        def batched(model: Any = model, sentences: Any = sentences) -> list[Any]:
            found: list[Any] = model.decode(sentences, 5)
            return found

        def loop(model: Any = model, sentences: Any = sentences) -> list[Any]:
            return [model.decode([words], 5)[0] for words in sentences]

        same = [a.hypotheses[0].tokens == b.hypotheses[0].tokens for a, b in zip(batched(), loop(), strict=True)]
        times = interleaved({"batched": batched, "loop": loop}, rounds=3, before=0)
        yield {
            "measurement": "beam of 5, 500 sentences",
            "model": f"translator-{direction}",
            "seconds": {name: round(t, 2) for name, t in times.items()},
            "loop_over_batched": round(times["loop"] / times["batched"], 2),
            "same_translations": sum(same),
        }
