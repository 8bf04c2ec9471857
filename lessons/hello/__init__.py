"""Lesson `hello`: the lecture's character network, run, trained, and made for any word."""

from ui.lecture import Place

PLACE = Place("hello", "rnn", 10, "SYS-3 SYS-4 SYS-5 SYS-6 QZ-2 QZ-4")
