"""Long work: in small pieces, a turn at a time, counted, and ended when its reader leaves.

Training runs in front of the reader, drawn as it happens, stopped at will (`run_live`); what a link brings back is trained the
same way (`replay`). Each session holds its own trainer, so two visitors' runs never mix. Training is deterministic, so the URL
needs only the number of steps taken. Anything else that takes long is a generator (`rnn_core.work`) for `computed`.

A turn (`ui.server.turns`) takes pieces for `SLICE` seconds of the processor; then the next is asked for, and the page says at which place
or how far it is. There Streamlit cuts a run of the script that nobody waits for any more; what was done stays in the session,
and the next run goes on with it. A session may spend `BUDGET` seconds of the processor in all; then a sentence says so.
"""

from __future__ import annotations

import math
import threading
import time
import uuid
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import streamlit as st

from rnn_core.work import Work
from ui.i18n import text
from ui.server import addresses
from ui.server.turns import TURNS, QueueFullError

BUDGET = 600.0
"""Seconds of the processor that one session may spend on long work: a lecture hall shares the machine."""

SLICE = 0.4
"""Seconds of the processor after which a turn ends, with the piece that is under way."""

FREE = 0.1
"""Seconds of the processor that are taken (and counted) at once: short work needs no turn."""

R = TypeVar("R")

REFUSED = "training.refused"
"""Key of this session's state: its run was stopped because the queue was full."""


@dataclass
class Account:
    """A session's name in the queue, and the seconds of the processor that it has spent.

    An object of its own, since Streamlit cuts a run at any look into `st.session_state`, in a `finally` too: what must
    be done there (count, give up the seat) uses what was looked up before.
    """

    name: str = field(default_factory=lambda: uuid.uuid4().hex)
    spent: float = 0.0


def account() -> Account:
    """This session's."""
    if "training.account" not in st.session_state:
        st.session_state["training.account"] = Account()
    found: Account = st.session_state["training.account"]
    return found


def budget_is_left() -> bool:
    """Whether this session may compute on; if not, a sentence is drawn where this is called."""
    if account().spent < BUDGET:
        return True
    st.warning(text("training.budget", minutes=round(BUDGET / 60)))
    return False


def _place() -> int | None:
    """0: it is this session's turn; n: the n-th in the queue; None: the queue is full."""
    try:
        return TURNS.ask(account().name, addresses.mine())
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


def _take(pieces: Iterator[Any], seconds: float) -> bool:
    """Take pieces for so many seconds of the processor, counted against the session's budget; whether there are no more.

    Pieces must not touch Streamlit: it would cut them in the middle.
    """
    mine = account()
    start = time.thread_time()
    try:
        return all(time.thread_time() - start < seconds for _ in pieces)
    finally:
        mine.spent += time.thread_time() - start


class _Begun(Generic[R]):
    """A computation of this session, from its beginning to its result."""

    result: R  # once it is over

    def __init__(self, signature: Hashable, work: Work[R]) -> None:
        self.signature = signature
        self.share: float | None = None
        self.over = False
        self._pieces = self._through(work)
        # Streamlit may start the next run of the script while the last one is still inside a piece.
        self._lock = threading.Lock()

    def take(self, seconds: float) -> bool:
        with self._lock:
            self.over = _take(self._pieces, seconds)
            return self.over

    def _through(self, work: Work[R]) -> Iterator[None]:
        while True:
            try:
                self.share = next(work)
            except StopIteration as end:
                self.result = end.value
                return
            yield


def computed(key: str, signature: Hashable, work: Callable[[], Work[R]], asked: bool | None = None) -> R | None:
    """The result of long work, done here in turns; None, with a sentence on the page, if the queue is full or the budget spent.

    Work and result are kept in the session under `key` for one `signature` (the settings): a run of the script that is cut loses
    nothing. `asked`: whether the reader pressed the button that begins it (anew); until then None is given.
    """
    begun: _Begun[R] | None = st.session_state.get(key)
    known = begun is not None and begun.signature == signature
    if asked or (asked is None and not known):
        begun = st.session_state[key] = _Begun(signature, work())
    elif not known:
        return None
    assert begun is not None
    if begun.over:
        return begun.result
    spot, seconds, me = st.empty(), FREE, account().name
    try:
        while budget_is_left():
            with TURNS.working(me):
                over = begun.take(seconds)
            if over:
                spot.empty()
                return begun.result
            while place := _place():
                _say_place(place, spot)  # here Streamlit cuts the run, and below
                time.sleep(_pause(place))
            if place is None:
                _say_place(place, spot)
                return None
            spot.progress(begun.share or 0.0, text("training.computing"))
            seconds = SLICE
        return None
    finally:
        TURNS.leave(me)


class Trainer(Protocol):
    """What can be trained here. One whose steps are long has `pieces(steps)` too, which pauses inside them."""

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
    goal: int | None = None  # where a link says it stood, until it has come there
    began: tuple[float, int] = (0.0, 0)  # clock and steps when it was last set going
    # Streamlit may start the next run of the script while the last one is still inside a training step.
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.trainer = self.make()

    def begin(self, goal: int | None = None) -> None:
        """Set it going from where it stands; `goal` is that of a link."""
        self.running, self.goal = True, goal
        self.began = time.perf_counter(), self.trainer.steps

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
            self.trainer = self.make()

    def tick(self, goal: int, ticks: int = 1, seconds: float = math.inf) -> bool:
        """Train on by one `ticks`-th of the way, for so many seconds of the processor at most; whether the goal is reached."""
        with self.lock:
            left = max(0, goal - self.trainer.steps)
            _take(self._pieces(min(left, max(1, -(-goal // ticks)))), seconds)
            return bool(self.trainer.steps >= goal or getattr(self.trainer, "ended", False))

    def _pieces(self, steps: int) -> Iterator[None]:
        if hasattr(self.trainer, "pieces"):
            yield from self.trainer.pieces(steps)
            return
        for _ in range(steps):
            self.trainer.advance(1)
            yield


def tell_refused() -> None:
    """Say so if the queue was full when this session asked last."""
    if st.session_state.pop(REFUSED, False):
        _say_place(None)


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
    """Draw; while it runs, train on a little every `tick` seconds until `goal` (or that of a link), at least `ticks` times.

    `finished(steps)` is told the number of steps before the page is drawn for the last time. Work ends at the goal, when
    the trainer says it has `ended`, with the session's budget, or when the queue is full; a link that did not get so far
    keeps its number.
    """
    if live.goal is not None:
        goal, ticks = live.goal, 1
    if not live.running:
        with live.lock:
            draw()
        return

    mine = account()

    def body() -> None:
        place, reached = _place(), False
        if place == 0 and mine.spent < BUDGET:
            with TURNS.working(mine.name):
                reached = live.tick(goal, ticks, SLICE)
        if place is None:
            st.session_state[REFUSED] = True
        if reached or place is None or mine.spent >= BUDGET:
            live.running = False
            TURNS.leave(mine.name)
            if reached or live.goal is None:
                live.goal = None
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
    """Bring it to where a link says it stood: a short way at once, a longer one in `run_live`, which follows."""
    if live.running or live.trainer.steps == steps:
        return
    if REFUSED in st.session_state or account().spent >= BUDGET:
        return  # `buttons` tells the reader
    if live.trainer.steps > steps:
        live.restart()
    if not live.tick(steps, seconds=FREE):
        live.begin(steps)


def progress(live: Live, goal: int, label: str) -> None:
    """The bar: `label`, how far, and while it runs about how long it will take."""
    left = live.seconds_left(goal)
    if left is not None:
        label += " · " + text("training.left", seconds=max(1, round(left)))
    st.progress(min(1.0, live.trainer.steps / goal), label)


def buttons(live: Live, name: str, goal: int, done: Callable[[int], None], start: str, reset_label: str) -> None:
    """Start (called `start`), stop and reset; `done(steps)` is told how far the work has come when it is stopped or reset.

    With the session's budget spent there is no start button but the sentence that says so.
    """

    mine = account()

    def begin() -> None:
        if live.trainer.steps >= goal or getattr(live.trainer, "ended", False):
            live.restart()
        live.begin()

    def stop() -> None:
        live.running, live.goal = False, None
        TURNS.leave(mine.name)
        with live.lock:  # a tick that is under way ends first, and counts
            done(live.trainer.steps)

    def reset() -> None:
        live.running, live.goal = False, None
        TURNS.leave(mine.name)
        live.restart()
        done(0)

    tell_refused()
    with st.container(horizontal=True):
        if live.running:
            st.button(text("training.stop"), key=f"{name}.stop", on_click=stop, type="primary")
        elif budget_is_left():
            st.button(start, key=f"{name}.start", on_click=begin, type="primary")
        st.button(reset_label, key=f"{name}.reset", on_click=reset)
