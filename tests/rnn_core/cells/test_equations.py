"""The table of equations is executed: as terms, as NumPy, as PyTorch; and printed as LaTeX."""

import numpy as np
import pytest
import torch
from torch import nn

from rnn_core import trace
from rnn_core.cells.equations import READOUT, READOUT_MAX, equations
from rnn_core.cells.layers import StepLayer
from rnn_core.cells.lines import latex, math_line, numpy_line, torch_line, variable

D, H, T = 3, 4, 5


def modules():
    torch.manual_seed(11)
    for kind, cls in {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}.items():
        module = cls(D, H, num_layers=2, bidirectional=True).double().requires_grad_(False)
        for layer in (0, 1):
            for direction in ("forward", "backward"):
                yield pytest.param(module, kind, layer, direction, id=f"{kind}{layer}{direction}")
    for kind in ("rnn", "lstm", "peephole", "gru"):
        own = StepLayer(kind, D, H).double().requires_grad_(False)
        yield pytest.param(own, kind, 0, "forward", id=f"own-{kind}")


@pytest.mark.parametrize(("module", "kind", "layer", "direction"), list(modules()))
@pytest.mark.parametrize("language", ["numpy", "torch"])
def test_code_lines_compute_the_trace(module, kind, layer, direction, language):
    x = torch.randn(T, D, dtype=torch.float64)
    lane = trace(module, x).lane(layer, direction)
    suffix = f"l{layer}" + ("_reverse" if direction == "backward" else "")
    own = isinstance(module, StepLayer)
    for t in range(T):
        values = {variable(n): lane[n][t, 0] for n in lane.values}
        for state in {"h", "c"} & set(lane.values):
            values[variable(state, -1)] = lane.previous(state)[t, 0]
        for name, equation in equations(kind).items():
            if language == "numpy":
                line = "".join(f.text for f in numpy_line(equation))
                space = {k: v.numpy() for k, v in (values | lane.weights).items()} | {"np": np}
            else:
                line = "".join(f.text for f in torch_line(equation, "own" if own else kind, suffix))
                space = values | {"torch": torch, "H": H, kind: module, "own": module}
            space.pop(variable(name))
            exec(line, space)
            got = np.asarray(space[variable(name)])
            np.testing.assert_allclose(got, lane[name][t, 0].numpy(), atol=1e-10, rtol=0)


def test_readout_lines():
    readout = nn.Linear(H, 6).double().requires_grad_(False)
    h = torch.randn(H, dtype=torch.float64)
    y = readout(h)
    for line, space in [
        (
            numpy_line,
            {"W_hy": readout.weight.numpy(), "b_y": readout.bias.numpy(), "h_t": h.numpy()},
        ),
        (lambda e: torch_line(e, "rnn"), {"readout": readout, "h_t": h, "torch": torch}),
    ]:
        space = space | {"np": np}
        for name in ("y", "p"):
            exec("".join(f.text for f in line(READOUT[name])), space)
        np.testing.assert_allclose(space["y_t"], y, atol=1e-12)
        np.testing.assert_allclose(space["p_t"], y.softmax(-1), atol=1e-12)


def test_the_readout_with_peaks_is_divided_by_its_temperature():
    W, V, b = (torch.randn(*shape, dtype=torch.float64) for shape in ((3, H), (3, H), (3,)))
    h, m, tau = torch.randn(H, dtype=torch.float64), torch.rand(H, dtype=torch.float64), 1.75
    y = (W @ h + V @ m + b) / tau
    names = {"W_hy": W, "W_my": V, "b_y": b}
    module = type("Model", (), names)
    numpy = {name: w.numpy() for name, w in names.items()} | {"h_t": h.numpy(), "m": m.numpy()}
    torch_space = {"model": module, "h_t": h, "m": m, "torch": torch}
    for line, space in ((numpy_line, numpy), (lambda e: torch_line(e, "model"), torch_space)):
        space |= {"tau_t": tau, "np": np}
        exec("".join(f.text for f in line(READOUT_MAX["y"])), space)
        np.testing.assert_allclose(space["y_t"], y, atol=1e-12)
    assert latex(READOUT_MAX["y"]).startswith(r"y_t = \frac{1}{\tau_t}\left(W_{hy}\, h_t + ")
    assert "".join(f.text for f in math_line(READOUT_MAX["y"])).endswith(") / τ_t")


def test_latex_is_the_fields_notation():
    lines = {name: latex(e) for name, e in equations("lstm").items()}
    assert lines["c"] == r"c_t = f_t \odot c_{t-1} + i_t \odot g_t"
    assert lines["f"] == r"f_t = \sigma(W_{xf}\, x_t + W_{hf}\, h_{t-1} + b_{f})"
    assert latex(equations("gru")["h"]) == r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}"
    assert latex(equations("peephole")["o"]).count(r"w_{co} \odot c_t") == 1


def test_unknown_kind():
    with pytest.raises(ValueError, match="no cell of kind"):
        equations("transformer")


def test_lines_between_decoder_and_answer_compute_what_the_network_does():
    """The lines of NumPy, run in their order, against a reading; those without attention too."""
    import numpy as np
    import torch
    from torch import nn

    from rnn_core.cells.lines import decoder_lines
    from rnn_core.networks.translator import Translator

    for score in ("general", None):
        torch.manual_seed(0)
        model = Translator(("en", "ja"), ["a", "b"], ["c", "d", "e"], 4, 6, score).eval()
        for p in model.parameters():
            nn.init.normal_(p)
        reading = model.requires_grad_(False).read(["a", "b", "a"], [3, 4, 2])
        weights = {name: getattr(model, name) for name in ("W_h", "W_r", "b", "b_y")}
        space = {k: w.numpy() for k, w in weights.items() if w is not None}
        space |= {"np": np, "E_y": model.E_y.weight.numpy()}
        memory = reading.source.memory[:, 0].numpy()
        space |= {"memory": memory, "h_t": reading.decoder.output[1, 0].numpy()}
        lines = {k: "".join(f.text for f in v.numpy) for k, v in decoder_lines(score is not None).items()}
        if score is not None:
            space["W_a"] = model.attention.W_a.numpy()
            keys, e = [], []
            for s in range(3):
                space["s"] = s
                exec(lines["k"], space)
                keys.append(space["k_s"])
            space["keys"] = np.array(keys)
            np.testing.assert_allclose(keys, reading.source.keys[:, 0].numpy(), atol=1e-5)
            for s in range(3):
                space["s"] = s
                exec(lines["e"], space)
                e.append(space["e_ts"])
            space["e_t"] = np.array(e)
            np.testing.assert_allclose(e, reading.e[1].numpy(), atol=1e-5)
            exec(lines["a"], space)
            np.testing.assert_allclose(space["a_t"], reading.attention[1].numpy(), atol=1e-5)
            exec(lines["r"], space)
            np.testing.assert_allclose(space["r_t"], (reading.attention @ torch.tensor(memory))[1].numpy(), atol=1e-5)
        for name in ("h̃", "y", "p"):
            exec(lines[name], space)
        np.testing.assert_allclose(space["mixed_t"], reading.mixed[1].numpy(), atol=1e-5)
        y = space["y_t"].copy()
        y[1] = -np.inf  # the begin token is never said
        np.testing.assert_allclose(y, reading.y[1].numpy(), atol=1e-4)
        np.testing.assert_allclose(space["p_t"].sum(), 1, rtol=1e-5)


@pytest.mark.parametrize("language", ["numpy", "torch"])
def test_the_rnn_cut_after_its_weights_is_the_same_net(language):
    """Step by step with s handed on, from s_0 = W_hh h_0, the lines give torch's hidden states."""
    torch.manual_seed(3)
    rnn = nn.RNN(D, H).double().requires_grad_(False)
    x, h_0 = torch.randn(T, D, dtype=torch.float64), torch.randn(H, dtype=torch.float64)
    truth = rnn(x, h_0[None])[0]
    lane = trace(rnn, x).lane()
    s = rnn.weight_hh_l0 @ h_0
    for x_t, h_t in zip(x, truth, strict=True):
        if language == "numpy":
            space = {k: v.numpy() for k, v in lane.weights.items()}
            space |= {"x_t": x_t.numpy(), "s_prev": np.asarray(s), "np": np}
            lines = [numpy_line(e) for e in equations("rnn_cut").values()]
        else:
            space = {"rnn": rnn, "torch": torch, "x_t": x_t, "s_prev": torch.as_tensor(s)}
            lines = [torch_line(e, "rnn") for e in equations("rnn_cut").values()]
        for line in lines:
            exec("".join(f.text for f in line), space)
        np.testing.assert_allclose(space["h_t"], h_t, atol=1e-12)
        s = space["s_t"]
    assert latex(equations("rnn_cut")["h"]) == r"h_t = \tanh(W_{xh}\, x_t + s_{t-1} + b_{h})"
