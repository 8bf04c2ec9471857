"""Lesson `sentiment`: a review's verdict word by word, the words that pushed it, pairs, scores, many at once."""

from ui.lecture import Place

PLACE = Place("sentiment", "work", 10, "SYS-25 CLM-15 CLM-26 CLM-27 CLM-28")
