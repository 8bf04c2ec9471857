"""Decoding against all sentences there are: a small network's every sentence is scored by hand."""

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnn_core.networks.decoding import beam_search, greedy, ranked_by

V, MOST = 4, 4  # tokens: 0 begin, 1 end, 2 and 3 words


def machine(seed, spread=2.0):
    """log p of the next token depends on the last one and on how far we are; the state counts the steps."""
    table = torch.randn(MOST, V, V, generator=torch.Generator().manual_seed(seed)) * spread
    table[:, :, 0] = -math.inf
    log_p = table.log_softmax(-1)

    def step(tokens, state):
        (t,) = state
        rows = log_p[t[0].long(), tokens]
        return rows, (t + 1,)

    return log_p, step


def start(B=1):
    return (torch.zeros(1, B),)


def everything(log_p):
    """Every sentence that ends within MOST tokens, with its log p."""
    found = {}
    for n in range(MOST):
        for words in itertools.product((2, 3), repeat=n):
            tokens, total, last = (*words, 1), 0.0, 0
            for t, token in enumerate(tokens):
                total += float(log_p[t, last, token])
                last = token
            found[tokens] = total
    return found


@pytest.mark.parametrize(("alpha", "reward"), [(0.0, 0.0), (0.6, 0.0), (1.0, 0.0), (0.0, 0.7)])
@pytest.mark.parametrize("seed", range(8))
def test_a_beam_as_wide_as_the_tree_finds_the_best_sentence(seed, alpha, reward):
    log_p, step = machine(seed)
    all_of_them = everything(log_p)
    (beam,) = beam_search(step, start(), 0, 1, MOST, 24, alpha, reward)
    ranked = sorted(all_of_them, key=lambda s: -ranked_by(all_of_them[s], len(s), alpha, reward))
    assert beam.hypotheses[0].tokens == ranked[0]
    assert [h.tokens for h in beam.hypotheses] == ranked[: len(beam.hypotheses)]
    for h in beam.hypotheses:
        assert h.log_p == pytest.approx(all_of_them[h.tokens], abs=1e-5)
        assert h.score == pytest.approx(ranked_by(all_of_them[h.tokens], len(h.tokens), alpha, reward), abs=1e-5)


@pytest.mark.parametrize("seed", range(8))
def test_greedy_and_a_beam_of_one_take_the_likeliest_token_at_every_step(seed):
    log_p, step = machine(seed)
    tokens, last = [], 0
    for t in range(MOST):
        last = int(log_p[t, last].argmax())
        tokens.append(last)
        if last == 1:
            break
    (found,) = greedy(step, start(), 0, 1, MOST)
    assert found.tokens == tuple(tokens)
    (beam,) = beam_search(step, start(), 0, 1, MOST, 1)
    assert beam.hypotheses[0].tokens == tuple(tokens)
    assert beam.hypotheses[0].log_p == pytest.approx(found.log_p, abs=1e-5)


def test_many_sentences_at_once_are_each_alone():
    tables = torch.stack([machine(seed)[0] for seed in range(6)])

    def step_of(which):
        def step(tokens, state):
            t, who = state
            return tables[who[0].long(), t[0].long(), tokens], (t + 1, who)

        return step, (torch.zeros(1, len(which)), torch.tensor([which], dtype=torch.float))

    step, state = step_of(list(range(6)))
    together = beam_search(step, state, 0, 1, MOST, 3, 0.7, keep_steps=True)
    together_greedy = greedy(step, state, 0, 1, MOST)
    for k in range(6):
        step, state = step_of([k])
        assert beam_search(step, state, 0, 1, MOST, 3, 0.7, keep_steps=True)[0] == together[k]
        assert greedy(step, state, 0, 1, MOST)[0] == together_greedy[k]


@given(st.integers(0, 10_000), st.integers(1, 9), st.sampled_from([0.0, 0.5, 1.0]))
def test_the_tree_of_a_beam_adds_up(seed, width, alpha):
    log_p, step = machine(seed)
    (beam,) = beam_search(step, start(), 0, 1, MOST, width, alpha, keep_steps=True)
    ended = {}

    def path(t, node):
        before = () if t == 0 else path(t - 1, beam.steps[t - 1][node.parent])
        return (*before, node.token)

    for t, nodes in enumerate(beam.steps):
        assert sum(n.fate == "kept" for n in nodes) <= width
        assert [n.log_p for n in nodes] == sorted((n.log_p for n in nodes), reverse=True)
        for node in nodes:
            assert (node.parent == -1) == (t == 0)
            if t:
                parent = beam.steps[t - 1][node.parent]
                assert parent.fate == "kept"
                grown = float(log_p[t, parent.token, node.token])
                assert node.log_p == pytest.approx(parent.log_p + grown, abs=1e-4)
            assert (node.fate == "ended") <= (node.token == 1)
            if node.fate == "ended":
                ended[path(t, node)] = node.log_p
    for h in beam.hypotheses:
        if h.tokens[-1] == 1:
            assert ended[h.tokens] == pytest.approx(h.log_p, abs=1e-6)


@pytest.mark.parametrize("owed", [1, 2])
@pytest.mark.parametrize("seed", range(8))
def test_a_sentence_that_owes_a_token_is_the_best_of_those_that_say_it(seed, owed):
    log_p, step = machine(seed)
    all_of_them = {s: p for s, p in everything(log_p).items() if s.count(2) >= owed}
    (beam,) = beam_search(step, start(), 0, 1, MOST, 24, 0.0, owed=[owed], unknown=2)
    ranked = sorted(all_of_them, key=lambda s: -all_of_them[s])
    assert [h.tokens for h in beam.hypotheses] == ranked
    (narrow,) = beam_search(step, start(), 0, 1, MOST, 1, owed=[owed], unknown=3)
    assert narrow.hypotheses[0].tokens.count(3) >= owed


@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(0, 3))
def test_what_is_owed_is_said_and_adds_up(seed, width, owed):
    log_p, step = machine(seed)
    (beam,) = beam_search(step, start(), 0, 1, MOST, width, owed=[owed], unknown=2, keep_steps=True)
    for t, nodes in enumerate(beam.steps):
        assert [n.log_p for n in nodes] == sorted((n.log_p for n in nodes), reverse=True)
        assert sum(n.fate == "kept" for n in nodes) <= width * (owed + 1)
        for node in nodes if t else []:
            parent = beam.steps[t - 1][node.parent]
            assert parent.fate == "kept"
            grown = float(log_p[t, parent.token, node.token])
            assert node.log_p == pytest.approx(parent.log_p + grown, abs=1e-4)
    for h in beam.hypotheses:
        assert h.tokens.count(2) >= owed


def test_debts_of_many_sentences_are_each_their_own():
    tables = torch.stack([machine(seed)[0] for seed in range(6)])
    owed = [0, 2, 1, 0, 3, 1]

    def step_of(which):
        def step(tokens, state):
            t, who = state
            return tables[who[0].long(), t[0].long(), tokens], (t + 1, who)

        return step, (torch.zeros(1, len(which)), torch.tensor([which], dtype=torch.float))

    step, state = step_of(list(range(6)))
    together = beam_search(step, state, 0, 1, MOST, 3, owed=owed, unknown=2, keep_steps=True)
    for k in range(6):
        step, state = step_of([k])
        (alone,) = beam_search(step, state, 0, 1, MOST, 3, owed=[owed[k]], unknown=2, keep_steps=True)
        assert alone == together[k]
        if not owed[k]:
            step, state = step_of([k])
            assert beam_search(step, state, 0, 1, MOST, 3, keep_steps=True) == [alone]


def test_what_never_ends_is_cut_off():
    def step(tokens, state):
        row = torch.tensor([-math.inf, -math.inf, math.log(0.25), math.log(0.75)])
        return row.expand(len(tokens), V), state

    (found,) = greedy(step, start(), 0, 1, 5)
    assert found.tokens == (3,) * 5
    (beam,) = beam_search(step, start(), 0, 1, 5, 2)
    assert beam.hypotheses[0].tokens == (3,) * 5
    assert len(beam.hypotheses) == 2


def test_sampling_draws_from_the_sharpened_distribution():
    row = torch.tensor([-math.inf, math.log(0.1), math.log(0.3), math.log(0.6)])

    def step(tokens, state):
        return row.expand(len(tokens), V), state

    for temperature in (0.5, 1.0, 2.0):
        N = 4000
        drawn = greedy(step, start(N), 0, 1, 1, temperature=temperature, generator=torch.Generator().manual_seed(1))
        share = sum(h.tokens == (3,) for h in drawn) / N
        p = (row / temperature).softmax(-1)[3].item()
        assert share == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / N))
        assert drawn[0].log_p == pytest.approx(row[drawn[0].tokens[0]].item(), abs=1e-6)


@pytest.mark.parametrize(
    "ask",
    [
        lambda step: beam_search(step, start(), 0, 1, 5, 0),
        lambda step: beam_search(step, start(), 0, 1, 0, 1),
        lambda step: beam_search(step, start(), 0, 1, 5, 1, 1.1),
        lambda step: beam_search(step, start(), 0, 1, 5, 1, 0.0, -0.1),
        lambda step: beam_search(step, start(), 0, 1, 5, 1, 0.0, math.nan),
        lambda step: greedy(step, start(), 0, 1, 0),
        lambda step: greedy(step, start(), 0, 1, 5, temperature=-1.0),
    ],
)
def test_nonsense_is_refused(ask):
    with pytest.raises(ValueError, match="must"):
        ask(machine(0)[1])
