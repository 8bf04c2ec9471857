"""The lessons, a folder each: `lessons/WORD/__init__.py` says where it stands, `lesson.py` is the lesson, a file is a chapter.

Gathering them costs no torch; a lesson itself does, so it is imported when it is asked for.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

from ui.lecture import COMING, PARTS, Place

if TYPE_CHECKING:
    from ui.page import Lesson


@cache
def places() -> tuple[Place, ...]:
    """Where every written lesson stands, in the order of the lecture."""
    found = [
        importlib.import_module(f"{__name__}.{module.name}").PLACE
        for module in pkgutil.iter_modules(__path__)
        if module.ispkg
    ]
    return tuple(sorted(found, key=lambda place: (PARTS.index(place.part), place.order)))


@cache
def lecture_map() -> tuple[Place, ...]:
    """The written lessons and those to come, in the order of the lecture."""
    written = {place.word for place in places()}
    coming = [place for place in COMING if place.word not in written]
    return tuple(sorted([*places(), *coming], key=lambda place: (PARTS.index(place.part), place.order)))


def lesson(word: str) -> Lesson:
    """A written lesson; imports torch. Raises ModuleNotFoundError for any other word."""
    found: Lesson = importlib.import_module(f"{__name__}.{word}.lesson").LESSON
    return found


@cache
def lessons() -> tuple[Lesson, ...]:
    """All written lessons, in the order of the lecture; imports torch."""
    return tuple(lesson(place.word) for place in places())
