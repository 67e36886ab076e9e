"""Which moments are found and what their scores rest on."""

from __future__ import annotations

import numpy as np
import pytest

from reelprint.clips.candidates import score_moments
from reelprint.clips.choosing import choose, how_many
from reelprint.clips.weights import SPOKEN, weighted
from reelprint.core.analysis import Analysis
from reelprint.core.clips import ClipOptions, Moment, ScorePart
from reelprint.core.motion import Focus, ShotMotion
from reelprint.core.sound import LoudnessMeasure
from reelprint.core.transcript import Transcript
from tests.factories import footage
from tests.unit.clips.talks import GERMAN, SLEEP, lengths_s, sonnets, spoken, timed


def film_of(said: Transcript, **more: object) -> Analysis:
    return footage(lengths_s(said) + 1.5, **more)  # type: ignore[arg-type]


def sound(levels_db: list[float]) -> LoudnessMeasure:
    return LoudnessMeasure(
        integrated_lufs=-20, range_lu=6, true_peak_dbtp=-3, crest_db=15, bass_db=0, presence_db=0, noise_floor_db=-60,
        envelope_db=tuple(levels_db),
    )  # fmt: skip


def flat_talk(seconds: int) -> Transcript:
    """Four-second sentences of the same words, a second apart."""
    words = []
    for second in range(0, seconds, 5):
        line = ["The", "garden", "lay", "under", "quiet", "snow", "until", "morning."]
        words += [(word, second + 0.5 * index, second + 0.5 * index + 0.4) for index, word in enumerate(line)]
    return timed(words)


def test_the_best_moment_of_a_talk_is_its_question() -> None:
    said = spoken(SLEEP)
    moments = score_moments(said, film_of(said), ClipOptions())
    best = moments[0]
    assert best.text.startswith("What if everything you believe about sleep is wrong?")
    assert best.text.endswith(".")
    assert best.parts["hook"].score >= 80
    assert "opens with a question: “What if everything" in best.parts["hook"].reason
    assert best.virality_score == weighted(best.parts, SPOKEN)
    assert not any(item.text.startswith("Hello everyone") for item in choose(moments, 4))


def test_edges_lie_in_the_pauses_around_the_words() -> None:
    said = spoken(SLEEP)
    for item in score_moments(said, film_of(said), ClipOptions()):
        first, last = said.words[item.first_word], said.words[item.end_word - 1]
        assert 0 <= first.start_s - item.start_s <= 0.4
        assert 0 <= item.end_s - last.end_s <= 1.5
    inner = [item for item in score_moments(said, film_of(said), ClipOptions()) if item.end_word < len(said.words)]
    assert all(0.3 <= item.end_s - said.words[item.end_word - 1].end_s <= 0.36 for item in inner)


def test_a_picture_cut_in_the_pause_is_taken() -> None:
    said = spoken(SLEEP)
    starts = [after.start_s for word, after in zip(said.words, said.words[1:], strict=False)
              if after.start_s - word.end_s > 0.6]  # fmt: skip
    cuts = [round(start - 0.1, 3) for start in starts]
    moments = score_moments(said, film_of(said, cuts_s=cuts), ClipOptions())
    inner = [item for item in moments if item.first_word > 0 and item.end_word < len(said.words)]
    assert inner
    assert all(item.start_s in cuts and item.end_s in cuts for item in inner)


def test_a_sentence_that_is_longer_than_a_clip_is_cut_after_a_clause() -> None:
    places = ("river", "mill", "bridge", "garden", "harbour", "tower", "market", "station", "forest", "island")
    clauses = [f"from the {here} we {how} to the {here} wall," for here in places for how in ("walked", "ran back")]
    said = spoken(" ".join(clauses)[:-1] + ".")
    moments = score_moments(said, film_of(said), ClipOptions(clip_max_seconds=30))
    assert moments
    assert all(item.text.endswith((",", ".")) for item in moments)
    cut = [item for item in moments if item.text.endswith(",")]
    assert all("ends inside a sentence" in item.parts["completeness"].reason for item in cut)
    assert len(choose(moments, 2)) == 2


def test_a_short_film_is_one_clip_and_says_so() -> None:
    said = spoken("Ask not what your country can do for you.")
    (only,) = score_moments(said, footage(4.0), ClipOptions())
    assert (only.start_s, only.end_s) == (0.0, 4.0)
    assert "shorter than the 15 s" in only.parts["completeness"].reason
    assert score_moments(said, footage(0.9), ClipOptions()) == ()
    assert how_many(4.0, ClipOptions(target_clips=5)) == 1
    assert how_many(0.9, ClipOptions()) == 0


def test_few_words_in_a_long_silence_get_the_silence_around_them() -> None:
    said = timed([("Hello", 20.0, 20.4), ("there.", 20.5, 21.0)])
    moments = score_moments(said, footage(100.0), ClipOptions())
    spoken_ones = [item for item in moments if item.text]
    assert spoken_ones
    assert all(15 <= item.duration_s <= 60 for item in moments)
    assert any(not item.text for item in moments)


def test_silence_that_fills_a_clip_up_costs_points() -> None:
    said = timed([("Ten", 30.0, 30.4), ("swans", 30.5, 30.9), ("left.", 31.0, 31.4)])
    moments = score_moments(said, footage(120.0), ClipOptions(clip_min_seconds=10, clip_max_seconds=20))
    [moment] = [item for item in moments if item.text]
    silent_s = moment.end_s - 31.4
    assert silent_s > 5
    assert f"ends with {silent_s:.1f} s in which nothing is said" in moment.parts["completeness"].reason
    assert moment.parts["completeness"].score <= 50


def test_a_request_moves_what_it_asks_for_to_the_top() -> None:
    said = spoken(SLEEP)
    plain = score_moments(said, film_of(said), ClipOptions())[0]
    asked = score_moments(said, film_of(said), ClipOptions(prompt="Find the part about coffee, please"))[0]
    assert "coffee" not in plain.text.lower()
    assert "prompt" not in plain.parts
    assert asked.text.lower().count("coffee") >= 2
    assert "“coffee”" in asked.parts["prompt"].reason
    none = score_moments(said, film_of(said), ClipOptions(prompt="volcanoes"))[0]
    assert none.parts["prompt"] == ScorePart(score=0, reason="none of the words asked for are said")


def test_without_word_lists_no_precision_is_claimed() -> None:
    said = spoken(GERMAN, "de")
    best = score_moments(said, film_of(said), ClipOptions())[0]
    for name in ("hook", "completeness", "density", "emotion"):
        assert "no word list for German" in best.parts[name].reason
    assert best.text.startswith("Warum")


def test_emotion_names_the_words_it_rests_on() -> None:
    said = spoken(SLEEP)
    told = {item.parts["emotion"].reason for item in score_moments(said, film_of(said), ClipOptions())}
    assert any("“horrible”" in reason and "“hated”" in reason for reason in told)


def test_energy_follows_the_voice() -> None:
    said = flat_talk(120)
    levels = [-40.0 if index < 600 else -22.0 for index in range(1200)]
    film = film_of(said).model_copy(update={"loudness": sound(levels)})
    moments = score_moments(said, film, ClipOptions(clip_max_seconds=20))
    loud = [item.parts["energy"].score for item in moments if item.start_s >= 60]
    quiet = [item.parts["energy"].score for item in moments if item.end_s <= 60]
    assert min(loud) > max(quiet) + 20
    assert "above the film's mean" in next(item for item in moments if item.start_s >= 60).parts["energy"].reason
    mute = film_of(said).model_copy(update={"loudness": None})
    assert "energy" not in score_moments(said, mute, ClipOptions())[0].parts


def test_what_was_said_before_is_less_new() -> None:
    said = spoken(SLEEP + GERMAN.replace("?", ".") + SLEEP)
    moments = score_moments(said, film_of(said), ClipOptions())
    repeats = [item for item in moments if "like the better moment at" in item.parts["novelty"].reason]
    assert repeats
    assert len({item.text for item in choose(moments, 15)}) == len(choose(moments, 15))


def silent_film() -> Analysis:
    """Three shots of twenty seconds; the second is lively and has a face."""
    film = footage(60.0, (20.0, 40.0), focus=[
        Focus(time_s=time, x=0.5, y=0.5, width=0.2, height=0.2, source="face" if 20 <= time < 40 else "centre")
        for time in np.arange(0, 60, 0.25)
    ])  # fmt: skip
    moves = [ShotMotion(intensity=level, camera=0, subject=level, zoom_ratio=1) for level in (2, 60, 2)]
    motion = film.motion.model_copy(update={"shots": tuple(moves)})
    return film.model_copy(update={"motion": motion, "loudness": sound([-30.0] * 600)})


def test_a_silent_film_is_picked_by_picture_and_sound() -> None:
    moments = score_moments(Transcript(model="hand"), silent_film(), ClipOptions(clip_max_seconds=25))
    best = moments[0]
    assert (best.start_s, best.end_s) == (20.0, 40.0)
    assert best.first_word == best.end_word == 0
    assert set(best.parts) == {"hook", "completeness", "energy", "motion", "faces", "novelty"}
    assert "begins with a shot" in best.parts["completeness"].reason
    assert "100%" in best.parts["faces"].reason


def test_one_long_silent_shot_still_gives_as_many_clips_as_asked() -> None:
    film = footage(200.0, silent=True)
    options = ClipOptions(target_clips=5)
    moments = score_moments(Transcript(model="hand"), film, options)
    assert len(choose(moments, how_many(200.0, options))) == 5
    assert all("energy" not in item.parts for item in moments)


@pytest.mark.parametrize(
    ("duration_s", "asked", "count"), [(600, None, 7), (95, None, 1), (4000, None, 15), (158, 15, 10)]
)
def test_how_many(duration_s: float, asked: int | None, count: int) -> None:
    assert how_many(duration_s, ClipOptions(target_clips=asked)) == count


def moment(start_s: float, end_s: float, score: int, text: str = "") -> Moment:
    part = {"hook": ScorePart(score=score, reason="given")}
    return Moment(start_s=start_s, end_s=end_s, first_word=0, end_word=0, text=text, virality_score=score, parts=part)


def test_repeats_are_dropped() -> None:
    line = "lay blue by c two again and set white in a one now please"
    picks = choose([moment(0, 10, 90, line), moment(20, 30, 80, line + " again"), moment(40, 50, 70, "other words")], 3)
    assert [item.start_s for item in picks] == [0, 40]


def test_long_moments_give_way_when_more_clips_are_asked_for() -> None:
    moments = [moment(0, 60, 90), moment(0, 20, 50), moment(20, 40, 55), moment(40, 60, 60)]
    assert [item.virality_score for item in choose(moments, 1)] == [90]
    assert [item.virality_score for item in choose(moments, 3)] == [60, 55, 50]


@pytest.mark.footage
def test_the_sonnets_are_cut_between_their_sentences() -> None:
    said = sonnets() or spoken(SLEEP)
    options = ClipOptions(target_clips=4, clip_max_seconds=40)
    picks = choose(score_moments(said, film_of(said), options), 4)
    assert len(picks) == 4
    assert all(item.text.rstrip("’”'")[-1] in ".?!:;" for item in picks)
    assert all(item.text[0].isupper() for item in picks)
