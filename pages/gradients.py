"""Lesson `gradients`: why simple RNNs forget, what explodes, and what clipping, gates and good starts do about it."""

from ui.server import warm

warm.wait()
from lessons.gradients.lesson import LESSON  # noqa: E402  (imports torch, which the line above made ready)

LESSON.show()
