"""A translation as the stepper draws it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from rnn_core.seq2seq import Reading
from ui.components.stepper.run import Run, add_traced_lane

SHOWN = 5
"""How many of the likeliest words are shown at each step."""


def translation_run(reading: Reading, labels: Mapping[str, str]) -> Run:
    """Encoder, then decoder, on one time bar; rows of the attention that were put in by hand are marked.

    `labels`: "phase_read", "phase_write", "lane_forward", "lane_backward", "lane_decoder" and "rest" (all words that are not named).
    """
    titles = [labels[f"lane_{name}"] for name in ("forward", "backward", "decoder")]
    model, words = reading.model, reading.words
    S, T = len(words), len(reading.tokens)
    said = [model.target_words[k] for k in reading.tokens]
    run = Run(
        (*words, *said),
        phases=[
            (labels["phase_read"], 0, S),
            (labels["phase_write"], S, S + T),
        ],
    )
    run.add_input("x", model.E_x(model.source_ids(words)).numpy())
    before = torch.tensor([1, *reading.tokens[:-1]], device=model.b_y.device)
    run.add_input("w", model.E_y(before).numpy(), start=S)
    encoder = [
        add_traced_lane(run, lane, sources=["x"], title=title, module="encoder")
        for lane, title in zip(reading.encoder.lanes, titles, strict=False)
    ]
    decoder = add_traced_lane(
        run,
        reading.decoder.lane(),
        sources=["w"],
        start=S,
        init_from=encoder,
        title=titles[2],
        module="decoder",
    )
    named, ranked, values = _answer(reading)
    if reading.attention is not None and reading.e is not None:
        memory = reading.source.memory[:, 0]
        values |= {
            "k": reading.source.keys[:, 0],
            "e": reading.e,
            "a": reading.attention,
            "r": reading.attention @ memory,
        }
    weights: dict[str, Any] = {
        "W_h": model.W_h,
        "b": model.b,
        "E_y": model.E_y.weight[named],
        "b_y": model.b_y[named],
    }
    if model.attention is not None and model.W_r is not None:
        weights |= {"W_a": model.attention.W_a, "W_r": model.W_r}
    index = {k: j for j, k in enumerate(named)}
    run.add_decoder_output(
        encoder,
        decoder,
        words,
        said,
        {name: _array(v) for name, v in values.items()},
        {name: _array(w) for name, w in weights.items()},
        [*(model.target_words[k] for k in named), labels["rest"]],
        ranked,
        said=[index[k] for k in reading.tokens],
        held=[t for t in reading.looks if t < T],
    )
    return run


def _array(values: Any) -> np.ndarray:
    array: np.ndarray = values.detach().cpu().numpy()
    return array


def _answer(reading: Reading) -> tuple[list[int], list[list[int]], dict[str, torch.Tensor]]:
    """The words that are named (likeliest somewhere, or said), which are shown at each step, and their scores and probabilities.

    The last column is all other words together: y = log Σ exp y, so that p is right for every one that is named.
    """
    best = reading.y.topk(SHOWN).indices.tolist()
    for row, token in zip(best, reading.tokens, strict=True):
        if token not in row:  # chosen by a beam, by lot or by hand
            row[-1] = token
    named = sorted({k for row in best for k in row})
    index = {k: j for j, k in enumerate(named)}
    others = torch.ones(reading.y.shape[1], dtype=torch.bool)
    others[named] = False
    rest = reading.y[:, others].logsumexp(1, keepdim=True)
    y = torch.cat([reading.y[:, named], rest], 1)
    return (
        named,
        [[index[k] for k in row] for row in best],
        {
            "y": y,
            "p": y.softmax(1),
            "h̃": reading.mixed,
        },
    )
