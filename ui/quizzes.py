"""Quizzes as data, and the one way to ask them. The only place that evaluates lines of code: our own, never a visitor's.

A lesson declares its quizzes; their texts lie in its strings: `NAME_question`, `NAME_choice0` … for choices in words, `NAME_why`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from ui.blocks import signed, table
from ui.i18n import text
from ui.state import Param, View, answer, control

Space = Mapping[str, Any]
"""What the names in a line of code stand for: real arrays."""


@dataclass(frozen=True)
class Quiz:
    """One question with one right choice, `right` of `choices` (counted from 0)."""

    name: str
    right: int
    choices: int = 3

    @property
    def param(self) -> Param:
        """The parameter that holds the reader's answer."""
        return answer(self.choices)


@dataclass(frozen=True)
class CodeQuiz:
    """A question whose choices are lines of code; answered, it shows what every line returns.

    `spaces()` gives one set of values or several; `heads` names the columns of what comes out, all of them together.
    `told`: the values as a sentence. `truth()`: what the network itself has there, and the key of its name.
    `show`: how one returned number is written.
    """

    name: str
    right: int
    lines: tuple[str, ...]
    spaces: Callable[[], Sequence[Space]]
    heads: tuple[str, ...]
    told: str = ""
    truth: Callable[[], tuple[str, Sequence[float]]] | None = None
    show: Callable[[float], str] = signed

    @property
    def param(self) -> Param:
        """The parameter that holds the reader's answer."""
        return answer(len(self.lines))

    def returned(self) -> list[list[float] | None]:
        """What every line returns, the numbers of all spaces one after the other; None where the shapes do not fit."""
        spaces = self.spaces()
        return [returned(line, spaces) for line in self.lines]


AnyQuiz = Quiz | CodeQuiz


def returned(line: str, spaces: Sequence[Space]) -> list[float] | None:
    """The numbers that one of our own lines returns; None where NumPy finds that the shapes do not fit.

    >>> returned("z * h", [{"z": 0.25, "h": 0.8}]), returned("a + b", [{"a": np.ones(2), "b": np.ones(3)}])
    ([0.2], None)
    """
    found: list[float] = []
    for space in spaces:
        try:
            value = eval(line, {"__builtins__": {}}, {"np": np} | dict(space))  # noqa: S307
        except ValueError:
            return None
        found += np.asarray(value, dtype=float).ravel().tolist()
    return found


def ask(view: View, quiz: AnyQuiz) -> None:
    """The question; answered, it says why, and shows what the lines return."""
    key = f"{view.name}.{quiz.name}"
    code = isinstance(quiz, CodeQuiz)
    choices = quiz.lines if isinstance(quiz, CodeQuiz) else [text(f"{key}_choice{k}") for k in range(quiz.choices)]
    st.markdown(f"**{text(f'{key}_question')}**")
    chosen = st.radio(
        text(f"{key}_question"),
        list(range(len(choices))),
        format_func=(lambda k: f"`{choices[k]}`") if code else choices.__getitem__,
        index=None,
        label_visibility="collapsed",
        **control(view, quiz.name),
    )
    if chosen is None:
        return
    verdict = text("blocks.right") if chosen == quiz.right else text("blocks.wrong")
    (st.success if chosen == quiz.right else st.info)(f"**{verdict}** {text(f'{key}_why')}")
    if isinstance(quiz, CodeQuiz):
        _table_of(quiz)


def ask_all(view: View, quizzes: Sequence[AnyQuiz]) -> None:
    """One question after the other."""
    for quiz in quizzes:
        ask(view, quiz)


def _table_of(quiz: CodeQuiz) -> None:
    st.markdown(text("blocks.returns_at", values=quiz.told) if quiz.told else text("blocks.returns"))
    rows = [[line, *_cells(quiz, values)] for line, values in zip(quiz.lines, quiz.returned(), strict=True)]
    marks = [k == quiz.right for k in range(len(quiz.lines))]
    if quiz.truth is not None:
        name, values = quiz.truth()
        rows.append([text(name), *map(quiz.show, values)])
        marks.append(True)
    table([text("blocks.choice"), *quiz.heads], rows, marks)


def _cells(quiz: CodeQuiz, values: Sequence[float] | None) -> list[str]:
    """A line's numbers below the heads, or why they are not."""
    if values is not None and len(values) == len(quiz.heads):
        return [quiz.show(value) for value in values]
    why = text("blocks.does_not_fit") if values is None else text("blocks.other_count", count=len(values))
    return [why, *[""] * (len(quiz.heads) - 1)]
