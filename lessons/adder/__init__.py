"""Lesson `adder`: two binary numbers added bit by bit; the carry found; trained live; broken; the notes' claims measured."""

from ui.lecture import Place

PLACE = Place("adder", "rnn", 30, "SYS-10 CLM-5 CLM-6 CLM-7 CLM-8 CLM-9")
