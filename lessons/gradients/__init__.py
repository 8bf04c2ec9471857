"""Lesson `gradients`: why simple RNNs forget, what explodes, and what clipping, gates and good starts do about it."""

from ui.lecture import Place

PLACE = Place("gradients", "rnn", 50, "SYS-12 SYS-13 CLM-1 CLM-2 CLM-3 CLM-4 CLM-12 CLM-14 CLM-20 QZ-6 QZ-18")
