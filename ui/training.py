"""Work in front of the reader: a few steps per tick, drawn as they happen, stopped at will.

Each session holds its own trainer, so two visitors' runs never mix. Training is deterministic, so the URL
needs only the number of steps taken. A session may spend `BUDGET` seconds of computing in all; then a sentence says so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Protocol

import streamlit as st

from ui.i18n import text

BUDGET = 600.0
"""Seconds of computing that one session may spend on live work: a lecture hall shares the machine."""


def spent() -> float:
    """Seconds of computing that this session has spent on live work."""
    return float(st.session_state.get("training.spent", 0.0))


def budget_is_left() -> bool:
    """Whether this session may compute on; if not, a sentence is drawn where this is called."""
    if spent() < BUDGET:
        return True
    st.warning(text("training.budget", minutes=round(BUDGET / 60)))
    return False


class Trainer(Protocol):
    """What can be trained here."""

    @property
    def steps(self) -> int: ...
    def advance(self, steps: int) -> None: ...


@dataclass
class Live:
    """A trainer of this session, and whether it is running."""

    signature: Hashable
    make: Callable[[], Any]
    trainer: Any = field(init=False)
    running: bool = False
    seconds: float = 0.0  # spent on the steps of this trainer
    began: tuple[float, int] = (0.0, 0)  # clock and steps when it was last set going
    # Streamlit may start the next run of the script while the last one is still inside a training step.
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.trainer = self.make()

    def begin(self) -> None:
        """Set it going from where it stands."""
        self.running, self.began = True, (time.perf_counter(), self.trainer.steps)

    def seconds_left(self, goal: int) -> float | None:
        """By the pace since it was set going; None before that can be told, and when it stands still."""
        clock, steps = self.began
        taken = self.trainer.steps - steps
        if not self.running or taken <= 0:
            return None
        return float((time.perf_counter() - clock) / taken * max(0, goal - self.trainer.steps))

    def restart(self) -> None:
        """Begin again from the first weights."""
        with self.lock:
            self.trainer, self.seconds = self.make(), 0.0

    def go_to(self, steps: int) -> None:
        """Train to exactly `steps` steps, from the start if it is already beyond."""
        with self.lock:
            if self.trainer.steps > steps:
                self.restart()
            self._advance(max(0, steps - self.trainer.steps))

    def tick(self, goal: int, ticks: int) -> bool:
        """Train on by one `ticks`-th of the way; whether the goal is reached."""
        with self.lock:
            left = max(0, goal - self.trainer.steps)
            self._advance(min(left, max(1, -(-goal // ticks))))
            return bool(self.trainer.steps >= goal or getattr(self.trainer, "ended", False))

    def _advance(self, steps: int) -> None:
        start = time.perf_counter()
        self.trainer.advance(steps)
        taken = time.perf_counter() - start
        self.seconds += taken
        st.session_state["training.spent"] = spent() + taken


def live_training(key: str, signature: Hashable, make: Callable[[], Trainer]) -> Live:
    """This session's training called `key`; begun anew when `signature` (its settings) changes."""
    live: Live | None = st.session_state.get(key)
    if live is None or live.signature != signature:
        live = Live(signature, make)
        st.session_state[key] = live
    return live


def run_live(
    live: Live,
    goal: int,
    ticks: int,
    draw: Callable[[], None],
    finished: Callable[[int], None],
    tick: float = 0.1,
) -> None:
    """Draw; while it runs, train on a little every `tick` seconds until `goal`, about `ticks` times.

    `finished(steps)` is told the number of steps before the page is drawn for the last time. Work ends at the goal, when
    the trainer says it has `ended`, or with the session's budget.
    """
    if not live.running:
        with live.lock:
            draw()
        return

    def body() -> None:
        if spent() >= BUDGET or live.tick(goal, ticks):
            live.running = False
            finished(live.trainer.steps)
            st.rerun()
        with live.lock:
            draw()

    st.fragment(body, run_every=tick)()


def progress(live: Live, goal: int, label: str) -> None:
    """The bar: `label`, how far, and while it runs about how long it will take."""
    left = live.seconds_left(goal)
    if left is not None:
        label += " · " + text("training.left", seconds=max(1, round(left)))
    st.progress(min(1.0, live.trainer.steps / goal), label)


def buttons(
    live: Live, name: str, goal: int, done: Callable[[int], None], start: str, reset_label: str
) -> None:
    """Start (called `start`), stop and reset; `done(steps)` is told how far the work has come when it is stopped or reset.

    With the session's budget spent there is no start button but the sentence that says so.
    """

    def begin() -> None:
        if live.trainer.steps >= goal or getattr(live.trainer, "ended", False):
            live.restart()
        live.begin()

    def stop() -> None:
        live.running = False
        with live.lock:  # a tick that is under way ends first, and counts
            done(live.trainer.steps)

    def reset() -> None:
        live.running = False
        live.restart()
        done(0)

    with st.container(horizontal=True):
        if live.running:
            st.button(text("training.stop"), key=f"{name}.stop", on_click=stop, type="primary")
        elif budget_is_left():
            st.button(start, key=f"{name}.start", on_click=begin, type="primary")
        st.button(reset_label, key=f"{name}.reset", on_click=reset)
