"""Lesson `bptt`: backpropagation through time with its real numbers, forward and back, step by step."""

from ui.server import warm

warm.wait()
from lessons.bptt.lesson import LESSON  # noqa: E402  (imports torch, which the line above made ready)

LESSON.show()
