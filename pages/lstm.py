"""Lesson `lstm`: every gate of a trained LSTM on the reader's own sentence; gates by hand; gates held; whose slice is whose."""

from ui.server import warm

warm.wait()
from lessons.lstm.lesson import LESSON  # noqa: E402  (imports torch, which the line above made ready)

LESSON.show()
