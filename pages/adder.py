"""Lesson `adder`: two binary numbers added bit by bit; the carry found; trained live; broken; the notes' claims measured."""

from ui.server import warm

warm.wait()
from lessons.adder.lesson import LESSON  # noqa: E402  (imports torch, which the line above made ready)

LESSON.show()
