"""Gates on a text: read as torch reads, counted where they are marked, held where they are told."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from rnn_core.forward.tracing import trace
from rnn_core.labs.gates import GATES, gate_scores, gate_use
from rnn_core.networks.char_lm import CharLM

TEXT = "Ay me. Is it so?\nIt is so. Go!\n" * 8
H = 7


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(4)
    net = CharLM("lstm", "".join(sorted(set(TEXT))), 5, H).eval().requires_grad_(False)
    for p in net.parameters():
        p.mul_(4)
    return net


@pytest.fixture(scope="module")
def streams(model):
    ids = model.encode(TEXT)[:240].view(3, 80).T
    chars = np.array(list(TEXT[:240])).reshape(3, 80).T
    return ids, torch.tensor(np.stack([chars == ".", chars != "."]))


def test_free_gates_are_the_models(model, streams):
    ids, marks = streams
    found = gate_use(model, ids, marks)
    y, _ = model(ids)
    truth = F.cross_entropy(y[:-1].flatten(0, 1), ids[1:].flatten())
    assert found.nats == pytest.approx(float(truth), abs=1e-5)
    lane = trace(model.rnn, model.embedding(ids)).lane()
    for gate in GATES:
        torch.testing.assert_close(found.means[gate], lane[gate].mean((0, 1)))
        for k in (0, 1):
            torch.testing.assert_close(found.marked[gate][k], lane[gate][marks[k]].mean(0))
        assert found.shut[gate] == pytest.approx(float((lane[gate] < 0.1).double().mean()))


@pytest.mark.parametrize("gate", GATES)
def test_a_held_gate_is_a_net_whose_gate_has_no_weights(model, streams, gate):
    ids, marks = streams
    value = torch.linspace(0.2, 0.9, H)
    found = gate_use(model, ids, marks, {gate: value})
    other = CharLM("lstm", model.symbols, 5, H)
    other.load_state_dict(model.state_dict())
    other.requires_grad_(False)
    k = "ifgo".index(gate)
    with torch.no_grad():
        for name, p in other.rnn.named_parameters():
            p[k * H : (k + 1) * H] = value.logit() if name == "bias_ih_l0" else 0
    y, _ = other(ids)
    truth = F.cross_entropy(y[:-1].flatten(0, 1), ids[1:].flatten())
    assert found.nats == pytest.approx(float(truth), abs=1e-5)
    assert found.nats != pytest.approx(gate_use(model, ids, marks).nats, abs=1e-4)
    torch.testing.assert_close(found.means[gate], value)


def test_the_cards_numbers_are_those_of_the_marks(model):
    found = gate_scores(model, TEXT, "en", streams=4)
    n = len(TEXT) // 4
    ids = model.encode(TEXT[: 4 * n]).view(4, n).T
    chars = np.array(list(TEXT[: 4 * n])).reshape(4, n).T
    f = trace(model.rnn, model.embedding(ids)).lane()["f"]
    ends = torch.tensor(np.isin(chars, list(".?!")))
    lines = torch.tensor(chars == "\n")
    for name, where in (("sentence", ends), ("line", lines), ("other", ~ends & ~lines)):
        assert found[f"gate_f_{name}"] == pytest.approx(float(f[where].mean()), abs=1e-5)
        assert found[f"gate_emptied_{name}"] == int((f[where].mean(0) < 0.1).sum())
    assert {f"gate_{g}_{what}" for g in GATES for what in ("held", "shut")} < found.keys()


def test_a_mark_that_never_occurs_is_refused(model, streams):
    ids, marks = streams
    with pytest.raises(ValueError, match="mark"):
        gate_use(model, ids, torch.cat([marks, torch.zeros_like(marks[:1])]))
