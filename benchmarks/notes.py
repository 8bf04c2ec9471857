"""The training loop of the lecture's notes, in NumPy, one sum per step: what the live training is measured against."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from rnn_core.labs.adder import sums


def numpy_training(net: torch.nn.Module, steps: int, lr: float, seed: int, bits: int) -> list[float]:
    """Sigmoid net, ½ Σ (p − s)², backpropagation through time by hand, plain gradient descent; the loss of every step.

    `net` gives the first weights (`rnn_core.labs.adder.adder_net`) and is left as it is.
    """

    def sigmoid(a: Any) -> Any:
        return 1 / (1 + np.exp(-a))

    W = {name: p.detach().numpy().astype(float) for name, p in net.named_parameters()}
    W_x, W_h, b = (W[f"rnn.{n}"] for n in ("W_xh", "W_hh", "b_h"))
    W_y, b_y = W["readout.weight"][0], W["readout.bias"]
    generator = torch.Generator().manual_seed(seed)
    losses = []
    for _ in range(steps):
        x, s = (v[:, 0].numpy() for v in sums(torch.randint(0, 2**bits, (1, 2), generator=generator), bits))
        h = [np.zeros(len(b))]
        for x_t in x:
            h.append(sigmoid(W_x @ x_t + W_h @ h[-1] + b))
        p = sigmoid(np.stack(h[1:]) @ W_y + b_y)
        losses.append(0.5 * ((p - s) ** 2).sum())
        out = (p - s) * p * (1 - p)
        grads = [0 * W_x, 0 * W_h, 0 * b]
        later = np.zeros(len(b))
        for t in reversed(range(len(x))):
            delta = (out[t] * W_y + W_h.T @ later) * h[t + 1] * (1 - h[t + 1])
            for grad, more in zip(grads, (np.outer(delta, x[t]), np.outer(delta, h[t]), delta), strict=True):
                grad += more
            later = delta
        W_y, b_y = W_y - lr * out @ np.stack(h[1:]), b_y - lr * out.sum()
        W_x, W_h, b = (w - lr * g for w, g in zip((W_x, W_h, b), grads, strict=True))
    return losses
