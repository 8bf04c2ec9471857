"""Another word, other eyes, another beginning, no eyes at all: the network goes on from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from rnn_core.networks.translator import UNKNOWN, Looks, Translator, room
from ui.blocks import escaped, prose, table
from ui.components.stepper import show_stepper
from ui.i18n import language, listed, text
from ui.networks import translators as translations
from ui.page import Content
from ui.state import View, control
from ui.typed import sentences

URL = {"t": "wt", "draw": "wdraw", "open": "wopen"}
Rows = Mapping[int, tuple[int, ...]]
"""By step: how much of its look goes to each source word, in any unit; an empty row looks nowhere."""

LONGEST_LINK = 400
"""Characters of all rows in a link."""

LONGEST_SHARES = 80
"""Characters of a row that is typed."""

LONGEST_WORD = 20


def read_rows(raw: str) -> Rows | None:
    """Rows as a link keeps them, "3.0:2:1_4." (step 4 looks nowhere); None for anything else.

    >>> read_rows("3.0:2:1_4."), read_rows(""), read_rows("x.1"), read_rows("1.100")
    ({3: (0, 2, 1), 4: ()}, {}, None, None)
    """
    found: dict[int, tuple[int, ...]] = {}
    for piece in raw.split("_") if raw else ():
        step, dot, row = piece.partition(".")
        numbers = [step, *row.split(":")] if row else [step]
        if not dot or not all(n.isascii() and n.isdigit() and len(n) <= 2 for n in numbers):
            return None
        found[int(step)] = tuple(map(int, numbers[1:]))
    return found


def write_rows(rows: Rows) -> str:
    """The other way of `read_rows`.

    >>> write_rows({4: (), 3: (0, 2, 1)})
    '3.0:2:1_4.'
    """
    return "_".join(f"{t}.{':'.join(map(str, row))}" for t, row in sorted(rows.items()))


def looks_of(rows: Rows, S: int) -> dict[int, list[float]]:
    """Rows of the attention: the shares add up to 1, or all are 0. A row for another number of words is left out.

    >>> looks_of({1: (0, 1, 3), 2: (), 3: (1,)}, 3)
    {1: [0.0, 0.25, 0.75], 2: [0.0, 0.0, 0.0]}
    """
    return {
        t: [share / (sum(row) or 1) for share in row] if row else [0.0] * S
        for t, row in rows.items()
        if not row or len(row) == S
    }


def show(view: View, content: Content) -> None:
    """The same sentence with and without a reader's rules, side by side."""
    prose(content["whatif"])
    model, words = translations.controls(view)
    direction = translations.direction_of(view)
    before = translations.reading_of(direction, tuple(words))
    read = swapped(view, model, words)
    prefix = tuple(_prefix(view, model))
    st.toggle(text("translation.cut"), **control(view, "cut"))
    rows: Looks
    if view["cut"]:
        rows = dict.fromkeys(range(room(len(read))), [0.0] * len(read))
    else:
        rows = looks_of(read_rows(view["looks"]) or {}, len(read))
    rules = tuple((t, tuple(row)) for t, row in rows.items())
    after = translations.reading_of(direction, tuple(read), prefix, rules)
    said = after.tokens
    if not view["cut"]:
        _edit_row(view, model, read, said)
    heads = [text(f"translation.head_{n}") for n in ("run", "read", "said")]
    space = " " if model.languages[0] == "en" else ""
    runs: list[tuple[str, Sequence[str], Sequence[int], Looks]] = [
        ("untouched", words, before.tokens, {}),
        ("guided", read, said, rows),
    ]
    written = [translations.written(model, of, tokens, looks) for _, of, tokens, looks in runs]
    table(
        heads,
        [
            [text(f"translation.run_{name}"), space.join(of), one]
            for (name, of, *_), one in zip(runs, written, strict=True)
        ],
        wrap=3,
    )
    translations.explain_mark(*written, *translations.named(after))
    run = translations.run_of(language(), direction, tuple(read), prefix, rules)
    show_stepper(run, "translation.whatif.stepper", url=URL, start=len(read))
    prose(content["whatif-why"])


def swapped(view: View, model: Translator, words: Sequence[str]) -> list[str]:
    """The source words, one of them replaced by the reader's (one word, whatever it holds)."""
    names = [text("translation.swap_none"), *(f"{k + 1} {w}" for k, w in enumerate(words))]
    a, b = st.columns(2)
    view["swap"] = min(view["swap"], len(words))
    a.selectbox(
        text("translation.swap"),
        range(len(names)),
        format_func=names.__getitem__,
        **control(view, "swap"),
    )
    b.text_input(text("translation.by"), max_chars=LONGEST_WORD, disabled=not view["swap"], **control(view, "by"))
    read = list(words)
    if not view["swap"] or not view["by"].strip():
        return read
    typed = sentences.clean(view["by"], LONGEST_WORD)
    if typed.problem:
        st.warning(text(f"translation.problem_{typed.problem}", most=LONGEST_WORD))
        return read
    new = translations.as_word(model, typed.text)
    if new not in model.source_index:
        st.info(text("translation.some_unknown", words=escaped(new), sign=UNKNOWN))
    read[view["swap"] - 1] = new
    return read


def _prefix(view: View, model: Translator) -> list[int]:
    """The first words the reader wants said, as ids, up to the first that the network does not know."""
    typed = st.text_input(text("translation.prefix"), max_chars=100, **control(view, "prefix"))
    fine = sentences.clean(typed or "", 100)
    if fine.problem == "control":
        st.warning(text("translation.problem_control"))
    words = translations.target_words(model, fine.text)
    unknown = [k for k, w in enumerate(words) if w not in model.target_index]
    if unknown:
        st.warning(text("translation.prefix_unknown", word=escaped(words[unknown[0]])))
    return [model.target_index[w] for w in words[: unknown[0] if unknown else len(words)]]


def _edit_row(view: View, model: Translator, words: Sequence[str], said: Sequence[int]) -> None:
    """Choose a word said and where to look while it is chosen: one word, nowhere, or shares by hand."""
    rows = dict(read_rows(view["looks"]) or {})
    S, nowhere, by_hand = len(words), len(words), len(words) + 1
    steps = [f"{t + 1} {model.target_words[k]}" for t, k in enumerate(said)]
    places = [*(f"{s + 1} {w}" for s, w in enumerate(words)), text("translation.nothing"), text("translation.shares")]
    view["row"], view["place"] = min(view["row"], len(steps) - 1), min(view["place"], by_hand)
    a, b, c = st.columns([3, 3, 2], vertical_alignment="bottom")
    at = a.selectbox(text("translation.row"), range(len(steps)), format_func=steps.__getitem__, **control(view, "row"))
    to = b.selectbox(
        text("translation.place"), range(len(places)), format_func=places.__getitem__, **control(view, "place")
    )
    row: tuple[int, ...] | None = () if to == nowhere else tuple(int(s == to) for s in range(S))
    if to == by_hand:
        typed = st.text_input(
            text("translation.row_shares", most=S), max_chars=LONGEST_SHARES, **control(view, "shares")
        )
        row = split_shares(typed or "", S)
        if row is None:
            st.caption(text("translation.problem_shares", most=S))
    new = write_rows(rows | {at: row}) if row is not None else view["looks"]
    full = len(new) > LONGEST_LINK
    c.button(
        text("translation.look_there"),
        key=f"{view.name}.look",
        disabled=row is None or full,
        on_click=view.__setitem__,
        args=("looks", new),
    )
    if full:
        st.caption(text("translation.problem_rows"))
    shown = sorted(t for t in looks_of(rows, S) if t < len(said))
    if shown:
        numbers = listed(str(t + 1) for t in shown)
        st.caption(text("translation.by_hand", rows=numbers))
    if rows:
        st.button(text("translation.undo"), key=f"{view.name}.undo", on_click=view.__setitem__, args=("looks", ""))


def split_shares(typed: str, S: int) -> tuple[int, ...] | None:
    """S whole numbers below 100, apart by spaces or commas, not all 0; None for anything else.

    >>> split_shares("0 2, 1", 3), split_shares("0 0", 2), split_shares("1 2", 3)
    ((0, 2, 1), None, None)
    """
    pieces = typed.replace(",", " ").replace("、", " ").split()
    if len(pieces) != S or not all(p.isascii() and p.isdigit() and len(p) <= 2 for p in pieces):
        return None
    row = tuple(map(int, pieces))
    return row if any(row) else None
