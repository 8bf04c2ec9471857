"""Entry: `streamlit run app.py`.

The app is a `st.App` whose script lies in `ui/`, for two reasons. Beside a script, Streamlit takes a folder
called `pages/` for its own and breaks the first deep link on a fresh server; `ui/` has none beside it. And
the start-up hook lets torch be imported in the background before the first visitor comes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from ui import shell, warm

# What the first page needs is imported before the server answers; the rest afterwards, in the background.
shell.prepare()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Start the background work with the process."""
    warm.start_soon()
    yield


app = st.App("ui/router.py", lifespan=lifespan)

if __name__ == "__main__":
    app.run()
