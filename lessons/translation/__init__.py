"""Lesson `translation`: English to Japanese and back, the encoder's memory, attention, what-ifs, beams, the bottleneck."""

from ui.lecture import Place

PLACE = Place("translation", "work", 40, "SYS-28 SYS-29 CLM-16 CLM-17")
