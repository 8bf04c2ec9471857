"""Lesson `gru`: the same sentence through a GRU, z in both conventions, from LSTM to GRU, and the claim measured."""

from ui.server import warm

warm.wait()
from lessons.gru.lesson import LESSON  # noqa: E402  (imports torch, which the line above made ready)

LESSON.show()
