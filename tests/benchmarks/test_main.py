"""`make bench` in a fresh clone: what needs data that nobody has is left out, and everything else is measured."""

import json
import sys

import pytest

from benchmarks import __main__ as bench
from rnn_core.data.files import DataError


def quick():
    yield {"measurement": "quick", "ms": 1}


def without_data():
    yield {"measurement": "first direction", "ms": 2}
    raise DataError("test.ja cannot be fetched")


FAKES = {"beam": without_data, "quick": quick}


def test_a_measurement_without_its_data_is_left_out_and_the_next_is_made(monkeypatch, capsys):
    monkeypatch.setattr(bench, "ALL", FAKES)
    monkeypatch.setattr(sys, "argv", ["benchmarks"])
    assert bench.main() == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"measurement": "first direction", "ms": 2},
        {"name": "beam", "left_out": "test.ja cannot be fetched"},
        {"measurement": "quick", "ms": 1},
    ]


def test_any_other_error_ends_it(monkeypatch):
    def broken():
        yield {"ms": 1 / 0}

    monkeypatch.setattr(bench, "ALL", {"broken": broken, "quick": quick})
    monkeypatch.setattr(sys, "argv", ["benchmarks"])
    with pytest.raises(ZeroDivisionError):
        bench.main()


def test_only_what_is_named_is_measured_and_a_wrong_name_is_said(monkeypatch, capsys):
    monkeypatch.setattr(bench, "ALL", FAKES)
    monkeypatch.setattr(sys, "argv", ["benchmarks", "quick"])
    assert bench.main() == 0
    assert json.loads(capsys.readouterr().out) == {"measurement": "quick", "ms": 1}
    monkeypatch.setattr(sys, "argv", ["benchmarks", "quick", "slow"])
    assert bench.main() == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "no measurement 'slow'; there are beam, quick" in said.err
