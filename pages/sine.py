"""Lesson `sine`: windows and targets, training live, one step ahead and running free, the lag measured, claims."""

from ui.server import warm

warm.wait()
from lessons.sine.lesson import LESSON  # noqa: E402  (imports torch, which the line above made ready)

LESSON.show()
