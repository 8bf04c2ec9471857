"""Lesson `hello`: the lecture's character network, run, trained, and made for any word."""

from ui.server import warm

warm.wait()
from lessons.hello.lesson import LESSON  # noqa: E402  (imports torch, which the line above made ready)

LESSON.show()
