"""A layer with its loss, forward and back: every gradient is autograd's, the script computes the same numbers."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from rnn_core import load
from rnn_core.backward.readout import as_script, autograd_gradients, backward_pass
from rnn_core.cells.lines import bptt_lines

T, D, H, V = 6, 3, 4, 3


def made(output, nonlinearity="tanh"):
    torch.manual_seed(2)
    rnn, readout = nn.RNN(D, H, nonlinearity=nonlinearity).double(), nn.Linear(H, V).double()
    x = torch.randn(T, D).double()
    target = torch.randn(T, V).double()
    if output == "softmax":
        target = F.one_hot(torch.arange(T) % V, V).double()
    return rnn, readout, x, target


@pytest.mark.parametrize("block", [None, 1, 2, 4])
@pytest.mark.parametrize("steps", [None, [T - 1], [0, 3]])
@pytest.mark.parametrize("output", ["softmax", "identity"])
def test_equals_autograd(output, steps, block):
    rnn, readout, x, target = made(output)
    done = backward_pass(rnn, readout, x, target, output=output, loss_steps=steps, block=block)
    loss, h = 0.0, torch.zeros(1, H).double()
    for t in range(T):
        if block and t % block == 0:
            h = h.detach()
        h = rnn(x[t][None], h)[1]
        y = readout(h[0])
        if steps is None or t in steps:
            loss = loss + (
                F.cross_entropy(y[None], target[t].argmax()[None])
                if output == "softmax"
                else 0.5 * (y - target[t]).square().sum()
            )
    loss.backward()
    assert done.loss == pytest.approx(loss.item())
    ours = done.gradients()
    for name, truth in {
        "W_xh": rnn.weight_ih_l0,
        "W_hh": rnn.weight_hh_l0,
        "b_h": rnn.bias_hh_l0,
        "W_hy": readout.weight,
        "b_y": readout.bias,
    }.items():
        torch.testing.assert_close(ours[name], truth.grad, rtol=1e-9, atol=1e-9)
        torch.testing.assert_close(done.contributions(name).sum(0), truth.grad, rtol=1e-9, atol=1e-9)
        torch.testing.assert_close(autograd_gradients(rnn, readout, done)[name], truth.grad)
    assert len(done.shares("W_hh")) == T
    assert done.shares("W_hh")[0] == 0  # h_0 is 0


@pytest.mark.parametrize("output", ["softmax", "identity"])
@pytest.mark.parametrize("fn", ["tanh", "relu"])
def test_the_lines_of_numpy_on_the_page_compute_the_deltas(fn, output):
    """The text that stands on the page, run."""
    import numpy as np

    rnn, readout, x, target = made(output, fn)
    done = backward_pass(rnn, readout, x, target, output=output)
    lane, W = done.run.lane(), {k: w.detach().numpy() for k, w in done.run.lane().weights.items()}
    W["W_hy"] = readout.weight.detach().numpy()
    sums = {f"d{name}": 0.0 for name in ("W_xh", "W_hh", "W_hy")}
    for t in reversed(range(T)):
        delta_next = done.grads["a_h"][t + 1, 0].numpy() if t + 1 < T else np.zeros(H)
        space = (
            W
            | sums
            | {
                "np": np,
                "delta_next": delta_next,
                "x_t": x[t].numpy(),
                "h_t": lane.h[t, 0].numpy(),
                "h_prev": lane.previous("h")[t, 0].numpy(),
                "y_t": done.y[t].numpy(),
                "target_t": target[t].numpy(),
                "p_t": None if done.p is None else done.p[t].numpy(),
            }
        )
        for name in ("o", "d", "W_xh", "W_hh", "W_hy"):
            exec("".join(f.text for f in bptt_lines(fn, output)[name].numpy), space)
        np.testing.assert_allclose(space["d_out"], done.out_deltas[t], atol=1e-12)
        np.testing.assert_allclose(space["delta"], done.grads["a_h"][t, 0], atol=1e-12)
        sums = {name: space[name] for name in sums}
    for name, value in sums.items():
        np.testing.assert_allclose(value, done.gradients()[name[1:]], atol=1e-12)


@pytest.mark.parametrize("block", [None, 2])
def test_the_script_prints_the_same_numbers(tmp_path, block):
    model = load("hello-lecture")
    x, target = model.one_hot("hell"), model.one_hot("ello")
    done = backward_pass(model.rnn, model.readout, x, target, block=block)
    path = tmp_path / "bptt.py"
    path.write_text(as_script(done, model.rnn, model.readout, "hell"), "utf-8")
    out = subprocess.run([sys.executable, "-X", "utf8", path], capture_output=True, text=True, check=True).stdout
    assert float(re.search(r"largest difference: (\S+)", out).group(1)) < 1e-12
    assert float(re.search(r"E = (\S+)", out).group(1)) == pytest.approx(done.loss, abs=1e-5)
    for t, row in re.findall(r"t=(\d) .*delta=\[(.*?)\]", out):
        seen = [float(v) for v in row.split()]
        assert seen == pytest.approx(done.grads["a_h"][int(t) - 1, 0].tolist(), abs=2e-4)


def test_bad_input_is_named():
    rnn, readout, x, target = made("softmax")
    with pytest.raises(ValueError, match="output"):
        backward_pass(rnn, readout, x, target, output="linear")
    with pytest.raises(ValueError, match="target must be"):
        backward_pass(rnn, readout, x, target[:2])
    with pytest.raises(ValueError, match="sum to 1"):
        backward_pass(rnn, readout, x, 0 * target)
    with pytest.raises(ValueError, match="one layer"):
        backward_pass(nn.RNN(D, H, num_layers=2).double(), readout, x, target)
    for steps in ([], [T], [-1]):
        with pytest.raises(ValueError, match="loss_steps"):
            backward_pass(rnn, readout, x, target, loss_steps=steps)
    with pytest.raises(ValueError, match="output"):
        bptt_lines("tanh", "linear")


def test_autograd_leaves_the_network_as_it_is_while_others_read_it():
    """Readers share one network, each in a thread of its own."""
    rnn, readout, x, target = made("softmax")
    rnn.requires_grad_(False), readout.requires_grad_(False)
    done = backward_pass(rnn, readout, x, target)
    before = autograd_gradients(rnn, readout, done)

    def read(_):
        return autograd_gradients(rnn, readout, done)

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(read, range(200)):
            assert all(torch.equal(found[name], before[name]) for name in before)
    assert not any(p.requires_grad for p in (*rnn.parameters(), *readout.parameters()))
