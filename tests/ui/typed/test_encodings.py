"""Uploaded texts in the encodings of Japan: the right characters, or none; a guess is never silent."""

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ui.networks.reviews import EXAMPLES
from ui.typed.sentences import ENCODINGS, decoded

WRITTEN = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "cp932": "Shift_JIS",
    "euc_jp": "EUC-JP",
    "euc_jis_2004": "EUC-JP",
    "iso2022_jp": "ISO-2022-JP",
}
SENTENCES = (
    *EXAMPLES["ja"],
    "これは駄目です。",
    "評価,感想\n5,最高の店でした\n1,ﾊﾞｲﾄの態度が最悪",
    "①番の㈱の店は 3,000円で～す",
    "コーヒー・紅茶",
)


@pytest.mark.parametrize("codec", WRITTEN)
@pytest.mark.parametrize("plain", SENTENCES)
def test_japanese_is_read_in_every_encoding(codec, plain):
    try:
        data = plain.encode(codec)
    except UnicodeEncodeError:
        assert codec in (
            "iso2022_jp",
            "euc_jp",
            "euc_jis_2004",
            "cp932",
        )  # no ① or no wave dash there
        return
    found = decoded(data)
    assert (found.text, found.encoding) == (plain, WRITTEN[codec])
    assert found.told == (found.encoding != "UTF-8")


HIRAGANA = [chr(c) for c in range(0x3041, 0x3094)]
KANJI = [bytes((high, low)).decode("euc_jp") for high in range(0xB0, 0xCF) for low in (0xA1, 0xB7, 0xCC, 0xEF)]
LEVEL2 = [bytes((high, low)).decode("euc_jp") for high in range(0xD0, 0xF4) for low in (0xA1, 0xCC)]
SIGNS = list("、。「」！？・ーアイウカキクドラャュョ")
LATIN = list("abcXYZ 0123,;\n\t\"'-")
HALF = list("ｱｲｳｶｷﾞﾟｧｰ｡､")
CHARS = st.sampled_from(HIRAGANA) | st.sampled_from(KANJI) | st.sampled_from(SIGNS) | st.sampled_from(LATIN)
ANY = CHARS | st.sampled_from(LEVEL2) | st.sampled_from(HALF)


@settings(max_examples=1500, deadline=None)
@given(st.text(CHARS, min_size=1, max_size=60), st.sampled_from(sorted(WRITTEN)))
def test_prose_is_right_or_refused(plain, codec):
    """Text with a third of kana, as all Japanese prose has it, is never read wrongly."""
    wide = [c for c in plain if not c.isascii()]
    assume(3 * sum("ぁ" <= c <= "ヿ" for c in wide) >= len(wide) > 0)
    found = decoded(plain.encode(codec))
    assert found is None or found.text == plain
    if found is None:
        assert codec in ("euc_jp", "euc_jis_2004", "cp932")


@settings(max_examples=3000, deadline=None)
@given(st.text(ANY, min_size=1, max_size=40), st.sampled_from(sorted(WRITTEN)))
@example("鯖", "euc_jp")
@example("ﾂｩ", "cp932")
@example("最悪", "euc_jp")
def test_a_wrong_guess_is_never_silent(plain, codec):
    try:
        data = plain.encode(codec)
    except UnicodeEncodeError:
        return
    found = decoded(data)
    assert found is None or found.text == plain or found.told


@pytest.mark.parametrize(
    ("plain", "codec"),
    [
        ("déjà vu, élève très bien", "latin-1"),
        ("Größe, Zürich, über", "latin-1"),
        ("Привет, как дела", "cp1251"),
        ("这家餐厅的服务很好，菜也很好吃，下次还会再来。环境优雅", "gbk"),
        ("這家餐廳的服務很好", "big5"),
        ("정말 좋아요. 직원들이 매우 친절하고 음식도 맛있었습니다.", "euc_kr"),
        ("review", "utf-16-le"),
        ("review", "utf-32"),
    ],
)
def test_other_encodings_are_refused(plain, codec):
    assert decoded(plain.encode(codec)) is None


@pytest.mark.parametrize("plain", ["café", "Привет", "naïve “q”", "plain", "ελληνικά", "😀 good"])
def test_other_languages_in_utf8_are_read(plain):
    found = decoded(plain.encode())
    assert (found.text, found.encoding) == (plain, "UTF-8")


@settings(max_examples=1500, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes(data):
    found = decoded(data)
    if found is not None:
        assert found.encoding in ENCODINGS
        assert "\0" not in found.text
        assert "\r" not in found.text
