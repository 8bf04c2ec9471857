"""Start-up work: import torch and what lessons share, load the models, all in the background; then freeze the heap.

Why freeze: a full garbage collection walks every object that imports have left behind, a tenth of a second with
torch loaded, during which nobody is served. `gc.freeze()` moves what exists now out of the collector's sight. What is
frozen is never collected again, so it happens only while no reader's state exists: at start, or when the last reader
has gone. Until then readers lose nothing but that tenth of a second now and then: Streamlit's own habit of a full
collection after every rerun is switched off (`runner.postScriptGC` in `.streamlit/config.toml`).
`tests/ui/server/test_warm.py` measures the collection with and without.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import importlib
import logging
import os
import sys
import threading
import weakref
from collections.abc import Sequence

import streamlit as st
from streamlit import runtime

M_ARENA_MAX = -8  # of glibc's malloc.h

AGAIN = 10.0
"""Seconds until the room is looked at again, if a reader is in it."""

_lock = threading.Lock()
_ready = threading.Event()
_started = False


class _Guest:
    """Lies in a session's state, and goes with it."""


_guests: weakref.WeakSet[_Guest] = weakref.WeakSet()


def greet() -> None:
    """Note that this session exists (the shell, in every run)."""
    if "warm.guest" not in st.session_state:
        guest = _Guest()
        _guests.add(guest)
        st.session_state["warm.guest"] = guest


def few_arenas() -> None:
    """Two pools of the C library's allocator instead of eight per core: each rerun is a thread of its own, and with a
    hall of readers the pools of dead threads held 150 MB more (`python -m benchmarks.load --readers 30`)."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc; elsewhere there is none
    if sys.platform == "linux" and set_option is not None:
        set_option(M_ARENA_MAX, 2)


def one_thread_each() -> None:
    """Torch computes on the thread that asks. Called before torch is imported, since OpenMP reads this when it is loaded:
    `torch.set_num_threads` holds for one thread alone, and every rerun is a new one, which would gather helpers of its own for the
    smallest LSTM (`tests/ui/server/test_warm.py` counts them)."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def start(loop: asyncio.AbstractEventLoop | None = None, modules: Sequence[str] = ()) -> None:
    """Begin the start-up work in a thread of its own; does nothing the second time. `loop` is the server's, `modules` are
    imported after torch."""
    global _started
    with _lock:
        if _started:
            return
        _started = True
    threading.Thread(target=_work, args=(loop, modules), name="warm-up", daemon=True).start()


def start_soon(loop: asyncio.AbstractEventLoop, modules: Sequence[str]) -> None:
    """Begin in 1.5 s: a visitor who was waiting for the server is shown the first page undisturbed."""
    timer = threading.Timer(1.5, start, (loop, modules))
    timer.daemon = True
    timer.start()


def wait() -> None:
    """Return when the start-up work is done; the lessons call this, home and navigation do not."""
    start()
    _ready.wait()


def is_ready() -> bool:
    """Whether the start-up work is done."""
    return _ready.is_set()


def nobody_here() -> bool:
    """Whether no reader's state exists: no open connection, no session that is kept for a reconnect."""
    connected = runtime.exists() and (
        runtime.get_instance().state is runtime.RuntimeState.ONE_OR_MORE_SESSIONS_CONNECTED
    )
    return not connected and not _guests


def _work(loop: asyncio.AbstractEventLoop | None, modules: Sequence[str]) -> None:
    # An importing thread keeps the interpreter for 5 ms at a time, hundreds of times while the first page
    # goes out; with 0.2 ms that page is served at nearly its own speed. Later, readers' short reruns stand beside each
    # other: with 1 ms instead of 5 the slowest of them wait less (`make load`).
    sys.setswitchinterval(0.0002)
    try:
        for name in ("torch", *modules):
            importlib.import_module(name)
        _use_once()
        _load_models()
        gc.collect()
        if loop is None:
            _freeze(None)
        else:
            loop.call_soon_threadsafe(_freeze, loop)
    finally:
        sys.setswitchinterval(0.001)
        _ready.set()


def _freeze(loop: asyncio.AbstractEventLoop | None) -> None:
    """On the server's loop, where sessions are made: none can come between the look and the freezing."""
    if nobody_here():
        gc.freeze()
    elif loop is not None:
        loop.call_later(AGAIN, _freeze, loop)


def _load_models() -> None:
    from rnn_core.models import model_names
    from rnn_core.store import TRAINED, StoreError
    from ui.server.models import shared

    for name in model_names():
        if (TRAINED / f"{name}.json").exists():
            try:
                shared(name)
            except StoreError as error:  # its lesson tells the reader; the others go on
                logging.getLogger("unrolled").warning("%s", error)


def _use_once() -> None:
    """Torch and Plotly load parts of themselves at first use: that first use is here."""
    from figures.training import loss_figure, probability_figure
    from rnn_core.labs.word import WordTraining
    from rnn_core.models.hello import WORD, lecture_network

    WordTraining(lecture_network(), WORD, lr=0.01).advance(1)
    lecture_network().read(WORD[:-1])
    labels = {"steps": "", "loss": "", "probability": ""}
    loss_figure([1.0, 0.5], 1, labels, dark=False).to_json()
    probability_figure([[0.5, 0.5]] * 2, "ab", 0, 1, labels, dark=False).to_json()
