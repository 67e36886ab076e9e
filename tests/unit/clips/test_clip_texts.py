"""Titles, descriptions, hashtags and names of clips."""

from __future__ import annotations

import re

import pytest

from reelprint.clips.naming import clip_id, file_stem
from reelprint.clips.texts import distinct, write_texts
from reelprint.core.clips import ClipTexts, Moment, ScorePart
from reelprint.core.transcript import Transcript
from tests.unit.clips.talks import ARABIC, GERMAN, JAPANESE, SLEEP, spoken, timed


def whole(said: Transcript, first: int = 0, end: int | None = None) -> Moment:
    end = len(said.words) if end is None else end
    return Moment(
        start_s=42.4, end_s=60.0, first_word=first, end_word=end, virality_score=50,
        parts={"hook": ScorePart(score=50, reason="given")},
    )  # fmt: skip


def of(text: str, language: str | None = "en", title: str = "A film") -> ClipTexts:
    said = spoken(text, language)
    return write_texts(whole(said), said, title)


def tags(text: str) -> list[str]:
    return [word for word in text.split() if word.startswith("#")]


def test_a_question_is_the_title() -> None:
    texts = of("I was tired. So, um, what if everything you believe about sleep is wrong? I slept four hours.")
    assert texts.title == "What if everything you believe about sleep is wrong?"
    assert texts.tiktok.startswith("What if everything you believe about sleep is wrong?")
    assert "#sleep" in tags(texts.tiktok)


def test_fillers_and_weak_beginnings_go_and_words_stay() -> None:
    texts = of("And, um, so the the bakery, you know, gave away thirty loaves in one morning.")
    assert texts.title == "The bakery gave away thirty loaves in one morning"


@pytest.mark.parametrize("limit_word", range(8, 40, 3))
def test_long_sentences_are_cut_between_phrases(limit_word: int) -> None:
    words = (
        "The old captain sailed the broken ship through winter storms and over silent water until the harbour lights"
    )
    line = " ".join((words.split() * 3)[:limit_word]) + "."
    title = of(line).title
    plain = title.rstrip("…")
    assert len(title) <= 70
    assert line.startswith(plain)
    assert line[len(plain)] in " ."
    if title.endswith("…"):
        assert plain.split()[-1] not in {"the", "and", "over", "until", "through"}


def test_a_description_says_nothing_twice() -> None:
    texts = of("Lay blue at four now. Lay blue at four now. Set white in a one soon.")
    assert texts.instagram.count("Lay blue") == 1


def test_for_before_a_question_word_goes() -> None:
    assert of("For where is she so fair?").title == "Where is she so fair?"
    assert of("For three years I slept four hours.").title == "For three years I slept four hours"


def test_a_clause_is_better_than_a_torn_sentence() -> None:
    said = "My fellow Americans, ask not what your country can do for you, ask what you can do for your country."
    assert of(said).title == "My fellow Americans, ask not what your country can do for you"


def test_german_japanese_and_arabic_keep_their_marks() -> None:
    german = of(GERMAN, "de")
    assert german.title == "Warum schmeckt das Brot vom Bäcker anders als das aus dem Supermarkt?"
    assert "#brot" in tags(german.tiktok)
    japanese = of(JAPANESE, "ja")
    assert japanese.title == "なぜ私たちは眠るのでしょうか？"
    assert "#スマートフォン" in tags(japanese.instagram)
    arabic = of(ARABIC, "ar")
    assert arabic.title == "لماذا ننام كل ليلة؟"
    assert "#النوم" in tags(arabic.tiktok)


def test_every_word_of_the_texts_is_said_in_the_clip_or_in_the_title() -> None:
    said = spoken(SLEEP)
    known = re.sub(r"[^a-z ]", "", " ".join([*(word.text for word in said.words), "my talk"]).lower())
    for first in range(0, len(said.words) - 60, 37):
        texts = write_texts(whole(said, first, first + 60), said, "My talk")
        for text in (texts.title, texts.tiktok, texts.instagram, texts.youtube_title):
            for word in re.sub(r"[^a-z ]", "", text.replace("\n", " ").lower()).split():
                assert word in known


def test_hashtags_are_words_of_the_clip_and_no_stop_words() -> None:
    texts = of(SLEEP)
    assert 3 <= len(tags(texts.tiktok)) <= 5
    assert 5 <= len(tags(texts.instagram)) <= 8
    assert set(tags(texts.tiktok)) <= set(tags(texts.instagram))
    for tag in tags(texts.instagram):
        assert re.fullmatch(r"#[a-z0-9]+", tag)
        assert tag[1:] not in {"the", "and", "you", "hour", "first", "today"}


def test_a_clip_without_words_is_called_after_the_film_and_its_time() -> None:
    said = Transcript(model="hand")
    texts = write_texts(whole(said), said, "Night_city walk")
    assert texts.title == "Night city walk, 0:42"
    assert tags(texts.tiktok) == ["#night", "#city", "#walk"]
    bare = write_texts(whole(said), said, "")
    assert bare.title == "Video, 0:42"
    assert tags(bare.tiktok) == tags(bare.instagram) == ["#video"]
    assert len(write_texts(whole(said), said, "long title " * 30).youtube_title) <= 100


def test_marks_alone_are_no_words() -> None:
    said = timed([("…", 0, 1), ("-", 1, 2)])
    assert write_texts(whole(said), said, "Film noir").title == "Film noir, 0:42"


def test_distinct_titles() -> None:
    one = ClipTexts(title="Sleep", tiktok="a #a", instagram="a #a", youtube_title="S" * 100)
    told = distinct([one, one.model_copy(update={"title": "SLEEP"}), one])
    assert [item.title for item in told] == ["Sleep", "SLEEP (2)", "Sleep (3)"]
    assert len({item.youtube_title for item in told}) == 3
    assert all(len(item.youtube_title) <= 100 for item in told)


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("How I fixed my sleep!.mp4", "how-i-fixed-my-sleep"),
        ("Über Größe & Œuvre", "uber-grosse-oeuvre"),
        ("睡眠の話", "video"),
        ("../../etc/passwd", "etc-passwd"),
        ("", "video"),
        ("word " * 30, "word-word-word-word-word-word-word-word-word-word-word-word"),
        ("x" * 80, "x" * 60),
    ],
)
def test_file_stems(title: str, stem: str) -> None:
    assert file_stem(title) == stem
    assert len(stem) <= 60


def test_clip_ids() -> None:
    assert [clip_id(1), clip_id(15)] == ["clip_01", "clip_15"]
    with pytest.raises(ValueError, match="from 1"):
        clip_id(0)
