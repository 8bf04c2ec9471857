"""Lesson `translation`: English to Japanese and back, the encoder's memory, attention, what-ifs, beams, the bottleneck."""

from ui.server import warm

warm.wait()
from lessons.translation.lesson import LESSON  # noqa: E402  (imports torch, which the line above made ready)

LESSON.show()
