"""What do the gates of a trained LSTM do on a text? Their means at marked places, and what a gate is worth that may not choose.

A gate is held at each unit's own mean: on average it lets through as much as before, but no longer according to what is read. The
loss that this costs is what its choosing was worth. Leaves out single sentences (`rnn_core.forward.surgery` holds gates there).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from rnn_core.cells.weights import module_weights
from rnn_core.networks.char_lm import CharLM

GATES = ("i", "f", "o")


@dataclass(frozen=True)
class GateUse:
    """`nats` per character; by gate: `means` `(H,)` over the text, `marked` `(K, H)` over the places of each of K marks, and
    `shut`, the share of values below 0.1."""

    nats: float
    means: dict[str, Tensor]
    marked: dict[str, Tensor]
    shut: dict[str, float]


@torch.inference_mode()
def gate_use(model: CharLM, ids: Tensor, marks: Tensor, held: Mapping[str, Tensor] | None = None) -> GateUse:
    """Read B streams `(T, B)` side by side from zero states, the gates named in `held` put at fixed values `(H,)`.

    `marks` `(K, T, B)` of truth values: the gate that is counted there is the one that works while that character is read. For
    a model whose cell is an LSTM; raises KeyError for another and ValueError for a mark that never occurs.
    """
    if not bool(marks.flatten(1).any(1).all()):
        raise ValueError("every mark must occur at least once")
    W, held = module_weights(model.rnn), dict(held or {})
    W_x, W_h, b = (torch.cat([W[f"{kind}{q}"] for q in "ifgo"]) for kind in ("W_x", "W_h", "b_"))
    T, B = ids.shape
    H = model.rnn.hidden_size
    h = c = torch.zeros(B, H)
    sums = {q: torch.zeros(H, dtype=torch.double) for q in GATES}
    marked = {q: torch.zeros(len(marks), H, dtype=torch.double) for q in GATES}
    shut = dict.fromkeys(GATES, 0)
    total = 0.0
    for t in range(T):
        a = F.linear(model.embedding(ids[t]), W_x, b) + h @ W_h.T
        i, f, g, o = a.chunk(4, 1)
        gate = {"i": i.sigmoid(), "f": f.sigmoid(), "o": o.sigmoid()}
        gate |= {q: value.expand(B, H) for q, value in held.items()}
        c = gate["f"] * c + gate["i"] * g.tanh()
        h = gate["o"] * c.tanh()
        for q, value in gate.items():
            sums[q] += value.sum(0)
            marked[q] += marks[:, t].double() @ value.double()
            shut[q] += int((value < 0.1).sum())
        if t + 1 < T:
            y = F.linear(h, model.W_hy, model.b_y)
            total += float(F.cross_entropy(y, ids[t + 1], reduction="sum"))
    times = marks.flatten(1).sum(1, keepdim=True)
    return GateUse(
        total / ((T - 1) * B),
        {q: (s / (T * B)).float() for q, s in sums.items()},
        {q: (m / times).float() for q, m in marked.items()},
        {q: n / (T * B * H) for q, n in shut.items()},
    )


SENTENCE_ENDS = {"en": ".?!", "ja": "。"}
EMPTIED = 0.1


def gate_scores(model: CharLM, text: str, language: str, streams: int = 64) -> dict[str, float]:
    """The numbers of the card on the gates: `gate_nats` as they are, `gate_i_held` … with one held at its units' own means;

    gate_f_sentence, gate_f_line, gate_f_other      the mean forget gate at sentence ends, line breaks, all other characters
    gate_emptied_sentence, …_line, …_other          how many units' mean forget gate is below 0.1 there
    gate_i_shut, gate_f_shut, gate_o_shut           the share of values below 0.1
    """
    n = len(text) // streams
    text = text[: n * streams]
    ids = model.encode(text).view(streams, n).T
    chars = np.array(list(text)).reshape(streams, n).T
    ends = np.isin(chars, list(SENTENCE_ENDS[language]))
    lines = chars == "\n"
    marks = torch.tensor(np.stack([ends, lines, ~ends & ~lines]))
    free = gate_use(model, ids, marks)
    out = {"gate_nats": free.nats}
    for q in GATES:
        out[f"gate_{q}_held"] = gate_use(model, ids, marks, {q: free.means[q]}).nats
        out[f"gate_{q}_shut"] = free.shut[q]
    for k, name in enumerate(("sentence", "line", "other")):
        out[f"gate_f_{name}"] = float(free.marked["f"][k].mean())
        out[f"gate_emptied_{name}"] = float((free.marked["f"][k] < EMPTIED).sum())
    return out
