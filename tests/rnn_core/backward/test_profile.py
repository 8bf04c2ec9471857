"""Gradient profiles against autograd's Jacobians, and the properties that theory promises."""

import math

import pytest
import torch
from torch import nn

from rnn_core import StepLayer, gradient_profile, trace
from rnn_core.backward.profile import _Sweep
from rnn_core.cells import gru_step, lstm_step, peephole_lstm_step, rnn_step
from rnn_core.cells.arrays import ACTIVATIONS
from rnn_core.cells.weights import kind_of, module_weights
from rnn_core.labs.remember import recurrent
from rnn_core.work import finished

T, D, H = 9, 3, 4
MODULES = {
    "rnn": lambda: nn.RNN(D, H),
    "relu": lambda: nn.RNN(D, H, nonlinearity="relu"),
    "lstm": lambda: nn.LSTM(D, H),
    "gru": lambda: nn.GRU(D, H),
    "sigmoid": lambda: StepLayer("rnn", D, H, "sigmoid"),
    "peephole": lambda: StepLayer("peephole", D, H),
}


def made(name, seed=0):
    torch.manual_seed(seed)
    return MODULES[name]().double()


def stepwise(module, x):
    """All states as nodes of one graph, made by the cells' equations: h_t depends on c_t, as it does on paper."""
    kind, W = kind_of(module), weights_of(module)
    fn = ACTIVATIONS[getattr(module, "nonlinearity", "tanh")]
    h, c, hs, cs = torch.zeros(1, H).double(), torch.zeros(1, H).double(), [], []
    for x_t in x:
        if kind in ("lstm", "peephole"):
            cell = lstm_step if kind == "lstm" else peephole_lstm_step
            step = cell(x_t, h, c, W)
            h, c = step.h, step.c
            cs.append(c)
        else:
            h = rnn_step(x_t, h, W, fn).h if kind == "rnn" else gru_step(x_t, h, W).h
        h.retain_grad()
        hs.append(h)
    return hs, cs


def weights_of(module):
    return module.named_weights() if isinstance(module, StepLayer) else module_weights(module)


def jacobian(of, wrt):
    """∂of/∂wrt, `(H, H)`."""
    rows = [torch.autograd.grad(value, wrt, retain_graph=True, allow_unused=True)[0] for value in of.flatten()]
    return torch.stack([torch.zeros_like(wrt) if r is None else r for r in rows]).reshape(H, H)


@pytest.mark.parametrize("S", [T - 1, 4])
@pytest.mark.parametrize("name", MODULES)
def test_equals_autograd(name, S):
    module = made(name)
    x = torch.randn(T, 1, D, dtype=torch.float64)
    hs, cs = stepwise(module, x)
    profile = gradient_profile(module, x, S)
    for t in range(T):
        truth = jacobian(hs[S], hs[t]) if t <= S else torch.zeros(H, H).double()
        values = torch.linalg.svdvals(truth)
        assert profile.jacobian_h[t].item() == pytest.approx(values[0].item(), rel=1e-9)
        if t <= S:
            low = profile.spectrum_h.smallest[t].item()
            if values[-1] < 1e-14 * values[0]:  # a dead unit: singular, and said to be below resolution
                assert math.isnan(low)
            else:
                assert 10**low == pytest.approx(values[-1].item(), rel=1e-6)
        assert profile.grad_h[t].item() == pytest.approx(truth.sum(0).norm().item(), rel=1e-9)
        if cs:
            inner = jacobian(cs[S], cs[t]) if t <= S else torch.zeros(H, H).double()
            largest = torch.linalg.svdvals(inner)[0].item()
            assert profile.jacobian_c[t].item() == pytest.approx(largest, rel=1e-9)
            to_c = jacobian(hs[S], cs[t]).sum(0).norm().item() if t <= S else 0.0
            assert profile.grad_c[t].item() == pytest.approx(to_c, rel=1e-9)


@pytest.mark.parametrize("name", MODULES)
def test_loss_at_all_steps_equals_autograd(name):
    module = made(name)
    x = torch.randn(T, 1, D, dtype=torch.float64)
    hs, _ = stepwise(module, x)
    sum(h.sum() for h in hs).backward()
    profile = gradient_profile(module, x, "all")
    for t in range(T):
        assert profile.grad_h[t].item() == pytest.approx(hs[t].grad.norm().item(), rel=1e-9)


@pytest.mark.parametrize("cls", [nn.RNN, nn.LSTM, nn.GRU])
def test_layers_directions_and_batches(cls):
    """A lane of a large module is profiled like a module made of that lane alone."""
    torch.manual_seed(0)
    module = cls(D, H, num_layers=2, bidirectional=True, batch_first=True).double()
    x = torch.randn(5, T, D, dtype=torch.float64)
    whole = gradient_profile(module, x)
    assert whole.grad_h.shape == whole.jacobian_h.shape == (T, 5)
    alone = cls(2 * H, H).double()
    for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        setattr(alone, f"{part}_l0", getattr(module, f"{part}_l1_reverse"))
    inner = torch.cat([trace(module, x).lane(0, d)["h"] for d in ("forward", "backward")], -1)
    turned = gradient_profile(alone, inner.flip(0))
    back = gradient_profile(module, x, layer=1, direction="backward")
    torch.testing.assert_close(back.jacobian_h.flip(0), turned.jacobian_h)
    torch.testing.assert_close(back.grad_h.flip(0), turned.grad_h)
    low = gradient_profile(module, x, "all", layer=0)
    hs = trace(module, x, grad=True).lane(0)["h"]
    assert torch.isfinite(low.log10_grad_h).all()
    assert hs.shape == (T, 5, H)


def test_lower_layer_equals_autograd():
    torch.manual_seed(0)
    module = nn.GRU(D, H, num_layers=2).double()
    x = torch.randn(T, 1, D, dtype=torch.float64)
    below, above = nn.GRU(D, H).double(), nn.GRU(H, H).double()
    for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        setattr(below, f"{part}_l0", getattr(module, f"{part}_l0"))
        setattr(above, f"{part}_l0", getattr(module, f"{part}_l1"))
    hs, _ = stepwise(below, x)
    above(torch.cat(hs))[0][-1].sum().backward()
    profile = gradient_profile(module, x, layer=0)
    for t in range(T):
        assert profile.grad_h[t].item() == pytest.approx(hs[t].grad.norm().item(), rel=1e-9)


@pytest.mark.parametrize("activation", ["identity", "relu"])
def test_identity_keeps_the_gradient_at_exactly_one(activation):
    layer = StepLayer("rnn", 1, 8, activation)
    with torch.no_grad():
        layer.W_hh.copy_(torch.eye(8)), layer.W_xh.fill_(0.5), layer.b_h.fill_(0.1)
    profile = gradient_profile(layer, torch.ones(300, 1))
    assert (profile.jacobian_h == 1).all()
    assert (profile.spectrum_h.smallest == 0).all()
    assert profile.log10_grad_h.unique().tolist() == [pytest.approx(0.5 * math.log10(8))]


def test_open_forget_gate_and_closed_input_gate_keep_the_cell_for_ever():
    """CLM-11: f = 1, i = 0 gives ∂c_T/∂c_t = I, at any distance."""
    lstm = nn.LSTM(1, 4)
    with torch.no_grad():
        for parameter in lstm.parameters():
            parameter.zero_()
        lstm.bias_ih_l0[:4] = -200  # i
        lstm.bias_ih_l0[4:8] = 200  # f
    profile = gradient_profile(lstm, torch.randn(1000, 1))
    assert (profile.jacobian_c == 1).all()
    assert (profile.spectrum_c.smallest == 0).all()


def test_orthogonal_linear_net_keeps_every_norm_and_a_scaled_one_is_its_power():
    for scale in (0.5, 1.0, 1.5):
        layer = recurrent("rnn", 1, 16, activation="identity", start="orthogonal", scale=scale)
        profile = gradient_profile(layer, torch.randn(200, 1))
        distance = torch.arange(199, -1, -1, dtype=torch.float64)
        expected = distance * math.log10(scale)
        torch.testing.assert_close(profile.spectrum_h.largest, expected, atol=1e-3, rtol=0)


def test_underflow_is_told_and_the_logarithm_goes_on():
    layer = recurrent("rnn", 1, 8, activation="identity", start="orthogonal", scale=0.1)
    profile = gradient_profile(layer, torch.randn(1000, 1))
    assert profile.grad_h[0] == 0
    assert profile.underflow
    assert profile.log10_grad_h[0].item() == pytest.approx(-999 + 0.5 * math.log10(8), abs=0.05)
    assert profile.spectrum_h.largest[0].item() == pytest.approx(-999, abs=0.05)
    grown = recurrent("rnn", 1, 8, activation="identity", start="orthogonal", scale=10.0)
    with torch.no_grad():
        (
            grown.W_xh.zero_(),
            grown.b_h.zero_(),
        )  # the state stays 0; its Jacobian explodes all the same
    profile = gradient_profile(grown, torch.randn(1000, 1))
    assert math.isinf(profile.grad_h[0])
    assert profile.underflow
    assert profile.spectrum_h.largest[0].item() == pytest.approx(999, abs=0.05)
    both = gradient_profile(grown, torch.randn(1000, 1), "all")
    assert both.log10_grad_h[0].item() == pytest.approx(999, abs=1)


def test_a_net_that_dies_has_gradient_exactly_zero():
    layer = nn.RNN(1, 3, nonlinearity="relu")
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.fill_(-1.0)
    profile = gradient_profile(layer, torch.ones(5, 1))
    assert profile.grad_h[:4].tolist() == [0, 0, 0, 0]
    assert profile.spectrum_h.largest[:4].isneginf().all()
    assert not profile.underflow


def test_single_precision_agrees_with_double_over_a_long_way():
    for name in ("rnn", "lstm", "gru"):
        module = made(name)
        x = torch.randn(400, 1, D, dtype=torch.float64)
        wide = gradient_profile(module, x, at=[0, 200, 399])
        single = gradient_profile(module.float(), x.float(), at=[0, 200, 399])
        for a, b in ((wide.log10_grad_h, single.log10_grad_h), (wide.spectrum_h.largest, single.spectrum_h.largest)):
            here = ~a.isnan()
            assert (a[here] - b[here]).abs().max() < 0.02, name


def test_only_the_steps_asked_for():
    profile = gradient_profile(made("gru"), torch.randn(T, D, dtype=torch.float64), at=[2, 5])
    known = ~profile.spectrum_h.largest.isnan()
    assert known.nonzero().flatten().tolist() == [2, 5]
    whole = gradient_profile(made("gru"), torch.ones(T, D, dtype=torch.float64), at=[2])
    assert whole.jacobian_h[2] > 0


def test_other_devices_take_the_torch_path():
    """The arithmetic without NumPy, on the CPU: the same numbers as with it."""
    for name in MODULES:
        module, x = made(name), torch.randn(T, 2, D, dtype=torch.float64)
        fast = gradient_profile(module, x, "all")
        lane = trace(module, x).lane()
        slow = _Sweep.__new__(_Sweep)
        original = _Sweep._own
        try:
            _Sweep._own = lambda self, tensor: tensor  # type: ignore[method-assign]
            slow.__init__(lane)
            slow.numpy = False
            logs, logs_c = slow.gradients(torch.ones(T, 2, H, dtype=torch.float64))
            largest, _ = finished(slow.spectrum("h", T - 1, tuple(range(T))))
        finally:
            _Sweep._own = original  # type: ignore[method-assign]
        torch.testing.assert_close(torch.as_tensor(logs), fast.log10_grad_h)
        torch.testing.assert_close(torch.as_tensor(largest), fast.spectrum_h.largest)
        if logs_c is not None:
            torch.testing.assert_close(torch.as_tensor(logs_c), fast.log10_grad_c)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss_at": "first"}, "loss_at"),
        ({"loss_at": 99}, "loss_at"),
        ({"loss_at": True}, "loss_at"),
        ({"layer": 1}, "layer"),
        ({"at": [50]}, "at must"),
    ],
)
def test_bad_input_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        gradient_profile(nn.RNN(D, H), torch.randn(T, D), **options)


def test_no_cell_state_is_said():
    with pytest.raises(ValueError, match="no cell state"):
        gradient_profile(nn.GRU(D, H), torch.randn(T, D)).jacobian_c  # noqa: B018
    with pytest.raises(TypeError, match="Linear"):
        gradient_profile(nn.Linear(D, H), torch.randn(T, D))


def test_packed_input_is_refused_and_an_overflow_is_no_number():
    packed = nn.utils.rnn.pack_sequence([torch.randn(3, D), torch.randn(2, D)])
    with pytest.raises(TypeError, match="PackedSequence"):
        gradient_profile(nn.RNN(D, H), packed)
    layer = recurrent("rnn", 1, 8, activation="identity", start="orthogonal", scale=2.0)
    profile = gradient_profile(layer, torch.ones(300, 1))  # 2^300 is more than float32 holds
    assert profile.spectrum_h.largest[0].isnan()
    assert profile.spectrum_h.largest[-1] == 0


@pytest.mark.parametrize("torch_path", [False, True])
def test_sequences_of_one_batch_do_not_share_their_powers_of_two(torch_path, monkeypatch):
    """Two sequences whose gradients are 60 decades apart, each as if it were alone; the loss is at every step."""
    if torch_path:
        monkeypatch.setattr(_Sweep, "_own", lambda self, tensor: tensor)
        made_ = _Sweep.__init__

        def plain(self, lane):
            made_(self, lane)
            self.numpy = False

        monkeypatch.setattr(_Sweep, "__init__", plain)
    torch.manual_seed(0)
    module = nn.LSTM(1, H).double()
    with torch.no_grad():
        module.weight_ih_l0[H : 2 * H] = 6.0  # x opens or shuts the forget gates
    x = torch.stack([torch.ones(40, 1), -torch.ones(40, 1)], dim=1).double()
    both = gradient_profile(module, x)
    assert both.log10_grad_h[0, 0] - both.log10_grad_h[0, 1] > 20
    for b in range(2):
        for loss_at in ("last", "all", 20):
            both = gradient_profile(module, x, loss_at)
            hs, _ = stepwise(module, x[:, b : b + 1])
            steps = {"last": [39], "all": range(40)}.get(loss_at, [loss_at])
            sum(hs[t].sum() for t in steps).backward()
            for t in range(40):
                truth = 0.0 if hs[t].grad is None else hs[t].grad.norm().item()
                assert both.grad_h[t, b].item() == pytest.approx(truth, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("scale", [0.01, 100.0])
def test_after_a_long_fall_or_climb_a_loss_of_size_one_is_added_right(scale):
    """Identity net with W = scale · I in float32: ‖Σ_{s ≥ t} scale^(s−t) 1‖, in logarithms, far beyond the dtype."""
    layer = StepLayer("rnn", 1, 1, "identity")
    with torch.no_grad():
        for p in layer.parameters():
            p.zero_()
        layer.W_hh.fill_(scale)
    found = gradient_profile(layer, torch.zeros(60, 1), "all").log10_grad_h
    for t in range(60):
        d = 59 - t
        truth = d * math.log10(scale) if scale > 1 else 0.0
        rest = 1 / (1 - min(scale, 1 / scale)) if d else 1.0
        assert found[t].item() == pytest.approx(truth + math.log10(rest), abs=1e-3)


def test_lower_backward_lane_equals_autograd():
    torch.manual_seed(1)
    module = nn.GRU(D, H, num_layers=2, bidirectional=True).double()
    x = torch.randn(T, 1, D, dtype=torch.float64)
    ahead, back, above = nn.GRU(D, H).double(), nn.GRU(D, H).double(), nn.GRU(2 * H, H, bidirectional=True).double()
    for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        setattr(ahead, f"{part}_l0", getattr(module, f"{part}_l0"))
        setattr(back, f"{part}_l0", getattr(module, f"{part}_l0_reverse"))
        for end in ("", "_reverse"):
            setattr(above, f"{part}_l0{end}", getattr(module, f"{part}_l1{end}"))
    hs, _ = stepwise(back, x.flip(0))
    below = torch.cat([ahead(x)[0], torch.stack([h.reshape(1, H) for h in reversed(hs)])], -1)
    out, _ = above(below)
    torch.testing.assert_close(out, module(x)[0])
    out[0].sum().backward()  # a backward lane's last step is position 0
    profile = gradient_profile(module, x, layer=0, direction="backward")
    for t in range(T):
        assert profile.grad_h[t].item() == pytest.approx(hs[T - 1 - t].grad.norm().item(), rel=1e-9)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_has_singular_values_too(dtype):
    torch.manual_seed(0)
    module, x = nn.RNN(2, 4), torch.randn(5, 2)
    exact = gradient_profile(module, x)
    half = gradient_profile(module.to(dtype), x.to(dtype))
    torch.testing.assert_close(half.jacobian_h, exact.jacobian_h, rtol=0.1, atol=0.02)
