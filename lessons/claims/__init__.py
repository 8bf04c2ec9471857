"""The page of verdicts: every claim of the lecture, what was found, and the way to the experiment."""

from ui.lecture import Place

PLACE = Place("claims", "check", 10)
