"""The lesson `adder` without a browser: sums, carries, knobs, training and its links, the verdicts' numbers."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from figures.adder import (
    Curve,
    Outcome,
    lengths_figure,
    losses_figure,
    outcomes_figure,
    rights_figure,
    sums_figure,
)
from lessons.adder import claims as adder_claims
from lessons.adder import runs as adders
from lessons.adder.claims import QUESTIONS
from lessons.adder.fail import read_number
from lessons.adder.numbers import runs_of, verdict_numbers
from lessons.adder.runs import CHOICES, NOTES, SHIPPED, decode, decode_runs, encode
from lessons.adder.shared import described
from rnn_core import load
from rnn_core.experiments import adder as experiment
from rnn_core.experiments import results
from rnn_core.labs.adder import (
    Settings,
    adder_training,
    all_pairs,
    bits_of,
    carries,
    right_by_bits,
    sums,
    sums_right,
)
from tests.app import open_page, stepper, values_of, words_of
from tests.lessons.test_all import arrive
from ui.i18n import sections

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")

VIEWS = [
    {"part": "add", "a": "0", "b": "255"},
    {"part": "add", "a": "256", "b": "-1", "of": "own"},
    {"part": "train", "cell": "lstm", "hidden": "128", "done": "2"},
    {"part": "train", "act": "relu", "start": "he", "lr": "10", "scale": "2", "clip": "0.1", "done": "30"},
    {"part": "train", "hidden": "1", "batch": "32", "loss": "cross-entropy", "opt": "adam", "done": "9999"},
    {"part": "train", "hidden": "129", "lr": "nan", "scale": "1e400", "clip": "x", "seed": "9" * 50, "runs": "x"},
    {"part": "train", "runs": ",".join([encode(NOTES), encode(SHIPPED)]), "seed": "3", "done": "40"},
    {"part": "break", "big_a": "0", "big_b": str(2**61 - 1)},
    {"part": "break", "big_a": str(2**61), "big_b": "<b>"},
    *({"part": "claims", "claim": name} for name in QUESTIONS),
    {"part": "zz", "claim": "clm99", "goal": "7"},
]  # fmt: skip


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("query", VIEWS, ids=lambda q: str(q)[:60])
def test_extreme_controls(query, lang):
    assert not re.search(r"\[\[|\{\{|\bnan\b", words_of(open_page("adder", lang, **query)))


@pytest.mark.parametrize(("a", "b"), [(107, 53), (255, 255), (0, 0), (170, 85)])
def test_the_run_is_that_of_the_shipped_weights(a, b):
    at = open_page("adder", "en", a=str(a), b=str(b))
    assert f"{a} + {b} = {a + b}, which is right" in words_of(at)
    run = stepper(at)["run"]
    assert run["columns"] == [f"{a >> t & 1}+{b >> t & 1}" for t in range(9)]
    net = load("adder")
    x, truth = sums(torch.tensor([[a, b]]), 8)
    with torch.inference_mode():
        states, _ = net.rnn(x)
        p = net(x)[:, 0, 0].sigmoid()
    np.testing.assert_allclose(values_of(run["nodes"]["l0.h"]), states[:, 0], atol=1e-5)
    np.testing.assert_allclose(values_of(run["nodes"]["p"])[:, 1], p, atol=1e-4)
    assert run["readout"]["target"] == truth[:, 0].int().tolist()


def test_the_holder_is_measured():
    net = adders.shipped()
    states, carry = adders.states_and_carries(net)
    best = adders.holding(net, 0).units[0]
    told = (states[..., best.unit] > best.threshold) ^ best.turned
    assert float((told == carry).double().mean()) == pytest.approx(best.right)
    shown = words_of(open_page("adder", "en"))
    assert f"A value of unit {best.unit}".lower() in shown.lower()
    equal = sorted(u.unit for u in adders.holding(net, 0).units if u.right == best.right)
    assert f"unit **{' and '.join(map(str, equal))}**" in shown
    table = "".join(str(e.proto.body) for e in open_page("adder", "en", a="3", b="1").get("html"))
    for value in carries(torch.tensor([[3, 1]]), 8)[:, 0].tolist():
        assert f"<bdi>{value}</bdi>" in table


# --- links ---------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(st.fixed_dictionaries({name: st.sampled_from(values) for name, values in CHOICES.items()}))
def test_every_run_survives_its_link(values):
    run = Settings(**values, bits=8)
    assert decode(encode(run)) == run
    assert described(run)


@settings(max_examples=1000, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from([encode(NOTES), "x", ""]), max_size=6).map(",".join))
def test_any_text_is_a_list_of_runs_or_refused(raw):
    runs = decode_runs(raw)
    assert runs is None or len(runs) < adders.MOST_RUNS
    number = read_number(raw)
    assert number is None or 0 <= number < 2**61


# --- training ------------------------------------------------------------------------------------


def test_a_link_trains_to_where_it_stood_and_its_net_can_be_used():
    how = replace(SHIPPED, seed=7)
    query = {
        "cell": "rnn",
        "act": "tanh",
        "start": "orthogonal",
        "hidden": "8",
        "lr": "0.01",
        "opt": "adam",
        "clip": "1",
        "batch": "64",
        "loss": "cross-entropy",
        "seed": "7",
    }
    at = open_page("adder", "en", part="train", done="300", **query)
    arrive(at)
    truth = adder_training(how)
    truth.advance(300)
    table = "".join(str(e.proto.body) for e in at.get("html"))
    assert f"{sums_right(truth.net):,}" in table
    assert f"{sum(truth.losses[-200:]) / 200:.4f}" in table
    at.segmented_control(key="adder.part").set_value("add").run()
    at.segmented_control(key="adder.of").set_value("own").run()
    x, _ = sums(torch.tensor([[107, 53]]), 8)
    with torch.inference_mode():
        states, _ = truth.net.rnn(x)
    np.testing.assert_allclose(values_of(stepper(at)["run"]["nodes"]["l0.h"]), states[:, 0], atol=1e-4)


def test_start_stop_go_on_and_compare():
    at = open_page("adder", "en", part="train", goal="0")
    at.button(key="adder.train.start").click().run()
    for _ in range(3):
        at.run()
    at.button(key="adder.train.stop").click().run()
    first = int(at.query_params["done"])
    assert 0 < first < 500
    at.button(key="adder.train.start").click().run()
    at.run()
    at.button(key="adder.train.stop").click().run()
    second = int(at.query_params["done"])
    assert second > first
    again = adder_training(NOTES)
    again.advance(second)
    assert next(iter(at.session_state["adder.trainings"].values())).losses == again.losses
    at.button(key="adder.keep").click().run()
    at.select_slider(key="adder.lr").set_value(1.0).run()
    assert at.query_params["runs"] == encode(NOTES)
    at.button(key="adder.train.start").click().run()
    at.run()
    at.button(key="adder.train.stop").click().run()
    runs = at.session_state["adder.live"].trainer.runs
    assert list(runs) == [NOTES, replace(NOTES, lr=1.0)]
    assert runs[NOTES].steps >= second
    assert "learning rate 1" in " ".join(str(e.proto.body) for e in at.get("html")).lower()
    at.button(key="adder.forget").click().run()
    assert "runs" not in at.query_params


def test_those_that_lag_behind_catch_up_first():
    a, b = adder_training(NOTES), adder_training(replace(NOTES, seed=1))
    a.advance(10)
    pair = adders.Compared({NOTES: a, replace(NOTES, seed=1): b})
    assert pair.steps == 0
    pair.advance(5)
    assert (a.steps, b.steps) == (10, 5)
    pair.advance(10)
    assert (a.steps, b.steps) == (15, 15)


# --- break and claims ----------------------------------------------------------------------------


def test_long_numbers_are_added_and_bad_ones_refused():
    big = 2**61 - 2
    at = open_page("adder", "en", part="break", long="shipped", big_a=str(big), big_b=str(big))
    assert f"= {2 * big:,}, which is right" in words_of(at)
    for typed in ("", "-1", "1,5", "1e9", "½", "9" * 40, str(2**61)):
        at.text_input(key="adder.big_a.box").set_value(typed).run()
        assert "Write a whole number" in words_of(at)
        assert at.query_params["big_a"] == str(big)
    assert "all 65,536 sums are right" in words_of(at)


def test_the_chapter_on_longer_numbers_begins_with_a_net_that_fails():
    right = int(adders.grid(adders.early()).sum())
    assert 0 < right < 65_536 // 2
    shares = right_by_bits(adders.early(), (8, 61))
    assert shares[1] < 0.01 < shares[0]
    shown = words_of(open_page("adder", "en", part="break"))
    assert f"stopped after {adders.STOPPED} steps" in shown
    assert f"**{right:,} of 65,536 sums are right**" in shown
    assert "2,305,843,009,213,693,952, which is right" not in shown


def test_where_a_net_is_wrong_is_where_its_sums_are():
    net = adder_training(NOTES).net
    right = adders.grid(net)
    assert int(right.sum()) == sums_right(net)
    a, b = np.argwhere(~right)[0].tolist()
    x, truth = sums(torch.tensor([[a, b]]), 8)
    with torch.inference_mode():
        assert not torch.equal((net(x)[:, 0, 0] > 0).float(), truth[:, 0])
    figure = sums_figure(right, {"a": "a", "b": "b"}, False)
    assert figure.data[0].z.sum() == right.sum()


def test_the_verdicts_quote_the_table():
    assert all(cell in QUESTIONS[name] for name, cell in adder_claims.ASKED.items())
    for name, cells in QUESTIONS.items():
        for cell in cells:
            assert len(runs_of(**cell)) == len(experiment.SEEDS), (name, cell)
    told = verdict_numbers()
    assert told["clm6"]["r1"] == f"{sum(r['learned'] for r in runs_of(lr=1.0)):.0f}/20"
    middle = sorted(r["begun"] for r in runs_of(activation="tanh", start="he"))[10]
    assert told["clm9"]["he_begun"] == f"{middle:,.0f}"
    # what the words beside the numbers say
    learned = {n: {k: int(v.split("/")[0]) for k, v in of.items() if "/" in v} for n, of in told.items()}
    assert learned["clm5"]["s001"] == learned["clm5"]["s01"] == 0 < learned["clm5"]["xavier"] < learned["clm5"]["s1"]
    assert int(told["clm6"]["b1"]) < int(told["clm6"]["b01"].replace(",", ""))
    assert learned["clm5"]["s01_fast"] > 15
    assert learned["clm6"]["ce1"] < learned["clm6"]["ce01"]
    assert learned["clm7"]["h128_he"] == 20
    assert float(told["clm8"]["l1"]) > 1
    assert learned["clm8"]["c01"] < learned["clm8"]["r01"]
    assert (
        learned["clm7"]["h8"]
        == learned["clm7"]["h16"]
        == learned["clm7"]["h32"]
        > learned["clm7"]["h64"]
        > learned["clm7"]["h128"]
    )
    assert told["clm8"]["broken"] == "0"
    assert learned["clm8"]["r01"] > learned["clm8"]["r1"]
    assert learned["clm8"]["r01"] < min(learned["clm8"]["sigmoid"], learned["clm8"]["tanh"])
    begun = {n: int(v.replace(",", "")) for n, v in told["clm9"].items() if n.endswith("begun")}
    assert begun["he_begun"] == pytest.approx(begun["begun"], rel=0.05)  # "hardly a difference"
    assert max(begun["begun"], begun["he_begun"]) < min(begun["sigmoid_begun"], begun["glorot_begun"])
    assert learned["clm5"]["xavier"] < learned["clm5"]["lecun"] < learned["clm5"]["he"]


def test_figures_show_what_they_are_given():
    curves = [Curve("A", [4.0, 2.0] * 40, [(0, 0.5), (80, 0.9)])]
    labels = {"steps": "s", "loss": "l", "right": "r"}
    assert list(losses_figure(curves, 100, labels, False).data[0].y) == [3.0] * 4
    assert list(rights_figure(curves, 100, labels, False).data[0].y) == [0.5, 0.9]
    figure = lengths_figure({8: 1.0, 61: 0.5}, 8, {"bits": "b", "right": "r", "trained": "t"}, True)
    assert list(figure.data[0].y) == [1.0, 0.5]
    figure = outcomes_figure([Outcome("x", [0.5, 0.2])], {"right": "r"}, False)
    assert list(figure.data[0].x) == [0.2, 0.5]


def test_both_languages_have_the_same_sections():
    assert set(sections("adder", "ja")) == set(sections("adder", "en"))


ODD = st.text(max_size=30) | st.sampled_from(
    ["nan", "1e400", "-1", "∞", "１", "\x00", "true", "9" * 40, "<b>", "%00", "../x", "0x10", "", "null"]
)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["adder", "sine"]), st.data())
def test_odd_values_in_every_control_of_a_link(word, data):
    """A dozen or more values at a time: over a thousand in all."""
    names = {
        "adder": ["of", "a", "b", *CHOICES, "act", "opt", "goal", "done", "runs", "big_a", "big_b", "claim"],
        "sine": ["source", "drawn", "window", "pair", "epochs", "hidden", "cell", "seed", "done", "fn"],
    }[word]
    parts = {"adder": ["add", "train", "break", "claims"], "sine": ["pairs", "train", "claims"]}[word]
    query = {name: data.draw(ODD) for name in names}
    open_page(word, "en", part=data.draw(st.sampled_from(parts)), **query)


@settings(max_examples=10, deadline=None)
@given(st.lists(ODD, min_size=10, max_size=20))
def test_odd_values_typed_into_the_boxes_leave_the_page_standing(values):
    at = open_page("adder", "en", part="break")
    for k, value in enumerate(values[:6]):
        at.text_input(key=f"adder.big_{'ab'[k % 2]}.box").set_value(value).run()
        assert not at.exception
        assert "Computed just now" in words_of(at)


def test_nets_that_fail_only_at_one_and_one_and_a_carry_get_58_percent():
    pairs = all_pairs(7)
    carry, bits = carries(pairs, 7), bits_of(pairs, 8)
    coming = torch.cat([torch.zeros_like(carry[:1]), carry[:-1]])
    spared = ~((bits == 1).all(-1) & (coming == 1)).any(0)
    assert float(spared.double().mean()) == pytest.approx(0.58, abs=0.001)
    all_runs = [r for row in results("adder")["rows"] for r in row["runs"].values()]
    assert sum(abs(r["sums"] - float(spared.double().mean())) < 1e-4 for r in all_runs) > 20
    assert all("58" in sections("adder", lang)["claims-why"].body for lang in ("ja", "en"))
