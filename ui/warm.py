"""Start-up work: import torch and what lessons share in the background, then freeze the heap.

Why freeze: Streamlit forces a full garbage collection after every rerun. It walks every object that
imports have left behind, about 110 ms of one core per click with torch loaded. `gc.freeze()` moves what
exists now out of the collector's sight, and the same click costs about 15 ms. What is frozen lives as
long as the process, so this runs once, as early as possible. `tests/core/test_warm.py` keeps it true.
"""

from __future__ import annotations

import gc
import importlib
import threading

SHARED = (
    "torch",
    "plotly.graph_objects",
    "rnn_core.tracing",
    "rnn_core.models.hello",
    "figures.training",
)
"""Imported before the first lesson asks for them."""

_lock = threading.Lock()
_ready = threading.Event()
_started = False


def start() -> None:
    """Begin the start-up work in a thread of its own; does nothing the second time."""
    global _started
    with _lock:
        if _started:
            return
        _started = True
    threading.Thread(target=_work, name="warm-up", daemon=True).start()


def wait() -> None:
    """Return when the start-up work is done; the lessons call this, home and navigation do not."""
    start()
    _ready.wait()


def is_ready() -> bool:
    """Whether the start-up work is done."""
    return _ready.is_set()


def _work() -> None:
    try:
        for name in SHARED:
            importlib.import_module(name)
        import torch

        torch.set_num_threads(1)  # many small nets for many readers: one thread each is fastest
        from rnn_core.models.hello import lecture_network

        lecture_network().read("hell")  # torch's own lazy set-up
        gc.collect()
        gc.freeze()
    finally:
        _ready.set()
