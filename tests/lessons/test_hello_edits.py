"""Weights changed by hand: read from the URL, applied where they fit, and never anywhere else."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.hello.edits import MOST, apply_edits, dump_edits, parse_edits, with_edit
from rnn_core.models.hello import lecture_network
from ui.components.stepper import Edit, _read_edit, _read_question

NAMES = st.sampled_from(["W_xh", "W_hh", "b_h", "W_hy", "b_y"])
EDITS = st.dictionaries(
    st.tuples(NAMES, st.integers(0, 99), st.one_of(st.none(), st.integers(0, 99))),
    st.floats(-10, 10).map(lambda v: round(v, 4) + 0.0),
    max_size=MOST,
)


@given(EDITS)
def test_round_trip(edits):
    assert parse_edits(dump_edits(edits)) == edits


@settings(max_examples=500)
@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text):
    edits = parse_edits(text)
    assert edits is None or len(edits) <= MOST


@pytest.mark.parametrize(
    "text",
    ["W_hh", "W_hh,0,0", "W_hh,0,0,1e3", "W_hh,0,0,nan", "x,0,0,1", "W_hh,-1,0,1", "W_hh,0,0,１"],
)
def test_refused(text):
    assert parse_edits(text) is None


def test_too_many_are_refused_and_the_oldest_goes():
    edits = {}
    for k in range(MOST + 5):
        edits = with_edit(edits, Edit("l0", "W_hh", k, 0, 1.0))
    assert len(edits) == MOST
    assert ("W_hh", 0, 0) not in edits
    assert parse_edits(dump_edits(edits | {("W_hh", 99, 9): 1.0})) is None


def test_applied_to_the_weight_that_is_shown():
    model = lecture_network()
    edits = {
        ("W_hh", 1, 2): 0.5,
        ("b_h", 0, None): -2.0,
        ("b_y", 3, None): 1.25,
        ("W_hh", 9, 0): 1.0,
    }
    with torch.no_grad():
        model.rnn.bias_hh_l0[0] = 0.75
    assert apply_edits(model, edits) == 3
    weights = model.read("h").trace.lane().weights
    assert weights["W_hh"][1, 2].item() == 0.5
    assert weights["b_h"][0].item() == pytest.approx(-2.0)
    assert model.readout.bias[3].item() == 1.25


@pytest.mark.parametrize(
    "message",
    [
        None,
        3,
        "x",
        [],
        {},
        {"owner": "l0", "weight": "W_hh", "row": "0", "col": 0, "value": 1},
        {"owner": "l0", "weight": "W_hh", "row": 0, "col": 0.5, "value": 1},
        {"owner": "l0", "weight": "W_hh", "row": 0, "col": 0, "value": "1"},
        {"owner": "l0", "weight": "W_hh", "row": 0, "col": 0, "value": float("nan")},
        {"owner": "l0", "weight": "W_hh", "row": 0, "col": 0, "value": 1e9},
        {"owner": "l0", "weight": "W_hh", "row": -1, "col": 0, "value": 1},
        {"owner": "l0", "weight": "W_hh", "row": True, "col": 0, "value": 1},
        {"owner": "l0", "weight": "W_hh", "row": 0, "col": 0, "value": True},
        {"owner": 1, "weight": "W_hh", "row": 0, "col": 0, "value": 1},
    ],
)
def test_hand_made_messages_are_dropped(message):
    assert _read_edit(message) is None


def test_a_real_message_is_read():
    message = {"owner": "l0", "weight": "W_hh", "row": 1, "col": None, "value": 2}
    assert _read_edit(message) == Edit("l0", "W_hh", 1, None, 2.0)


def test_what_no_url_could_hold_is_refused():
    assert with_edit({}, Edit("l0", "W;hh&", 0, 0, 1.0)) == {}
    assert with_edit({}, Edit("l0", "W_hh", 500, 0, 1.0)) == {}


@pytest.mark.parametrize("message", [None, 3, [], {}, {"lane": 1, "unit": 0}, {"lane": "l0", "unit": "x"}])
def test_hand_made_questions_ask_nothing(message):
    assert _read_question(message) == ("", 0)
