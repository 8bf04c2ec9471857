"""The one table of colours and roles. Component, Plotly figures, page styles and tests all read it here.

Three hues carry meaning and are never used for anything else: sign (blue below 0, ochre above; told apart
with every common kind of colour blindness), gates (teal, 0 to 1) and gradients (violet). `now` marks the
current time step. Roles (x, h, c, the gates …) are told by label and place first; their accent is a thin
line. `.streamlit/config.toml` must repeat some of these values; a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """The colours of one theme, as #RRGGBB."""

    paper: str
    surface: str
    line: str
    ink: str
    muted: str
    control: str
    on_control: str
    now: str
    on_now: str
    band: str
    zero: str
    negative: str  # fills at full strength: ink stays readable on them
    positive: str
    gate: str
    gradient: str
    negative_line: str  # the same hues for lines and text on paper
    positive_line: str
    gate_line: str
    gradient_line: str
    right: str


LIGHT = Palette(
    paper="#FFFFFF",
    surface="#F5F7FA",
    line="#D9E0E9",
    ink="#18202E",
    muted="#556174",
    control="#24324A",
    on_control="#FFFFFF",
    now="#BF3F0B",
    on_now="#FFFFFF",
    band="#FFF4E3",
    zero="#FFFFFF",
    negative="#86AEDD",
    positive="#E7A857",
    gate="#7CC7BE",
    gradient="#C4A8E8",
    negative_line="#2F6DB5",
    positive_line="#A56010",
    gate_line="#0B7F77",
    gradient_line="#7C4DB8",
    right="#0B7F4F",
)
DARK = Palette(
    paper="#11151C",
    surface="#1A2029",
    line="#313B49",
    ink="#E7ECF3",
    muted="#A3AFBF",
    control="#8FB0E8",
    on_control="#11151C",
    now="#F0793F",
    on_now="#14100D",
    band="#2A2118",
    zero="#1A2029",
    negative="#33608F",
    positive="#84602A",
    gate="#1D6A62",
    gradient="#5D418A",
    negative_line="#6FA8EC",
    positive_line="#E8A24A",
    gate_line="#3CBFB2",
    gradient_line="#B58CEB",
    right="#4CC38A",
)

ROLES: dict[str, tuple[str, str]] = {
    # role: (accent on light, accent on dark)
    "x": ("#5F6B7A", "#98A5B6"),
    "h": ("#4A4FA8", "#9EA4F2"),
    "c": ("#8A6200", "#D9B24C"),
    "i": ("#2E7D46", "#6CC788"),
    "f": ("#A8385E", "#EE8FB0"),
    "g": ("#6B6F12", "#C4C95A"),
    "o": ("#1F7690", "#69C3DE"),
    "r": ("#8C4A2F", "#E0A084"),
    "z": ("#7A3E92", "#CE99E3"),
    "n": ("#6B6F12", "#C4C95A"),
    "m": ("#8A6200", "#D9B24C"),
    "y": ("#18202E", "#E7ECF3"),
    "p": ("#18202E", "#E7ECF3"),
}

CELLS: dict[str, tuple[str, str, str]] = {
    # kind of cell: (line on light, line on dark, dash); told apart without colour by the dash
    "rnn": ("#18202E", "#E7ECF3", "solid"),
    "lstm": ("#7C4DB8", "#B58CEB", "solid"),
    "gru": ("#1F7690", "#69C3DE", "dash"),
    "irnn": ("#A65F00", "#E8A24A", "dashdot"),
}

TEXT_FONT = (
    '"Hiragino Sans", "Hiragino Kaku Gothic ProN", "Noto Sans JP", "Noto Sans CJK JP", "Yu Gothic UI", '
    'Meiryo, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
)
NUMBER_FONT = 'ui-monospace, "SF Mono", "Cascadia Mono", "Roboto Mono", "DejaVu Sans Mono", monospace'
FORMULA_FONT = '"STIX Two Text", "Latin Modern Roman", "Times New Roman", "Noto Serif CJK JP", serif'


def css_variables() -> str:
    """The table as CSS custom properties, without a selector; they follow the page's `color-scheme`.

    >>> css_variables().split(";")[0]
    '--u-paper:light-dark(#FFFFFF,#11151C)'
    """
    pairs = {name: (light, getattr(DARK, name)) for name, light in vars(LIGHT).items()}
    pairs |= {f"role_{role}": pair for role, pair in ROLES.items()}
    colours = "".join(
        f"--u-{name.replace('_', '-')}:light-dark({light},{dark});" for name, (light, dark) in pairs.items()
    )
    fonts = {"text": TEXT_FONT, "number": NUMBER_FONT, "formula": FORMULA_FONT}
    return colours + "".join(f"--u-{name}-font:{font};" for name, font in fonts.items())
