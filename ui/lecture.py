"""The registry of lessons: which exist, in what order, what they teach and what leads to what.

A lesson is one word everywhere: module in `pages/`, url path, content files, key prefix, test file. It is
ready when its page exists. Titles live in `content/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

PAGES = Path(__file__).parent.parent / "pages"


@dataclass(frozen=True)
class Lesson:
    """One lesson. `teaches` holds the ids of the lecture digest (SYS, CLM, QZ numbers)."""

    word: str
    part: str
    teaches: str = ""

    @property
    def page(self) -> Path:
        return PAGES / f"{self.word}.py"

    @property
    def ready(self) -> bool:
        return self.word in _written()


@cache
def _written() -> frozenset[str]:
    return frozenset(path.stem for path in PAGES.glob("*.py"))


PARTS = ("start", "sequences", "rnn", "gates", "work", "check")
"""The parts of the lecture, in order."""

LESSONS = (
    Lesson("home", "start"),
    Lesson("sequences", "sequences", "SYS-1 SYS-2 SYS-6"),
    Lesson("hello", "rnn", "SYS-3 SYS-4 SYS-5 SYS-6 QZ-2 QZ-4"),
    Lesson("bptt", "rnn", "SYS-8 SYS-9 SYS-40 QZ-5"),
    Lesson("adder", "rnn", "SYS-10 CLM-5 CLM-6 CLM-7 CLM-8 CLM-9"),
    Lesson("sine", "rnn", "SYS-11 CLM-10 CLM-23"),
    Lesson(
        "gradients", "rnn", "SYS-12 SYS-13 CLM-1 CLM-2 CLM-3 CLM-4 CLM-12 CLM-14 CLM-20 QZ-6 QZ-18"
    ),
    Lesson("lstm", "gates", "SYS-14 SYS-15 SYS-16 CLM-11 CLM-24 CLM-35"),
    Lesson("gru", "gates", "SYS-17 CLM-13 CLM-33"),
    Lesson("stacks", "gates", "SYS-18 SYS-19 CLM-15 CLM-21"),
    Lesson("craft", "gates", "SYS-20 SYS-21 SYS-22 SYS-23 SYS-24 CLM-18 CLM-19 CLM-20 CLM-22"),
    Lesson("sentiment", "work", "SYS-25 CLM-15 CLM-26 CLM-27 CLM-28"),
    Lesson("generation", "work", "SYS-26 SYS-7"),
    Lesson("embeddings", "work", "SYS-27"),
    Lesson("translation", "work", "SYS-28 SYS-29 CLM-16 CLM-17"),
    Lesson("dialogue", "work", "SYS-30 SYS-31 SYS-32"),
    Lesson("pictures", "work", "SYS-33 SYS-34 SYS-37"),
    Lesson("series", "work", "SYS-36 SYS-38"),
    Lesson("trees", "work", "SYS-35 SYS-39"),
    Lesson("claims", "check"),
    Lesson("quiz", "check"),
    Lesson("glossary", "check"),
    Lesson("models", "check"),
)


def lessons_of(part: str) -> tuple[Lesson, ...]:
    """The lessons of one part, in order."""
    return tuple(lesson for lesson in LESSONS if lesson.part == part)
