"""As for the lessons: an empty queue for each test."""

from tests.lessons.conftest import empty_queue  # noqa: F401  (a fixture)
