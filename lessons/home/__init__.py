"""The first page: a review to judge, a network that already moves, and the map. Waits for torch only when asked to judge."""

from ui.lecture import Place

PLACE = Place("home", "start", 10)
