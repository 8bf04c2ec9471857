"""The page of verdicts: every claim of the lecture once, its numbers from their tables, its link to the experiment."""

import re

import pytest

from tests.pages.test_pages import open_page, words_of
from ui.adder_chapters import runs_of
from ui.i18n import strings
from ui.lessons import LESSONS
from ui.verdicts import STATUS, TO_COME, VERDICTS, numbers_of

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")


def test_every_claim_of_the_lecture_is_there_once():
    claims = [v.claim for v in VERDICTS] + list(TO_COME)
    assert sorted(claims, key=lambda c: int(c[3:])) == [f"clm{k}" for k in range(1, 25)]
    told = {key.split("_")[0] for key in strings("claims") if key.startswith("clm")}
    assert told == set(claims)


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda v: v.claim)
def test_every_verdict_has_its_numbers_and_its_experiment(verdict):
    numbers = numbers_of(verdict.claim)
    for lang in ("ja", "en"):
        why = strings("claims")[f"{verdict.claim}_why"][lang]
        assert set(re.findall(r"\{(\w+)\}", why)) <= set(numbers)
    lesson = next(item for item in LESSONS if item.word == verdict.lesson)
    assert lesson.ready
    assert f"CLM-{verdict.number}" in lesson.teaches.split()
    at = open_page(verdict.lesson, "en", **verdict.query)
    for key, value in verdict.query.items():
        if key != "guess":
            kept = at.query_params.get(key, value)
            assert kept in (value, [value]), (key, kept)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("status", ["all", *STATUS, "x"])
def test_the_filter_shows_what_it_says(status, lang):
    shown = words_of(open_page("claims", lang, status=status))
    for verdict in VERDICTS:
        there = strings("claims")[f"{verdict.claim}_claim"][lang] in shown
        assert there == (status in ("all", "x", verdict.status))


def test_a_number_on_the_page_is_that_of_the_table():
    learned = sum(r["learned"] for r in runs_of(hidden=128))
    assert f"128 {learned:.0f}/20" in words_of(open_page("claims", "en"))


OPENINGS = {
    "holds": (r"正しい[。（]", r"Holds[.]? "),
    "depends": (r".*(だけ|以外は)正しい", r"Holds only "),
    "not": (r"(ここでは)?成り立たない", r"Does not hold"),
}


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda v: v.claim)
def test_a_verdict_says_by_itself_whether_the_claim_holds(verdict):
    pair = strings("claims")[f"{verdict.claim}_verdict"]
    for lang, opening in zip(("ja", "en"), OPENINGS[verdict.status], strict=True):
        assert re.match(opening, pair[lang]), pair[lang]
        others = [OPENINGS[s] for s in STATUS if s not in (verdict.status, "depends")]
        assert not any(re.match(o[lang == "en"], pair[lang]) for o in others if verdict.status != "depends")  # fmt: skip


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_what_is_there_is_counted(lang):
    shown = words_of(open_page("claims", lang))
    counts = [sum(v.status == s for v in VERDICTS) for s in STATUS]
    assert sum(counts) == len(VERDICTS)
    told = re.search(r"(講義の説明|Of the) .*", shown)[0]
    numbers = list(map(int, re.findall(r"\d+", told)))
    assert numbers == [len(VERDICTS) + len(TO_COME), len(VERDICTS), *counts, len(TO_COME)]
    assert max(v.number for v in VERDICTS) <= numbers[0]
    assert (
        "`" not in shown.split(told)[1].split("python -m")[0]
    )  # no second word beside the verdict


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
    assert (
        share("clm7", "h8") == share("clm7", "h16") == share("clm7", "h32") > share("clm7", "h64")
    )
    assert share("clm8", "r01") > 0.5 > share("clm8", "r1") == 0
    fastest = [int(numbers_of("clm9")[k].replace(",", "")) for k in ("begun", "he_begun", "sigmoid_begun")]  # fmt: skip
    assert share("clm9", "best") == 1
    assert min(fastest[1:]) < fastest[0]
    assert share("clm20", "irnn") > share("clm20", "lstm5")
    change = [abs(float(numbers_of("clm15")[f"{of}_gain"].replace("−", "-"))) for of in ("en", "ja")]  # fmt: skip
    spread = [max(float(numbers_of("clm15")[f"{of}_sd_{net}"]) for net in ("lstm", "bi")) for of in ("en", "ja")]  # fmt: skip
    assert all(c <= s for c, s in zip(change, spread, strict=True))
