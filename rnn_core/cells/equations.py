"""The equations of every cell as one table, read by all who show or check a formula.

`Trace.explain` sums these terms, the stepper draws them with the numbers in them, the lessons print
them as LaTeX, NumPy and PyTorch lines, and the tests evaluate them against `rnn_core.cells` and torch.
So a formula on a page cannot disagree with the number beside it.

An equation reads  name_t = fn( Σ terms ).  A term is a matrix times a vector, a bias, or an
elementwise product; `shift = -1` means "of the step before" in the lane's own direction.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MatVec:
    """W v: the weight matrix named `weight` times the vector named `source`."""

    weight: str
    source: str
    shift: int = 0


@dataclass(frozen=True)
class Bias:
    """b: the bias vector named `weight`."""

    weight: str


@dataclass(frozen=True)
class Factor:
    """One factor of an elementwise product: a value, its tanh, one minus it, or a weight vector."""

    name: str
    shift: int = 0
    fn: str = ""  # "", "tanh" or "one_minus"
    is_weight: bool = False


@dataclass(frozen=True)
class Product:
    """u ⊙ v ⊙ …: the elementwise product of the factors."""

    factors: tuple[Factor, ...]


Term = MatVec | Bias | Product


@dataclass(frozen=True)
class Equation:
    """name_t = fn( Σ terms ), and the name under which the sum itself is kept (or None)."""

    name: str
    fn: str
    terms: tuple[Term, ...]
    pre: str | None = None


def _gate(name: str, fn: str = "sigmoid") -> Equation:
    terms = (MatVec(f"W_x{name}", "x"), MatVec(f"W_h{name}", "h", -1), Bias(f"b_{name}"))
    return Equation(name, fn, terms, f"a_{name}")


def _peephole(name: str, shift: int) -> Equation:
    plain = _gate(name)
    peep = Product((Factor(f"w_c{name}", is_weight=True), Factor("c", shift)))
    return Equation(name, plain.fn, (*plain.terms[:2], peep, plain.terms[2]), plain.pre)


_CELL = Equation(
    "c",
    "identity",
    (Product((Factor("f"), Factor("c", -1))), Product((Factor("i"), Factor("g")))),
)
_HIDDEN = Equation("h", "identity", (Product((Factor("o"), Factor("c", 0, "tanh"))),))


def rnn_equations(fn: str = "tanh") -> dict[str, Equation]:
    """The simple RNN with the activation `fn` ("tanh", "relu", "sigmoid", "identity")."""
    terms = (MatVec("W_xh", "x"), MatVec("W_hh", "h", -1), Bias("b_h"))
    return {"h": Equation("h", fn, terms, "a_h")}


def rnn_cut_equations(fn: str = "tanh") -> dict[str, Equation]:
    """The same RNN, cut after W_hh: what is handed on is s_t = W_hh h_t, so that h_t = fn(W_xh x_t + s_{t-1} + b_h)."""
    terms = (MatVec("W_xh", "x"), Product((Factor("s", -1),)), Bias("b_h"))
    handed = Equation("s", "identity", (MatVec("W_hh", "h"),))
    return {"h": Equation("h", fn, terms, "a_h"), "s": handed}


LSTM = {
    "i": _gate("i"),
    "f": _gate("f"),
    "g": _gate("g", "tanh"),
    "o": _gate("o"),
    "c": _CELL,
    "h": _HIDDEN,
}

PEEPHOLE = {
    "i": _peephole("i", -1),
    "f": _peephole("f", -1),
    "g": _gate("g", "tanh"),
    "c": _CELL,
    "o": _peephole("o", 0),
    "h": _HIDDEN,
}

GRU = {
    "r": _gate("r"),
    "z": _gate("z"),
    "m": Equation("m", "identity", (MatVec("W_hn", "h", -1), Bias("b_hn"))),
    "n": Equation(
        "n",
        "tanh",
        (MatVec("W_xn", "x"), Bias("b_xn"), Product((Factor("r"), Factor("m")))),
        "a_n",
    ),
    "h": Equation(
        "h",
        "identity",
        (
            Product((Factor("z", 0, "one_minus"), Factor("n"))),
            Product((Factor("z"), Factor("h", -1))),
        ),
    ),
}

GRU_CHUNG = GRU | {
    "h": Equation(
        "h",
        "identity",
        (
            Product((Factor("z", 0, "one_minus"), Factor("h", -1))),
            Product((Factor("z"), Factor("n"))),
        ),
    )
}
"""The GRU with z as Chung et al. (2014) write it: there z = 1 takes the new. It is 1 − z of torch's, and as
1 − σ(a) = σ(−a), the same network with the weights of z turned in sign."""

READOUT = {
    "y": Equation("y", "identity", (MatVec("W_hy", "h"), Bias("b_y"))),
    "p": Equation("p", "softmax", (Product((Factor("y"),)),)),
}
"""From hidden state to scores (logits) y and, by softmax, to probabilities p."""

READOUT_MAX = READOUT | {"y": Equation("y", "temper", (MatVec("W_hy", "h"), MatVec("W_my", "m"), Bias("b_y")))}
"""The same with m_t, the largest value of each unit up to step t, beside h_t, and divided by the temperature τ_t."""


def equations(kind: str, fn: str = "tanh") -> dict[str, Equation]:
    """All equations of one cell kind in the order in which they can be computed.

    `kind` is "rnn", "rnn_cut" (handing on s = W_hh h), "lstm", "peephole", "gru" or "gru_chung" (z the other way round); `fn` counts
    for the first two only.
    Raises ValueError for another kind.

    >>> list(equations("gru"))
    ['r', 'z', 'm', 'n', 'h']
    """
    if kind == "rnn":
        return rnn_equations(fn)
    if kind == "rnn_cut":
        return rnn_cut_equations(fn)
    try:
        return {"lstm": LSTM, "peephole": PEEPHOLE, "gru": GRU, "gru_chung": GRU_CHUNG}[kind]
    except KeyError:
        raise ValueError(f"no cell of kind {kind!r}; there are rnn, lstm, peephole, gru") from None
