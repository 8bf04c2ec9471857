"""The chapters of the lesson `translation`, a module each. Import torch; the page makes sure that it is loaded."""

from ui.translation_chapters.beam import show_beam
from ui.translation_chapters.bottleneck import show_bottleneck
from ui.translation_chapters.check import show_check
from ui.translation_chapters.errata import ERRATA
from ui.translation_chapters.learning import show_learning
from ui.translation_chapters.read import show_read
from ui.translation_chapters.whatif import show_whatif
from ui.translation_chapters.words import show_words

__all__ = [
    "ERRATA",
    "show_beam",
    "show_bottleneck",
    "show_check",
    "show_learning",
    "show_read",
    "show_whatif",
    "show_words",
]
