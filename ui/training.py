"""Training in front of the reader: a few steps per tick, drawn as they happen, stopped at will.

Each session holds its own trainer, so two visitors' runs never mix. Training is deterministic, so the URL
needs only the number of steps taken.
"""

from __future__ import annotations

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

    def __post_init__(self) -> None:
        self.trainer = self.make()

    def restart(self) -> None:
        self.trainer = self.make()

    def go_to(self, steps: int) -> None:
        """Train to exactly `steps` steps, from the start if it is already beyond."""
        if self.trainer.steps > steps:
            self.restart()
        self.trainer.advance(steps - self.trainer.steps)


def live_training(key: str, signature: Hashable, make: Callable[[], Trainer]) -> Live:
    """This session's training called `key`; begun anew when `signature` (its settings) changes."""
    live: Live | None = st.session_state.get(key)
    if live is None or live.signature != signature:
        live = Live(signature, make)
        st.session_state[key] = live
    return live


def run_live(
    live: Live, goal: int, ticks: int, draw: Callable[[], None], tick: float = 0.1
) -> None:
    """Draw; while it runs, train on a little every `tick` seconds until `goal`, about `ticks` times."""

    def body() -> None:
        if live.running:
            live.trainer.advance(max(1, min(-(-goal // ticks), goal - live.trainer.steps)))
            if live.trainer.steps >= goal:
                live.running = False
                st.rerun()
        draw()

    st.fragment(body, run_every=tick if live.running else None)()
