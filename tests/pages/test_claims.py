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
    wanted = [
        *range(1, 25),
        26,
        27,
        28,
        33,
        35,
    ]  # the others belong to lessons that are not written yet
    assert sorted(claims, key=lambda c: int(c[3:])) == [f"clm{k}" for k in wanted]
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
