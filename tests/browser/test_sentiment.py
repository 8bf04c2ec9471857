"""The lesson `sentiment` and the opening demo on the page: every number recomputed from the shipped weights, care, widths."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from rnn_core import load, trace
from rnn_core.networks.attribution import gradient_times_input, occlusion
from tests.browser.conftest import settled
from tests.browser.reading import number as number_of
from ui.networks.reviews import EXAMPLES, percent

TEXT = "The story is dull, but I was never bored."


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_every_gate_and_the_verdict_are_those_of_the_shipped_weights(open_page, cell):
    page = open_page(f"/sentiment?of=en&cell={cell}&text={quote(TEXT)}&t=4&open=l0")
    page.locator(".num[data-cell]").first.wait_for()
    model = load("sentiment-en" + ("" if cell == "lstm" else f"-{cell}"))
    tokens = model.tokens(TEXT)
    lane = trace(model.rnn, model.embedding(model.encode(tokens))).lane()
    names = {"lstm": "ifgoch", "gru": "rznh", "rnn": "h"}[cell]
    for name in names:
        cells = page.locator(f'.num[data-cell^="l0.{name}:3:"]').all()
        assert len(cells) >= 6, name
        for each in cells:
            unit = int(each.get_attribute("data-cell").split(":")[2])
            shown = number_of(each.locator("text").text_content())
            assert shown == pytest.approx(lane[name][3, 0, unit].item(), abs=0.0051), name
    p = model.probabilities([tokens[:4]])[0]
    for k in range(3):
        shown = float(page.locator(f'[data-share="{k}"]').text_content().strip("<%"))
        assert shown == pytest.approx(100 * float(p[k]), abs=0.51)


def test_a_score_opens_down_to_the_states_and_their_peaks(open_page):
    page = open_page(f"/sentiment?of=en&cell=rnn&text={quote(TEXT)}&t=6&open=/y~6~2")
    page.locator(".panel .total").wait_for()
    model = load("sentiment-en-rnn")
    y = model.scores([model.tokens(TEXT)[:6]])[0]
    assert number_of(page.locator(".panel .total").inner_text()) == pytest.approx(float(y[2]), abs=6e-3)
    assert "W_my" in page.locator(".panel").inner_text().replace("\n", "")


def test_a_score_of_a_strange_text_opens_down_to_its_temperature(open_page):
    text = "この店まじ使えん。"
    model = load("sentiment-ja")
    tokens = model.tokens(text)
    T = len(tokens)
    page = open_page(f"/sentiment?of=ja&text={quote(text)}&t={T}&open=/y~{T}~2", locale="ja-JP")
    page.locator(".panel .total").wait_for()
    sure = float(model.sure_scores([tokens])[0, 2])
    tau = 1 + model.doubt.slope * model.strange_share(tokens)
    panel = page.locator(".panel")
    assert number_of(panel.locator(".total").inner_text()) == pytest.approx(sure, abs=6e-3)
    assert f"{tau:.3f}" in panel.locator(".tau").inner_text()
    assert number_of(panel.locator(".value").inner_text()) == pytest.approx(sure / tau, abs=6e-3)
    assert page.locator(".u-strange u").inner_text() == "まじ使えん"
    expect(page.get_by_text("どちらとも言えない").first).to_be_visible()


def test_the_meter_follows_the_time_bar_and_the_time_bar_the_meter(open_page):
    page = open_page(f"/sentiment?of=en&text={quote(TEXT)}&all=1")
    page.locator(".meter-plot").wait_for()
    model = load("sentiment-en")
    tokens = model.tokens(TEXT)
    own = page.locator('output[data-curve="0"]')
    for t in (len(tokens), 2):
        page.locator(".chip-t").nth(t - 1).click()
        p = model.positive_of([tokens[:t]])[0]
        assert float(own.text_content().strip("<%")) == pytest.approx(100 * p, abs=0.51)
    width = page.locator(".meter-plot").bounding_box()["width"]
    page.locator(".meter-plot").click(position={"x": width - 14, "y": 40})
    expect(page.locator(".chip-t.now")).to_contain_text(".")
    assert page.locator("output[data-curve]").count() == 5


def test_pushes_are_coloured_and_told(open_page):
    page = open_page(f"/sentiment?part=why&of=en&text={quote(TEXT)}")
    rows = page.locator(".u-pushes")
    expect(rows).to_have_count(3)
    model = load("sentiment-en")
    tokens = model.tokens(TEXT)
    for row, ask in ((0, occlusion), (1, gradient_times_input)):
        told = [number_of(s.get_attribute("title")) for s in rows.nth(row).locator("span").all()]
        assert told == pytest.approx(ask(model, tokens).tolist(), abs=6e-4)
    strongest = max(range(len(tokens)), key=lambda t: abs(float(occlusion(model, tokens)[t])))
    colour = rows.nth(0).locator("span").nth(strongest).evaluate("s => getComputedStyle(s).backgroundColor")
    assert colour not in ("rgba(0, 0, 0, 0)", "transparent")


def test_what_cannot_be_read_is_said_and_nothing_is_lost(open_page):
    page = open_page(f"/sentiment?of=en&text={quote(TEXT)}")
    box = page.get_by_label("Review", exact=True)
    chips = page.locator(".chip-t")
    before = len(load("sentiment-en").tokens(TEXT))
    expect(chips).to_have_count(before)
    for typed, said in (("   ", "The text is empty"), ("x" * 2001, "at most 2,000")):
        box.fill(typed)
        box.press("Control+Enter")
        expect(page.get_by_text(said)).to_be_visible()
        expect(chips).to_have_count(before)
    box.fill("とても良い映画でした。")
    box.press("Control+Enter")
    expect(page.get_by_text("looks like Japanese")).to_be_visible()
    box.fill("<img src=x onerror=alert(1)> good")
    box.press("Control+Enter")
    expect(chips.first).to_contain_text("<")
    assert page.locator("img[src=x]").count() == 0
    expect(page).to_have_url(re.compile("%3Cimg"))


def test_two_thousand_characters_fit_into_a_link(open_page):
    text = "とても良い店だ。" * 250
    page = open_page(f"/sentiment?of=ja&cell=rnn&text={quote(text)}", locale="ja-JP")
    expect(page.locator(".chip-t").first).to_be_visible()
    expect(page.get_by_text(re.compile("160 トークン"))).to_be_visible()


def test_a_csv_is_judged_and_can_be_kept(open_page):
    page = open_page("/sentiment?part=many&of=ja", locale="ja-JP")
    data = "番号,感想\n1,とても満足しました。\n2,二度と行きません。最悪でした。\n".encode("euc_jp")
    page.locator("input[type=file]").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": data})
    expect(page.get_by_text("EUC-JP として読みました")).to_be_visible()
    page.get_by_role("combobox").click()
    page.get_by_role("option", name="感想").click()
    page.get_by_role("button", name="2 件を判定する").click()
    table = page.locator(".u-table")
    expect(table).to_be_visible()
    p = load("sentiment-ja").predict(["とても満足しました。", "二度と行きません。最悪でした。"])
    for value in p:
        assert percent(value) in table.inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="結果を CSV で保存").click()
    kept = download.value.path().read_bytes().decode("utf-8-sig")
    assert f"{p[0]:.4f}" in kept
    page.locator("input[type=file]").set_input_files(
        {"name": "b.csv", "mimeType": "text/csv", "buffer": b"\xff\xfe\x00"}
    )
    expect(page.get_by_text("文字コードが分かりません")).to_be_visible()


def test_the_opening_demo_judges_and_leads_on(open_page):
    page = open_page("/")
    box = page.get_by_label("Write a review")
    box.fill(EXAMPLES["en"][1])
    page.get_by_role("button", name="Judge it").click()
    page.locator(".meter-plot").wait_for()
    p = load("sentiment-en").predict([EXAMPLES["en"][1]])[0]
    expect(page.get_by_text(percent(p)).first).to_be_visible()
    page.get_by_role("link", name="Open this review").click()
    expect(page.get_by_label("Review", exact=True)).to_have_value(EXAMPLES["en"][1])


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(
    "path", ["?all=1", "?part=why", "?part=pairs&pguess=bi", "?part=scores", "?part=many", "?part=check&qs1=1"]
)
def test_pages_fit_their_width_in_japanese_and_dark(open_page, path, width):
    page = open_page(f"/sentiment{path}", width=width, dark=True, locale="ja-JP")
    settled(page)
    wide = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth")
    assert wide <= 0


def test_curve_and_map_share_one_time_axis(open_page):
    page = open_page("/sentiment?t=3")
    page.locator(".meter-dot").first.wait_for()
    centre = "n => { const b = n.getBoundingClientRect(); return b.left + b.width / 2; }"
    for t in (0, 3, 9):
        page.locator(f'.chip-t[data-t="{t}"]').click()
        dot = page.locator(".meter-dot").first.evaluate(centre)
        column = page.locator(".map-column").evaluate(centre)
        assert abs(dot - column) < 1.5


def test_the_opening_demo_opens_at_the_verdict(open_page):
    page = open_page("/?text=Not+bad+at+all.", reduced_motion="no-preference")
    last = page.locator(".chip-t").last
    expect(last).to_have_text(re.compile(r"\.$"))
    expect(last).to_have_class(re.compile(r"\bnow\b"))
    page.wait_for_timeout(2500)
    expect(last).to_have_class(re.compile(r"\bnow\b"))
    # one number is told once: in the sentence above and at the end of the curve
    told = re.search(r"P\(positive\) is ([<>]?\d+%)", page.get_by_text("Read to its end").inner_text())
    expect(page.locator(".meter-names output")).to_have_text(told[1])
    # and each answer's share in the bar is that in the drawing
    bar = page.locator(".meter-names [data-share]").all_text_contents()
    drawing = page.locator(".col.now .percent").all_text_contents()
    assert drawing == bar
