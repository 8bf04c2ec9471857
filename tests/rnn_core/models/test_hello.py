"""The lecture's figure, digit by digit; training; the script that travels."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
import torch

import rnn_core
from rnn_core.labs.word import WordTraining, as_script, right_predictions, word_network
from rnn_core.models.hello import FIGURE_HIDDEN, FIGURE_SCORES, figure_digits_right, lecture_network
from rnn_core.networks.char_rnn import CharRNN


def test_lecture_network_prints_the_figure():
    """Every one of the 28 numbers, as printed: one decimal."""
    reading = rnn_core.load("hello-lecture").read("hell")
    h = reading.trace.lane()["h"][:, 0].numpy()
    assert [[f"{v:.1f}" for v in row] for row in h] == [[f"{v:.1f}" for v in row] for row in FIGURE_HIDDEN]
    assert [[f"{v:.1f}" for v in row] for row in reading.scores.numpy()] == [
        [f"{v:.1f}" for v in row] for row in FIGURE_SCORES
    ]
    assert figure_digits_right(reading.model) == 28


def test_figure_numbers_are_the_lectures():
    """Typed here a second time, so that a slip in the module cannot hide."""
    assert FIGURE_HIDDEN.tolist() == [
        [0.3, -0.1, 0.9],
        [1.0, 0.3, 0.1],
        [0.1, -0.5, -0.3],
        [-0.3, 0.9, 0.7],
    ]
    assert FIGURE_SCORES.tolist() == [
        [1.0, 2.2, -3.0, 4.1],
        [0.5, 0.3, -1.0, 1.2],
        [0.1, 0.5, 1.9, -1.1],
        [0.2, -1.5, -0.1, 2.2],
    ]


def test_lecture_network_has_no_hidden_bias_and_rank_one():
    model = lecture_network()
    W = rnn_core.trace(model.rnn, model.one_hot("hell")).lane().weights
    assert (W["b_h"] == 0).all()
    assert (W["W_xh"][:, 3] == 0).all()  # the column of o is never read
    assert torch.linalg.matrix_rank(W["W_hh"], atol=1e-6) == 1


def test_public_names_take_one_hot_and_return_scores():
    for name in ("hello-lecture", "hello-trained"):
        model = rnn_core.load(name)
        x = torch.eye(4)[[0, 1, 2, 2]]
        assert model(x).shape == (4, 4)
        assert model(x[:, None]).shape == (4, 1, 4)
        assert not model.training
        assert model.card["name"] == name
    assert model(x).argmax(-1).tolist() == [1, 2, 2, 3]


def test_training_turns_o_into_e():
    training = WordTraining(lecture_network(), "hello", lr=0.01)
    assert training.first[0][3] > 0.8
    training.advance(100)
    assert training.losses[-1] < training.losses[0] / 20
    assert training.first[-1][1] > 0.9
    assert right_predictions(training.model, "hello") == 4


def test_training_in_pieces_is_training_at_once():
    word = ("こ", "ん", "に", "ち", "は")
    whole = WordTraining(word_network(word, 5, seed=3), word, lr=0.03)
    whole.advance(50)
    pieces = WordTraining(word_network(word, 5, seed=3), word, lr=0.03)
    for k in (1, 9, 40):
        pieces.advance(k)
    assert pieces.losses == whole.losses
    for a, b in zip(whole.model.parameters(), pieces.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_seed_changes_the_start_and_nothing_else_does():
    first, again, other = (word_network("apple", 4, seed) for seed in (0, 0, 1))
    assert torch.equal(first.readout.weight, again.readout.weight)
    assert not torch.equal(first.readout.weight, other.readout.weight)


def test_steps_are_bounded():
    training = WordTraining(word_network("ab", 1, 0), "ab", lr=0.3)
    training.advance(10**9)
    assert training.steps == 1000


@pytest.mark.parametrize("word", ["a", "x" * 25, ""])
def test_word_length_is_refused(word):
    with pytest.raises(ValueError):
        WordTraining(word_network("ax", 2, 0), word, lr=0.1)


@pytest.mark.parametrize("lr", [0, -1, 1.5, float("nan")])
def test_learning_rate_is_refused(lr):
    with pytest.raises(ValueError, match="lr"):
        WordTraining(word_network("ab", 2, 0), "ab", lr=lr)


def test_network_refuses_bad_sizes_and_symbols():
    with pytest.raises(ValueError, match="distinct"):
        CharRNN("aa", 2)
    with pytest.raises(ValueError, match="distinct"):
        CharRNN("", 2)
    with pytest.raises(ValueError, match="hidden"):
        CharRNN("ab", 17)
    with pytest.raises(ValueError, match="not in the vocabulary"):
        lecture_network().read("help")


@pytest.mark.parametrize("word", ["hello", "a'\"\\b<x>", "👩‍👩‍👧x́語"])
def test_script_prints_the_same_numbers(word, tmp_path):
    symbols = tuple(word)
    model = lecture_network() if word == "hello" else word_network(symbols, 3, seed=1)
    path = tmp_path / "run.py"
    path.write_text(as_script(model, symbols), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-X", "utf8", path],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    printed = re.findall(r"^  h \[(.*?)\]  y \[(.*?)\]  p \[(.*?)\]", done.stdout, re.M | re.S)
    reading = model.read(symbols[:-1])
    h = reading.trace.lane()["h"][:, 0]
    for t, parts in enumerate(printed):
        for text, truth in zip(parts, (h[t], reading.scores[t], reading.probabilities[t]), strict=True):
            np.testing.assert_allclose(np.fromstring(text, sep=" "), truth, atol=6e-5)
    assert len(printed) == len(symbols) - 1


def test_evaluate_remeasures_the_cards():
    for name in ("hello-lecture", "hello-trained"):
        done = subprocess.run(
            [sys.executable, "-m", "rnn_core.evaluate", name, "--json"],
            capture_output=True,
            text=True,
            check=True,
        )
        measured = json.loads(done.stdout)
        assert measured.pop("name") == name
        assert measured == pytest.approx(rnn_core.load(name).card["scores"], rel=1e-5)


def test_train_remakes_the_shipped_files(tmp_path):
    for name in ("hello-lecture", "hello-trained"):
        subprocess.run(
            [sys.executable, "-m", "rnn_core.train", name, "--out", tmp_path, "--json"],
            capture_output=True,
            check=True,
        )
        shipped, made = rnn_core.load(name), rnn_core.load(name, tmp_path)
        for a, b in zip(shipped.parameters(), made.parameters(), strict=True):
            torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)


def test_resume_is_refused_where_nothing_can_be_resumed():
    command = [sys.executable, "-m", "rnn_core.train", "hello-trained", "--resume"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "keep no checkpoint" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("module", ["train", "evaluate"])
@pytest.mark.parametrize("arguments", [["no-such-model"], ["../etc"], [], ["hello-trained", "--device", "abacus"]])
def test_command_line_refuses_with_a_sentence(module, arguments):
    done = subprocess.run([sys.executable, "-m", f"rnn_core.{module}", *arguments], capture_output=True, text=True)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
