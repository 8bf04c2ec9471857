"""Training: the schedule, the best epoch kept, a kill and a resume end in the same weights, several processes agree."""

import json
import math
import os
import random
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import nn

from rnn_core.training.fitting import Schedule, fit, world

SCHEDULE = Schedule(epochs=4, steps=5, lr=0.05, warmup=2)
ROOT = Path(__file__).parents[3]


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.3), nn.Tanh(), nn.Linear(8, 1))


X = torch.randn(40, 3, generator=torch.Generator().manual_seed(1))
Y = X.prod(1, keepdim=True)


def train(model, checkpoint=None, resume=False, schedule=SCHEDULE, max_steps=None, seed=7):
    def losses(epoch):
        for _ in range(schedule.steps):
            rows = torch.randint(40, (8,))
            yield (model(X[rows]) - Y[rows]).square().mean()

    def dev():
        return float((model(X) - Y).square().mean())

    return fit(
        model,
        schedule,
        losses,
        dev,
        name="toy",
        seed=seed,
        checkpoint=checkpoint,
        resume=resume,
        max_steps=max_steps,
    )


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def test_the_rate_rises_and_falls_to_nothing():
    rates = [SCHEDULE.rate(k) for k in range(20)]
    assert rates[0] == pytest.approx(0.025)
    assert rates[2] == pytest.approx(0.05 * (1 + math.cos(math.pi * 2 / 20)) / 2)
    assert all(a > b for a, b in pairwise(rates[1:]))
    assert rates[-1] < 0.001


def test_the_best_epoch_is_kept():
    model = net()
    done = train(model, schedule=replace(SCHEDULE, epochs=12, lr=0.5))
    best = min(done.dev)
    assert done.dev[done.best] == best
    with torch.inference_mode():
        assert float((model.eval()(X) - Y).square().mean()) == pytest.approx(best)
    assert best < done.dev[-1] or done.best == len(done.dev) - 1


def test_a_kill_and_a_resume_end_in_the_same_weights(tmp_path):
    path = tmp_path / "toy-7.safetensors"
    whole = net()
    told = train(whole)

    class KillError(Exception):
        pass

    killed, steps = net(), 0

    def losses(epoch):
        nonlocal steps
        for _ in range(5):
            steps += 1
            if steps == 13:  # in the middle of the third epoch
                raise KillError
            rows = torch.randint(40, (8,))
            yield (killed(X[rows]) - Y[rows]).square().mean()

    with pytest.raises(KillError):
        fit(
            killed,
            SCHEDULE,
            losses,
            lambda: float((killed(X) - Y).square().mean()),
            name="toy",
            seed=7,
            checkpoint=path,
        )
    again = net()
    resumed = train(again, path, resume=True)
    assert torch.equal(weights(again), weights(whole))
    assert resumed.dev == told.dev
    assert [p.name for p in tmp_path.iterdir()] == ["toy-7.safetensors"]


def test_kill_9_at_any_moment_and_a_resume_end_in_the_same_weights(tmp_path):
    """The process is shot at a step drawn by lot, be it while the checkpoint is written; drawn anew at every run of this test."""
    program = """
import sys, torch
from pathlib import Path
from torch import nn
from rnn_core.training.fitting import Schedule, fit
from safetensors.torch import save_file
folder, resume = Path(sys.argv[1]), sys.argv[2] == "resume"
X = torch.randn(40, 3, generator=torch.Generator().manual_seed(1)); Y = X.prod(1, keepdim=True)
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.3), nn.Tanh(), nn.Linear(8, 1))
def losses(epoch):
    for _ in range(20):
        print("step", flush=True)
        rows = torch.randint(40, (8,))
        yield (model(X[rows]) - Y[rows]).square().mean()
checkpoint = folder / "toy-0.safetensors"
done = fit(model, Schedule(6, 20, 0.05, average=0.9), losses, lambda: float((model(X) - Y).square().mean()),
           name="toy", seed=0, checkpoint=checkpoint, resume=resume and checkpoint.exists())
save_file(model.state_dict(), folder / "weights")
print(done.dev)
"""
    env = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}

    def start(folder, how):
        folder.mkdir(exist_ok=True)
        return subprocess.Popen(
            [sys.executable, "-c", program, str(folder), how], env=env, stdout=subprocess.PIPE, text=True
        )

    whole = start(tmp_path / "whole", "fresh")
    told, _ = whole.communicate(timeout=120)
    assert whole.returncode == 0
    steps = random.SystemRandom().randrange(1, 120)
    shot = start(tmp_path / "shot", "fresh")
    for _ in range(steps):
        assert shot.stdout.readline() == "step\n"
    shot.kill()
    shot.communicate()
    again = start(tmp_path / "shot", "resume")
    retold, _ = again.communicate(timeout=120)
    assert again.returncode == 0
    assert retold.splitlines()[-1] == told.splitlines()[-1], steps
    names = {path.name for path in (tmp_path / "shot").iterdir()}
    assert {"weights", "toy-0.safetensors"} <= names
    weights = [(tmp_path / part / "weights").read_bytes() for part in ("whole", "shot")]
    assert weights[0] == weights[1], steps


def test_a_run_killed_in_an_earlier_seed_begins_the_seeds_after_it(tmp_path):
    train(net(), tmp_path / "toy-7.safetensors")
    whole, resumed = net(), net()
    train(whole, seed=8)
    train(resumed, tmp_path / "toy-8.safetensors", resume=True, seed=8)
    assert torch.equal(weights(whole), weights(resumed))


def test_a_checkpoint_of_other_settings_is_refused(tmp_path):
    path = tmp_path / "toy-7.safetensors"
    with pytest.raises(FileNotFoundError, match="no checkpoint of toy"):
        train(net(), path, resume=True)
    train(net(), path, max_steps=5)
    with pytest.raises(ValueError, match="other settings"):
        train(net(), path, resume=True, seed=8)
    with pytest.raises(ValueError, match="other settings"):
        train(net(), path, resume=True, schedule=replace(SCHEDULE, lr=0.01))


@pytest.mark.parametrize(
    "cut",
    [
        lambda b: b[: len(b) // 2],
        lambda b: b"",
        lambda b: b[:9],
        lambda b: b"x" * 100,
        lambda b: safetensors.torch.save({"a": torch.zeros(1)}),
    ],
)
def test_a_damaged_checkpoint_is_told_with_its_name_and_the_remedy(tmp_path, cut):
    path = tmp_path / "toy-7.safetensors"
    train(net(), path)
    whole = path.read_bytes()
    path.write_bytes(cut(whole))
    with pytest.raises(ValueError, match=r"toy-7\.safetensors is damaged .*Delete it.*drop --resume"):
        train(net(), path, resume=True)
    path.unlink()  # the remedy, with another seed's checkpoint beside it
    train(net(), tmp_path / "toy-8.safetensors", seed=8)
    anew, straight = net(), net()
    train(anew, path, resume=True)
    train(straight)
    assert torch.equal(weights(anew), weights(straight))


def test_another_seed_draws_otherwise_and_fewer_steps_are_fewer():
    a, b, c = net(), net(), net()
    train(a), train(b, seed=8)
    assert not torch.equal(weights(a), weights(b))
    assert len(train(c, max_steps=7).dev) == 2


def test_one_process_unless_torchrun_says_otherwise(monkeypatch):
    assert world() == (0, 1)
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert world() == (1, 2)


def test_two_processes_average_their_gradients():
    """Each has its half of every batch; together they must take the step of one process with all of it."""
    program = """
import json, os, torch
from torch import nn
from rnn_core.training.fitting import Schedule, fit, process_group, world
rank, size = world()
X = torch.randn(40, 3, generator=torch.Generator().manual_seed(1)); Y = X.prod(1, keepdim=True)
torch.manual_seed(0)
model = nn.Linear(3, 1)
def losses(epoch):
    for k in range(5):
        rows = slice(8 * k, 8 * k + 8) if size == 1 else slice(8 * k + 4 * rank, 8 * k + 4 * rank + 4)
        yield (model(X[rows]) - Y[rows]).square().mean()
with process_group(torch.device("cpu")):
    fit(model, Schedule(2, 5, 0.05, warmup=1), losses, lambda: 0.0, name="toy", seed=0)
print(json.dumps([p.tolist() for p in model.parameters()]), flush=True)
"""
    env = {k: v for k, v in os.environ.items() if k not in ("RANK", "WORLD_SIZE")}
    env |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}

    def run(*before):
        done = subprocess.run(
            [sys.executable, *before, "-c", program], env=env, capture_output=True, text=True, timeout=120, check=True
        )
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[[")]

    (alone,) = run()
    pair = []
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env=env
            | {
                "RANK": str(r),
                "LOCAL_RANK": str(r),
                "WORLD_SIZE": "2",
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": str(port),
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        for r in range(2)
    ]
    for worker in workers:
        out, _ = worker.communicate(timeout=120)
        assert worker.returncode == 0
        pair += [json.loads(line) for line in out.splitlines() if line.startswith("[[")]
    assert pair[0] == pair[1]
    torch.testing.assert_close(torch.tensor(pair[0][0]), torch.tensor(alone[0]))


def test_what_comes_back_is_ready_to_be_measured(tmp_path):
    """Also from a training that was already done: with dropout still on, every score would be wrong."""
    path = tmp_path / "toy-7.safetensors"
    first = net()
    train(first, path)
    again = net()
    train(again, path, resume=True)
    assert not first.training
    assert not again.training
    assert torch.equal(first(X), again(X))
