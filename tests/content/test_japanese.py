"""The chosen Japanese: one spelling for each thing, and the field's word at the first use of ours."""

import re
import tomllib

import pytest

from ui.i18n import CONTENT

TEXTS = {path.name: path.read_text("utf-8") for path in sorted((CONTENT / "ja").glob("*.md"))} | {
    path.name: "\n".join(pair["ja"] for pair in tomllib.loads(path.read_text("utf-8")).values() if "ja" in pair)
    for path in sorted((CONTENT / "strings").glob("*.toml"))
}

AVOIDED = {
    r"(?<![0-9.])[1-9] つ|ひとつ": "一つ、二つ、三つ …",
    r"[ぁ-んァ-ヶー一-龠] [一二三四五六七八九]つ": "空白なし",
    r"たしかめ": "確かめ",
    r"[0-9\]}] %": "75%",
    r"\bnats\b": "nat",
    r"黄土色|オレンジ色": "オレンジ",
    r"クリック(する|し|で)": "押す",
    r"[番つ文字語]め(?=[はがをにのまで。、「」（）から])": "番目、文字目、語目",
    r"配布": "学習済み",
    r"手渡": "受け渡す",
    r"袋(?!綴)": "bag of n-grams",
    r"一つ残らず": "すべて",
    r"はしご|もしも|手術": "中身のわかる名前",
    r"カンマ": "コンマ",
    r"(?<!\{)threshold|\\text\{(if|threshold|target|right)": "しきい値 …",
}  # fmt: skip


@pytest.mark.parametrize("avoided", AVOIDED)
@pytest.mark.parametrize("name", TEXTS)
def test_one_spelling(name, avoided):
    found = [TEXTS[name][max(0, m.start() - 15) : m.end() + 15] for m in re.finditer(avoided, TEXTS[name])]
    assert not found, f"{AVOIDED[avoided]}: {found}"


@pytest.mark.parametrize(
    ("name", "word", "explained"),
    [
        ("sine.md", "自走", r"\*\*自走\*\*（free running）"),
        ("lstm.md", "意外さ", r"意外さ（サプライザル \$-\\log p\$"),
        ("gru.md", "意外さ", r"意外さ（サプライザル \$-\\log p\$）"),
        ("sentiment.md", "bag of n-grams", r"bag of n-grams（n-gram の出現だけを見る線形モデル）"),
        ("translation.md", "受け渡されるベクトル", r"エンコーダから受け渡されるベクトル（文脈ベクトル）"),
    ],
)  # fmt: skip
def test_a_word_is_explained_where_it_first_stands(name, word, explained):
    first = TEXTS[name].index(word)
    assert re.search(explained, TEXTS[name][max(0, first - 20) : first + 60])


def test_every_avoided_form_can_be_found():
    """The patterns do find what they are for."""
    for wrong in (
        "1 つ",
        "ひとつ",
        "たしかめる",
        "75 %",
        "[[n]] %",
        "nats",
        "黄土色",
        "クリックすると",
        "3 番めに",
        "何文字めまで",
        "配布している",
        "手渡される",
        "n-gram の袋",
        "一つ残らず",
        "3 はしご",
        r"\text{if }",
    ):
        assert any(re.search(pattern, wrong) for pattern in AVOIDED), wrong
