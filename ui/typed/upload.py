"""Files that visitors bring: one bound for all of them, and one reading of each."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

import streamlit as st

from ui.i18n import text

MEGABYTES = 1
"""The most of one file, here and in `server.maxUploadSize`: the server refuses what is larger before we see it."""

BYTES = MEGABYTES * 2**20
"""The same as Streamlit counts it."""

T = TypeVar("T")


def uploader(label: str, types: Sequence[str], key: str, place: Any = st) -> Any:
    """A box for one file that says how large it may be."""
    said = text("tables.upload", label=label, mb=MEGABYTES)
    return place.file_uploader(said, type=list(types), key=key, max_upload_size=MEGABYTES)


def once(key: str, asked: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives for `asked`, kept in the session under `key` until something else is asked.

    A page runs anew at every click; a file is read once. What `make` raises is raised, and kept as well.
    """
    kept: Any = st.session_state.get(key)
    if kept is None or kept[0] != asked:
        try:
            kept = (asked, make(), None)
        except ValueError as error:
            kept = (asked, None, error)
        st.session_state[key] = kept
    _, found, problem = kept
    if problem is not None:
        raise problem
    return found  # type: ignore[no-any-return]
