"""Lesson `bptt`: backpropagation through time with its real numbers, forward and back, step by step."""

from ui.lecture import Place

PLACE = Place("bptt", "rnn", 20, "SYS-8 SYS-9 SYS-40 QZ-5")
