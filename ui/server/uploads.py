"""What readers may upload, each and all together.

Streamlit 1.67 bounds one file (`server.maxUploadSize`) and nothing else: whoever speaks to the upload route by hand may
store as many as he likes, and what a closed tab has stored stays until some later tab is closed, however late that is.
Here a session holds `SESSION` bytes (of its own files the oldest make room: a page has one uploader, which takes one), all
together `ALL`, what is under way included; beyond that the answer is 413. A session that is gone leaves nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config, runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

SESSION = 4 * 2**20
"""Bytes of one session."""

ALL = 128 * 2**20
"""Bytes of all sessions: 32 at their most."""

LEAST = 64 * 2**10
"""Bytes that a file counts at least, so that the number of files is bounded, too."""

SWEEP = 10.0
"""Seconds between two looks for sessions that are gone."""

ROUTE = "/_stcore/upload_file/"


class Uploads:
    """ASGI middleware that counts what comes in on the upload route."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._under_way: Counter[str] = Counter()  # bytes by session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or ROUTE not in scope["path"]:
            await self.app(scope, receive, send)
            return
        session = scope["path"].partition(ROUTE)[2].partition("/")[0]
        received = claimed = 0

        async def counted() -> Message:
            nonlocal received, claimed
            message = await receive()
            received += len(message.get("body", b""))
            more = max(LEAST, received) - claimed
            self._claim(session, more)
            claimed += more
            return message

        try:
            await self.app(scope, counted, send)
        except ClientDisconnect:  # the sender hung up: nobody to answer, and no fault to write down
            return
        finally:
            self._under_way[session] -= claimed
            self._under_way += Counter()  # leaves out what is 0

    def _claim(self, session: str, more: int) -> None:
        """Make room for `more` bytes. Raises HTTPException, which Streamlit's own layer answers: this runs inside its route."""
        files = _store().file_storage.get(session, {})
        own = _size(files.values()) + self._under_way[session] + more
        for name, file in list(files.items()):
            if own > SESSION:
                own -= _size([file])
                _store().remove_file(session, name)
        every = sum(_size(files.values()) for files in list(_store().file_storage.values()))
        if own > SESSION or every + self._under_way.total() + more > ALL:
            raise HTTPException(413, "Too much has been uploaded at once; try again in some minutes")
        self._under_way[session] += more


async def sweep_for_ever() -> None:
    """Free what sessions have left behind that can no longer be taken up again."""
    gone: dict[str, float] = {}  # since when
    while True:
        await asyncio.sleep(SWEEP)
        sweep(gone, time.monotonic())


def sweep(gone: dict[str, float], now: float) -> None:
    """One look; `gone` says since when a session has had no connection, and is brought up to date."""
    patience = float(config.get_option("server.disconnectedSessionTTL"))
    for session in list(_store().file_storage):
        if runtime.get_instance().is_active_session(session):
            gone.pop(session, None)
        elif now - gone.setdefault(session, now) > patience:
            _store().remove_session_files(session)
    for session in gone.keys() - _store().file_storage.keys():
        del gone[session]


def _store() -> MemoryUploadedFileManager:
    manager = runtime.get_instance().uploaded_file_mgr
    assert isinstance(manager, MemoryUploadedFileManager)
    return manager


def _size(files: Iterable[UploadedFileRec]) -> int:
    """Name and type count, too: their lengths are the sender's to choose."""
    return sum(max(LEAST, len(f.data) + len(f.name) + len(f.type)) for f in files)
