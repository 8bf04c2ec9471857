"""Lesson `sentiment`: a review's verdict word by word, the words that pushed it, pairs, scores, many at once."""

from ui.server import warm

warm.wait()
from lessons.sentiment.lesson import LESSON  # noqa: E402  (imports torch, which the line above made ready)

LESSON.show()
