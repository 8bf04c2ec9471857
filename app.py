"""Entry: `streamlit run app.py`.

The app is a `st.App` whose script lies in `lessons/`, for two reasons. Beside a script, Streamlit takes a folder
called `pages/` for its own and breaks the first deep link on a fresh server; `lessons/` has none beside it. And
the start-up hook lets torch be imported in the background before the first visitor comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lessons import places
from ui import shell
from ui.server import warm
from ui.server.arrival import WithLanguage
from ui.server.headers import SecurityHeaders
from ui.server.limits import RoomForThoseInside, bound_log, more_files
from ui.server.sockets import send_at_once
from ui.server.uploads import Uploads, sweep_for_ever

most_files = more_files()
warm.few_arenas()
warm.one_thread_each()
# What the first page needs is imported before the server answers; the rest afterwards, in the background.
shell.prepare()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Start the background work with the process; the server's socket is bound by now."""
    bound_log()
    send_at_once()
    modules = [f"lessons.{place.word}.lesson" for place in places()]
    warm.start_soon(asyncio.get_running_loop(), modules)
    sweeping = asyncio.create_task(sweep_for_ever())
    yield
    sweeping.cancel()


async def ready(_: Request) -> Response:
    """For a load balancer: 200 when every lesson opens at once, 503 while the start-up work goes on."""
    return PlainTextResponse(*(("ready", 200) if warm.is_ready() else ("starting", 503)))


app = st.App(
    "lessons/router.py",
    lifespan=lifespan,
    routes=[Route("/ready", ready)],
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(RoomForThoseInside, most_files),
        Middleware(Uploads),
        Middleware(WithLanguage, {"", "gallery", *(place.word for place in places())}),
    ],
)

if __name__ == "__main__":
    app.run()
