"""The first page: a review to judge, a network that already moves, and the map."""

from lessons.home.lesson import LESSON

LESSON.show()
