"""The page of verdicts: every claim of the lecture, what was found, and the way to the experiment."""

from ui.server import warm

warm.wait()
from lessons.claims.lesson import LESSON  # noqa: E402  (imports torch, which the line above made ready)

LESSON.show()
