"""The chapters of the lesson `lstm`, a module each. Import torch; the page makes sure that it is loaded."""

from ui.lstm_chapters.check import show_check
from ui.lstm_chapters.errata import ERRATA
from ui.lstm_chapters.ladder import show_ladder
from ui.lstm_chapters.read import show_read
from ui.lstm_chapters.sandbox import show_sandbox
from ui.lstm_chapters.slices import show_slices
from ui.lstm_chapters.surgery import show_surgery
from ui.lstm_chapters.totemo import show_totemo

__all__ = [
    "ERRATA",
    "show_check",
    "show_ladder",
    "show_read",
    "show_sandbox",
    "show_slices",
    "show_surgery",
    "show_totemo",
]
