"""The lesson `translation` in the browser: attention out of the states, rows set by hand, one moment for all, widths."""

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from rnn_core import load
from tests.browser.reading import stepper

SENTENCE = "彼は母に本を買ってあげた。"


@pytest.fixture(scope="module")
def model():
    return load("translator-ja-en")


def shown_looks(part, shape):
    """The table of the attention as it is read off the page."""
    texts = part.locator(".look").all_text_contents()
    return np.array([float(text or 0) for text in texts]).reshape(shape)


def test_attention_rows_sum_to_one_and_come_from_the_states(open_page, model):
    page = open_page(f"/translation?dir=ja-en&text={SENTENCE}")
    part = stepper(page)
    words = model.words([SENTENCE])[0]
    reading = model.read(words, model.guided(words))
    memory = reading.source.memory[:, 0]
    states = reading.decoder.lane().values["h"][:, 0]
    a = (states @ (memory @ model.attention.W_a.T).T).softmax(1).detach().numpy()
    shown = shown_looks(part, a.shape)
    np.testing.assert_allclose(shown, a, atol=0.0051)
    np.testing.assert_allclose(shown.sum(1), 1, atol=0.005 * len(words))
    said = " ".join(part.locator(".looks tbody th").all_text_contents())
    assert "bought" in said


def test_a_row_set_by_hand_changes_what_follows_and_does_so_again(open_page, model):
    words = model.words([SENTENCE])[0]
    plain = model.guided(words)
    row = [0.0] * len(words)
    row[0] = 1.0
    t, changed = next((t, said) for t in range(len(plain)) if (said := model.guided(words, [], {t: row})) != plain)
    link = f"/translation?part=whatif&dir=ja-en&text={SENTENCE}&looks={t}.{':'.join('1' if s == 0 else '0' for s in range(len(words)))}"
    seen = []
    for _ in range(2):
        page = open_page(link)
        part = stepper(page)
        heads = part.locator(".looks tbody th").all_text_contents()
        shown = shown_looks(part, (len(changed), len(words)))
        np.testing.assert_allclose(shown[t], row, atol=0.0051)
        seen.append(heads)
    assert seen[0] == seen[1]
    said = [model.target_words[k] for k in changed]
    marked = [f"✎ {word}" if k == t else word for k, word in enumerate(said)]
    assert marked == [head.strip() for head in seen[0]]


def test_all_hypotheses_of_the_beam_are_on_the_page(open_page, model):
    page = open_page(f"/translation?part=beam&dir=ja-en&width=3&alpha=5&reward=3&text={SENTENCE}")
    (beam,) = model.decode([model.words([SENTENCE])[0]], 3, 0.5, 0.3)
    text = page.locator(".u-table").first.inner_text()
    for hypothesis in beam.hypotheses[:3]:
        assert f"{hypothesis.score:.3f}".replace("-", "\u2212") in text
    total = torch.tensor([h.log_p for h in beam.hypotheses])
    assert (total <= 0).all()


@pytest.mark.parametrize("part", ["read", "whatif", "beam", "bottleneck", "learning", "words", "check"])
@pytest.mark.parametrize("locale", ["ja-JP", "en-US"])
def test_nothing_is_cut_off_at_360_px(open_page, part, locale):
    page = open_page(f"/translation?part={part}", width=360, locale=locale)
    expect(page.locator("h2").first).to_be_visible()
    over = page.evaluate(
        "() => document.querySelector('[data-testid=stMain]').scrollWidth - document.documentElement.clientWidth"
    )
    assert over <= 0
