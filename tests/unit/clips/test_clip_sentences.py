"""Where sentences end: marks of many scripts, what only looks like an end, and pauses where there are no marks."""

from __future__ import annotations

import pytest

from reelprint.clips.sentences import sentences_of
from tests.unit.clips.talks import ARABIC, GERMAN, JAPANESE, SLEEP, spoken, timed


def texts(text: str, language: str | None = "en") -> list[str]:
    return [item.text for item in sentences_of(spoken(text, language))]


def test_a_talk_falls_into_its_sentences() -> None:
    found = sentences_of(spoken(SLEEP))
    assert found[0].text == "Hello everyone and welcome back to the channel."
    assert [item.text for item in found if item.kind == "question"] == [
        "What if everything you believe about sleep is wrong?",
        "How many days in a row can you remember your dreams?",
        "Would you take a loan every single day, without reading the contract?",
    ]
    assert "My friend Dr. Ellen Marsh calls it the longest loan in the world." in [item.text for item in found]


def test_german_abbreviations_ordinals_and_decimals_end_nothing() -> None:
    found = texts(GERMAN, "de")
    assert "Heute geht es um Brot, z.B. um Sauerteig aus Roggen." in found
    assert "Am 3. Mai habe ich angefangen, jede Woche ein Brot zu backen." in found
    assert "Dr. Weber sagt, dass Geduld die wichtigste Zutat ist." in found
    assert "Meiner steht in der Küche, heißt Gustav und ist 2,5 Jahre alt." in found


def test_japanese_and_arabic_marks_end_sentences() -> None:
    japanese = sentences_of(spoken(JAPANESE, "ja"))
    assert [item.kind for item in japanese].count("question") == 1
    assert japanese[2].text == "なぜ私たちは眠るのでしょうか？"
    assert len(japanese) == 10
    arabic = sentences_of(spoken(ARABIC, "ar"))
    assert [item.text for item in arabic if item.kind == "question"] == ["لماذا ننام كل ليلة؟"]
    assert len(arabic) == 7


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Mr. J. F. Kennedy spoke at 3.5 km, e.g. in Berlin.", 1),
        ("The U.S. Army came. It left.", 2),
        ("So do I. You too.", 2),
        ("Is it? No. It never was!", 3),
        ("See no. 5 and fig. 3 for that.", 1),
        ("“Stop!” he said. Then he ran.", 2),
        ("“Why?” She laughed.", 2),
        ("यह घर है। वह पेड़ है।", 2),
        ("Wait … and see.", 1),
        ("¿Qué pasa? Nada.", 2),
    ],
)
def test_what_looks_like_an_end(text: str, count: int) -> None:
    assert len(texts(text)) == count


def test_a_mark_that_is_a_word_of_its_own_stays_with_its_sentence() -> None:
    said = timed([("Hello", 0, 0.4), (".", 0.4, 0.4), ("”", 0.4, 0.4), ("Bye", 1.2, 1.5)])
    assert [item.text for item in sentences_of(said)] == ["Hello . ”", "Bye"]


def test_without_marks_pauses_decide() -> None:
    words = [
        (f"w{index}", index * 0.5 + 0.6 * (index // 8), index * 0.5 + 0.4 + 0.6 * (index // 8)) for index in range(40)
    ]
    assert [item.end_word for item in sentences_of(timed(words))] == [8, 16, 24, 32, 40]


def test_a_short_stretch_without_marks_is_one_sentence() -> None:
    assert len(sentences_of(timed([("lay", 0.2, 0.5), ("blue", 1.2, 1.5), ("now", 2.0, 2.5)]))) == 1


def test_a_flood_without_marks_or_clear_pauses_is_split_where_it_breathes() -> None:
    words = [(f"w{index}", index * 0.5, index * 0.5 + (0.25 if index % 12 == 11 else 0.45)) for index in range(120)]
    found = sentences_of(timed(words))
    assert all(item.end_s - item.start_s <= 20 for item in found)
    assert all(item.end_word % 12 == 0 for item in found)


def test_a_flood_without_any_pause_stays_whole() -> None:
    words = [(f"w{index}", index * 0.5, index * 0.5 + 0.5) for index in range(120)]
    assert len(sentences_of(timed(words))) == 1


def test_a_very_long_pause_ends_a_sentence_after_a_comma() -> None:
    assert len(sentences_of(timed([("And,", 0, 0.4), ("well", 3.0, 3.4)]))) == 2


def test_no_words_no_sentences() -> None:
    assert sentences_of(timed([])) == ()
