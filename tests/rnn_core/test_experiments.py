"""Tables come from their commands: a cell is run again, an interrupted run goes on, the kept table is the real one."""

import json

import pytest
import torch

from rnn_core import experiments
from rnn_core.experiments import RESULTS, experiment, experiment_names, run_experiment
from rnn_core.experiments.__main__ import main


@pytest.mark.parametrize("name", experiment_names())
def test_kept_tables_are_what_the_code_gives(name):
    module = experiment(name)
    table = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    assert [row["cell"] for row in table["rows"]] == list(module.GRID)
    assert table["seeds"] == list(module.SEEDS)
    for row in table["rows"]:
        assert set(row["runs"]) == {str(seed) for seed in module.SEEDS}
    # some runs are made again: those the module names, the first and last row, or those of the fewest training steps
    quick = [table["rows"][k] for k in getattr(module, "QUICK", (0, -1))]
    if "steps" in table["rows"][0]["runs"]["1"]:
        quick = sorted(table["rows"], key=lambda row: row["runs"]["1"]["steps"])[:1]
    for k, row in enumerate(quick):
        again = module.run(row["cell"], 1)
        assert again.get("learned") == row["runs"]["1"].get("learned")
        if k == 0 or hasattr(module, "QUICK"):
            assert again == pytest.approx(row["runs"]["1"], rel=0.02)


def test_several_processes_give_the_same_table(tmp_path, monkeypatch):
    module = experiment("sine")
    monkeypatch.setattr(module, "GRID", module.GRID[:2])
    monkeypatch.setattr(module, "SEEDS", range(2))
    one, two = (run_experiment("sine", tmp_path / str(jobs), jobs=jobs) for jobs in (1, 2))
    assert one["rows"] == two["rows"]


def test_seeds_that_are_missing_are_run_at_once(tmp_path, monkeypatch):
    module = experiment("adder")
    asked = []

    def run_seeds(cell, seeds):
        asked.append(list(seeds))
        return [{"sums": float(seed)} for seed in seeds]

    monkeypatch.setattr(module, "GRID", module.GRID[:1])
    monkeypatch.setattr(module, "run_seeds", run_seeds)
    monkeypatch.setattr(module, "SEEDS", range(2))
    run_experiment("adder", tmp_path)
    monkeypatch.setattr(module, "SEEDS", range(5))
    table = run_experiment("adder", tmp_path)
    assert asked == [[0, 1], [2, 3, 4]]
    assert [table["rows"][0]["runs"][str(k)]["sums"] for k in range(5)] == [0, 1, 2, 3, 4]


def test_an_interrupted_run_goes_on(tmp_path, monkeypatch):
    module = experiment("hello-hidden")
    monkeypatch.setattr(module, "GRID", module.GRID[:3])
    monkeypatch.setattr(module, "SEEDS", range(2))
    calls = []
    real = module.run

    def stop_at_third(cell, seed):
        if len(calls) == 3:
            raise KeyboardInterrupt
        calls.append((cell, seed))
        return real(cell, seed)

    monkeypatch.setattr(module, "run", stop_at_third)
    with pytest.raises(KeyboardInterrupt):
        run_experiment("hello-hidden", tmp_path)
    monkeypatch.setattr(module, "run", real)
    resumed = run_experiment("hello-hidden", tmp_path)
    assert len(resumed["rows"]) == 3
    assert resumed["rows"] == run_experiment("hello-hidden", tmp_path / "whole")["rows"]


def test_command_line(tmp_path, monkeypatch, capsys):
    module = experiment("hello-hidden")
    monkeypatch.setattr(module, "GRID", module.GRID[:1])
    monkeypatch.setattr(module, "SEEDS", range(1))
    assert main(["hello-hidden", "--out", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "hello-hidden"
    with pytest.raises(SystemExit):
        main(["no-such"])
    assert "no experiment is called" in capsys.readouterr().err
    assert experiments.experiment_names() == [
        "adder",
        "clipping",
        "counting",
        "hello-hidden",
        "ladder",
        "memory-patience",
        "memory-span",
        "sine",
    ]


def test_counting_asks_at_every_b_and_only_there():
    counting = experiment("counting")
    x, target = counting.sequences([3, 1])
    assert x[:, 0].argmax(-1).tolist() == [0, 0, 0, 1, 1, 1]
    assert target[:, 0].tolist() == [-1, -1, -1, 0, 0, 1]
    assert x[:, 1].tolist() == [[1, 0], [0, 1], [0, 0], [0, 0], [0, 0], [0, 0]]
    assert target[:, 1].tolist() == [-1, 1, -1, -1, -1, -1]

    net, readout = torch.nn.RNN(2, 1), torch.nn.Linear(1, 2)
    with torch.no_grad():
        for weight in (*net.parameters(), *readout.parameters()):
            weight.zero_()
        readout.bias[1] = 1
    assert counting.right(net, readout, [1, 2, 3]) == 1  # always "the end": right for ab alone
