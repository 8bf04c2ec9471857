"""What the sources get wrong about translation: words and a year, nothing to compute."""

from ui.errata import Erratum

ERRATA = (
    Erratum("encoder", "S2"),
    Erratum("tokenising", "S2"),
    Erratum("google", "S1"),
)
