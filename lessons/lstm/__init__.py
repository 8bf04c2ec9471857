"""Lesson `lstm`: every gate of a trained LSTM on the reader's own sentence; gates by hand; gates held; whose slice is whose."""

from ui.lecture import Place

PLACE = Place("lstm", "gates", 10, "SYS-14 SYS-15 SYS-16 CLM-11 CLM-24 CLM-35")
