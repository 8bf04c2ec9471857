"""The stepper: a run, shipped whole, drawn and stepped in the browser. Needs neither streamlit nor plotly.

`run` turns traces into the data that the browser draws; the plain HTML, CSS and JavaScript beside it draw it, the numbered
scripts joined in order to one module. Nothing is fetched from anywhere.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Front(NamedTuple):
    """The stepper's part in the browser, as text."""

    html: str
    css: str
    js: str


@cache
def front() -> Front:
    """Its sources, read once."""
    return Front(
        (HERE / "stepper.html").read_text("utf-8"),
        (HERE / "stepper.css").read_text("utf-8"),
        "\n".join(path.read_text("utf-8") for path in sorted(HERE.glob("[0-9]_*.js"))),
    )


@cache
def strings(lang: str) -> dict[str, str]:
    """Its words in one language, "ja" or "en", by key; raises KeyError for another language."""
    with (HERE / "strings.toml").open("rb") as file:
        return {key: pair[lang] for key, pair in tomllib.load(file).items()}
