"""A run as the stepper draws it: named vectors over time, and the equations between them.

Numbers come from a `rnn_core` trace (or from the cells themselves) and are shipped whole, so that stepping
needs no server. The browser sums the same terms as `Trace.explain`; a browser test compares the two.
No streamlit and no torch here: arrays in, plain JSON-able values out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from rnn_core.cells.equations import READOUT, READOUT_MAX, Bias, Equation, MatVec, equations
from rnn_core.cells.lines import (
    Fragment,
    Lines,
    bptt_lines,
    decoder_lines,
    math_line,
    numpy_line,
    torch_line,
)

SCALES = {
    "x": "state", "h": "state", "c": "state", "g": "state", "n": "state", "m": "logit",
    "s": "logit", "d": "gradient", "i": "gate", "f": "gate", "o": "gate", "r": "gate", "z": "gate", "y": "logit", "p": "prob",
    "k": "logit", "e": "logit", "a": "gate",
}  # fmt: skip
"""How a value is coloured: "state" −1 … 1, "gate" 0 … 1, "logit" −4 … 4, "prob" a bar, "onehot",
"gradient" up to the largest of the run."""

MAX_WEIGHTS = 60_000
"""Weights of a lane beyond this many are not shipped; the rows a reader opens are asked from the server."""


PACKED = 500
"""A table of more numbers than this goes as base64 of float32: half as long, a hundredth of the time to write, and exact to what torch
computed."""


def _table(array: Any) -> Any:
    """Values `(T, N)` or weights `(N, M)`: numbers as text, or packed when there are many. A vector stays text."""
    values = np.asarray(array)
    if values.size <= PACKED or values.ndim < 2:
        return _numbers(values)
    flat = np.ascontiguousarray(values, dtype="<f4")
    return {"f32": base64.b64encode(flat.tobytes()).decode("ascii"), "shape": list(values.shape)}


def _numbers(array: Any) -> Any:
    """A nested list with six significant digits: short on the wire, exact to the eye.

    JSON has no NaN and no infinity; they go as the words that JavaScript's `Number` reads.
    """
    words = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    texts = [f"{v:.6g}" for v in np.asarray(array, dtype=np.float64).ravel()]
    rounded = [words[text] if text in words else float(text) for text in texts]
    shape = np.asarray(array).shape
    return rounded if len(shape) == 1 else [rounded[k * shape[1] : (k + 1) * shape[1]] for k in range(shape[0])]


class Guess(NamedTuple):
    """What a model expects after a column: its best guesses, and what really came (None at the end)."""

    top: Sequence[tuple[str, float]]
    next: str | None
    p: float
    rank: int


@dataclass
class Run:
    """One run in the making. Columns are the positions on the time bar, encoder before decoder.

    >>> run = Run(["a", "b"])
    >>> run.add_input("x", np.eye(2), units=["a", "b"], scale="onehot")
    >>> W = {"W_xh": np.eye(2), "W_hh": np.eye(2), "b_h": np.zeros(2)}
    >>> run.add_lane("rnn", {"h": np.zeros((2, 2))}, W, np.zeros(2), sources=["x"])
    'l0'
    >>> sorted(run.to_json()["nodes"])
    ['l0.h', 'x']
    """

    labels: Sequence[str]
    phases: Sequence[tuple[str, int, int]] = ()
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    lanes: list[dict[str, Any]] = field(default_factory=list)
    readout: dict[str, Any] | None = None
    before: dict[str, Any] | None = None
    backward: dict[str, Any] | None = None
    map: dict[str, Any] | None = None
    meter: dict[str, Any] | None = None
    attention: dict[str, Any] | None = None
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)
    unshipped: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)

    def add_input(
        self,
        name: str,
        values: Any,
        units: Sequence[str] | None = None,
        scale: str = "state",
        start: int = 0,
    ) -> None:
        """An input vector per column, `(T, D)`, beginning at column `start`; `units` names its entries."""
        self._add_node(name, name, "x", scale, values, units, start)

    def add_lane(
        self,
        kind: str,
        values: Mapping[str, Any],
        weights: Mapping[str, Any],
        h_0: Any,
        c_0: Any = None,
        *,
        sources: Sequence[str],
        layer: int = 0,
        direction: str = "forward",
        fn: str = "tanh",
        title: str = "",
        start: int = 0,
        init_from: Sequence[str] = (),
        module: str | None = None,
        chung: bool = False,
        cut: bool = False,
    ) -> str:
        """One layer in one direction; returns its id ("l0", "l1_reverse", "dec.l0" …).

        `values`: names to `(T, H)` in the order of the columns. `sources`: the ids of the vectors that x is
        made of. `start`: first column. `init_from`: the lanes whose last states, one after the other, are this lane's first (the
        decoder's encoder). `module`: what code lines call the torch module; unless told, the kind. `chung`: a GRU whose z is
        given and shown as Chung et al. (2014) write it (see `rnn_core.cells.equations.GRU_CHUNG`). `cut`: a simple RNN that can also be
        drawn cut after W_hh, with s_t = W_hh h_t handed on (see `rnn_core.cells.equations.rnn_cut_equations`).
        """
        suffix = f"l{layer}" + ("_reverse" if direction == "backward" else "")
        lane_id = f"dec.{suffix}" if init_from else suffix
        for name, array in values.items():
            if name in SCALES and name != "x":
                self._add_node(f"{lane_id}.{name}", name, name, SCALES[name], array, None, start)
                self.nodes[f"{lane_id}.{name}"]["lane"] = lane_id
        table = equations("gru_chung" if chung else kind, fn)
        arrays = {name: np.asarray(w) for name, w in weights.items()}
        init = {"h": h_0} | ({} if c_0 is None else {"c": c_0})
        if cut:
            W_hh = arrays["W_hh"].T
            self._add_node(f"{lane_id}.s", "s", "s", SCALES["s"], np.asarray(values["h"]) @ W_hh, None, start)
            self.nodes[f"{lane_id}.s"]["lane"] = lane_id
            init["s"] = np.asarray(h_0) @ W_hh
        ship = sum(w.size for w in arrays.values()) <= MAX_WEIGHTS
        if not ship:
            self.unshipped[lane_id] = arrays
        code = module or kind

        def told(table: Mapping[str, Equation]) -> dict[str, Any]:
            return {
                name: _equation(e, _in_torch(e, kind, suffix, chung), code, kind, direction)
                for name, e in table.items()
            }

        self.lanes.append(
            {
                "id": lane_id,
                "kind": kind,
                "layer": layer,
                "direction": direction,
                "title": title,
                "from": start,
                "to": start + len(values["h"]),
                "sources": list(sources),
                "init": {name: _numbers(state) for name, state in init.items()},
                "init_from": list(init_from),
                "suffix": suffix,
                "chung": chung,
                "equations": told(table),
                "cut": told(equations("rnn_cut", fn)) if cut else None,
                "weights": {n: _table(w) for n, w in arrays.items()} if ship else None,
            }
        )
        return lane_id

    def add_readout(
        self,
        scores: Any,
        probabilities: Any | None,
        weights: Mapping[str, Any],
        units: Sequence[str],
        *,
        sources: Sequence[str],
        target: Sequence[int | None] | None = None,
        start: int = 0,
        peaks: Sequence[str] = (),
        temperatures: Sequence[float] = (),
    ) -> None:
        """Scores y and probabilities p (None: y is the answer itself), `(T, V)`, read from `sources` by `W_hy` and `b_y`.

        `peaks`: the nodes whose largest value so far, unit by unit, is read too, by `W_my`; the module is then called "model",
        and its sums are divided by `temperatures`, one a step.
        """
        self._add_node("y", "y", "y", "logit", scores, units, start)
        if probabilities is not None:
            self._add_node("p", "p", "p", "prob", probabilities, units, start)
        table, code = (READOUT_MAX, "model") if peaks else (READOUT, "rnn")
        self.readout = {
            "sources": list(sources),
            "peaks": list(peaks),
            "temperatures": [round(tau, 6) for tau in temperatures],
            "from": start,
            "to": start + len(scores),
            "target": None if target is None else list(target),
            "equations": {name: _equation(e, torch_line(e, code), code, code) for name, e in table.items()},
            "weights": {n: _table(w) for n, w in weights.items()},
        }

    def add_decoder_output(
        self,
        encoder: Sequence[str],
        decoder: str,
        words: Sequence[str],
        target: Sequence[str],
        values: Mapping[str, Any],
        weights: Mapping[str, Any],
        units: Sequence[str],
        ranked: Sequence[Sequence[int]],
        *,
        title: str = "",
        said: Sequence[int | None] | None = None,
        held: Sequence[int] = (),
    ) -> None:
        """What lies between a decoder's state and its answer: attention (if there is any), mix, scores, probabilities.

        `encoder`, `decoder`: lane ids; `words` the source words at the columns 0 … S − 1, `target` the words said at S … S + T − 1.
        `values`: "k" `(S, H)`, "e", "a" `(T, S)`, "r" `(T, H)` (these four only with attention), "h̃" `(T, D)`, "y", "p" `(T, V)` of the words
        `units`, the last of which stands for all that are not named. `weights`: "W_a", "W_h", "W_r", "b", "E_y", "b_y" (rows of `units` but the
        last). `ranked`: the units shown at each step, likeliest first. `said`: which unit was said. `held`: rows of a (from 0) that were put in by hand. See `rnn_core.cells.lines.decoder_lines`.
        """
        start, lines = len(words), decoder_lines("a" in values)
        terms: dict[str, list[dict[str, Any]]] = {
            "k": [{"kind": "matvec", "weight": "W_a", "nodes": [f"{lane}.h" for lane in encoder]}],
            "e": [{"kind": "dot", "by": "k", "node": f"{decoder}.h"}],
            "a": [{"kind": "softmax", "node": "e"}],
            "r": [{"kind": "read", "by": "a", "nodes": [f"{lane}.h" for lane in encoder]}],
            "h̃": [
                {"kind": "matvec", "weight": "W_h", "nodes": [f"{decoder}.h"]},
                *([{"kind": "matvec", "weight": "W_r", "nodes": ["r"]}] if "r" in values else []),
                {"kind": "bias", "weight": "b"},
            ],
            "y": [
                {"kind": "matvec", "weight": "E_y", "nodes": ["h̃"]},
                {"kind": "bias", "weight": "b_y"},
            ],
            "p": [{"kind": "softmax", "node": "y"}],
        }
        fns = {"h̃": "tanh", "a": "softmax", "p": "softmax"}
        scales = {"r": "state", "h̃": "state"}
        for name in lines:
            named = {"e": words, "a": words, "y": units, "p": units}.get(name)
            scale = scales.get(name) or SCALES[name]
            self._add_node(name, name, name, scale, values[name], named, 0 if name == "k" else start)
            needed = {t["weight"]: np.asarray(weights[t["weight"]]) for t in terms[name] if "weight" in t}
            ship = sum(w.size for w in needed.values()) <= MAX_WEIGHTS
            if not ship:
                self.unshipped[name] = needed
            self.stages[name] = {
                "fn": fns.get(name, "identity"),
                "terms": terms[name],
                **_fragments(lines[name]),
                "weights": {n: _table(w) for n, w in needed.items()} if ship else None,
            }
        if held:
            rows = [{"from": start + t, "to": start + t + 1, "units": None} for t in held]
            self.nodes["a"]["held"] = rows
        self.attention = {
            "source": [0, start],
            "target": [start, start + len(target)],
            "words": list(words),
            "said": list(target),
            "title": title,
            "looks": "a" in values,
            "ranked": [list(row) for row in ranked],
            "chosen": None if said is None else list(said),
            "decoder": decoder,
            "encoder": list(encoder),
        }

    def add_backward(
        self,
        lane_id: str,
        deltas: Any,
        out_deltas: Any,
        targets: Any,
        *,
        loss_steps: Sequence[int],
        cuts: Sequence[int] = (),
        output: str = "softmax",
        units: Sequence[str] | None = None,
    ) -> None:
        """The way back through a simple RNN with a readout: the time bar goes on, from the last step to the first.

        `deltas` δ `(T, H)`, `out_deltas` δᵒᵘᵗ `(T, V)`, `targets` `(T, V)`; `loss_steps` the steps at which a loss is taken,
        `cuts` the steps that send nothing to the step before. Weights' gradients are summed in the browser.
        """
        lane = next(lane for lane in self.lanes if lane["id"] == lane_id)
        fn = lane["equations"]["h"]["fn"]
        self._add_node(f"{lane_id}.d", "δ", "d", "gradient", deltas, None, 0)
        self.nodes[f"{lane_id}.d"]["lane"] = lane_id
        self._add_node("dy", "δ^{out}", "d", "gradient", out_deltas, units, 0)
        self._add_node("target", "target", "y", "logit", targets, units, 0)
        both = [np.abs(np.asarray(d)).max() for d in (deltas, out_deltas)]
        largest = float(max(both))
        self.backward = {
            "lane": lane_id,
            "delta": f"{lane_id}.d",
            "fn": fn,
            "output": output,
            "loss_steps": list(loss_steps),
            "cuts": sorted(cuts),
            "largest": largest if 0 < largest < np.inf else 1.0,
            "lines": {name: _fragments(lines) for name, lines in bptt_lines(fn, output).items()},
        }

    def add_map(
        self,
        lane_id: str,
        names: Sequence[str],
        order: Sequence[int],
        *,
        sorted_by: str = "",
        text: Sequence[str] | None = None,
        notes: Mapping[int, str] | None = None,
        guesses: Sequence[Guess] | None = None,
    ) -> None:
        """All units of a lane over time, above the drawing, and the text coloured by one of them.

        `names`: the values that can be shown, the first one first. `order`: the units from top to bottom, also the order in
        which the drawing pages through them; `sorted_by` names it. `text`: the columns as running text. `notes`: what is known of a unit. `guesses`: per column.
        Raises ValueError for an order that is not a permutation.
        """
        lane = next(lane for lane in self.lanes if lane["id"] == lane_id)
        if sorted(order) != list(range(len(lane["init"]["h"]))):
            raise ValueError("order must name every unit once")
        self.map = {
            "lane": lane_id,
            "names": list(names),
            "order": [int(unit) for unit in order],
            "sorted": sorted_by,
            "text": None if text is None else list(text),
            "notes": {str(unit): note for unit, note in (notes or {}).items()},
            "guesses": None
            if guesses is None
            else [
                {
                    "top": [[s, float(f"{p:.6g}")] for s, p in g.top],
                    "next": g.next,
                    "p": float(f"{g.p:.6g}"),
                    "rank": g.rank,
                }
                for g in guesses
            ],
        }

    def add_meter(self, shares: Any, names: Sequence[str], curves: Mapping[str, tuple[str, Any]]) -> None:
        """The verdict at every step, above all else: a bar of `shares` `(T, K)` called `names`, and curves 0 … 1 by name: (kind, `(T,)`).

        The first curve is the run's own; the kind ("lstm", "gru", "rnn", "bi", "bag") gives its colour. The last share is drawn as the good end, the first as the bad one.
        """
        self.meter = {
            "names": list(names),
            "shares": _numbers(shares),
            "curves": [
                {
                    "name": name,
                    "kind": kind,
                    "values": _numbers(values),
                }
                for name, (kind, values) in curves.items()
            ],
        }

    def mark_held(self, lane_id: str, name: str, start: int, stop: int, units: Sequence[int] | None) -> None:
        """Say that values were set by hand: `name` at the columns start … stop − 1, of the units (None: of all)."""
        clamp = {"from": start, "to": stop, "units": None if units is None else list(units)}
        self.nodes[f"{lane_id}.{name}"].setdefault("held", []).append(clamp)

    def weights_of_unit(self, lane: str, unit: int) -> dict[str, Any] | None:
        """The weights into one unit of a lane whose weights were too many to ship; None if there is none."""
        weights = self.unshipped.get(lane)
        if weights is None or not 0 <= unit < min(len(w) for w in weights.values()):
            return None
        return {name: _numbers(np.atleast_1d(w[unit])) if w.ndim > 1 else float(w[unit]) for name, w in weights.items()}

    def compare_with(self, before: Run, names: Sequence[str] | None = None) -> None:
        """Show the numbers of another run of the same shape as "before"; `names` (None: all) says of which values."""
        self.before = {
            node_id: node["values"] for node_id, node in before.nodes.items() if names is None or node["name"] in names
        }

    @cached_property
    def text(self) -> str:
        """What the component gets, as JSON; written once, since a run is finished when it is first shown."""
        return json.dumps(self.to_json(), separators=(",", ":"), allow_nan=False)

    def to_json(self) -> dict[str, Any]:
        """The run in plain values."""
        return {
            "columns": list(self.labels),
            "phases": [{"name": n, "from": a, "to": b} for n, a, b in self.phases],
            "nodes": self.nodes,
            "lanes": self.lanes,
            "readout": self.readout,
            "before": self.before,
            "backward": self.backward,
            "map": self.map,
            "meter": self.meter,
            "attention": self.attention,
            "stages": self.stages,
        }

    def _add_node(
        self,
        node_id: str,
        name: str,
        role: str,
        scale: str,
        values: Any,
        units: Sequence[str] | None,
        start: int,
    ) -> None:
        self.nodes[node_id] = {
            "name": name,
            "role": role,
            "scale": scale,
            "units": None if units is None else list(units),
            "from": start,
            "values": _table(values),
        }


def _fragments(lines: Lines) -> dict[str, Any]:
    return {
        "math": [tuple(f) for f in lines.math],
        "numpy": [tuple(f) for f in lines.numpy],
        "torch": [tuple(f) for f in lines.torch],
    }


def _equation(
    equation: Equation,
    torch: tuple[Fragment, ...],
    code: str,
    kind: str,
    direction: str = "forward",
) -> dict[str, Any]:
    def term(t: Any) -> dict[str, Any]:
        if isinstance(t, MatVec):
            return {"kind": "matvec", "weight": t.weight, "source": t.source, "shift": t.shift}
        if isinstance(t, Bias):
            return {"kind": "bias", "weight": t.weight}
        return {"kind": "product", "factors": [vars(f) for f in t.factors]}

    before = "t−1" if direction == "forward" else "t+1"  # a backward lane comes from the right
    renamed = [(f.text.replace(f"{kind}.", f"{code}."), f.term) for f in torch]
    return {
        "fn": equation.fn,
        "terms": [term(t) for t in equation.terms],
        "math": [(f.text.replace("t−1", before), f.term) for f in math_line(equation)],
        "numpy": [tuple(f) for f in numpy_line(equation)],
        "torch": renamed,
    }


def _in_torch(equation: Equation, kind: str, suffix: str, chung: bool) -> tuple[Fragment, ...]:
    """The line of PyTorch; torch's own z is the other way round."""
    line = torch_line(equation, kind, suffix)
    if not (chung and equation.name == "z"):
        return line
    return (Fragment(line[0].text.replace("= ", "= 1 - "), None), *line[1:])


def add_traced_lane(run: Run, lane: Any, *, sources: Sequence[str], chung: bool = False, **options: Any) -> str:
    """Add a `rnn_core.Lane` (batch entry 0) to the run; `options` as in `Run.add_lane`.

    `chung` shows a GRU's z the other way round: 1 − z, its weights with the other sign.
    """
    values = {name: tensor[:, 0].detach().cpu().numpy() for name, tensor in lane.values.items()}
    weights = {name: w.detach().cpu().numpy() for name, w in lane.weights.items()}
    if chung:
        values["z"] = 1 - values["z"]
        weights |= {name: -weights[name] for name in ("W_xz", "W_hz", "b_z")}
    return run.add_lane(
        lane.kind,
        values,
        weights,
        lane.h_0[0].detach().cpu().numpy(),
        None if lane.c_0 is None else lane.c_0[0].detach().cpu().numpy(),
        sources=sources,
        layer=lane.layer,
        direction=lane.direction,
        fn=lane.fn,
        chung=chung,
        **options,
    )
