"""The ladder's tasks have the answers they say; each rung lacks what it should lack; training is seeded."""

import pytest
import torch

from rnn_core.labs.ladder import RUNGS, STEPS, TASKS, LadderTraining


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("task", TASKS)
def test_tasks_are_seeded_and_have_their_answers(task):
    x, target, counts = TASKS[task].make(50, generator())
    again = TASKS[task].make(50, generator())
    assert all(torch.equal(a, b) for a, b in zip((x, target, counts), again, strict=True))
    assert target.shape == counts.shape == x.shape[:2]
    for b in range(50):
        if task == "latch":
            (at,) = x[:, b, 1].nonzero()[:, 0].tolist()
            assert (target[:, b] == x[at, b, 0]).all()
            assert counts[:, b].tolist() == [0] * 19 + [1]
        elif task == "count":
            since = 0
            for t in range(len(x)):
                since = 0 if x[t, b, 0] else since + 1
                assert target[t, b].item() == pytest.approx(since / 20)
            assert counts[:, b].all()
        else:
            total = 0.0
            for t in range(len(x)):
                total += x[t, b, 0].item()
                assert target[t, b].item() == pytest.approx(max(total, 0), abs=1e-6)
            assert counts[:, b].all()


def test_rungs_lack_what_they_should_lack():
    names = {rung: set(LadderTraining(rung, "count", 0).layer.named_weights()) for rung in RUNGS}
    assert names["cec"] == {"W_xg", "W_hg", "b_g"}
    assert names["gates"] == names["forget"] - {"W_xf", "W_hf", "b_f"}
    assert names["peephole"] == names["forget"] | {"w_ci", "w_cf", "w_co"}


@pytest.mark.parametrize("rung", RUNGS)
def test_training_is_seeded_bounded_and_leaves_the_random_numbers_of_others_alone(rung):
    torch.manual_seed(5)
    before = torch.rand(1)
    torch.manual_seed(5)
    one, other = LadderTraining(rung, "latch", 3), LadderTraining(rung, "latch", 3)
    assert torch.equal(torch.rand(1), before)
    one.advance(4)
    other.advance(2)
    other.advance(2)
    assert one.losses == other.losses
    assert one.relative_error() == other.relative_error()
    one.losses = [0.0] * STEPS
    one.advance(3)
    assert one.steps == STEPS


def test_saying_the_mean_has_error_one():
    training = LadderTraining("cec", "count", 0)
    x, target, counts = training.fresh
    mean = (target * counts).sum() / counts.sum()
    with torch.no_grad():
        training.readout.weight.zero_()
        training.readout.bias.fill_(mean)
    assert training.relative_error() == pytest.approx(1.0, rel=1e-5)
    assert x.shape[1] == 256


def test_the_cec_cannot_do_what_gates_can():
    """The first rung of the lesson, in short: 450 steps are enough to see it."""
    runs = {rung: LadderTraining(rung, "latch", 0) for rung in ("cec", "gates")}
    for run in runs.values():
        run.advance(450)
    assert runs["cec"].relative_error() > 0.9
    assert runs["gates"].relative_error() < 0.5


def test_without_peepholes_the_gate_is_left_ajar():
    """The last rung of the lesson: the error of `above` falls, and below zero less leaks out."""
    runs = {rung: LadderTraining(rung, "above", 1) for rung in ("forget", "peephole")}
    leaks = {}
    for rung, run in runs.items():
        run.advance(STEPS)
        x, target, _ = run.fresh
        with torch.no_grad():
            leaks[rung] = run.outputs(x)[target == 0].square().mean().sqrt().item()
    assert runs["forget"].relative_error() > 0.18
    assert runs["peephole"].relative_error() < 0.12
    assert leaks["peephole"] < 0.7 * leaks["forget"]
