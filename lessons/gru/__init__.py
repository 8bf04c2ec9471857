"""Lesson `gru`: the same sentence through a GRU, z in both conventions, from LSTM to GRU, and the claim measured."""

from ui.lecture import Place

PLACE = Place("gru", "gates", 20, "SYS-17 CLM-13 CLM-33")
