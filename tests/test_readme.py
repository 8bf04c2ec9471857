"""What the README shows really runs, in both languages."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lessons import places
from rnn_core.store import load_card
from ui.i18n import strings
from ui.server import limits, turns, uploads

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_the_example_runs(name, tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("torch.Size([20, 1, 16])")
    assert (tmp_path / "run.npz").exists()


@pytest.mark.parametrize("name", ["README.md", "README.ja.md", "CONTRIBUTING.md"])
def test_links_and_pictures_exist_and_nothing_is_left_open(name):
    text = (ROOT / name).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("http") or (ROOT / target).is_file(), target
    assert "BENCH_" not in text


def test_both_readmes_show_the_same_numbers():
    tables = [
        [
            row.split("|")[2:4]
            for row in re.findall(r"^\|.*\|$", (ROOT / name).read_text("utf-8"), re.M)
            if re.search(r"\d", "".join(row.split("|")[2:4])) and not re.match(r"\| `[a-z]+` ", row)
        ]
        for name in ("README.md", "README.ja.md")
    ]
    assert tables[0] == tables[1]
    assert len(tables[0]) == 26


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_limits_are_those_of_the_code(name):
    """In the order in which the paragraph names them."""
    (told,) = re.findall(r"^\*\*.*(?:ulimit -Hn).*$", (ROOT / name).read_text("utf-8"), re.M)
    numbers = [int(n) for n in re.findall(r"\d+", told.replace("IPv6", ""))]
    wanted = [turns.PLACES, turns.SHARE, 64, uploads.SESSION // 2**20, uploads.ALL // 2**20]
    if name == "README.md":  # in words there: four open files, five times a minute
        wanted += [limits.SPARE]
    else:
        wanted += [4, limits.SPARE, int(limits.PERIOD) // 60, limits.MOST]
    assert numbers == wanted
    assert limits.MOST == 5


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_scores_are_those_of_the_cards(name):
    rows = re.findall(r"^\|.*\|$", (ROOT / name).read_text("utf-8"), re.M)
    for language, row in zip(
        ("en", "ja"), [r for r in rows if re.search(r"Shakespeare|Soseki|シェイクスピア|漱石", r)], strict=True
    ):
        cards = [load_card(f"chars-{cell}-{language}") for cell in ("lstm", "gru")]
        wanted = [card["scores"]["nats_per_character"] for card in cards]
        wanted.append(cards[0]["baseline"]["nats_per_character"])
        assert re.findall(r"\d\.\d{3}", row) == [f"{value:.3f}" for value in wanted]


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_accuracies_are_those_of_the_cards(name):
    rows = re.findall(r"^\|.*\|$", (ROOT / name).read_text("utf-8"), re.M)
    rows = [r for r in rows if re.search(r"SST-2|Economy|景気|M-ABSA", r)]
    keys = (("en", "accuracy"), ("ja", "accuracy_economy_watchers"), ("ja", "accuracy_m_absa"))
    for (of, key), row in zip(keys, rows, strict=True):
        cards = [load_card(f"sentiment-{of}{twin}") for twin in ("", "-bi", "-gru", "-rnn")]
        wanted = [card["scores"][key] for card in cards] + [cards[0]["scores"][f"floor_{key}"]]
        assert re.findall(r"\d\d\.\d", row) == [f"{100 * value:.1f}" for value in wanted]


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_translation_scores_are_those_of_the_cards(name):
    rows = re.findall(r"^\|.*\|$", (ROOT / name).read_text("utf-8"), re.M)
    rows = [r for r in rows if re.search(r"English →|→ English|[英日] → [英日]", r)]
    keys = ("bleu_greedy", "bleu_beam", "bleu_no_attention", "bleu_copy_floor")
    for of, row in zip(("en-ja", "ja-en"), rows, strict=True):
        scores = load_card(f"translator-{of}")["scores"]
        assert re.findall(r"\d\d\.\d", row) == [f"{scores[key]:.1f}" for key in keys]


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_numbers_beside_the_tables_are_those_of_the_cards(name):
    words = (ROOT / name).read_text("utf-8")
    for model in ("lstm-en", "gru-en", "lstm-ja", "gru-ja"):
        seeds = load_card(f"chars-{model}")["seeds"]["nats_per_character"]
        if len(seeds["each"]) > 1:
            assert f"{seeds['mean']:.3f} ± {seeds['standard_deviation']:.3f}" in words
    for direction in ("en-ja", "ja-en"):
        seeds = load_card(f"translator-{direction}")["seeds"]
        for key in ("bleu_greedy", "bleu_beam", "bleu_no_attention"):
            assert "{mean:.1f} ± {standard_deviation:.1f}".format(**seeds[key]) in words
    scores = load_card("segmenter-ja")["scores"]
    for key in ("boundary_f1", "floor_boundary_f1"):
        assert f"{100 * scores[key]:.1f} %" in words


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_adder_and_sine_are_as_their_cards_say(name):
    text = (ROOT / name).read_text("utf-8")
    assert f"{load_card('adder')['scores']['sums_right']:,}" in text
    assert f"{load_card('sine')['scores']['loss']:.1e}" in text


@pytest.mark.parametrize(("name", "lang"), [("README.md", "en"), ("README.ja.md", "ja")])
def test_the_table_of_lessons_is_the_registry(name, lang):
    text = (ROOT / name).read_text("utf-8")
    rows = [
        f"| `{place.word}` {strings(place.word)['name'][lang]} | {strings(place.word)['about'][lang]} |"
        for place in places()
    ]
    assert "\n".join(rows) in text
