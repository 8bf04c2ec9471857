"""Both languages. The only place that reads `content/`.

Short strings: `content/strings/PAGE.toml`, one table per key with both languages in it, so that a missing one
is visible. Long text: `content/ja/LESSON.md` and `content/en/LESSON.md` with the same section ids; a line
`## Title {#id}` opens a section, and `{{formula rnn.h}}` prints an equation of `rnn_core.cells.equations`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from rnn_core.cells.equations import READOUT, READOUT_MAX, equations
from rnn_core.cells.lines import bptt_lines, latex

CONTENT = Path(__file__).parent.parent / "content"
LANGUAGES = {"ja": "日本語", "en": "English"}


class Section(NamedTuple):
    """One section of a lesson: its heading and its Markdown."""

    title: str
    body: str


def language() -> str:
    """The language of the page being drawn, "ja" or "en"."""
    lang = st.session_state.get("lang", "en")
    return lang if lang in LANGUAGES else "en"


def text(key: str, **values: object) -> str:
    """The string `page.item` in the current language, with `{name}` filled from `values`.

    Raises KeyError for a key that does not exist.
    """
    page, _, item = key.partition(".")
    string = strings(page)[item][language()]
    return string.format(**values) if values else string


def listed(words: Iterable[str]) -> str:
    """Words one after the other, as the page's language separates them."""
    return ("、" if language() == "ja" else ", ").join(words)


def texts(page: str, prefix: str = "") -> dict[str, str]:
    """All strings of one file whose key begins with `prefix`, in the current language, prefix cut off."""
    lang = language()
    return {key.removeprefix(prefix): pair[lang] for key, pair in strings(page).items() if key.startswith(prefix)}


@cache
def strings(page: str) -> dict[str, dict[str, str]]:
    """Every string of `content/strings/PAGE.toml`: key to {"ja": …, "en": …}."""
    with (CONTENT / "strings" / f"{page}.toml").open("rb") as file:
        return tomllib.load(file)


def lesson(word: str) -> dict[str, Section]:
    """A lesson's sections by id, in the current language."""
    return sections(word, language())


@cache
def sections(word: str, lang: str) -> dict[str, Section]:
    """A lesson's sections by id; raises ValueError for text outside a section or a repeated id."""
    source = (CONTENT / lang / f"{word}.md").read_text(encoding="utf-8")
    found: dict[str, Section] = {}
    pieces = re.split(r"^#{1,3} +(.+?) +\{#([a-z0-9-]+)\}\s*$", source, flags=re.MULTILINE)
    if pieces[0].strip():
        raise ValueError(f"{lang}/{word}.md: text before the first section")
    for title, name, body in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        if name in found:
            raise ValueError(f"{lang}/{word}.md: section {name} twice")
        found[name] = Section(title, _fill_formulas(body.strip()))
    return found


def _fill_formulas(body: str) -> str:
    def formula(match: re.Match[str]) -> str:
        kind, name = match.group(1), match.group(2)
        if kind == "bptt":
            return f"$${bptt_lines()[name].latex}$$"
        if (kind, name) == ("readout", "max"):
            return f"$${latex(READOUT_MAX['y'])}$$"
        table = READOUT if kind == "readout" else equations(kind)
        return f"$${latex(table[name])}$$"

    return re.sub(r"\{\{formula ([a-z_]+)\.(\w+)\}\}", formula, body)
