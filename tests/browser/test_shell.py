"""The frame in a real browser: cold links, language, themes, widths, no call home."""

import re

import pytest
from playwright.sync_api import expect

from benchmarks.reader import Reader
from lessons import lecture_map, places
from tests.browser.conftest import ready, settled
from tests.browser.reading import current, query, stepper
from tests.browser.server import run_apart, serve
from ui.i18n import sections, strings
from ui.lecture import HOME, Link


@pytest.mark.parametrize("path", ["/hello?part=word&word=banana&lang=en", "/gallery?lang=en"])
def test_cold_deep_link_on_a_fresh_server(browser, path):
    """The first visit ever is the deep link; the second comes from another reader."""
    with serve() as (address, _):
        for _ in range(2):
            context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
            page = context.new_page()
            page.goto(address + path)
            ready(page)
            stepper(page)
            assert page.locator("[role=dialog]").count() == 0
            assert page.get_by_text("Page not found").count() == 0
            if "banana" in path:
                assert page.locator(".chip-t bdi").all_text_contents() == list("banan")
            context.close()


@pytest.mark.parametrize("lesson", [place.word for place in places() if place.word != HOME])
def test_every_lesson_opens_cold(lesson):
    """The first message that a fresh server gets is a link into the lesson, while everything is still being loaded."""
    with serve() as (address, _):

        async def visit():
            async with Reader(address, "ja-JP") as reader:
                found = await reader.open(lesson, "lang=ja")
                assert not found.error, found.error
                assert any(title in said for said in reader.said)

        title = sections(lesson, "ja")["title"].title
        run_apart(visit())


@pytest.mark.parametrize(("locale", "lang"), [("ja-JP", "ja"), ("en-US", "en"), ("fr-FR", "en")])
def test_first_visit_follows_the_browser(open_page, locale, lang):
    page = open_page("/", locale=locale)
    expect(page.locator("html")).to_have_attribute("lang", lang)
    assert query(page)["lang"] == lang
    expect(page.locator("h1")).to_have_text({"ja": "ほどけるRNN", "en": "Unrolled"}[lang])


def test_a_link_decides_the_language(open_page):
    page = open_page("/hello?lang=ja", locale="en-US")
    expect(page.locator("html")).to_have_attribute("lang", "ja")


def test_switching_language_keeps_page_controls_and_step(open_page):
    page = open_page("/hello?part=word&word=banana&hidden=7&lang=en")
    part = stepper(page)
    for _ in range(3):
        page.locator(".chip-t.now").focus()
        page.keyboard.press("ArrowRight")
    part.locator('.num[data-cell="l0.h:3:2"]').click()
    page.get_by_role("radio", name="日本語").click()
    expect(page.locator("h1")).to_contain_text("図を、動かす")
    assert current(part) == 3
    assert page.locator(".chip-t bdi").all_text_contents() == list("banan")
    expect(page.locator(".panel h3")).to_contain_text("はどう計算されたか")
    assert query(page) | {"lang": "ja", "hidden": "7", "word": "banana", "wt": "4"} == query(page)


def test_home_moves_by_itself_and_leads_to_the_lesson(open_page):
    page = open_page("/")
    part = stepper(page)
    seen = {current(part)}
    for _ in range(40):
        page.wait_for_timeout(150)
        seen.add(current(part))
        if len(seen) == 4:
            break
    assert seen == {0, 1, 2, 3}
    page.locator(".map a", has_text="hello").click()
    expect(page.locator("h1")).to_contain_text("the famous figure")
    assert "/hello" in page.url


def test_autoplay_stops_at_first_touch(open_page):
    page = open_page("/")
    part = stepper(page)
    part.locator(".chip-t").nth(2).click()
    page.wait_for_timeout(2500)
    assert current(part) == 2


def test_reduced_motion_does_not_play(open_page):
    page = open_page("/", reduced_motion="reduce")
    part = stepper(page)
    page.wait_for_timeout(2500)
    assert current(part) == 0


def test_map_shows_every_lesson_and_links_the_ready_ones(open_page):
    coming = strings("coming")

    def name(word):
        return (coming[word] if word in coming else strings(word)["name"])["ja"]

    page = open_page("/", locale="ja-JP")
    expect(page.locator(".map .title")).to_have_text(
        [name(place.word) for place in lecture_map() if place.word != HOME]
    )
    links = page.locator(".map a").evaluate_all("list => list.map(a => a.getAttribute('href'))")
    assert links == [Link(place.word).href("ja") for place in places() if place.word != HOME]


VIEWS = [
    "/",
    *(f"/hello?part={part}&guess=o" for part in ("run", "train", "word", "check")),
    "/gallery",
]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("locale", ["ja-JP", "en-US"])
def test_every_view_fits_and_keeps_the_console_clean(open_page, locale, width, dark):
    """No page scrolls sideways; no text in the stepper is invisible on its ground."""
    page = open_page("/", width=width, dark=dark, locale=locale)
    for path in VIEWS:
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + path)
        ready(page)
        page.wait_for_timeout(300)
        over = page.evaluate(
            """() => { const m = document.querySelector('[data-testid=stMain]');
                       return m.scrollWidth - m.clientWidth; }"""
        )
        assert over <= 1, f"{path} is {over} px too wide"
        ground = page.evaluate("() => getComputedStyle(document.querySelector('.stApp')).backgroundColor")
        assert ground == ("rgb(17, 21, 28)" if dark else "rgb(255, 255, 255)")
        leftovers = page.locator("[data-testid=stMain]").inner_text()
        assert not re.search(r"\*\*|\[\[|\{\{|\$\$|Traceback", leftovers), path


def test_back_returns_to_the_chapter_before(open_page):
    page = open_page("/hello?lang=en")
    page.get_by_role("radio", name="3 Your own word").click()
    expect(page.get_by_role("textbox")).to_be_visible()
    assert query(page)["part"] == "word"
    page.go_back()
    expect(page.get_by_role("textbox")).to_have_count(0)
    page.go_forward()
    expect(page.get_by_role("textbox")).to_be_visible()


def before_leaving(page, path):
    """How often Back must be pressed to leave the app for the page before it."""
    page.goto("about:blank")
    page.goto(path)
    ready(page)
    page.wait_for_timeout(500)
    for presses in range(1, 6):
        page.go_back()
        if page.url == "about:blank":
            return presses
        ready(page)
    raise AssertionError(page.url)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/hello",
        "/hello?lang=xx",
        "/hello?part=word&word=banana",
        "/hello?lang=en&hidden=999&guess=",
        "/hello?lang=en",
    ],
)
def test_back_leaves_a_link_at_the_first_press(open_page, server, path):
    page = open_page("/gallery")
    assert before_leaving(page, server + path) == 1


def test_back_undoes_one_step_at_a_time(open_page):
    """From home into two lessons by the menu, a chapter each, and back again: a press for each of them, none dead."""
    page = open_page("/", timezone_id="Asia/Tokyo")  # a tab of its own: its history begins here
    heads = [page.locator("h1").inner_text()]
    addresses = [page.url]

    def moved():
        settled(page)  # the server has written its address, too: a press of Back before that would be undone by it
        ready(page)
        page.wait_for_timeout(500)
        heads.append(page.locator("h1").inner_text())
        addresses.append(page.url)

    menu = page.locator("[data-testid=stSidebarNav] a")
    menu.nth(1).click()
    page.wait_for_url("**/hello?lang=en")
    moved()
    page.get_by_role("radio", name="3 Your own word").click()
    page.wait_for_url("**/hello?*part=word*")
    moved()
    menu.nth(2).click()
    page.wait_for_url("**/bptt?lang=en")
    moved()
    menu.nth(1).click()  # as it was left: the address says so
    page.wait_for_url("**/hello?*part=word*")
    moved()
    for head, address in reversed(list(zip(heads[:-1], addresses[:-1], strict=True))):
        page.go_back()
        page.wait_for_url(address)
        expect(page.locator("h1")).to_have_text(head)
        settled(page)
        ready(page)
    page.go_forward()
    page.wait_for_url(addresses[1])
    expect(page.locator("h1")).to_have_text(heads[1])


def test_changing_the_theme_redraws_the_figures(open_page):
    page = open_page("/hello?part=train&done=60")
    ground = "() => getComputedStyle(document.querySelector('.js-plotly-plot .main-svg')).backgroundColor"
    page.locator(".js-plotly-plot").first.wait_for()
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"() => ({ground})() === 'rgb(17, 21, 28)'")
