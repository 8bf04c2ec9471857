"""The page of verdicts: every claim of the lecture once, its numbers from their tables, its link to the experiment."""

import re

import pytest

from lessons import places
from lessons.adder.numbers import runs_of
from lessons.claims.lesson import to_come, verdicts
from rnn_core.experiments import results
from rnn_core.labs.speed import parameters
from tests.app import open_page, words_of
from ui.i18n import strings
from ui.networks import chars
from ui.server import models
from ui.verdicts import STATUS

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")


VERDICTS, TO_COME = verdicts(), to_come()


def numbers_of(claim):
    return next(v for v in VERDICTS if v.claim == claim).numbers()


def test_every_claim_of_the_lecture_is_there_once():
    claims = [v.claim for v in VERDICTS] + list(TO_COME)
    wanted = [
        *range(1, 25),
        26,
        27,
        28,
        33,
        35,
    ]  # the others belong to lessons that are not written yet
    assert sorted(claims, key=lambda c: int(c[3:])) == [f"clm{k}" for k in wanted]
    for verdict in VERDICTS:  # its words lie with its lesson, whole
        keys = {key for key in strings(verdict.link.lesson) if key.startswith(f"{verdict.claim}_")}
        assert keys == {f"{verdict.claim}_{part}" for part in ("claim", "verdict", "why")}


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda v: v.claim)
def test_every_verdict_has_its_numbers_and_its_experiment(verdict):
    numbers = numbers_of(verdict.claim)
    for lang in ("ja", "en"):
        why = strings(verdict.link.lesson)[f"{verdict.claim}_why"][lang]
        assert set(re.findall(r"\{(\w+)\}", why)) <= set(numbers)
    place = next(place for place in places() if place.word == verdict.link.lesson)
    assert f"CLM-{verdict.number}" in place.teaches.split()
    at = open_page(verdict.link.lesson, "en", **verdict.link.query)
    for key, value in verdict.link.query.items():
        if key != "guess":
            kept = at.query_params.get(key, value)
            assert kept in (value, [value]), (key, kept)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("status", ["all", *STATUS, "x"])
def test_the_filter_shows_what_it_says(status, lang):
    shown = words_of(open_page("claims", lang, status=status))
    for verdict in VERDICTS:
        there = strings(verdict.link.lesson)[f"{verdict.claim}_claim"][lang] in shown
        assert there == (status in ("all", "x", verdict.status))


def test_a_number_on_the_page_is_that_of_the_table():
    learned = sum(r["learned"] for r in runs_of(hidden=128))
    assert f"128 {learned:.0f}/20" in words_of(open_page("claims", "en"))


def number(told):
    """The mean of "84.0 ± 0.2", or a plain number."""
    return float(told.split(" ")[0].replace(",", ""))


def spread(told):
    return float(told.split("± ")[1])


def test_simple_rnns_are_behind_on_language_and_enough_for_adding():
    told = numbers_of("clm26")
    for of, key in (("en", "accuracy"), ("ja", "accuracy_economy_watchers")):
        for cell, tail in (("rnn", "-rnn"), ("lstm", "")):
            each = models.card_of(f"sentiment-{of}{tail}")["seeds"][key]["each"]
            assert number(told[f"{cell}_{of}"]) == pytest.approx(100 * sum(each) / len(each), abs=0.051)
        gap = number(told[f"lstm_{of}"]) - number(told[f"rnn_{of}"])
        assert gap > 3 * max(spread(told[f"{cell}_{of}"]) for cell in ("rnn", "lstm"))
    assert int(number(told["sums"])) == 4**8
    net = models.shared("adder")
    assert sum(p.numel() for p in net.rnn.parameters()) == int(told["units"]) * (2 + int(told["units"]) + 1)


def test_three_tables_are_counted_on_the_shipped_vocabulary():
    told = {name: int(value.replace(",", "")) for name, value in numbers_of("clm27").items()}
    model = models.shared("sentiment-en")
    V, d = model.embedding.weight.shape
    assert (told["v"], told["d"], told["h"]) == (V, d, model.rnn.hidden_size)
    assert told["vd"] == model.embedding.weight.numel()
    H = told["h"]
    one_hot = parameters("rnn", V, H) - H * H - 2 * H  # but for W_hh and the biases
    assert told["vh"] == one_hot
    assert told["vv"] == V * V > 50 * told["vh"]


def test_words_of_any_length_by_the_same_weights():
    told = numbers_of("clm28")
    words = models.card_of("sentiment-en")["config"]["symbols"].split(" ")
    assert {told["short"], told["long"]} <= set(words)
    assert max(len(w) for w in words if w.isascii() and w.isalpha()) == len(told["long"])
    assert (told["steps_short"], told["steps_long"]) == ("1", str(len(told["long"])))
    model = models.shared("chars-lstm-en")
    assert told["state_short"] == told["state_long"] == str(model.rnn.hidden_size)
    assert number(told["weights"]) == chars.card_of("lstm", "en")["parameters"]


def test_gru_and_lstm_take_turns_in_being_ahead():
    told = numbers_of("clm33")
    pairs = [
        ("lstm_en", "gru_en", -1),
        ("lstm_ja", "gru_ja", -1),
        ("review_lstm_en", "review_gru_en", 1),
        ("review_lstm_ja", "review_gru_ja", 1),
    ]
    for lstm, gru, better in pairs:  # "ahead by a little, less than three times what seeds differ"
        gap = better * (number(told[gru]) - number(told[lstm]))
        assert 0 < gap < 3 * max(spread(told[lstm]), spread(told[gru]))
    assert number(told["counted_lstm"]) > number(told["counted_gru"])
    assert (told["recall_lstm"], told["recall_gru"]) == ("0/10", "10/10")
    row = next(r for r in results("memory-span")["rows"] if r["cell"] == {"cell": "lstm, bias 5", "distance": 50})
    assert told["recall_open"] == f"{sum(r['learned'] for r in row['runs'].values()):.0f}/10"


def test_every_gate_is_worth_something_and_none_resets_the_whole():
    told = numbers_of("clm35")
    for corpus in ("en", "ja"):
        scores = chars.card_of("lstm", corpus)["scores"]
        assert scores["gate_nats"] == pytest.approx(scores["nats_per_character"], rel=0.01)
        for gate in "ifo":
            assert told[f"{gate}_{corpus}"] == f"{scores[f'gate_{gate}_held']:.2f}"
            assert scores[f"gate_{gate}_held"] > scores["gate_nats"] + 0.1
        assert scores["gate_o_shut"] > 0.5  # "mostly shut"
        for place in ("sentence", "line"):
            assert scores[f"gate_f_{place}"] > 0.5
            assert scores[f"gate_emptied_{place}"] > 10 * scores["gate_emptied_other"]
            assert scores[f"gate_emptied_{place}"] < 0.3 * int(told[f"units_{corpus}"])


OPENINGS = {
    "holds": (r"正しい[。（]", r"Holds[.]? "),
    "depends": (r".*(だけ|以外は)正しい", r"Holds only "),
    "not": (r"(ここでは)?成り立たない", r"Does not hold"),
}


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda v: v.claim)
def test_a_verdict_says_by_itself_whether_the_claim_holds(verdict):
    pair = strings(verdict.link.lesson)[f"{verdict.claim}_verdict"]
    for lang, opening in zip(("ja", "en"), OPENINGS[verdict.status], strict=True):
        assert re.match(opening, pair[lang]), pair[lang]
        others = [OPENINGS[s] for s in STATUS if s not in (verdict.status, "depends")]
        assert not any(re.match(o[lang == "en"], pair[lang]) for o in others if verdict.status != "depends")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_what_is_there_is_counted(lang):
    shown = words_of(open_page("claims", lang))
    counts = [sum(v.status == s for v in VERDICTS) for s in STATUS]
    assert sum(counts) == len(VERDICTS)
    told = re.search(r"(講義の説明|Of the) .*", shown)[0]
    numbers = list(map(int, re.findall(r"\d+", told)))
    assert numbers == [len(VERDICTS) + len(TO_COME), len(VERDICTS), *counts, len(TO_COME)]
    assert "`" not in shown.split(told)[1].split("python -m")[0]  # no second word beside the verdict


def test_verdicts_are_what_their_numbers_say():
    """The comparisons that the verdicts' own words make."""

    def share(claim, name):
        learned, of = map(int, numbers_of(claim)[name].split("/"))
        return learned / of

    assert share("clm5", "s1") == 1
    assert share("clm5", "s01") == share("clm5", "s001") == 0
    steps = {k: int(numbers_of("clm6")[k].replace(",", "")) for k in ("b01", "b1")}
    assert steps["b1"] < steps["b01"]
    assert float(numbers_of("clm6")["l1"]) < float(numbers_of("clm6")["l01"])
    assert share("clm6", "ce01") > share("clm6", "ce1")
    assert share("clm7", "h8") == share("clm7", "h16") == share("clm7", "h32") > share("clm7", "h64")
    assert share("clm8", "r01") > 0.5 > share("clm8", "r1") == 0
    fastest = [int(numbers_of("clm9")[k].replace(",", "")) for k in ("begun", "he_begun", "sigmoid_begun")]
    assert share("clm9", "best") == 1
    assert min(fastest[1:]) < fastest[0]
    assert share("clm20", "irnn") > share("clm20", "lstm5")
    change = [abs(float(numbers_of("clm15")[f"{of}_gain"].replace("−", "-"))) for of in ("en", "ja")]
    spread = [max(float(numbers_of("clm15")[f"{of}_sd_{net}"]) for net in ("lstm", "bi")) for of in ("en", "ja")]
    assert all(c <= s for c, s in zip(change, spread, strict=True))
