"""Memory tasks have the answers they say; nets start as they say; training is what it says, clipping included."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnn_core.labs.remember import CELLS, STARTS, MemoryNet, memory_training, recurrent
from rnn_core.labs.tasks import TASKS, adding, copy, first_symbol, parity
from rnn_core.training.clipping import clip_by_norm, clip_by_value, grad_norm


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@given(st.sampled_from(sorted(TASKS)), st.integers(1, 60), st.integers(0, 99))
def test_every_task_has_its_shapes_and_is_seeded(name, distance, seed):
    task = TASKS[name](distance)
    x, target = task.make(3, generator(seed))
    again, target_again = task.make(3, generator(seed))
    assert x.shape == (task.steps, 3, task.input_size)
    assert torch.equal(x, again)
    assert torch.equal(target, target_again)
    y = torch.zeros(task.steps, 3, task.output_size)
    assert math.isfinite(task.loss(y, target).item())
    assert 0 <= task.right(y, target) <= 1


def perfect(task, x, target):
    """Scores that a net which knows everything would give."""
    y = torch.zeros(task.steps, x.shape[1], task.output_size)
    hot = nn.functional.one_hot(target, task.output_size).float() if task.name != "adding" else None
    if task.name == "first_symbol":
        y[-1] = hot
    elif task.name == "copy":
        y[-len(target) :] = hot
    elif task.name == "adding":
        y[-1, :, 0] = target
    else:
        y[:] = hot
    return y


@pytest.mark.parametrize("name", sorted(TASKS))
def test_perfect_answers_score_one_and_blind_ones_score_chance(name):
    task = TASKS[name](15)
    x, target = task.make(20_000, generator())
    assert task.right(perfect(task, x, target), target) == 1.0
    blind = torch.zeros(task.steps, 20_000, task.output_size)
    if name == "adding":
        blind += 1.0
    assert task.right(blind, target) == pytest.approx(task.chance, abs=0.015)


def test_answers_are_in_the_input():
    x, target = first_symbol(7).make(50, generator())
    assert torch.equal(x[0].argmax(-1), target)
    x, target = copy(7).make(50, generator())
    assert torch.equal(x[:3].argmax(-1), target)
    assert (x[3 + 7 - 1].argmax(-1) == 5).all()
    x, target = adding(7).make(50, generator())
    assert torch.allclose((x[..., 0] * x[..., 1]).sum(0), target)
    assert (x[: 8 // 2, :, 1].sum(0) == 1).all()
    x, target = parity(7).make(50, generator())
    assert torch.equal(x[..., 0].sum(0).long() % 2, target[-1])


@pytest.mark.parametrize("make", [first_symbol, copy, adding, parity])
def test_too_short_is_refused(make):
    with pytest.raises(ValueError, match="distance must be at least 1"):
        make(0)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("cell", CELLS)
def test_starts_are_what_they_say(cell, start):
    H = 48
    how = {} if cell == "irnn" else {"start": start, "scale": 0.5}
    module, other = (recurrent(cell, 2, H, seed=3, **how) for _ in range(2))
    for a, b in zip(module.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)
    gates = torch.split(module.weight_hh_l0.detach(), H)
    for W in gates:
        values = torch.linalg.svdvals(W)
        if cell == "irnn":
            assert torch.equal(W, torch.eye(H))
        elif start in ("orthogonal", "identity"):
            torch.testing.assert_close(values, torch.full((H,), 0.5), atol=1e-5, rtol=0)
        else:
            std = {
                "torch": 1 / math.sqrt(3 * H),
                "normal": 1 / math.sqrt(H),
                "xavier": 1 / math.sqrt(H),
                "he": math.sqrt(2 / H),
            }
            assert W.std().item() == pytest.approx(0.5 * std[start], rel=0.1)


def test_forget_bias_is_the_forget_gates():
    plain, raised = recurrent("lstm", 2, 4), recurrent("lstm", 2, 4, forget_bias=5.0)
    difference = (raised.bias_ih_l0 - plain.bias_ih_l0).tolist()
    assert difference == pytest.approx([0] * 4 + [5] * 4 + [0] * 8)


@pytest.mark.parametrize("bad", [{"cell": "elman"}, {"start": "zeros"}, {"activation": "softsign"}])
def test_unknown_names_are_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad.values()))):
        recurrent(**({"cell": "rnn", "input_size": 1, "hidden": 2} | bad))


def with_gradients():
    w, v = torch.zeros(2, 3, requires_grad=True), torch.zeros(4, requires_grad=True)
    w.grad, v.grad = (
        torch.randn(2, 3, generator=generator()),
        torch.randn(4, generator=generator(1)),
    )
    return [w, v, torch.zeros(1, requires_grad=True)]


@pytest.mark.parametrize("threshold", [0.1, 1.0, 100.0])
def test_clipping_equals_torch(threshold):
    ours, theirs = with_gradients(), with_gradients()
    norm = clip_by_norm(ours, threshold)
    assert norm == pytest.approx(nn.utils.clip_grad_norm_(theirs, threshold).item())
    for a, b in zip(ours[:2], theirs[:2], strict=True):
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-5, atol=1e-6)
    ours, theirs = with_gradients(), with_gradients()
    assert clip_by_value(ours, threshold) == pytest.approx(norm)
    nn.utils.clip_grad_value_(theirs, threshold)
    for a, b in zip(ours[:2], theirs[:2], strict=True):
        assert torch.equal(a.grad, b.grad)


def test_clipping_by_norm_keeps_the_direction_and_shows_nan():
    parameters = with_gradients()
    before = torch.cat([p.grad.flatten() for p in parameters[:2]])
    clip_by_norm(parameters, 0.5)
    after = torch.cat([p.grad.flatten() for p in parameters[:2]])
    torch.testing.assert_close(after / after.norm(), before / before.norm())
    assert after.norm().item() == pytest.approx(0.5)
    parameters[0].grad[0, 0] = math.nan
    assert math.isnan(clip_by_norm(parameters, 0.5))
    assert grad_norm([torch.zeros(2, requires_grad=True)]) == 0.0
    for clip in (clip_by_norm, clip_by_value):
        with pytest.raises(ValueError, match="threshold"):
            clip(parameters, 0.0)


def test_training_learns_a_short_distance_and_is_deterministic():
    runs = [memory_training("rnn", first_symbol(3), 16, 1, 0.01) for _ in range(2)]
    for run in runs:
        run.advance(150)
    assert runs[0].losses == runs[1].losses
    assert runs[0].checks == runs[1].checks
    assert runs[0].solved_at is not None
    assert runs[0].checks[0][0] == 0
    assert [k for k, _ in runs[0].checks] == [0, 50, 100, 150]
    assert len(runs[0].norms) == runs[0].steps == 150
    apart = memory_training("rnn", first_symbol(3), 16, 2, 0.01)
    apart.advance(1)
    assert apart.losses[0] != runs[0].losses[0]


def test_explosion_is_shown_and_ends_the_run():
    wild = {"activation": "relu", "start": "normal", "scale": 6.0}
    run = memory_training("rnn", first_symbol(60), 16, 0, 1.0, wild, clip=None, optimizer="sgd")
    run.advance(200)
    assert run.broken is not None
    assert run.steps == run.broken < 200
    assert not math.isfinite(run.losses[-1]) or not math.isfinite(run.norms[-1])
    assert run.checks[-1] == (run.steps, 0.0)
    run.advance(10)
    assert run.steps == run.broken


def test_sgd_step_is_the_gradient_times_the_rate():
    run = memory_training("gru", parity(3), 4, 0, 0.1, clip=None, optimizer="sgd")
    twin = memory_training("gru", parity(3), 4, 0, 0.1, clip=None, optimizer="sgd")
    x, target = twin.task.make(twin.batch, twin.generator)
    twin.task.loss(twin.net(x), target).backward()
    run.advance(1)
    for a, b in zip(run.parameters, twin.parameters, strict=True):
        torch.testing.assert_close(a, b - 0.1 * b.grad)


def test_clipping_bounds_every_update():
    run = memory_training("rnn", first_symbol(5), 8, 0, 1.0, {"scale": 4.0}, clip=0.25, optimizer="sgd")
    for _ in range(20):
        before = [p.detach().clone() for p in run.parameters]
        run.advance(1)
        moved = sum(float((p.detach() - b).square().sum()) for p, b in zip(run.parameters, before, strict=True))
        assert math.sqrt(moved) <= 0.25 * (1 + 1e-4)
    assert max(run.norms) > 0.25


def test_training_names_what_it_does_not_know():
    net = MemoryNet(recurrent("rnn", 8, 4), 4, 4)
    from rnn_core.labs.remember import MemoryTraining

    with pytest.raises(ValueError, match="rmsprop"):
        MemoryTraining(net, first_symbol(3), lr=0.1, optimizer="rmsprop")
    with pytest.raises(ValueError, match="percent"):
        MemoryTraining(net, first_symbol(3), lr=0.1, clip_by="percent")


def test_losses_are_the_textbook_ones():
    """Each written out from its definition, on random scores."""
    for name, task in ((n, make(6)) for n, make in TASKS.items()):
        _, target = task.make(4, generator(3))
        y = torch.randn(task.steps, 4, task.output_size, generator=generator(4))
        log_p = y.double().log_softmax(-1)
        if name == "adding":
            mine = ((y[-1, :, 0] - target) ** 2).mean()
        elif name == "first_symbol":
            mine = -sum(log_p[-1, b, target[b]] for b in range(4)) / 4
        else:
            first = task.steps - len(target)
            picked = [log_p[first + t, b, target[t, b]] for t in range(len(target)) for b in range(4)]
            mine = -sum(picked) / len(picked)
        assert task.loss(y, target).item() == pytest.approx(float(mine), rel=1e-5), name


def test_what_lies_between_is_drawn_anew():
    x, _ = first_symbol(30).make(200, generator())
    assert set(x[1:].argmax(-1).flatten().tolist()) == {4, 5, 6, 7}
    assert len({tuple(row) for row in x[1:].argmax(-1).T.tolist()}) == 200


def test_the_way_of_clipping_is_the_one_asked_for():
    """One step of plain descent on the same batch: by norm keeps the direction, by value does not."""
    moved = {}
    for by in ("norm", "value", None):
        run = memory_training(
            "rnn",
            first_symbol(3),
            4,
            0,
            1.0,
            optimizer="sgd",
            clip=None if by is None else 0.01,
            clip_by=by or "norm",
        )
        before = torch.cat([p.detach().flatten().clone() for p in run.parameters])
        run.advance(1)
        moved[by] = before - torch.cat([p.detach().flatten() for p in run.parameters])
    cosine = nn.functional.cosine_similarity
    assert cosine(moved["norm"], moved[None], dim=0) > 0.9999
    assert cosine(moved["value"], moved[None], dim=0) < 0.99
    assert moved["norm"].norm().item() == pytest.approx(0.01, rel=1e-3)
    assert moved["value"].abs().max().item() == pytest.approx(0.01, rel=1e-3)


def test_learned_means_95_percent_of_sequences_that_training_does_not_draw():
    run = memory_training("gru", first_symbol(3), 4, 0, 0.01)
    run.checks = [(0, 0.2), (50, 0.949), (100, 0.951), (150, 1.0)]
    assert run.solved_at == 100
    x, _ = run.task.make(256, torch.Generator().manual_seed(0))
    assert not torch.equal(x, run.fresh[0])


@pytest.mark.parametrize(
    "bad", [{"lr": 0.0}, {"lr": -1.0}, {"lr": 0.1, "batch": 0}, {"lr": 0.1, "check_every": 0}, {"lr": 0.1, "clip": 0.0}]
)
def test_sizes_that_cannot_train_are_refused(bad):
    lr = bad.pop("lr")
    with pytest.raises(ValueError, match="must be positive"):
        memory_training("rnn", first_symbol(3), 4, 0, lr, **bad)


@pytest.mark.parametrize("how", [{"start": "orthogonal"}, {"scale": 1.5}])
def test_irnn_is_a_start_of_its_own(how):
    with pytest.raises(ValueError, match="irnn starts from the identity"):
        recurrent("irnn", 2, 3, **how)


def test_orthogonal_is_random_and_not_the_identity():
    a, b = (recurrent("rnn", 2, 6, start="orthogonal", seed=s).weight_hh_l0 for s in (0, 1))
    assert not torch.allclose(a, b)
    assert not torch.allclose(a.abs(), torch.eye(6), atol=0.1)
    assert torch.allclose(a @ a.T, torch.eye(6), atol=1e-5)
