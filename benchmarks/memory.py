"""Resident memory with 1, 10 and 60 open sessions, beside a page that only imports torch."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.server import ROOT, serve


def resident(pid: int) -> float:
    """MiB of the process that are in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    assert found
    return int(found.group(1)) / 1024


async def open_session(stack: AsyncExitStack, address: str, page: str, query: str) -> None:
    """A session as a browser opens it: connect, ask for the page, wait for the script's end."""
    socket = await stack.enter_async_context(
        websockets.connect(
            address.replace("http", "ws") + "/_stcore/stream",
            subprotocols=["streamlit"],
            max_size=None,
        )
    )
    message = BackMsg()
    message.rerun_script.query_string = query
    message.rerun_script.page_name = page
    await socket.send(message.SerializeToString())
    async for frame in socket:
        answer = ForwardMsg()
        answer.ParseFromString(frame)
        if answer.WhichOneof("type") == "script_finished":
            return


async def grow(address: str, pid: int, page: str, query: str) -> dict[int, float]:
    """Memory after 1, 10 and 60 sessions are open at once."""
    sizes: dict[int, float] = {}
    async with AsyncExitStack() as stack:
        for count in range(1, 61):
            await open_session(stack, address, page, query)
            if count in (1, 10, 60):
                await asyncio.sleep(1.5)
                sizes[count] = round(resident(pid), 1)
    return sizes


def memory() -> Iterator[dict[str, Any]]:
    """Ours with the lesson open in every session, against Streamlit with torch imported."""
    sizes = {}
    scripts = {
        "ours": (ROOT / "app.py", "hello", "part=word&lang=ja"),
        "torch": (Path(__file__).with_name("torch_app.py"), "", ""),
    }
    for name, (script, page, query) in scripts.items():
        with serve(script) as (address, pid):
            sizes[name] = asyncio.run(grow(address, pid, page, query))
    yield {
        "measurement": "memory",
        "MiB": sizes,
        "extra_at_60_MiB": round(sizes["ours"][60] - sizes["torch"][60], 1),
        "budget_extra_at_60_MiB": 150,
        "ratio_at_60": round(sizes["ours"][60] / sizes["torch"][60], 2),
    }
