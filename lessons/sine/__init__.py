"""Lesson `sine`: windows and targets, training live, one step ahead and running free, the lag measured, claims."""

from ui.lecture import Place

PLACE = Place("sine", "rnn", 40, "SYS-11 CLM-10 CLM-23")
