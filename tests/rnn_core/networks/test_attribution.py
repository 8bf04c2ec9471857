"""Two ways to ask which word pushed the verdict, by their definitions."""

import pytest
import torch
from torch import nn

from rnn_core.networks.attribution import UNREADABLE, gradient_times_input, occlusion
from tests.rnn_core.models.test_sentiment import net

TOKENS = ["the", "film", "is", "not", "very", "good"]


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn", "bi"])
def test_occlusion_is_the_difference_of_two_readings(cell):
    model = net(cell)
    pushes = occlusion(model, TOKENS)
    assert pushes.shape == (6,)
    p = model.positive_of([TOKENS, [*TOKENS[:3], UNREADABLE, *TOKENS[4:]]])
    assert float(pushes[3]) == pytest.approx(p[0] - p[1], abs=1e-6)
    assert float(occlusion(model, ["the", "never-seen"])[1]) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn", "bi"])
def test_gradient_times_input_is_the_slope_along_the_vector(cell):
    model = net(cell).double()
    pushes = gradient_times_input(model, TOKENS)
    x = model.embedding(model.encode(TOKENS)).detach()[:, None]
    for t in range(6):
        step = torch.zeros_like(x)
        step[t] = x[t] * 1e-6
        with torch.no_grad():
            y = [model.answer(x + way * step, torch.tensor([6]))[0] for way in (1, -1)]
        slope = ((y[0][2] - y[0][0]) - (y[1][2] - y[1][0])) / 2e-6
        assert float(pushes[t]) == pytest.approx(float(slope), rel=1e-4, abs=1e-7)


def test_nothing_to_ask():
    model = net("lstm")
    for ask in (occlusion, gradient_times_input):
        with pytest.raises(ValueError, match="no tokens"):
            ask(model, [])
    nn.init.zeros_(model.W_hy)
    nn.init.zeros_(model.W_my)
    assert occlusion(model, TOKENS).abs().max() < 1e-6
