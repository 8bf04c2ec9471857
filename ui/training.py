"""Training in front of the reader: a few steps per tick, drawn as they happen, stopped at will.

Each session holds its own trainer, so two visitors' runs never mix. Training is deterministic, so the URL
needs only the number of steps taken.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Protocol

import streamlit as st


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
    # Streamlit may start the next run of the script while the last one is still inside a training step.
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.trainer = self.make()

    def restart(self) -> None:
        """Begin again from the first weights."""
        with self.lock:
            self.trainer = self.make()

    def go_to(self, steps: int) -> None:
        """Train to exactly `steps` steps, from the start if it is already beyond."""
        with self.lock:
            if self.trainer.steps > steps:
                self.restart()
            self.trainer.advance(max(0, steps - self.trainer.steps))

    def tick(self, goal: int, ticks: int) -> bool:
        """Train on by one `ticks`-th of the way; whether the goal is reached."""
        with self.lock:
            left = max(0, goal - self.trainer.steps)
            self.trainer.advance(min(left, max(1, -(-goal // ticks))))
            return bool(self.trainer.steps >= goal)


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

    `finished(steps)` is told the number of steps before the page is drawn for the last time.
    """
    if not live.running:
        with live.lock:
            draw()
        return

    def body() -> None:
        if live.tick(goal, ticks):
            live.running = False
            finished(live.trainer.steps)
            st.rerun()
        with live.lock:
            draw()

    st.fragment(body, run_every=tick)()
