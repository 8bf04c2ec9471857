"""View state in the URL. The only place that touches `st.query_params`.

Every control whose value changes what is seen has a parameter with a short, language-neutral value. A link
restores the view; Back and Forward work; what a page was set to is kept while the reader is elsewhere.
Values from a URL are validated like any other input: what does not parse falls back to the default.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import streamlit as st


@dataclass(frozen=True)
class Param:
    """One parameter: its default, and how a URL value is read (None: refuse it) and written."""

    default: Any
    parse: Callable[[str], Any]
    dump: Callable[[Any], str] = str
    low: int | None = None
    high: int | None = None
    """The bounds of a whole number."""
    options: tuple[Any, ...] = ()
    """All that it can be, where that is a short list."""
    longest: int | None = None
    """Characters of a text at most."""

    @property
    def samples(self) -> tuple[Any, ...]:
        """All values where there are few, both ends of a range; what is tried to find the costliest link."""
        return self.options if self.low is None else (self.low, self.high)

    def holds(self, value: Any) -> bool:
        """Whether a control may set this value: only what a link restores. A browser sends an option that was on the page a moment
        ago, a hand-made message anything at all."""
        try:
            if value is None:  # as a value it would mean "refused"
                return self.default is None
            return bool(value == self.default or self.parse(self.dump(value)) == value)
        except (ArithmeticError, AttributeError, TypeError, ValueError):
            return False


def choice(options: Sequence[str], default: str | None = None) -> Param:
    """One of a few fixed words."""
    return Param(
        options[0] if default is None else default,
        lambda raw: raw if raw in options else None,
        options=tuple(options),
    )


@lru_cache(maxsize=256)  # a page is run anew for every click, its parameters stay the same
def integer(default: int, low: int, high: int) -> Param:
    """A whole number from `low` to `high`."""

    def parse(raw: str) -> int | None:
        ascii_digits = raw.isascii() and raw.removeprefix("-").isdigit() and len(raw) < 12
        return int(raw) if ascii_digits and low <= int(raw) <= high else None

    return Param(default, parse, low=low, high=high)


def number(default: float, allowed: Sequence[float]) -> Param:
    """One of a few fixed numbers."""
    written = {f"{value:g}": value for value in allowed}
    return Param(default, written.get, lambda value: f"{value:g}", options=tuple(allowed))


def flag(default: bool = False) -> Param:
    """On or off, written as 1 or 0."""
    return Param(default, {"1": True, "0": False}.get, lambda value: str(int(value)), options=(False, True))


def answer(count: int) -> Param:
    """Which of `count` choices was taken, or None."""
    return Param(
        None,
        lambda raw: int(raw) if raw in map(str, range(count)) else None,
        options=tuple(range(count)),
    )


def string(default: str, longest: int, valid: Callable[[str], bool]) -> Param:
    """A text that `valid` accepts: what a page has found good, or what only a page writes."""

    def parse(raw: str) -> str | None:
        return raw if isinstance(raw, str) and len(raw) <= longest and valid(raw) else None

    return Param(default, parse, lambda value: value, longest=longest)


def typed(default: str, longest: int) -> Param:
    """What stands in a text box, whatever it is: the page says what is wrong with it, and says so again where a link brings it."""
    return string(default, longest, lambda raw: True)


def run_is_over() -> None:
    """What was set up to here is in the URL (called by the shell at the end of a whole run)."""
    st.session_state["acted"] = False


class View:
    """The parameters of one page (or of the frame), read at the start of a run and written at its end.

    `view["word"]` is the current value; `view["word"] = value` changes it. A run that begins with such a change
    believes the session, not the URL: the reader's second click can come before the browser has the URL of the first.
    """

    def __init__(self, name: str, params: dict[str, Param]) -> None:
        self.name, self.params = name, params
        kept: dict[str, Any] = st.session_state.setdefault(f"view:{name}", {})
        values: dict[str, Any] = kept.setdefault("values", {})
        written: dict[str, str | None] = kept.setdefault("written", {})
        query = st.query_params.to_dict()
        here = st.session_state.get("page") == name or name == "shell"
        acted = st.session_state.get("acted", False)
        arrived = any(key in query for key in params)
        for key, param in params.items():
            raw = query.get(key)
            if here and key in values and (acted or raw == written.get(key)):
                continue  # nothing happened to it outside
            if not here and not arrived and key in values:
                continue  # back from another page by the menu: as it was left
            written[key] = raw  # at once: the run may be cut short before it writes
            value = param.default if raw is None else param.parse(raw)
            values[key] = param.default if value is None else value
        self._values, self._written = values, written
        if name != "shell":
            st.session_state["page"] = name

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if self._values[key] != value:
            self._values[key] = value
            st.session_state["acted"] = True

    def take(self, key: str, value: Any) -> None:
        """Change a value as a control says; one that the parameter cannot hold is dropped."""
        if self.params[key].holds(value):
            self[key] = value

    def write(self, always: Sequence[str] = ()) -> None:
        """Bring the URL up to date; defaults are left out, except those named in `always`.

        Each writing is a place that Back returns to. So a link that says too much (a default, a value that was refused) stays as
        it came until the reader acts: the view is the same.
        """
        before = st.query_params.to_dict()
        after = {k: v for k, v in before.items() if k not in self.params}
        for key, param in self.params.items():
            value = self._values[key]
            if value != param.default or key in always:
                after[key] = param.dump(value)
        if after.items() <= before.items() and not st.session_state.get("acted", False):
            after = before
        self._written.update({key: after.get(key) for key in self.params})
        if after != before:
            st.query_params.from_dict(after)


def control(view: View, key: str) -> dict[str, Any]:
    """What a Streamlit control needs to show the view's value and to change it: `st.slider(…, **control(view, "T"))`.

    The value is put in before every run, so that nothing Streamlit forgets (a control not drawn for a
    while) or remembers (a stale one) can differ from the URL.
    """
    name = f"{view.name}.{key}"
    st.session_state[name] = view[key]

    def changed() -> None:
        view.take(key, st.session_state[name])

    return {"key": name, "on_change": changed}
