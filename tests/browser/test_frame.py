"""The frame around every page: Streamlit's own words in the page's language, no counter that misleads, one way to round."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import settled
from tests.browser.server import ROOT
from tests.views import VIEWS
from ui.blocks import percent
from ui.i18n import strings

WORDS = [pair["en"] for pair in strings("frame").values()]
PATTERN = "|".join(re.sub(r"\\\{\w+\\\}", r"[^\\s•（]+", re.escape(word)) for word in WORDS)

READ = """() => [
  ...[...document.querySelectorAll('[aria-label], [placeholder]')].flatMap(n => [n.getAttribute('aria-label'), n.getAttribute('placeholder')]),
  ...document.body.innerText.split('\\n'),
].filter(Boolean)"""


def foreign(page):
    """Streamlit's English on the page."""
    return [words for words in page.evaluate(READ) if re.fullmatch(PATTERN, words.strip())]


def ja(key, **values):
    return strings("frame")[key]["ja"].format(**values)


@pytest.mark.parametrize("word", sorted({word for word, _ in VIEWS}))
def test_no_word_of_streamlit_stays_english_on_a_japanese_page(open_page, word):
    first = next(query for page, query in VIEWS if page == word)
    path = "" if word == "home" else word
    page = open_page(f"/{path}?lang=ja&" + "&".join(f"{k}={v}" for k, v in first.items()))
    expect(page.get_by_label(ja("menu"), exact=True)).to_be_attached()
    settled(page)  # a word is put into the page's language in the frame after Streamlit has drawn it
    assert foreign(page) == []


def test_boxes_files_lists_and_unknown_pages_speak_japanese(open_page):
    page = open_page("/hello?part=word&lang=ja")
    page.get_by_role("textbox").first.press_sequentially("x")
    notes = page.get_by_test_id("InputInstructions")
    expect(notes.get_by_text(ja("enter"))).to_be_visible()
    assert foreign(page) == []
    page = open_page("/lstm?part=slices&lang=ja")
    expect(page.get_by_test_id("stFileUploader").get_by_text(ja("upload"))).to_be_visible()
    expect(page.get_by_test_id("stFileUploader")).to_contain_text(ja("per_file", size="1MB"))
    page.get_by_test_id("stFileUploader").locator("input").set_input_files(
        {"name": "x.txt", "mimeType": "text/plain", "buffer": b"x"}
    )
    page.wait_for_timeout(500)
    assert foreign(page) == []


def test_an_unknown_page_is_told_in_japanese(server, browser):
    page = browser.new_context(locale="ja-JP").new_page()  # Streamlit writes it to the console, too
    page.goto(f"{server}/nosuch")
    expect(page.get_by_role("dialog").get_by_text(ja("not_found"), exact=True)).to_be_visible()
    expect(page.get_by_role("dialog")).to_contain_text(ja("not_found_unknown"))
    page.context.close()


def test_the_switch_takes_the_words_back(open_page):
    page = open_page("/lstm?part=slices&lang=ja")
    upload = page.get_by_test_id("stFileUploader")
    expect(upload.get_by_text(ja("upload"))).to_be_visible()
    page.get_by_role("radio", name="English").click()
    expect(upload.get_by_text("Upload", exact=True)).to_be_visible()
    expect(page.get_by_label("Main menu", exact=True)).to_be_attached()


def test_the_watch_over_the_page_comes_to_rest(open_page):
    """What is mended is not mended again and again: no frame after frame of work on a page at rest."""
    page = open_page("/hello?lang=ja&guess=o")
    for _ in range(30):  # until a stretch without any change; mending without end would leave none
        changes = page.evaluate(
            """() => new Promise(done => { let n = 0;
                 const watch = new MutationObserver(found => (n += found.length));
                 watch.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
                 setTimeout(() => { watch.disconnect(); done(n); }, 400); })"""
        )
        if not changes:
            break
    assert not changes


BOXES = [
    "/hello?part=word",
    "/bptt?part=own",
    "/bptt?part=own&kind=numbers",
    "/adder?part=break",
    "/lstm?part=surgery",
    "/lstm?part=slices",
    "/sentiment?part=many",
    "/translation?part=whatif&swap=1",
]


@pytest.mark.parametrize("path", BOXES)
def test_no_counter_names_a_limit_that_is_none(open_page, path):
    page = open_page(path)
    for box in page.locator(
        "[data-testid=stMain] input[type=text]:enabled, [data-testid=stMain] textarea:enabled"
    ).all():
        if box.is_visible() and not box.get_attribute("role"):
            box.press("End")
            box.press_sequentially("1")
            page.wait_for_timeout(100)
            assert not re.search(r"\d+/\d+", "".join(page.get_by_test_id("InputInstructions").all_inner_texts()))


def test_a_word_longer_than_the_box_may_hold_is_told_its_limit(open_page):
    page = open_page("/hello?part=word")
    box = page.get_by_role("textbox").first
    box.fill("abcdefghij" * 30)
    box.press("Enter")
    expect(page.get_by_text("That is 300 characters; 24 is the most.")).to_be_visible()


def test_python_and_javascript_round_alike(open_page):
    """Halves, edges and their neighbours, as they come to the browser: with six digits."""
    values = {0.0, 1.0, 0.5, 0.21496, 0.2149996, 0.285, 0.005, 0.00499999, 0.995, 0.9949999, 1e-9, 1 - 1e-9}
    values |= {k / 200 for k in range(301)}
    values |= set(np.random.default_rng(0).random(500).tolist())
    wanted = {v: percent(v) for v in sorted(values)}
    source = (ROOT / "rnn_core/stepper/1_run.js").read_text("utf-8")
    page = open_page("/")
    for digits in (17, 6):  # as float32 tables and as text
        sent = [float(f"{v:.{digits}g}") for v in wanted]
        assert page.evaluate(f"values => {{ {source}; return values.map(percent); }}", sent) == list(wanted.values())
