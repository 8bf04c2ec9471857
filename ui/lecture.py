"""The lecture: its parts, where a lesson stands in it, and a link into a lesson.

What stands where is said by the lessons themselves (`lessons/WORD/__init__.py`); `COMING` names those to be written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

PAGES = Path(__file__).parent.parent / "pages"

HOME = "home"
"""The lesson that an address without a word opens."""

PARTS = ("start", "sequences", "rnn", "gates", "work", "check")
"""The parts of the lecture, in order."""


@dataclass(frozen=True)
class Place:
    """Where a lesson stands: its word, its part, its order within the part, and the rows of the lecture digest (SYS, CLM, QZ) that it
    teaches.

    A lesson is one word everywhere: url path, page, folder in `lessons/`, content files, key prefix, test files.
    """

    word: str
    part: str
    order: int
    teaches: str = ""


@dataclass(frozen=True)
class Link:
    """A view of a lesson: what its address says. Every view is one, so a link can lead anywhere."""

    lesson: str
    query: Mapping[str, str] = field(default_factory=dict)

    def href(self, lang: str) -> str:
        """The address, relative to the app's own.

        >>> Link("gru", {"part": "compare"}).href("ja")
        'gru?lang=ja&part=compare'
        """
        return f"{self.lesson}?{urlencode({'lang': lang, **self.query})}"


COMING = (
    Place("sequences", "sequences", 10),
    Place("stacks", "gates", 30),
    Place("craft", "gates", 40),
    Place("generation", "work", 20),
    Place("embeddings", "work", 30),
    Place("dialogue", "work", 50),
    Place("pictures", "work", 60),
    Place("series", "work", 70),
    Place("trees", "work", 80),
    Place("quiz", "check", 20),
    Place("glossary", "check", 30),
    Place("models", "check", 40),
)
"""Lessons of the plan that are not written yet: dotted on the map, until a lesson of that word exists."""
