"""Who may compute now. Long work of many readers goes through one queue, so that nobody's stepping waits for it.

A reader who asks gets a seat or a place in the queue. A seat is held while its reader keeps asking; with others waiting
it is given up after `QUANTUM` seconds and its reader queues again at the end, so a short run never waits for a whole
long one. Leaves out work below a tenth of a second: a forward pass over a sentence needs no seat.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

SEATS = max(1, (os.cpu_count() or 1) - 1)
"""Readers who compute at once: one core stays free for everybody's stepping."""

PLACES = 96
"""Readers who may wait; one more is told that the queue is full."""

SHARE = 64
"""Readers of one address who may be at work or wait: a class behind one router, and a third of the places stays free for
everybody else. More places would cost more than they are worth: far back a page asks every three seconds, so a full queue
asks for 32 short reruns a second, as sixty readers do who click every two seconds."""

QUANTUM = 5.0
"""Seconds a seat is kept while others wait."""

LEASE = 4.0
"""Seconds after which a seat whose reader is silent (a closed tab) is free."""

PATIENCE = 20.0
"""Seconds after which a place whose reader is silent is given up; a waiting page asks every few seconds."""


class QueueFullError(Exception):
    """Nobody else may wait."""


@dataclass
class _Seat:
    since: float
    seen: float
    busy: int = 0  # inside `working`: silent, but not gone


@dataclass
class Turns:
    """One queue. `clock` gives seconds."""

    seats: int = SEATS
    places: int = PLACES
    clock: Callable[[], float] = time.monotonic
    share: int = SHARE
    _working: dict[Hashable, _Seat] = field(default_factory=dict)
    _waiting: dict[Hashable, float] = field(default_factory=dict)  # in order of arrival
    _addresses: dict[Hashable, Hashable] = field(default_factory=dict)  # of those two
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, who: Hashable, address: Hashable = None) -> int:
        """0: work now (ask again before going on); n ≥ 1: the n-th in the queue. Raises QueueFullError.

        `address` is where `who` comes from: no more than `share` of one address are let in.

        >>> turns = Turns(seats=1)
        >>> turns.ask("Aya"), turns.ask("Ben"), turns.ask("Chie"), turns.ask("Aya")
        (0, 1, 2, 0)
        >>> turns.leave("Aya"); turns.ask("Chie"), turns.ask("Ben"), turns.ask("Chie")
        (2, 0, 1)
        """
        with self._lock:
            now = self.clock()
            self._forget_the_silent(now)
            new = who not in self._addresses
            if new and list(self._addresses.values()).count(address) >= self.share:
                raise QueueFullError
            seat = self._working.get(who)
            if seat is not None:
                others = len(self._waiting) > self.seats - len(self._working)
                if not (others and now - seat.since > QUANTUM and not seat.busy):
                    seat.seen = now
                    return 0
                del self._working[who]  # the one who waits longest is next; this one joins the end
            if who not in self._waiting and len(self._waiting) >= self.places:
                raise QueueFullError
            self._waiting[who], self._addresses[who] = now, address
            place = list(self._waiting).index(who) + 1
            if place > self.seats - len(self._working):
                return place
            del self._waiting[who]
            self._working[who] = _Seat(now, now)
            return 0

    @contextmanager
    def working(self, who: Hashable) -> Iterator[None]:
        """Around the work itself: the seat of `who` is kept however long it takes."""
        with self._lock:
            seat = self._working.get(who)
            if seat is not None:
                seat.busy += 1
        try:
            yield
        finally:
            with self._lock:
                if seat is not None:
                    seat.busy -= 1
                    seat.seen = self.clock()

    def leave(self, who: Hashable) -> None:
        """Give up the seat or the place, if there is one."""
        with self._lock:
            self._working.pop(who, None)
            self._waiting.pop(who, None)

    def _forget_the_silent(self, now: float) -> None:
        for who, seat in list(self._working.items()):
            if not seat.busy and now - seat.seen > LEASE:
                del self._working[who]
        for who, seen in list(self._waiting.items()):
            if now - seen > PATIENCE:
                del self._waiting[who]
        for who in self._addresses.keys() - self._working.keys() - self._waiting.keys():
            del self._addresses[who]


TURNS = Turns()
"""The queue of this process."""
