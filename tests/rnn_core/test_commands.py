"""The commands of rnn_core end with a sentence when the data cannot be had."""

import urllib.error
import urllib.request

import pytest

from rnn_core import doubt, evaluate, train
from rnn_core.store import TRAINED


@pytest.mark.parametrize(
    ("main", "name", "folder"),
    [
        (evaluate.main, "segmenter-ja", "--folder"),
        (doubt.main, "sentiment-en", "--folder"),
        (train.main, "segmenter-ja", "--out"),
    ],
)
def test_data_that_cannot_be_had_are_said(main, name, folder, tmp_path, monkeypatch, capsys):
    def nobody_answers(url, timeout):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", nobody_answers)
    where = tmp_path / "out" if folder == "--out" else TRAINED
    assert main([name, "--data", str(tmp_path / "data"), folder, str(where)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "no network" in said.err
    assert "--data or $UNROLLED_DATA" in said.err
    assert not (tmp_path / "data").exists()
