"""Files in `trained/` are whole, fit their cards, and are refused with a sentence when they do not."""

import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

import rnn_core
from rnn_core.files import STALE
from rnn_core.models import load, model_names
from rnn_core.models.hello import lecture_network
from rnn_core.store import TRAINED, StoreError, load_arrays, load_card, save

ROOT = Path(__file__).parents[2]
CARD = {"config": {"symbols": list("helo"), "hidden": 3}}


@pytest.fixture
def folder(tmp_path):
    save(lecture_network(), CARD, "hello-lecture", tmp_path)
    return tmp_path


def test_round_trip(folder):
    arrays, card = load_arrays("hello-lecture", folder)
    for name, tensor in lecture_network().state_dict().items():
        np.testing.assert_array_equal(arrays[name], tensor.numpy())
    assert card["parameters"] == 43
    assert sorted(p.name for p in folder.iterdir()) == [
        "hello-lecture.json",
        "hello-lecture.safetensors",
    ]


def test_every_shipped_model_loads_and_its_card_is_complete():
    shipped = {path.stem for path in TRAINED.glob("*.safetensors")}
    assert shipped == set(model_names())
    for name in shipped:
        card = load(name).card
        for key in (
            "config",
            "data",
            "licence",
            "seed",
            "scores",
            "baseline",
            "failures",
            "command",
        ):
            assert key in card, f"{name}: {key}"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda f: (f / "hello-lecture.json").unlink(), "hello-lecture.json is missing"),
        (lambda f: (f / "hello-lecture.safetensors").unlink(), "safetensors is missing"),
        (lambda f: (f / "hello-lecture.json").write_text("{"), "not readable"),
        (lambda f: (f / "hello-lecture.json").write_bytes(b"\xff"), "not readable"),
        (lambda f: (f / "hello-lecture.json").write_text("[]"), "not the card"),
        (lambda f: (f / "hello-lecture.safetensors").write_bytes(b"x"), "sha256"),
        (lambda f: change_card(f, format=99), "format 99"),
        (lambda f: change_card(f, name="other"), "not the card"),
        (lambda f: change_card(f, tensors={}), "other tensors"),
        (lambda f: change_card(f, config={"symbols": list("helo"), "hidden": 4}), "does not fit"),
        (lambda f: change_card(f, config={"symbols": 5, "hidden": "3"}), "does not fit"),
        (lambda f: change_card(f, config=None), "does not fit"),
        (lambda f: (f / "hello-lecture.json").write_text("[" * 100_000), "not readable"),
    ],
)
def test_damage_is_told_with_the_remedy(folder, damage, words):
    damage(folder)
    with pytest.raises(StoreError, match=words) as caught:
        load("hello-lecture", folder)
    assert "python -m rnn_core.train hello-lecture" in str(caught.value)


def change_card(folder, **changes):
    path = folder / "hello-lecture.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


class Cut(BaseException):
    """The process is killed here: nothing of ours runs any more, so nothing is tidied up either."""


def other_network():
    network = lecture_network()
    network.readout.weight.data.mul_(2)
    return network


def is_whole(folder):
    """The pair that is there is the old one or the new one, card and weights of the same save; gives which."""
    arrays, card = load_arrays("hello-lecture", folder)
    assert load_card("hello-lecture", folder) == card
    which = card["note"]
    expected = {"old": lecture_network, "new": other_network}[which]().state_dict()
    for name, tensor in expected.items():
        np.testing.assert_array_equal(arrays[name], tensor.numpy())
    return which


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), Cut()])
def test_a_save_that_ends_anywhere_leaves_a_whole_pair(tmp_path, monkeypatch, error):
    """Every call that changes the disk fails once, by a full disk or by the end of the process."""
    calls = {os: ("fsync",), Path: ("replace", "open")}
    seen = []
    for at in itertools.count():
        folder = tmp_path / str(at)
        save(lecture_network(), CARD | {"note": "old"}, "hello-lecture", folder)
        left = [at]

        def failing(call, left=left):
            def instead(*args, **more):
                if left[0] == 0:
                    left[0] = -1
                    raise error
                left[0] -= 1
                return call(*args, **more)

            return instead

        with monkeypatch.context() as patch:
            for owner, names in calls.items():
                for name in names:
                    patch.setattr(owner, name, failing(getattr(owner, name)))
            if isinstance(error, Cut):  # a killed process removes nothing
                patch.setattr(Path, "unlink", lambda *_, **__: None)
            try:
                save(other_network(), CARD | {"note": "new"}, "hello-lecture", folder)
            except type(error):
                pass
            else:
                break
        seen.append(is_whole(folder))
        if isinstance(error, OSError) and seen[-1] == "old":
            assert {p.suffix for p in folder.iterdir()} == {".json", ".safetensors"}
        later = time.time() + 2 * STALE
        monkeypatch.setattr(time, "time", lambda later=later: later)
        save(other_network(), CARD | {"note": "new"}, "hello-lecture", folder)
        monkeypatch.undo()
        assert is_whole(folder) == "new"
        assert {p.suffix for p in folder.iterdir()} == {".json", ".safetensors"}, at
    assert seen == sorted(seen, reverse=True)  # old, old, …, new
    assert set(seen) == {"old", "new"}


def test_who_reads_while_another_saves_sees_whole_pairs(tmp_path):
    save(lecture_network(), CARD | {"note": "old"}, "hello-lecture", tmp_path)
    program = """
import sys, time
from pathlib import Path
from rnn_core.models.hello import lecture_network
from rnn_core.store import save
networks = {"old": lecture_network(), "new": lecture_network()}
networks["new"].readout.weight.data.mul_(2)
for k in range(150):
    for note, network in networks.items():
        save(network, {"config": {}, "note": note}, "hello-lecture", Path(sys.argv[1]))
        time.sleep(0.002)
"""
    env = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    writer = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], env=env)
    seen = set()
    while writer.poll() is None:
        arrays, card = load_arrays("hello-lecture", tmp_path)
        expected = {"old": lecture_network, "new": other_network}[card["note"]]()
        np.testing.assert_array_equal(arrays["readout.weight"], expected.readout.weight.detach())
        seen.add(card["note"])
    assert writer.returncode == 0
    assert seen == {"old", "new"}


@pytest.mark.parametrize("name", ["../x", "a/b", "", "Hello", "a--b", "a b", "é"])
def test_names_that_are_paths_are_refused(name, tmp_path):
    with pytest.raises(ValueError, match="name is lowercase words"):
        save(lecture_network(), CARD, name, tmp_path)
    with pytest.raises(ValueError, match="name is lowercase words"):
        load_card(name, tmp_path)


def test_unknown_model():
    with pytest.raises(KeyError, match="no model is called"):
        load("sentiment-xx")


def test_loaded_models_share_nothing():
    one, two = rnn_core.load("hello-lecture"), rnn_core.load("hello-lecture")
    one.readout.weight.data.zero_()
    assert two.readout.weight.abs().sum() > 0


def test_files_are_safetensors_only():
    for path in (path for path in TRAINED.iterdir() if path.is_file()):
        assert path.suffix in (".safetensors", ".json")
    safetensors.numpy.load_file(TRAINED / "hello-lecture.safetensors")


@pytest.mark.parametrize("bad", [{"x": {1, 2}}, {"x": float("nan")}, {"x": "\ud800"}])
def test_a_card_that_json_cannot_hold_leaves_everything_as_it_was(folder, bad):
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    with pytest.raises(ValueError, match="cannot be written as JSON"):
        save(lecture_network(), CARD | bad, "hello-lecture", folder)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_bfloat16_is_refused_on_the_way_in(tmp_path):
    with pytest.raises(ValueError, match="bfloat16"):
        save(lecture_network().bfloat16(), CARD, "hello-lecture", tmp_path)
