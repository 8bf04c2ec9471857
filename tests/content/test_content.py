"""Japanese and English are equals: same keys, sections, placeholders, formulas; nothing left over."""

import re
import string
import tomllib
from pathlib import Path

import pytest

from lessons import lecture_map, places
from ui.i18n import CONTENT, sections, strings
from ui.lecture import PARTS

STRINGS = [
    *sorted((CONTENT / "strings").glob("*.toml")),
    CONTENT.parent / "rnn_core" / "stepper" / "strings.toml",
]
LESSON_TEXTS = sorted(p.stem for p in (CONTENT / "en").glob("*.md"))
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
NAMES = {
    "5-gram",
    "bag of n-grams",
    "LSTM",
    "GRU",
    "RNN",
    "Xavier",
    "Xavier (Glorot)",
    "He",
    "tanh",
    "ReLU",
    "‖∂L/∂h‖, ‖∂L/∂c‖",
}
"""Strings that are the same in both languages by nature."""


def pairs():
    for path in STRINGS:
        for key, pair in tomllib.loads(path.read_text("utf-8")).items():
            yield pytest.param(path.stem, key, pair, id=f"{path.stem}.{key}")


@pytest.mark.parametrize(("page", "key", "pair"), list(pairs()))
def test_every_string_is_in_both_languages(page, key, pair):
    assert set(pair) == {"ja", "en"}
    ja, en = pair["ja"], pair["en"]
    assert ja.strip() == ja
    assert en.strip() == en
    assert ja
    assert en
    assert not JAPANESE.search(en.replace("こんにちは", "")), en
    if en not in NAMES:
        assert JAPANESE.search(ja), ja
        assert ja != en
    if key.startswith("erratum_"):  # with formulas and [[numbers]] in it, as in prose
        assert sorted(re.findall(r"\[\[\w+\]\]", ja)) == sorted(re.findall(r"\[\[\w+\]\]", en))
    else:
        fields = [{n for _, n, _, _ in string.Formatter().parse(t) if n} for t in (ja, en)]
        assert fields[0] == fields[1]
    assert ja.count("**") % 2 == en.count("**") % 2 == 0


def parts(word, lang):
    return sections(word, lang)


@pytest.mark.parametrize("word", LESSON_TEXTS)
def test_lessons_have_the_same_sections_formulas_and_numbers(word):
    ja, en = parts(word, "ja"), parts(word, "en")
    assert list(ja) == list(en)
    for name in ja:
        a, b = ja[name].body, en[name].body
        assert formulas(a) == formulas(b), name
        assert sorted(re.findall(r"\[\[\w+\]\]", a)) == sorted(re.findall(r"\[\[\w+\]\]", b)), name
        assert a.count("\n- ") == b.count("\n- "), name
        assert JAPANESE.search(a), name
        assert not JAPANESE.search(re.sub(r"「[^」]*」|とても", "", b)), name  # quoted words
        assert ja[name].title
        assert en[name].title


def formulas(body):
    """Displayed formulas, words inside them set aside."""
    found = re.findall(r"\$\$(.+?)\$\$", body, re.DOTALL)
    return [re.sub(r"\\text\{.*?\}|(?<=\[)[^\]\\]*(?=\])|\s", "", formula) for formula in found]


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_same_files_in_both_languages(lang):
    assert sorted(p.stem for p in (CONTENT / lang).glob("*.md")) == LESSON_TEXTS


@pytest.mark.parametrize("word", LESSON_TEXTS)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_bold_is_bold(word, lang):
    """CommonMark leaves `**` standing between certain signs; Japanese full-width brackets are among them."""
    for section in parts(word, lang).values():
        for bold in re.finditer(r"\*\*(.+?)\*\*(.?)", section.body):
            inside, after = bold.groups()
            assert not (re.match(r"[（「『〈]", inside) or re.search(r"[）」』〉。、]$", inside)) or (
                after in ("", " ", "\n")
            ), bold.group()


def test_names_of_lessons_and_parts_exist():
    shell = tomllib.loads((CONTENT / "strings" / "shell.toml").read_text("utf-8"))
    for place in lecture_map():
        assert ("name" in strings(place.word)) if place in places() else strings("coming")[place.word]
    assert {k for k in shell if k.startswith("part_")} == {f"part_{part}" for part in PARTS}


def test_japanese_is_polite_and_ends_its_sentences():
    """です・ます throughout: no paragraph of a lesson ends in the plain form."""
    plain = re.compile(r"(である|だ|する|(?<!ま)(?<!で)した|ない|なる|れる)。")
    for word in LESSON_TEXTS:
        for name, section in parts(word, "ja").items():
            assert not plain.search(section.body), f"{word}.{name}: {plain.search(section.body)}"


def test_content_has_no_code():
    for path in Path(CONTENT).rglob("*"):
        assert path.is_dir() or path.suffix in (".md", ".toml")
