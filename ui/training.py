"""Work in front of the reader: a few steps per tick, drawn as they happen, stopped at will.

Each session holds its own trainer, so two visitors' runs never mix. Training is deterministic, so the URL
needs only the number of steps taken. All long work waits for its turn (`ui.turns`), and the page says at which place.
A session may spend `BUDGET` seconds of computing in all; then a sentence says so.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import streamlit as st

from ui import addresses
from ui.i18n import text
from ui.turns import TURNS, QueueFullError

BUDGET = 600.0
"""Seconds of computing that one session may spend on live work: a lecture hall shares the machine."""


REFUSED = "training.refused"
"""Key of this session's state: its run was stopped because the queue was full."""


def spent() -> float:
    """Seconds of computing that this session has spent on live work."""
    return float(st.session_state.get("training.spent", 0.0))


def budget_is_left() -> bool:
    """Whether this session may compute on; if not, a sentence is drawn where this is called."""
    if spent() < BUDGET:
        return True
    st.warning(text("training.budget", minutes=round(BUDGET / 60)))
    return False


def _me() -> str:
    """This session's name in the queue."""
    name: str = st.session_state.setdefault("training.me", uuid.uuid4().hex)
    return name


def _place() -> int | None:
    """0: it is this session's turn; n: the n-th in the queue; None: the queue is full."""
    try:
        return TURNS.ask(_me(), addresses.mine())
    except QueueFullError:
        return None


def _say_place(place: int | None, spot: Any = st) -> None:
    if place is None:
        spot.warning(text("training.full"))
    elif place:
        spot.info(text("training.place", place=place))


def _pause(place: int) -> float:
    """Seconds until a waiting page asks again: rarely far back in the queue, so that waiting costs next to nothing."""
    return 0.5 if place == 1 else 1.0 if place <= 4 else 3.0


@contextmanager
def long_work() -> Iterator[bool]:
    """Around a computation of more than a tenth of a second: waits for this session's turn, and says at which place.

    Gives False, with a sentence on the page, when the queue is full: then leave the work out.
    """
    spot = st.empty()
    try:
        while place := _place():
            _say_place(
                place, spot
            )  # here Streamlit cuts a run short that the reader no longer wants
            time.sleep(_pause(place))
        _say_place(place, spot) if place is None else spot.empty()
        with TURNS.working(_me()):
            yield place == 0
    finally:
        TURNS.leave(_me())


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
    the trainer says it has `ended`, with the session's budget, or when the queue is full.
    """
    if not live.running:
        with live.lock:
            draw()
        return

    def body() -> None:
        place = _place()
        if place is None:
            live.running = False
            st.session_state[REFUSED] = True
            st.rerun()
        if place == 0:
            with TURNS.working(_me()):
                over = spent() >= BUDGET or live.tick(goal, ticks)
            if over:
                live.running = False
                TURNS.leave(_me())
                finished(live.trainer.steps)
                st.rerun()
        if wait_of(place) != every:  # a fragment's pace is fixed when it is made
            st.rerun()
        _say_place(place)
        with live.lock:
            draw()

    def wait_of(place: int) -> float:
        return _pause(place) if place else tick

    every = wait_of(_place() or 0)
    st.fragment(body, run_every=every)()


def replay(live: Live, steps: int) -> None:
    """Bring it to where a link says it stood, when it is this session's turn."""
    if live.trainer.steps == steps:
        return
    with long_work() as may:
        if may:
            live.go_to(steps)


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
        TURNS.leave(_me())
        with live.lock:  # a tick that is under way ends first, and counts
            done(live.trainer.steps)

    def reset() -> None:
        live.running = False
        TURNS.leave(_me())
        live.restart()
        done(0)

    if st.session_state.pop(REFUSED, False):
        _say_place(None)
    with st.container(horizontal=True):
        if live.running:
            st.button(text("training.stop"), key=f"{name}.stop", on_click=stop, type="primary")
        elif budget_is_left():
            st.button(start, key=f"{name}.start", on_click=begin, type="primary")
        st.button(reset_label, key=f"{name}.reset", on_click=reset)
