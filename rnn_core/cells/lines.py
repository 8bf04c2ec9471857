"""The equations as lines: NumPy, PyTorch, LaTeX and plain text, in pieces that name their terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from rnn_core.cells.equations import Bias, Equation, MatVec, Term
from rnn_core.cells.gates import TORCH_GATES


class Fragment(NamedTuple):
    """A piece of a code line and the number of the term that it computes (None: glue)."""

    text: str
    term: int | None


_VARIABLES = {
    ("x", 0): "x_t",
    ("h", 0): "h_t",
    ("h", -1): "h_prev",
    ("c", 0): "c_t",
    ("c", -1): "c_prev",
    ("s", 0): "s_t",
    ("s", -1): "s_prev",
    ("y", 0): "y_t",
    ("p", 0): "p_t",
}


def variable(name: str, shift: int = 0) -> str:
    """The name that code lines use for a value.

    >>> variable("h", -1), variable("f")
    ('h_prev', 'f')
    """
    return _VARIABLES.get((name, shift), name)


def numpy_line(equation: Equation) -> tuple[Fragment, ...]:
    """The equation as one line of NumPy, cut at its terms.

    >>> from rnn_core.cells.equations import rnn_equations
    >>> "".join(f.text for f in numpy_line(rnn_equations()["h"]))
    'h_t = np.tanh(W_xh @ x_t + W_hh @ h_prev + b_h)'
    """
    wraps = {
        "tanh": ("np.tanh(", ")"),
        "sigmoid": ("1 / (1 + np.exp(-(", ")))"),
        "relu": ("np.maximum(0, ", ")"),
        "identity": ("", ""),
        "softmax": ("np.exp(", ") / np.exp(y_t).sum()"),
        "temper": ("(", ") / tau_t"),
    }

    def term_text(term: Term) -> str:
        if isinstance(term, MatVec):
            return f"{term.weight} @ {variable(term.source, term.shift)}"
        if isinstance(term, Bias):
            return term.weight
        forms = {"": "{}", "tanh": "np.tanh({})", "one_minus": "(1 - {})"}
        return " * ".join(forms[f.fn].format(variable(f.name, f.shift)) for f in term.factors)

    return _line(variable(equation.name), wraps[equation.fn], [term_text(t) for t in equation.terms])


def torch_line(equation: Equation, kind: str, suffix: str = "l0") -> tuple[Fragment, ...]:
    """The equation as one line of PyTorch, its weights named as slices of the module's own tensors.

    `suffix` is torch's: "l0", "l1", "l0_reverse" … `H` in the line is the hidden size; inputs may carry
    batch axes in front, so the matrices stand transposed on the right.

    >>> from rnn_core.cells.equations import LSTM
    >>> "".join(f.text for f in torch_line(LSTM["f"], "lstm"))[:52]
    'f = torch.sigmoid(x_t @ lstm.weight_ih_l0[H:2*H].T +'
    """
    wraps = {
        "tanh": ("torch.tanh(", ")"),
        "sigmoid": ("torch.sigmoid(", ")"),
        "relu": ("torch.relu(", ")"),
        "identity": ("", ""),
        "softmax": ("torch.softmax(", ", dim=-1)"),
        "temper": ("(", ") / tau_t"),
    }

    def term_text(term: Term) -> str:
        if isinstance(term, MatVec):
            return f"{variable(term.source, term.shift)} @ {torch_weight(term.weight, kind, suffix)}.T"
        if isinstance(term, Bias):
            return torch_weight(term.weight, kind, suffix)
        forms = {"": "{}", "tanh": "torch.tanh({})", "one_minus": "(1 - {})"}
        names = (torch_weight(f.name, kind, suffix) if f.is_weight else variable(f.name, f.shift) for f in term.factors)
        return " * ".join(forms[f.fn].format(name) for f, name in zip(term.factors, names, strict=True))

    return _line(variable(equation.name), wraps[equation.fn], [term_text(t) for t in equation.terms])


def _line(left: str, wrap: tuple[str, str], terms: list[str]) -> tuple[Fragment, ...]:
    out = [Fragment(f"{left} = {wrap[0]}", None)]
    for k, text in enumerate(terms):
        if k:
            out.append(Fragment(" + ", None))
        out.append(Fragment(text, k))
    if wrap[1]:
        out.append(Fragment(wrap[1], None))
    return tuple(out)


def torch_weight(weight: str, kind: str, suffix: str = "l0") -> str:
    """Where a named weight lives in the torch module, as an expression.

    Torch keeps two bias vectors per gate; only their sum matters, except for the GRU's candidate,
    whose `b_hn` stands inside the product with r.

    >>> torch_weight("W_xf", "lstm"), torch_weight("b_xn", "gru")
    ('lstm.weight_ih_l0[H:2*H]', 'gru.bias_ih_l0[2*H:]')
    """
    if kind not in TORCH_GATES:
        return f"{kind}.{weight}"  # our own modules use the names themselves
    if weight == "W_hy":
        return "readout.weight"
    if weight == "b_y":
        return "readout.bias"
    gates = TORCH_GATES[kind]
    k = gates.index(weight[-1])
    last = len(gates) - 1
    if last == 0:
        rows = ""
    else:
        start = "" if k == 0 else "H" if k == 1 else f"{k}*H"
        stop = "" if k == last else "H" if k == 0 else f"{k + 1}*H"
        rows = f"[{start}:{stop}]"
    if weight.startswith("W_x"):
        return f"{kind}.weight_ih_{suffix}{rows}"
    if weight.startswith("W_h"):
        return f"{kind}.weight_hh_{suffix}{rows}"
    if weight in ("b_xn", "b_hn"):
        return f"{kind}.bias_{'ih' if weight == 'b_xn' else 'hh'}_{suffix}{rows}"
    return f"({kind}.bias_ih_{suffix} + {kind}.bias_hh_{suffix}){rows}"


def latex(equation: Equation) -> str:
    r"""The equation as LaTeX in the field's notation.

    >>> from rnn_core.cells.equations import rnn_equations
    >>> latex(rnn_equations()["h"])
    'h_t = \\tanh(W_{xh}\\, x_t + W_{hh}\\, h_{t-1} + b_{h})'
    """
    wraps = {
        "tanh": (r"\tanh(", ")"),
        "sigmoid": (r"\sigma(", ")"),
        "relu": (r"\max(0,\, ", ")"),
        "identity": ("", ""),
        "softmax": (r"\mathrm{softmax}(", ")"),
        "temper": (r"\frac{1}{\tau_t}\left(", r"\right)"),
    }

    def value(name: str, shift: int) -> str:
        return f"{name}_{{t-1}}" if shift == -1 else f"{name}_t"

    def weight(name: str) -> str:
        letter, _, index = name.partition("_")
        return f"{letter}_{{{index}}}"

    def term_text(term: Term) -> str:
        if isinstance(term, MatVec):
            return rf"{weight(term.weight)}\, {value(term.source, term.shift)}"
        if isinstance(term, Bias):
            return weight(term.weight)
        forms = {"": "{}", "tanh": r"\tanh({})", "one_minus": "(1 - {})"}
        return r" \odot ".join(
            forms[f.fn].format(weight(f.name) if f.is_weight else value(f.name, f.shift)) for f in term.factors
        )

    open_, close = wraps[equation.fn]
    body = " + ".join(term_text(t) for t in equation.terms)
    return f"{value(equation.name, 0)} = {open_}{body}{close}"


def math_line(equation: Equation) -> tuple[Fragment, ...]:
    """The equation as plain mathematical text, cut at its terms; "W_xh" and "h_{t−1}" mark subscripts.

    >>> from rnn_core.cells.equations import GRU
    >>> "".join(f.text for f in math_line(GRU["h"]))
    'h_t = (1 − z_t) ⊙ n_t + z_t ⊙ h_{t−1}'
    """
    wraps = {
        "tanh": ("tanh(", ")"),
        "sigmoid": ("σ(", ")"),
        "relu": ("max(0, ", ")"),
        "identity": ("", ""),
        "softmax": ("softmax(", ")"),
        "temper": ("(", ") / τ_t"),
    }

    def value(name: str, shift: int = 0) -> str:
        return f"{name}_{{t−1}}" if shift == -1 else f"{name}_t"

    def term_text(term: Term) -> str:
        if isinstance(term, MatVec):
            return f"{term.weight} {value(term.source, term.shift)}"
        if isinstance(term, Bias):
            return term.weight
        forms = {"": "{}", "tanh": "tanh({})", "one_minus": "(1 − {})"}
        return " ⊙ ".join(forms[f.fn].format(f.name if f.is_weight else value(f.name, f.shift)) for f in term.factors)

    return _line(value(equation.name), wraps[equation.fn], [term_text(t) for t in equation.terms])


@dataclass(frozen=True)
class Lines:
    """One formula as text: for reading, in NumPy, and in PyTorch."""

    latex: str
    math: tuple[Fragment, ...]
    numpy: tuple[Fragment, ...]
    torch: tuple[Fragment, ...]


SLOPES = {
    "tanh": ("(1 − h_t²)", "(1 - h_t**2)", r"(1 - h_t^2)"),
    "sigmoid": ("h_t (1 − h_t)", "h_t * (1 - h_t)", r"h_t \odot (1 - h_t)"),
    "relu": ("[h_t > 0]", "(h_t > 0)", r"[h_t > 0]"),
    "identity": ("1", "1", "1"),
}
"""fn'(a_t) written with h_t = fn(a_t): as text, in NumPy, in LaTeX."""


def bptt_lines(fn: str = "tanh", output: str = "softmax") -> dict[str, Lines]:
    """The formulas of BPTT for  h_t = fn(W_xh x_t + W_hh h_{t-1} + b_h),  y_t = W_hy h_t + b_y.

    "d" is δ_t = ∂E/∂a_t, "o" is δᵒᵘᵗ_t = ∂E/∂y_t, the others are the gradients of the weights of that name. `output`: "softmax" for
    E = −Σ log p_t[target], "identity" for E = Σ ½ (y_t − target_t)². Lines of NumPy read `delta_next` (δ of the step
    after, or 0), `d_out` and add to `dW_hh` …; `tests/rnn_core/cells/test_equations.py` runs them. Raises ValueError for another output.

    >>> "".join(f.text for f in bptt_lines()["d"].numpy)
    'delta = (W_hh.T @ delta_next + W_hy.T @ d_out) * (1 - h_t**2)'
    """
    if output not in ("softmax", "identity"):
        raise ValueError(f"output must be 'softmax' or 'identity', got {output!r}")
    text, code, tex = SLOPES[fn]
    guess = "p_t" if output == "softmax" else "y_t"
    lines = {
        "d": Lines(
            rf"\delta_t = \left( W_{{hh}}^\top \delta_{{t+1}} + W_{{hy}}^\top \delta^{{out}}_t \right) \odot {tex}",
            _cut("δ_t = (", "W_hhᵀ δ_{t+1}", " + ", "W_hyᵀ δ^{out}_t", ") ⊙ ", text),
            _cut("delta = (", "W_hh.T @ delta_next", " + ", "W_hy.T @ d_out", ") * ", code),
            _cut("a_t.grad"),
        ),
        "o": Lines(
            rf"\delta^{{out}}_t = {guess} - \mathrm{{target}}_t",
            _cut("δ^{out}_t = ", guess, " − ", "target_t"),
            _cut("d_out = ", guess, " - ", "target_t"),
            _cut("y_t.grad"),
        ),
    }
    for weight, delta, source, name in (
        ("W_xh", "δ_t", "x_t", "rnn.weight_ih_l0.grad"),
        ("W_hh", "δ_t", "h_{t−1}", "rnn.weight_hh_l0.grad"),
        ("W_hy", "δ^{out}_t", "h_t", "readout.weight.grad"),
    ):
        code = "delta" if delta == "δ_t" else "d_out"
        read = {"h_{t−1}": "h_prev"}.get(source, source)
        letter, index = weight.split("_")
        tex = delta.replace("δ", r"\delta ").replace("−", "-")
        lines[weight] = Lines(
            rf"\frac{{\partial E}}{{\partial {letter}_{{{index}}}}} = \sum_t {tex}\, {source.replace('−', '-')}^\top",
            _cut(f"∂E/∂{weight} = Σ ", f"{delta} {source}ᵀ"),
            _cut(f"d{weight} += ", f"np.outer({code}, {read})"),
            _cut(name),
        )
    return lines


_VECTORS = {"h": ("h_t", "h_t"), "r": ("r_t", "r_t"), "h̃": ("h̃_t", "mixed_t")}


def decoder_lines(attention: bool = True) -> dict[str, Lines]:
    """The formulas between a decoder's state and its answer, by the name of what they give (`rnn_core.networks.translator`).

    "k" is the key of source word s, "e" and "a" score and weight of s at step t, "r" what is read, "h̃" the mix of it with h_t
    (of h_t alone without `attention`), "y" and "p" scores and probabilities of the target words. Lines of NumPy read `memory`
    `(S, H)`, `keys` `(S, H)`, `h_t`; `tests/rnn_core/cells/test_equations.py` runs them.

    >>> "".join(f.text for f in decoder_lines()["h̃"].numpy)
    'mixed_t = np.tanh(W_h @ h_t + W_r @ r_t + b)'
    """
    mix = ("h", "r") if attention else ("h",)
    math, numpy, torch = [], [], []
    for name in mix:
        shown, code = _VECTORS[name]
        math += [f"W_{name} {shown}", " + "]
        numpy += [f"W_{name} @ {code}", " + "]
        torch += [f"{code} @ model.W_{name}.T", " + "]
    lines = {
        "h̃": Lines(
            r"\tilde h_t = \tanh(" + " + ".join(rf"W_{n}\, {n}_t" for n in mix) + " + b)",
            _cut("h̃_t = tanh(", *math, "b", ")"),
            _cut("mixed_t = np.tanh(", *numpy, "b", ")"),
            _cut("mixed_t = torch.tanh(", *torch, "model.b", ")"),
        ),
        "y": Lines(
            r"y_t = E_y\, \tilde h_t + b_y",
            _cut("y_t = ", "E_y h̃_t", " + ", "b_y"),
            _cut("y_t = ", "E_y @ mixed_t", " + ", "b_y"),
            _cut("y_t = ", "mixed_t @ model.E_y.weight.T", " + ", "model.b_y"),
        ),
        "p": Lines(
            r"p_t = \mathrm{softmax}(y_t)",
            _cut("p_t = softmax(", "y_t", ")"),
            _cut("p_t = ", "np.exp(y_t)", " / np.exp(y_t).sum()"),
            _cut("p_t = ", "torch.softmax(y_t, dim=-1)"),
        ),
    }
    if not attention:
        return lines
    return {
        "k": Lines(
            r"k_s = W_a\, \bar h_s",
            _cut("k_s = ", "W_a h̄_s"),
            _cut("k_s = ", "W_a @ memory[s]"),
            _cut("k_s = ", "memory[s] @ model.attention.W_a.T"),
        ),
        "e": Lines(
            r"e_{ts} = k_s \cdot h_t",
            _cut("e_{ts} = ", "k_s · h_t"),
            _cut("e_ts = ", "keys[s] @ h_t"),
            _cut("e_ts = ", "keys[s] @ h_t"),
        ),
        "a": Lines(
            r"a_t = \mathrm{softmax}(e_t)",
            _cut("a_t = softmax(", "e_t", ")"),
            _cut("a_t = ", "np.exp(e_t)", " / np.exp(e_t).sum()"),
            _cut("a_t = ", "torch.softmax(e_t, dim=-1)"),
        ),
        "r": Lines(
            r"r_t = \sum_s a_{ts}\, \bar h_s",
            _cut("r_t = Σ ", "a_{ts} h̄_s"),
            _cut("r_t = ", "a_t @ memory"),
            _cut("r_t = ", "a_t @ memory"),
        ),
        **lines,
    }


def _cut(*pieces: str) -> tuple[Fragment, ...]:
    """Every second piece is a term."""
    return tuple(Fragment(text, k // 2 if k % 2 else None) for k, text in enumerate(pieces))
