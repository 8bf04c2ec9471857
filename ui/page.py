"""A lesson as data, and the one way to show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import streamlit as st

from ui.blocks import chapters, prose
from ui.errata import Erratum
from ui.i18n import Section, lesson, text, texts
from ui.quizzes import AnyQuiz
from ui.state import Param, View, choice
from ui.verdicts import Verdict

Content: TypeAlias = Mapping[str, Section]
"""The sections of a lesson's text by id, in the reader's language."""

Chapter: TypeAlias = Callable[[View, Content], None]
"""Draws a chapter: `show(view, content)`."""


@dataclass(frozen=True)
class Lesson:
    """A lesson: its word, what a link into it may say, and what shows each chapter.

    `params`: the parameters of its controls by name, each with its bounds; `part`, the chapter, is added. `chapters`: by the word
    that stands in the address; a lesson with one chapter has no switch. `quizzes`: a parameter each
    holds the answer. `verdicts`: claims judged here. `errata`: the sources put right. `opened`: parameters that show
    as much of every chapter as a link can, for the tests that go through all of them; `views`: further states worth looking at
    (a name, a query), which the pictures of all views take in.
    """

    word: str
    params: Mapping[str, Param]
    chapters: Mapping[str, Chapter]
    quizzes: tuple[AnyQuiz, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    errata: tuple[Erratum, ...] = ()
    opened: Mapping[str, str] = field(default_factory=dict)
    views: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def all_params(self) -> dict[str, Param]:
        """Its own parameters, the chapter and the answers to its quizzes."""
        part = {"part": choice(tuple(self.chapters))} if len(self.chapters) > 1 else {}
        return {**part, **self.params, **{quiz.name: quiz.param for quiz in self.quizzes}}

    def view(self) -> View:
        """What the address says now, for this reader."""
        return View(self.word, self.all_params)

    def show(self) -> None:
        """Draw the page: title, switch, the chosen chapter, sources."""
        view, content = self.view(), lesson(self.word)
        prose(content["title"], level=1)
        chosen = next(iter(self.chapters))
        if len(self.chapters) > 1:
            labels = texts(self.word, "chapter_")
            names = {name: labels[name] for name in self.chapters}
            chosen = chapters(view, "part", names, text("blocks.chapter"))
        self.chapters[chosen](view, content)
        if "sources" in content:
            st.divider()
            prose(content["sources"], level=3)
        view.write()
