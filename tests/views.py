"""Every chapter of every lesson, with the parameters that open as much of it as a link can."""

from lessons import lessons

VIEWS = [
    (lesson.word, {**lesson.opened, **({"part": part} if len(lesson.chapters) > 1 else {})})
    for lesson in lessons()
    for part in lesson.chapters
]
"""(page, query) of every chapter."""
