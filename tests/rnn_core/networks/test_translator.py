"""Attention against its formulas; the translator against a loop over one sentence; padding, unknown words, bounds."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnn_core import load
from rnn_core.data.marks import Quoted
from rnn_core.networks.attention import SCORES, Attention
from rnn_core.networks.decoding import Hypothesis
from rnn_core.networks.translator import MOST, UNKNOWN, Translator, room

WORDS = ["i", "you", "he", "like", "likes", "tea", "cats", "and", "not", "do", "."]
OTHER = ["私", "君", "彼", "は", "が", "好き", "猫", "お茶", "と", "。"]


def net(score="general", seed=0, hidden=6, width=5):
    torch.manual_seed(seed)
    made = Translator(("en", "ja"), WORDS, OTHER, width, hidden, score)
    for p in made.parameters():
        nn.init.normal_(p, std=0.6)
    return made.eval().requires_grad_(False)


@pytest.mark.parametrize("score", SCORES)
@torch.no_grad()
def test_attention_is_its_formula(score):
    torch.manual_seed(1)
    attention = Attention(4, score)
    h, memory = torch.randn(3, 2, 4), torch.randn(5, 2, 4)
    real = torch.tensor([[True, True]] * 3 + [[True, False]] * 2)
    keys = attention.keys(memory)
    a = attention.weights(h, keys, real)
    context = attention.context(a, memory)
    for t in range(3):
        for n in range(2):
            S = int(real[:, n].sum())
            e = []
            for s in range(S):
                q, m = h[t, n], memory[s, n]
                if score == "general":
                    e.append(q @ attention.W_a @ m)
                elif score == "dot":
                    e.append(q @ m)
                else:
                    e.append(attention.v_a @ torch.tanh(attention.W_q @ q + attention.W_k @ m))
            weights = torch.stack(e).softmax(0)
            torch.testing.assert_close(a[t, n, :S], weights)
            assert (a[t, n, S:] == 0).all()
            torch.testing.assert_close(context[t, n], weights @ memory[:S, n])
    torch.testing.assert_close(a.sum(-1), torch.ones(3, 2))


def test_an_unknown_score_is_refused():
    with pytest.raises(ValueError, match="must be one of general, additive, dot"):
        Attention(4, "scaled")


@pytest.mark.parametrize("score", [*SCORES, None])
@torch.no_grad()
def test_a_reading_is_the_equations_step_by_step(score):
    model = net(score)
    words, tokens = ["i", "like", "tea", "."], [3, 6, 8, 2]
    reading = model.read(words, tokens)
    x = model.E_x(model.source_ids(words))
    forward = nn.LSTMCell(5, 3)
    backward = nn.LSTMCell(5, 3)
    for cell, suffix in ((forward, "l0"), (backward, "l0_reverse")):
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            cell.get_parameter(name).copy_(model.encoder.get_parameter(f"{name}_{suffix}"))

    def run(cell, xs):
        h = c = torch.zeros(3)
        out = []
        for v in xs:
            h, c = cell(v, (h, c))
            out.append((h, c))
        return out

    there, back = run(forward, x), run(backward, x.flip(0))[::-1]
    memory = torch.stack([torch.cat([f[0], b[0]]) for f, b in zip(there, back, strict=True)])
    torch.testing.assert_close(reading.source.memory[:, 0], memory)
    h, c = torch.cat([there[-1][0], back[0][0]]), torch.cat([there[-1][1], back[0][1]])
    decoder = nn.LSTMCell(5, 6)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        decoder.get_parameter(name).copy_(model.decoder.get_parameter(f"{name}_l0"))
    last = 1
    for t, token in enumerate(tokens):
        h, c = decoder(model.E_y.weight[last], (h, c))
        mixed = model.W_h @ h + model.b
        if score is not None:
            e = model.attention.scores(h[None, None], model.attention.keys(memory[:, None]))[0, 0]
            torch.testing.assert_close(reading.e[t], e)
            a = e.softmax(0)
            torch.testing.assert_close(reading.attention[t], a)
            mixed = mixed + model.W_r @ (a @ memory)
        mixed = torch.tanh(mixed)
        torch.testing.assert_close(reading.mixed[t], mixed)
        y = model.E_y.weight @ mixed + model.b_y
        y[1] = -math.inf
        torch.testing.assert_close(reading.y[t], y)
        last = token
    assert (reading.attention is None) == (score is None)


SENTENCES = [["i", "like", "cats", "and", "tea", "."], ["tea"], ["he", "likes", "dogs", "."]]


@pytest.mark.parametrize("score", [*SCORES, None])
@pytest.mark.parametrize("beam", [1, 4])
def test_company_changes_nothing(score, beam):
    """Sentences decoded together are each decoded as if alone."""
    model = net(score)
    together = model.decode(SENTENCES, beam)
    for words, found in zip(SENTENCES, together, strict=True):
        (alone,) = model.decode([words], beam)
        assert [h.tokens for h in alone.hypotheses] == [h.tokens for h in found.hypotheses]
        for a, b in zip(alone.hypotheses, found.hypotheses, strict=True):
            assert a.log_p == pytest.approx(b.log_p, abs=1e-4)


@pytest.mark.parametrize("score", [*SCORES, None])
def test_padding_changes_nothing(score):
    model = net(score)
    together = model.read_all(SENTENCES)
    h = torch.randn(2, 3, 6)
    mixed, a = model.look(h, together)
    for n, words in enumerate(SENTENCES):
        alone = model.read_all([words])
        torch.testing.assert_close(together.memory[: len(words), n], alone.memory[:, 0])
        for both, one in zip(together.state, alone.state, strict=True):
            torch.testing.assert_close(both[:, n], one[:, 0])
        m, w = model.look(h[:, n : n + 1], alone)
        torch.testing.assert_close(mixed[:, n], m[:, 0])
        if score is not None:
            torch.testing.assert_close(a[:, n, : len(words)], w[:, 0])


@pytest.mark.parametrize("beam", [1, 3])
def test_log_p_is_that_of_reading_the_translation(beam):
    model = net()
    for words, found in zip(SENTENCES, model.decode(SENTENCES, beam), strict=True):
        for h in found.hypotheses:
            p = model.read(words, h.tokens).y.log_softmax(-1)[range(len(h.tokens)), list(h.tokens)]
            assert float(p.sum()) == pytest.approx(h.log_p, abs=1e-3)
            assert len(h.tokens) <= room(len(words))
            assert 1 not in h.tokens


def test_training_and_decoding_are_one_network():
    """`forward` over a whole batch gives h̃ of the readings."""
    model = net()
    pairs = [(SENTENCES[0], [3, 4, 5, 2]), (SENTENCES[2], [7, 9, 8, 2])]
    ids = nn.utils.rnn.pad_sequence([model.source_ids(words) for words, _ in pairs])
    before = torch.tensor([[1, *tokens[:-1]] for _, tokens in pairs]).T
    mixed = model(ids, torch.tensor([6, 4]), before)
    for n, (words, tokens) in enumerate(pairs):
        torch.testing.assert_close(mixed[:, n], model.read(words, tokens).mixed)


def test_an_unknown_word_is_copied_from_where_the_network_looked():
    model = net()
    words = ["i", "like", "zebras", "and", "gnus", "."]
    (found,) = model.decode([words])
    foreign = [s for s, word in enumerate(words) if word not in model.source_index]
    assert {2, 4} <= set(foreign) < set(range(6))
    at = model.read(words, (0, 3, 2)).attention
    said = model.said(words, type(found.hypotheses[0])((0, 3, 2), 0.0, 0.0))
    assert said == [words[max(foreign, key=lambda s: float(at[0, s]))], OTHER[0]]
    known = [w for w in words if w in model.source_index]
    assert model.said(known, type(found.hypotheses[0])((0, 2), 0.0, 0.0)) == [UNKNOWN]
    plain = net(None)
    assert plain.said(words, type(found.hypotheses[0])((0, 2), 0.0, 0.0)) == [UNKNOWN]
    there, nowhere = [0.0] * len(words), [0.0] * len(words)
    there[4] = 1.0
    again = model.said(words, type(found.hypotheses[0])((0, 0, 2), 0.0, 0.0), {0: there, 1: nowhere})
    assert again == ["gnus", UNKNOWN]


def test_every_unknown_word_is_put_in_once_and_those_carried_over_first():
    model = net()
    words = ["i", "like", "zebras", "and", "NHK", "."]
    assert model.carried(words) == [4]
    for tokens in ((0, 3, 2), (0, 0, 2), (0, 3, 0, 0, 2)):
        said = model.said(words, Hypothesis(tokens, 0.0, 0.0))
        at = model.read(words, tokens).attention
        places = [t for t, k in enumerate(tokens) if k == 0]
        best = max(places, key=lambda t: float(at[t, 4]))
        assert said[best] == "NHK"
        assert said.count("NHK") == 1
        if len(places) > 1:
            foreign = [s for s, word in enumerate(words) if word not in model.source_index]
            assert said.count("zebras") == 1
            assert said.count(UNKNOWN) == len(places) - len(foreign)


def test_what_has_to_be_carried_over():
    model = net()
    for word in ("1987", "NHK", "iPhone 15", "3.5", "10:30", "2-3", "5th", "Kokoro", Quoted("tea")):
        assert model.carried(["i", "like", word]) == [2]
    for word in ("zebras", "tea", "10-minute", UNKNOWN):
        assert model.carried(["i", "like", word]) == []
    assert model.carried(["Zebras", "like", "tea"]) == []  # a capital only because it is first
    assert model.carried(["NHK", "1", "2"]) == [0, 1, 2]
    assert net(None).carried(["NHK"]) == []
    back = Translator(("ja", "en"), OTHER, WORDS, 4, 6, "dot")
    assert back.carried(["1987", "年", "ＮＨＫ", "私", "Aは", Quoted("猫"), "3.5"]) == [0, 2, 5, 6]


@pytest.mark.parametrize("beam", [1, 3])
def test_what_has_to_be_carried_over_is(beam):
    model = net(seed=1)
    sentences = [["i", "like", "NHK", "and", "1987", "."], ["i", "like", "tea"], ["he", "A4"]]
    for words, found in zip(sentences, model.decode(sentences, beam), strict=True):
        for h in found.hypotheses:
            said = model.said(words, h)
            assert all(words[s] in said for s in model.carried(words))
        (alone,) = model.decode([words], beam)
        assert [h.tokens for h in alone.hypotheses] == [h.tokens for h in found.hypotheses]
        if beam == 1:
            assert model.guided(words) == list(found.hypotheses[0].tokens)
    looks = {0: [0.0] * 6}
    said = model.guided(sentences[0], looks=looks)  # by hand: nothing is forced
    assert said == model.read(sentences[0], said, looks).y.argmax(1).tolist()


def test_what_is_quoted_is_one_word():
    model = net()
    assert model.words(['"I like tea," he said.', "I like “tea”"]) == [
        ["''", Quoted("I like tea"), ",", "''", "he", "said", "."],
        ["i", "like", "''", Quoted("tea"), "''", "."],
    ]
    assert model.words(["“I like tea.”"]) == [["''", "i", "like", "tea", ".", "''"]]
    (words,) = model.words(["He likes “tea and “cats””!"])
    assert words[3] == Quoted("tea and “cats”")
    assert model.size(words) == 10
    said = model.translate(["I like “NHK”."])[0]
    assert "「NHK」" in said


TRANSLATED = {
    "ja-en": [
        ("「もう遅いよ。」と彼女は言った。", "“It's already late,” she said."),
        ("彼女は言った、「お元気ですか。」", "She said, “How are you getting along?”"),
        ("「彼は『来い』と言った」と母は言った。", "“He said, ‘Come and come,’” mother said."),
        ("私は1987年に生まれました。", "I was born in 1987."),
    ],
    "en-ja": [
        ('"Come here," she said.', "「ここへ来なさい」と彼女は言った。"),
        ("He said, “She said ‘yes’ to me.”", "彼は「彼女は私に『はい』と言った」と言った。"),
        ('The book is called "Kokoro".', "その本は「Kokoro」と呼ばれている。"),
        ("This coffee is too bitter for me.", "このコーヒーは私には[?]すぎる。"),
        ("I don´t like tea.", "私はお茶が好きではない。"),
    ],
}


@pytest.mark.parametrize("direction", TRANSLATED)
def test_shipped_translators_write_as_people_do(direction):
    sentences, said = zip(*TRANSLATED[direction], strict=True)
    assert tuple(load(f"translator-{direction}").translate(sentences)) == said


def test_every_mark_for_an_apostrophe_is_read_alike():
    model = load("translator-en-ja")
    plain = model.translate(["I don't like it."])
    for mark in "´`ʼ’′":
        assert model.translate([f"I don{mark}t like it."]) == plain


@given(st.lists(st.sampled_from([*"「」『』“”\"' 1Aa猫は。,", "NHK", "言う"]), max_size=14))
@settings(max_examples=40, deadline=None)
def test_odd_marks_and_runs_are_translated(parts):
    text = "".join(parts)
    for model in (load("translator-ja-en"), net()):
        (words,) = model.words([text])
        if words:
            said = model.translate([text], beam=1)[0]
            for s in model.carried(words):
                if not isinstance(words[s], Quoted):
                    assert words[s].lower() in said.lower()  # “a” may begin the sentence


def test_typed_text():
    model = net()
    assert model.words(["I like tea", "Do you?", " "]) == [
        ["i", "like", "tea", "."],
        ["do", "you", "?"],
        [],
    ]
    said = model.translate(["I like tea", "he likes cats."], beam=2)
    assert len(said) == 2
    assert all(isinstance(s, str) for s in said)
    assert model.translate([]) == []
    with pytest.raises(TypeError, match="list of texts"):
        model.translate("tea")
    with pytest.raises(ValueError, match=f"needs 1 to {MOST} words, got 0"):
        model.translate([" "])
    with pytest.raises(ValueError, match=f"needs 1 to {MOST} words, got {MOST + 1}"):
        model.translate(["tea " * MOST + "."])


@given(st.lists(st.text(max_size=30), max_size=3))
@settings(max_examples=60, deadline=None)
def test_any_text_is_translated_or_refused(texts):
    model = net()
    if all(1 <= len(words) <= MOST for words in model.words(texts)):
        assert len(model.translate(texts, beam=2)) == len(texts)
    else:
        with pytest.raises(ValueError, match="needs 1 to"):
            model.translate(texts, beam=2)


def test_guided_without_rules_is_greedy():
    model = net()
    for words in SENTENCES:
        (beam,) = model.decode([words])
        assert model.guided(words) == list(beam.hypotheses[0].tokens)


@pytest.mark.parametrize("score", [*SCORES, None])
def test_a_row_put_in_by_hand_is_what_is_read(score):
    model = net(score)
    words = SENTENCES[0]
    rows = {0: [0, 0, 1, 0, 0, 0], 2: [0.0] * 6, 99: [1, 0, 0, 0, 0, 0]}
    said = model.guided(words, looks=rows)
    assert said == model.guided(words, looks=rows)
    reading = model.read(words, said, rows)
    best = reading.y.argmax(1).tolist()
    assert said[: len(best)] == best  # what is said is the likeliest under the same rows
    if score is None:
        assert reading.attention is None
        return
    assert reading.attention[0].tolist() == rows[0]
    assert reading.attention[2].tolist() == rows[2]
    h, memory = reading.decoder.output[:, 0], reading.source.memory[:, 0]
    torch.testing.assert_close(reading.mixed[0], torch.tanh(model.W_h @ h[0] + model.W_r @ memory[2] + model.b))
    torch.testing.assert_close(reading.mixed[2], torch.tanh(model.W_h @ h[2] + model.b))
    plain = model.read(words, said)
    assert torch.equal(plain.attention[1], reading.attention[1])


def test_a_prefix_is_said_whatever_the_network_would_say():
    model = net()
    words = SENTENCES[0]
    for first in (3, 5, 9):
        said = model.guided(words, prefix=[first, 4])
        assert said[:2] == [first, 4]
        rest = model.read(words, said).y.argmax(1).tolist()
        assert said[2:] == rest[2:]


@pytest.mark.parametrize(
    "looks", [{0: [1.0]}, {0: [0.5] * 6}, {1: [-1, 2, 0, 0, 0, 0]}, {0: [math.nan, 1, 0, 0, 0, 0]}]
)
def test_rows_that_are_no_attention_are_refused(looks):
    with pytest.raises(ValueError, match="needs 6 weights from 0 to 1 that sum to 1 or are all 0"):
        net().guided(SENTENCES[0], looks=looks)


@pytest.mark.parametrize("prefix", [[1], [2], [0], [-1], [99]])
def test_a_prefix_of_no_words_is_refused(prefix):
    with pytest.raises(ValueError, match="words of the target vocabulary"):
        net().guided(SENTENCES[0], prefix=prefix)


@pytest.mark.parametrize("score", ["general", None])
def test_in_training_sentences_may_begin_without_what_is_handed_over(score):
    torch.manual_seed(0)
    model = Translator(("en", "ja"), WORDS, OTHER, 6, 8, score, handover_dropout=0.5)
    N = 64
    ids = model.source_ids(["i", "like", "cats"])[:, None].expand(-1, N)
    lengths, before = torch.full((N,), 3), torch.tensor([[1, 3, 4]]).T.expand(-1, N)
    whole = model.eval()(ids, lengths, before)
    torch.testing.assert_close(whole[:, 1], whole[:, 0])
    trained = model.train()(ids, lengths, before)
    with_it = (trained == whole).all(2).all(0)
    if score is None:  # all that the twin knows
        assert with_it.all()
        return
    assert 0.3 < with_it.float().mean() < 0.7
    source = model.encode(ids, lengths)
    empty = model.look(model.decoder(model.E_y(before))[0], source)[0]
    torch.testing.assert_close(trained[:, ~with_it], empty[:, ~with_it])
