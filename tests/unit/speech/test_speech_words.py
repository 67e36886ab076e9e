"""From what a model heard to words: times on the sound, phantoms and circles out."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelprint.adapters.models.whisper_cuts import Piece
from reelprint.adapters.models.whisper_ear import Heard
from reelprint.adapters.models.whisper_voice import Voiced
from reelprint.adapters.models.whisper_words import circles, words
from reelprint.core.transcript import Transcript, Word, written


def _piece(*voiced: tuple[float, float], start_s: float = 0.0, end_s: float = 29.0) -> Piece:
    return Piece(start_s, end_s, tuple(Voiced(*one) for one in voiced))


def _heard(*parts: tuple[str, float, float], probability: float = 0.9) -> list[Heard]:
    return [Heard(text, start_s, end_s, probability) for text, start_s, end_s in parts]


def _times(found: list[Word]) -> list[tuple[str, float, float]]:
    return [(word.text, word.start_s, word.end_s) for word in found]


def test_times_count_from_the_film_and_come_later_than_attention() -> None:
    (_, word, _) = words(
        _heard((" a", 0.5, 1.0), (" b", 1.0, 1.5), (" c", 1.5, 2.0)), _piece((100, 103), start_s=100), "en"
    )
    assert 101.03 < word.start_s < 101.1
    assert 101.53 < word.end_s < 101.6


def test_a_first_word_does_not_reach_over_the_pause_before_it() -> None:
    found = words(
        _heard((" one", 1.0, 1.9), (" two", 2.1, 5.4), (" three", 5.4, 5.8)), _piece((1.0, 2.0), (5.0, 6.0)), "en"
    )
    assert _times(found)[1][1] == 5.0
    assert _times(found)[0][2] == 2.0, "and the last word before it ends with the sound"


def test_a_last_word_does_not_reach_into_the_pause_after_it() -> None:
    found = words(
        _heard((" one", 1.0, 1.5), (" two", 1.5, 3.4), (" three", 5.0, 5.8)), _piece((1.0, 2.0), (5.0, 6.0)), "en"
    )
    assert _times(found)[1][2] == 2.0


def test_first_and_last_words_reach_the_ends_of_the_sound_when_near() -> None:
    found = words(_heard((" one", 1.1, 1.5), (" two", 1.5, 1.7)), _piece((1.0, 2.0)), "en")
    assert (found[0].start_s, found[-1].end_s) == (1.0, 2.0)
    far = words(_heard((" one", 1.5, 1.9), (" two", 1.9, 2.2)), _piece((1.0, 3.0)), "en")
    assert far[0].start_s > 1.5
    assert far[-1].end_s < 2.3


def test_words_where_nobody_speaks_were_not_said() -> None:
    heard = _heard((" Hello.", 1.0, 1.5), (" Thank", 10.0, 10.4), (" you.", 10.4, 11.0))
    assert [word.text for word in words(heard, _piece((1.0, 1.6)), "en")] == ["Hello."]


def test_a_short_guess_between_pauses_is_noise_and_a_sure_word_is_not() -> None:
    piece = _piece((1.0, 3.0), (6.0, 6.5))
    said = _heard((" We", 1.0, 1.5), (" know.", 1.5, 2.9))
    assert len(words([*said, Heard(" you", 5.9, 6.4, 0.05)], piece, "en")) == 2
    assert len(words([*said, Heard(" Yes!", 5.9, 6.4, 0.8)], piece, "en")) == 3


def test_circles_are_found_and_only_the_first_round_stays() -> None:
    wheel = [
        Heard(text, 2 + number * 0.04, 2.04 + number * 0.04, 0.9) for number, text in enumerate([" I", " see."] * 9)
    ]
    heard = [*_heard((" Well,", 1.0, 2.0)), *wheel]
    assert circles(heard)
    assert written(tuple(words(heard, _piece((1.0, 3.0)), "en"))) == "Well, I see."


def test_what_people_say_again_is_kept() -> None:
    said = _heard(*((" no,", number * 0.4, number * 0.4 + 0.4) for number in range(6)))
    assert not circles(said)
    assert len(words(said, _piece((0.0, 3.0)), "en")) == 6
    sentence = [" lay", " blue", " by", " c", " two", " again"] * 5
    assert not circles(_heard(*((text, number * 0.3, number * 0.3 + 0.3) for number, text in enumerate(sentence))))


def test_nobody_says_a_word_thirty_times() -> None:
    assert circles(_heard(*((" la", number * 0.5, number * 0.5 + 0.5) for number in range(30))))


def test_spelling_keeps_compounds_and_attaches_signs() -> None:
    heard = _heard(
        ("all", 0.0, 0.3), ("-eating", 0.3, 0.8), (" shame", 0.8, 1.2), (" -", 1.2, 1.2), (" ...", 1.2, 1.2),
        (" he", 1.2, 1.4), ("?!", 1.4, 1.5), (" ♪", 1.5, 1.9),
    )  # fmt: skip
    found = words(heard, _piece((0.0, 2.0)), "en")
    assert written(tuple(found)) == "all-eating shame he?!"
    assert not found[0].joined, "a piece begins a new word even where the model leaves the space out"


def test_scripts_without_spaces_are_joined_from_the_start() -> None:
    found = words(_heard(("東", 0.0, 0.3), ("京", 0.3, 0.6), ("。", 0.6, 0.6)), _piece((0.0, 1.0)), "ja")
    assert [(word.text, word.joined) for word in found] == [("東", True), ("京。", True)]


def test_a_word_without_length_gets_some_from_its_neighbours() -> None:
    found = words(_heard((" a", 0.0, 0.5), (" b", 0.5, 0.5), (" c", 0.5, 1.0)), _piece((0.0, 1.2)), "en")
    assert all(word.end_s - word.start_s >= 0.039 for word in found)


_TIMES = st.floats(-1.0, 31.0)
_WORDS = st.lists(
    st.tuples(st.sampled_from([" a", " b.", "c", " ,", " d?"]), _TIMES, _TIMES, st.floats(0, 1)), max_size=30
)
_STRETCHES = st.lists(st.floats(0.0, 29.0), min_size=2, max_size=12, unique=True)


@given(_WORDS, _STRETCHES)
def test_whatever_the_model_says_words_are_in_order_and_on_the_sound(
    said: list[tuple[str, float, float, float]], edges: list[float]
) -> None:
    edges = sorted(edges)[: len(edges) // 2 * 2]
    piece = _piece(*((start, end) for start, end in zip(edges[::2], edges[1::2], strict=True)))
    heard = [Heard(text, min(times), max(times), probability) for text, *times, probability in said]
    found = words(heard, piece, "en")
    Transcript(model="m", words=tuple(found))
    assert all(one.end_s <= other.start_s + 1e-6 for one, other in itertools.pairwise(found))
    for word in found:
        assert piece.voiced[0].start_s - 0.0011 <= word.start_s
        assert word.end_s <= piece.voiced[-1].end_s + 0.0011


def test_probabilities_stay_probabilities() -> None:
    (word,) = words(_heard((" a", 0.0, 0.5), probability=1.0000001), _piece((0.0, 1.0)), "en")
    assert word.probability == pytest.approx(1.0)
