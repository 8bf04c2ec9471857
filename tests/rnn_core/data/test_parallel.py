"""Typed text becomes the data's tokens; the nearest sentence is the nearest by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_core.baselines.nearest import NearestSentence
from rnn_core.data import parallel, pieces
from rnn_core.data.marks import Quoted, apart, apostrophes
from rnn_core.data.parallel import (
    RUN,
    english_text,
    english_words,
    japanese_runs,
    japanese_text,
    japanese_written,
    side,
)
from rnn_core.data.reviews import english_tokens

SENTENCES = [
    "i can 't tell who will arrive first .",
    "mr. brown , who lives in the u.s. , doesn 't like it .",
    "he said , '' at 10 o 'clock , not 50,000 ! ''",
    "a part-time job ... isn 't it ?",
    "it 's three p.m. now .",
]


@pytest.mark.parametrize("line", SENTENCES)
def test_what_is_written_out_is_cut_the_same_again(line):
    words = line.split()
    assert english_words(english_text(words)) == words
    assert english_words(" ".join(words)) == words


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("It’s “fine”…", ["it", "'s", "''", "fine", "''", "..."]),
        ("  DON'T  ", ["don", "'t"]),
        ("ｈｅｌｌｏ", ["hello"]),
        ("<b>tea</b>", ["<", "b", ">", "tea", "<", "/", "b", ">"]),
        ("", []),
        ("猫 tea", ["猫", "tea"]),
    ],
)
def test_typed_english(typed, words):
    assert english_words(typed) == words


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("ｶﾞｷﾞ 12.5個,ＴＶ", "ガギ１２．５個、ｔｖ"),
        ("はい.", "はい。"),
        ("これ？!", "これ？！"),
        ("あ　い\n", "あい"),
        ("～", "〜"),
        ("", ""),
    ],
)
def test_typed_japanese(typed, text):
    assert japanese_text(typed) == text


@given(st.text())
def test_any_text_is_cut(text):
    assert all(english_words(text))
    assert not any(c.isspace() for c in japanese_text(text))


@pytest.mark.parametrize("mark", ["´", "`", "ʼ", "’", "‘", "′", "＇", " \u0301"])
def test_whatever_stands_for_an_apostrophe_is_one(mark):
    typed, plain = f"I don{mark}t say O{mark}Brien{mark}s", "I don't say O'Brien's"
    assert apostrophes(typed) == plain
    for cut in (english_words, english_tokens, pieces.runs):
        assert cut(typed) == cut(plain)
    assert english_words("It´s") == ["it", "'s"]
    assert english_tokens("don´t") == ["do", "n't"]


@pytest.mark.parametrize("text", ["‘tis", "the boys’ room", "5′ 3", "a ´ b", "猫’犬", "` `"])
def test_other_marks_stay(text):
    assert apostrophes(text) == text


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("「来て」と言う。", ["", Quoted("来て"), "と言う。"]),
        ("彼は「『山』だ」と", ["彼は", Quoted("『山』だ"), "と"]),
        ("“Come,” she said.", ["", Quoted("Come,"), " she said."]),
        ('a "b" c "d"', ["a ", Quoted("b"), " c ", Quoted("d"), ""]),
        ("''come, '' she", ["", Quoted("come, "), " she"]),
        ("He said 'yes' and it's fine", ["He said ", Quoted("yes"), " and it's fine"]),
        ("I can 't tell who 'll come", None),
        ("the boys' and the girls' room", None),
        ("「a", None),
        ("a」", None),
        ("「」は", None),
        ("“『a”", ["", Quoted("『a"), ""]),
    ],
)
def test_quotations_stand_apart(text, pieces):
    assert apart(text) == ([text] if pieces is None else pieces)


def test_a_quotation_is_no_word():
    assert Quoted("yes") != "yes"
    assert Quoted("yes").__ne__("yes")
    assert Quoted("yes") == Quoted("yes")
    assert Quoted("yes") not in {"yes": 1}
    assert len({Quoted("yes"), Quoted("yes"), "yes"}) == 2


@given(st.text("a 「」『』“”‘’'\"12", max_size=40))
def test_nothing_is_lost_when_quotations_stand_apart(text):
    found = apart(text)
    said = "".join(text.replace("''", '"').translate(dict.fromkeys(map(ord, "「」『』“”‘’'\""))))
    assert "".join("".join(found).translate(dict.fromkeys(map(ord, "「」『』“”‘’'\"")))) == said


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("My iPhone 15 costs $5.50!", ["my", "iPhone 15", "costs", "$5.50", "!"]),
        ("NHK at 10:30, 2-3", ["NHK", "at", "10:30", ",", "2-3"]),
        ("１９８７", ["1987"]),
        ("20% of AT&T", ["20%", "of", "AT&T"]),
        ("C++ and C#.", ["C++", "and", "C#", "."]),
        ("a 10-minute break at 3pm", ["a", "10-minute", "break", "at", "3pm"]),
        ("May 5", ["may", "5"]),
    ],
)
def test_runs_in_english_are_one_word(typed, words):
    known = {"my", "costs", "at", "of", "and", "a", "break", "may"}
    assert english_words(typed, known) == words
    assert english_words(typed) == [word.lower() for word in words]


@given(st.lists(st.sampled_from(["猫", "は", "1987", "NHK", "3.5", "A4", "iPhone", "、", "%"])))
def test_runs_stand_apart(parts):
    found = japanese_runs(" ".join(parts))
    assert all(found)
    for piece in found:
        assert not RUN.search(piece) or RUN.match(piece)
    for part in parts:
        assert any(part in piece for piece in found)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("'' come , '' she said .", "“Come,” she said."),
        ("he said , '' i 'm late . ''", "He said, “I'm late.”"),
        ("“Come.” , she said .", "“Come,” she said."),
        ("“Come.” she said .", "“Come,” she said."),
        ("“Who?” , she asked .", "“Who?” she asked."),
        ("he said “Come.” .", "He said, “Come.”"),
        ("“He said, ‘Come.’” , she said .", "“He said, ‘Come,’” she said."),
        ("the book is called “Kokoro” .", "The book is called “Kokoro.”"),
        ("“Wind.” is good .", "“Wind” is good."),
        ("iPhone 15 is good .", "iPhone 15 is good."),
        ("NHK and i-mode .", "NHK and i-mode."),
    ],
)
def test_english_quotations_as_they_are_written(words, text):
    cut = words.replace("“", "\0“").replace("”", "”\0").split("\0")  # a quotation is one token
    tokens = [t for k, part in enumerate(cut) for t in ([part] if part.startswith("“") else part.split())]
    if "‘" in words:
        tokens = ["“He said, ‘Come.’”", ",", "she", "said", "."]
    assert english_text(tokens) == text


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("「 来 て 」 と 言 う 。", "「来て」と言う。"),
        ("「 「 は い 」 と 言 う 」 。", "「『はい』と言う」。"),
        ("」 は 「 山", "」は「山"),
        ("１０ 枚 の ｃｄ と iPhone と ｎｈｋ ！", "10枚のCDとiPhoneとNHK！"),
        ("３．５ ２人", "3.52人"),
    ],
)
def test_japanese_as_it_is_written(words, text):
    assert japanese_written(words.split()) == text


def test_sides_are_read_as_they_are(monkeypatch):
    files = {f"small_parallel_enja/{part}.en": f"a {part} .\nb\n" for part in ("train", "dev", "test")}
    monkeypatch.setattr(parallel, "data_file", lambda name, folder: files[name].encode())
    found = side("en")
    assert found.train == [("a", "train", "."), ("b",)]
    assert found.test[0] == ("a", "test", ".")


def test_the_nearest_sentence_by_hand():
    train = [("the", "cat"), ("the", "dog", "sat"), ("a", "cat", "sat")]
    found = NearestSentence(train)
    assert found.nearest([("the", "dog"), ("cat", "sat"), ("zebra",), ("a", "a", "cat")]) == [
        1,
        2,
        0,
        2,
    ]
    # cosine of ("cat",) and train[0]: idf of cat (in 2 of 3), of the (2), of "the cat" (1)
    idf = {n: 1 + math.log(4 / (1 + n)) for n in (1, 2)}
    length = math.sqrt(2 * idf[2] ** 2 + idf[1] ** 2)
    row = found.vectors.to_dense()[0]
    assert row[found.index["cat"]].item() == pytest.approx(idf[2] / length)
    assert row[found.index["the cat"]].item() == pytest.approx(idf[1] / length)
    assert float(row.square().sum()) == pytest.approx(1)
