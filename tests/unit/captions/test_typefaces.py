"""The table of widths against the fonts themselves."""

from __future__ import annotations

import hashlib
import unicodedata

import pytest
from PIL import ImageFont

from reelprint.adapters.media.caption_fonts import caption_fonts
from reelprint.core.errors import DocumentError
from reelprint.core.typefaces import HEAVY, Typeface, face_for, runs, typeface, typefaces, width_em

#: What captions are made of in the languages that the speech model knows best.
SAMPLES = (
    "Zażółć gęślą jaźń ÀÉÎÕÜ ß ñ ığüşöç Việt Nam đường Привет їєґ Ελλάδα ΐ 0123456789 "
    ".,;:!?…“”‘’«»—–-()[]{}/&%$€£#@*+='\" "
    "العربية لآ پچژگ ۱۲۳ ؟، עברית שָׁלוֹם हिन्दी क्ष বাংলা ਪੰਜਾਬੀ ગુજરાતી தமிழ் తెలుగు ಕನ್ನಡ മലയാളം සිංහල ไทย ລາວ မြန်မာ "
    "ខ្មែរ አማርኛ Հայերեն ქართული 日本語ひらがなカタカナ、。「」ー 한국어 简体中文繁體中文，。？！《》"
)


@pytest.mark.parametrize("face", typefaces(), ids=lambda face: face.family)
def test_the_table_is_that_of_the_font(face: Typeface) -> None:
    path = caption_fonts() / face.file
    assert hashlib.sha256(path.read_bytes()).hexdigest() == face.sha256
    font = ImageFont.truetype(str(path), 1000, layout_engine=ImageFont.Layout.BASIC)
    assert font.getname() == (face.family, "Regular")
    ascent, descent = font.getmetrics()
    assert abs((ascent + descent) / 1000 - face.height) < 0.003
    letters = [letter for letter in sorted(set(SAMPLES)) if face.has(letter) and unicodedata.category(letter)[0] != "M"]
    assert len(letters) > 2
    for letter in letters:
        assert abs(font.getlength(letter) / 1000 - (face.advance_em(letter) or 0)) < 0.003, letter


def test_only_fonts_are_in_the_folder_that_libass_reads() -> None:
    assert {path.name for path in caption_fonts().iterdir()} == {face.file for face in typefaces()}
    assert max(path.stat().st_size for path in caption_fonts().iterdir()) < 10_000_000


def test_every_letter_of_the_samples_is_in_some_font() -> None:
    main = typeface(HEAVY)
    assert [letter for letter in SAMPLES if face_for(letter, main) is None] == []


def test_a_text_falls_into_runs_of_one_font_and_loses_no_letter() -> None:
    made = runs("Try YouTube 日本 שלום!", typeface(HEAVY))
    assert [(face.family.split()[1], text) for face, text in made] == [
        ("Heavy", "Try YouTube "), ("Japanese", "日本 "), ("Hebrew", "שלום"), ("Heavy", "!"),
    ]  # fmt: skip
    assert width_em("ab", made[0][0]) == pytest.approx(width_em("a", made[0][0]) + width_em("b", made[0][0]))
    with pytest.raises(DocumentError, match=r"U\+0F40"):
        runs("ཀ", typeface(HEAVY))
    with pytest.raises(DocumentError, match="no font 'Arial'"):
        typeface("Arial")
