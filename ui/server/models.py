"""The shipped models as the pages use them: loaded once in a process, read only, shared by all readers.

Not in Streamlit's caches: any visitor's browser may clear those for everybody.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from rnn_core.store import load_card


@cache
def shared(name: str) -> Any:
    """A shipped model in eval mode with its `.card`; never to be changed. Raises StoreError."""
    from rnn_core.models import load  # brings torch, which the first page does without

    return load(name)


@cache
def card_of(name: str) -> dict[str, Any]:
    """A shipped model's card; needs no torch. Raises StoreError."""
    return load_card(name)
