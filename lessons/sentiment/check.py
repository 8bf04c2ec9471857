"""Chapter `check` of the lesson `sentiment`."""

from __future__ import annotations

from lessons.sentiment.numbers import lengths, sizes
from lessons.sentiment.verdicts import VERDICTS
from ui.blocks import prose, table
from ui.errata import Erratum, show_errata
from ui.i18n import text
from ui.page import Content
from ui.quizzes import Quiz, ask_all
from ui.state import View
from ui.verdicts import show_verdicts

QUIZZES = (Quiz("qs1", right=1), Quiz("qs2", right=2), Quiz("qs3", right=0))


def show(view: View, content: Content) -> None:
    """Questions on what was seen, the claims on words and vocabularies, and the errors of the sources."""
    prose(content["check"])
    ask_all(view, QUIZZES)
    prose(content["sizes"])
    _tables_table()
    show_verdicts(VERDICTS, "clm27", "clm28")
    show_errata("sentiment", ERRATA)


def _tables_table() -> None:
    found = sizes()
    rows = [[text(f"sentiment.table_{n}"), text(f"sentiment.shape_{n}", **found), found[n]] for n in ("vv", "vh", "vd")]
    table([text(f"sentiment.head_{n}") for n in ("table", "shape", "numbers")], rows, wrap=1)


ERRATA = (Erratum("lengths", "S2", lengths), Erratum("vv", "S2", sizes))
