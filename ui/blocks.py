"""The pieces lessons are built of: prose, tables, predictions, quizzes."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from ui.i18n import Section
from ui.state import View, control

if TYPE_CHECKING:
    import plotly.graph_objects as go


def signed(value: float, digits: int = 2) -> str:
    """A number as the stepper prints it."""
    return f"{value:+.{digits}f}".replace("-", "−")


def number_of(value: float, digits: int = 2) -> str:
    """A size with so many significant digits, small and large ones as powers of ten; Markdown, and what `table` reads.

    >>> number_of(0.0123), number_of(1.2e-7), number_of(0.0), number_of(float("nan"))
    ('0.012', '1.2\\xa0×\\xa0$10^{-7}$', '0', 'NaN')
    """
    if value != value:
        return "NaN"
    if abs(value) == float("inf"):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        return f"{float(f'{value:.{digits}g}'):g}".replace("-", "−")
    digit, power = f"{value:.{digits - 1}e}".split("e")
    return f"{digit.replace('-', '−')}{TIMES}{ten_to(int(power))}"


TIMES = "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}"


def ten_to(power: int) -> str:
    """A power of ten in Markdown. Unicode's own raised digits come from several fonts, and in many their 0 is a small letter o."""
    return f"$10^{{{power}}}$"


def percent(share: float) -> str:
    """A share as every page prints it, `percent` in `1_run.js` too: halves go up; what is not all or nothing is never told so.

    Both round once, from the six digits that are sent to the browser.

    >>> [percent(p) for p in (0.0, 0.001, 0.125, 0.9999, 1.0, 1.5)]
    ['0%', '<1%', '13%', '>99%', '100%', '150%']
    """
    share = float(f"{share:.6g}")
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{math.floor(100 * share + 0.5)}%"


def values_told(values: Mapping[str, float]) -> str:
    """ "f = 0.5, i = 0.8": what a code quiz was computed for."""
    return ", ".join(f"{name} = {value:g}".replace("-", "−") for name, value in values.items())


def escaped(typed: str) -> str:
    """A visitor's text inside Markdown: every ASCII punctuation mark is escaped.

    >>> escaped("[a](b)")
    '\\\\[a\\\\]\\\\(b\\\\)'
    """
    return "".join(f"\\{c}" if c.isascii() and not c.isalnum() and c != " " else c for c in typed)


def prose(section: Section, level: int = 2, **numbers: str) -> None:
    """A section of a lesson; `[[name]]` in its text is filled from `numbers`, which were computed just now.

    Raises KeyError for a name that was not given.
    """
    body = filled(section.body, numbers)
    if level == 1:
        st.title(section.title, anchor=False)
        st.markdown(body)
    else:
        st.markdown(f"{'#' * level} {section.title}\n\n{body}")


def filled(body: str, numbers: Mapping[str, str]) -> str:
    """A text with every `[[name]]` filled in; raises KeyError for a name that was not given.

    >>> filled("$h_{t-1}$ = [[h]]", {"h": "+0.30"})
    '$h_{t-1}$ = +0.30'
    """
    return re.sub(r"\[\[([a-z0-9_]+)\]\]", lambda match: numbers[match.group(1)], body)


def table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    marked: Sequence[bool] = (),
    wrap: int = 0,
) -> None:
    """A small table of text; everything in it is escaped, so a visitor's symbols stay text.

    `wrap`: so many columns from the left hold sentences, which may take several lines.
    """

    def line(cells: Sequence[str], tag: str) -> str:
        return "".join(f"<{tag}><bdi>{_raised(html.escape(cell))}</bdi></{tag}>" for cell in cells)

    flags = list(marked) or [False] * len(rows)
    body = "".join(
        f"<tr{' class=u-marked' if flag else ''}>{line(row, 'td')}</tr>" for row, flag in zip(rows, flags, strict=True)
    )
    st.html(
        f'<div class="u-scroll"><table class="u-table{f" u-wrap{wrap}" if wrap else ""}"><thead><tr>{line(headers, "th")}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _raised(cell: str) -> str:
    """Powers as `ten_to` writes them, in HTML."""
    return re.sub(r"\$10\^\{(-?\d+)\}\$", lambda m: f"10<sup>{m[1].replace('-', '−')}</sup>", cell)


def chart(figure: go.Figure, key: str, alt: str) -> None:
    """A Plotly figure in our own colours; `alt` says in words what it shows."""
    st.plotly_chart(figure, theme=None, key=key, alt=alt, config={"displayModeBar": False})


def chapters(view: View, key: str, labels: Mapping[str, str], title: str) -> str:
    """The switch between a lesson's chapters; returns the chosen one."""
    st.segmented_control(
        title,
        list(labels),
        format_func=labels.__getitem__,
        label_visibility="collapsed",
        required=True,
        **control(view, key),
    )
    return str(view[key])


def predict(view: View, key: str, question: str, options: Mapping[str, str]) -> str:
    """Ask for a prediction; returns what was chosen so far ("" while nothing is)."""
    if not view[key]:
        st.markdown(question)
        with st.container(horizontal=True):
            for value, label in options.items():
                st.button(
                    label,
                    key=f"{view.name}.{key}.{value}",
                    on_click=view.__setitem__,
                    args=(key, value),
                )
    return str(view[key])


def same_question(key: str, guess: str, settings: Hashable) -> bool:
    """Whether these are the settings under which the guess was made: only then may it be graded."""
    made: tuple[str, Hashable] = st.session_state.setdefault(key, (guess, settings))
    if made[0] != guess:
        made = st.session_state[key] = (guess, settings)
    return made[1] == settings
