"""Our Streamlit components: plain HTML, CSS and JavaScript files, read by typed Python functions.

Their data goes over in a list of one: in a dict Streamlit looks for data frames, and imports pandas to do so,
which the first page would wait for; `tests/test_architecture.py` keeps it out.
"""

from __future__ import annotations

from typing import Any


def packed(data: dict[str, Any], *texts: str) -> list[dict[str, Any] | str]:
    """What a component of ours is given; in JavaScript it is `data[0]`, then the texts.

    What is large goes as JSON text of our own: Streamlit writes out all data twice per rerun, and a text costs next to nothing.
    """
    return [data, *texts]
