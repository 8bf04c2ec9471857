"""Our Streamlit components: plain HTML, CSS and JavaScript files, read by typed Python functions.

Their data goes over as bytes: a dict Streamlit would search for data frames, and import pandas to do so, which the first page
would wait for (`tests/test_architecture.py` keeps it out); a list it would write out as JSON twice at every rerun.
"""

from __future__ import annotations

import json
from typing import Any


def packed(data: dict[str, Any], *written: str) -> bytes:
    """What a component of ours is given: a JSON list of `data` and of texts that are JSON already.

    In JavaScript: `JSON.parse(new TextDecoder().decode(data))`.

    >>> packed({"a": 1}, "[2, 3]")
    b'[{"a": 1},[2, 3]]'
    """
    return f"[{','.join([json.dumps(data, allow_nan=False), *written])}]".encode()
