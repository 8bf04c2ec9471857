"""What this process may use: as many open files as the system allows, some of them kept for the readers who are in, and a
log that visitors cannot fill.

A tab is four open files: its websocket, and three of the event loop that Streamlit 1.67 keeps for every session. With
the usual limit of 1,024 new readers are cut off from the 255th tab on, and then asyncio writes the same error up to 2,048
times a second (Python 3.11: `_accept_connection` goes on for the whole backlog after the first failure).
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from ui.server.sockets import OPEN_FILES

SPARE = 64
"""Open files that no new tab may take: every rerun opens its page's script and texts."""

MOST = 5
"""Messages from one place in the code that are written in `PERIOD`; the rest are counted."""

PERIOD = 60.0
"""Seconds."""


def more_files() -> int | None:
    """Raise this process's limit of open files to the highest it may ask for; returns what it is then, None where there is none."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (
            OSError,
            ValueError,
        ):  # macOS says "no limit" and takes at most kern.maxfilesperproc
            return soft
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class RoomForThoseInside:
    """ASGI middleware that turns a new tab away (its browser asks again by itself) when only `SPARE` files may still be opened."""

    def __init__(self, app: ASGIApp, most: int | None) -> None:
        self.app = app
        self.most = most  # None: no limit is known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and self.most is not None and _open_files() > self.most - SPARE:
            await send({"type": "websocket.close", "code": 1013})  # "try again later"
        else:
            await self.app(scope, receive, send)


def _open_files() -> int:
    return len(os.listdir(OPEN_FILES)) if os.path.isdir(OPEN_FILES) else 0


class Fewer(logging.Filter):
    """Lets `MOST` messages of one origin through per `PERIOD`, and says with the first of the next how many it left out.

    An origin is the line that logs, and the line that failed if an exception comes with it: as many as the code has.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[tuple[object, ...], tuple[float, int]] = {}  # since when, how many

    def filter(self, record: logging.LogRecord) -> bool:
        key = _origin(record)
        now = self._clock()
        with self._lock:
            since, count = self._seen.get(key, (now, 0))
            left_out = 0
            if now - since > PERIOD:
                since, left_out, count = now, max(0, count - MOST), 0
            self._seen[key] = since, count + 1
        if left_out:
            record.msg = f"{record.getMessage()} (and {left_out} more like this before)"
            record.args = None
        return count < MOST


def _origin(record: logging.LogRecord) -> tuple[object, ...]:
    failed = record.exc_info[2] if record.exc_info else None
    while failed is not None and failed.tb_next is not None:
        failed = failed.tb_next
    where = (failed.tb_frame.f_code.co_filename, failed.tb_lineno) if failed else ()
    return (record.name, record.pathname, record.lineno, *where)


def bound_log() -> None:
    """Put `Fewer` on every logger there is (the server's, Streamlit's, asyncio's): a filter holds for its own logger alone."""
    fewer = Fewer()
    logging.getLogger("asyncio")
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.addFilter(fewer)
