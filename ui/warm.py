"""Start-up work: import torch and what lessons share in the background, then freeze the heap.

Why freeze: Streamlit forces a full garbage collection after every rerun. It walks every object that
imports have left behind, the largest part of a click's cost with torch loaded. `gc.freeze()` moves what
exists now out of the collector's sight. What is frozen lives as long as the process, so this runs once, as
early as possible. `tests/core/test_warm.py` measures the collection with and without, and keeps it true.
"""

from __future__ import annotations

import gc
import importlib
import sys
import threading

SHARED = (
    "torch",
    "ui.hello_chapters",
    "ui.bptt_chapters",
    "ui.gradients_chapters",
    "ui.lstm_chapters",
    "ui.sentiment_chapters",
)
"""Imported before the first lesson asks for them, with all that they import."""

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


def start_soon() -> None:
    """Begin in 1.5 s: a visitor who was waiting for the server is shown the first page undisturbed."""
    timer = threading.Timer(1.5, start)
    timer.daemon = True
    timer.start()


def wait() -> None:
    """Return when the start-up work is done; the lessons call this, home and navigation do not."""
    start()
    _ready.wait()


def is_ready() -> bool:
    """Whether the start-up work is done."""
    return _ready.is_set()


def _work() -> None:
    # An importing thread keeps the interpreter for 5 ms at a time, hundreds of times while the first page
    # goes out; with 0.2 ms that page is served at nearly its own speed.
    patience = sys.getswitchinterval()
    sys.setswitchinterval(0.0002)
    try:
        for name in SHARED:
            importlib.import_module(name)
        _use_once()
        gc.collect()
        gc.freeze()
    finally:
        sys.setswitchinterval(patience)
        _ready.set()


def _use_once() -> None:
    """Torch and Plotly load parts of themselves at first use: that first use is here."""
    import torch

    from figures.training import loss_figure, probability_figure
    from rnn_core.models.hello import WORD, WordTraining, lecture_network

    torch.set_num_threads(1)  # many small nets for many readers: one thread each is fastest
    WordTraining(lecture_network(), WORD, lr=0.01).advance(1)
    lecture_network().read(WORD[:-1])
    labels = {"steps": "", "loss": "", "probability": ""}
    loss_figure([1.0, 0.5], 1, labels, dark=False).to_json()
    probability_figure([[0.5, 0.5]] * 2, "ab", 0, 1, labels, dark=False).to_json()
