"""Laws of moments and picks, over random talks and random films."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reelprint.clips.candidates import MOST_MOMENTS, score_moments
from reelprint.clips.choosing import choose, how_many, most_in_sum, overlap
from reelprint.clips.sentences import sentences_of
from reelprint.clips.texts import YOUTUBE_CHARS, distinct, write_texts
from reelprint.clips.weights import SILENT, SPOKEN
from reelprint.core.analysis import Analysis
from reelprint.core.clips import ClipOptions, Moment, ScorePart
from reelprint.core.transcript import Transcript, Word
from tests.factories import analyses

lawful = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
_NEAR_S = 2e-6  # words may overlap by a rounding error

_SPELLINGS = "the and but what sleep sleep. Why? wow! three 3.5 um, you dreams, Dr. e.g. 今日 は。 سؤال؟ … I. - “hm”"
spellings = st.sampled_from(_SPELLINGS.split())


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    """Any talk: no words, words without length, words of half a minute, with and without pauses and marks."""
    gap_s = st.sampled_from([0.0, 0.0, 0.05, 0.4, 0.8, 3.0, 25.0])
    word_s = st.sampled_from([0.0, 0.1, 0.3, 0.7, 2.0, 40.0]) if draw(st.booleans()) else st.sampled_from([0.2, 0.5])
    words, time_s = [], draw(st.sampled_from([0.0, 0.3, 5.0]))
    marks = draw(st.booleans())
    for _ in range(draw(st.integers(0, 90))):
        time_s += draw(gap_s)
        end_s = time_s + draw(word_s)
        text = draw(spellings) if marks else "word"
        joined = bool(words) and draw(st.booleans()) and marks
        words.append(Word(text=text, start_s=time_s, end_s=end_s, probability=0.5, joined=joined))
        time_s = end_s
    language = draw(st.sampled_from(["en", "de", "ja", None]))
    return Transcript(language=language, model="random", words=tuple(words))


@st.composite
def options(draw: st.DrawFn) -> ClipOptions:
    shortest = draw(st.floats(5, 60))
    longest = draw(st.floats(max(10.0, shortest), 180))
    prompt = draw(st.none() | st.just("sleep and dreams") | st.just("the"))
    count = draw(st.none() | st.integers(1, 15))
    return ClipOptions(clip_min_seconds=shortest, clip_max_seconds=longest, prompt=prompt, target_clips=count)


def inside_word(time_s: float, words: Sequence[Word], duration_s: float) -> bool:
    """Strictly inside; where the film itself ends inside a word, its last moment is no cut."""
    return time_s < duration_s and any(word.start_s + _NEAR_S < time_s < word.end_s - _NEAR_S for word in words)


@lawful
@given(transcripts(), analyses(240.0), options())
def test_moments_keep_to_the_film_the_words_and_the_bounds(
    said: Transcript, film: Analysis, asked: ClipOptions
) -> None:
    duration_s = film.timing.duration_s
    found = score_moments(said, film, asked)
    assert found == score_moments(said, film, asked)
    assert len(found) <= MOST_MOMENTS
    assert [item.virality_score for item in found] == sorted((item.virality_score for item in found), reverse=True)
    for item in found:
        assert 0 <= item.start_s < item.end_s <= duration_s
        if duration_s < asked.clip_min_seconds:
            assert (item.start_s, item.end_s) == (0.0, duration_s)
        else:
            assert asked.clip_min_seconds - 1e-6 <= item.duration_s <= asked.clip_max_seconds + 1e-6
        for time_s in (item.start_s, item.end_s):
            assert not inside_word(time_s, said.words, duration_s)
        whole = said.words[item.first_word : item.end_word]
        assert all(item.start_s - _NEAR_S <= word.start_s and word.end_s <= item.end_s + _NEAR_S for word in whole)
        assert not any(item.start_s + _NEAR_S < word.start_s and word.end_s < item.end_s - _NEAR_S
                       for word in (*said.words[: item.first_word], *said.words[item.end_word :]))  # fmt: skip
        assert bool(item.text) == (item.end_word > item.first_word)
        assert set(item.parts) <= set(SPOKEN if whole else SILENT)
        assert all(part.reason for part in item.parts.values())
        assert ("prompt" in item.parts) == bool(asked.prompt and any(w.end_s <= duration_s for w in said.words))
    if not found:
        nothing_fits(said, film, asked)


def nothing_fits(said: Transcript, film: Analysis, asked: ClipOptions) -> None:
    """No moment at all: the film is too short, or words without an end leave no room for a clip."""
    duration_s = film.timing.duration_s
    if duration_s < 1.0:
        return
    assert duration_s > asked.clip_max_seconds
    assert any(word.end_s - word.start_s >= 2.0 for word in said.words)


@lawful
@given(transcripts(), analyses(240.0), options())
def test_picks_do_not_overlap_and_their_texts_keep_the_limits(
    said: Transcript, film: Analysis, asked: ClipOptions
) -> None:
    moments = score_moments(said, film, asked)
    count = how_many(film.timing.duration_s, asked)
    picks = choose(moments, count)
    assert picks == choose(moments, count)
    assert len(picks) <= count <= 15
    assert bool(picks) == bool(moments)
    assert not any(overlap(one, other) for index, one in enumerate(picks) for other in picks[:index])
    assert all(better.virality_score >= worse.virality_score for better, worse in pairwise(picks))
    texts = distinct([write_texts(pick, said, "A film, its title") for pick in picks])
    assert len({item.title.casefold() for item in texts}) == len(texts)
    assert len({item.youtube_title.casefold() for item in texts}) == len(texts)
    for item in texts:
        assert len(item.youtube_title) <= YOUTUBE_CHARS
        for text, most in ((item.tiktok, 5), (item.instagram, 8)):
            tags = [word for word in text.split() if word.startswith("#")]
            assert 1 <= len(tags) <= most
            assert len(set(tags)) == len(tags)
            assert all(tag == tag.lower() and len(tag) > 1 for tag in tags)
            assert len(text) <= 2200


@given(transcripts())
@settings(max_examples=60, deadline=None)
def test_sentences_hold_every_word_once(said: Transcript) -> None:
    sentences = sentences_of(said)
    edges = [0, *(item.end_word for item in sentences)]
    assert [item.first_word for item in sentences] == edges[:-1]
    assert edges[-1] == len(said.words)
    for item in sentences:
        assert item.start_s == said.words[item.first_word].start_s
        assert item.end_s == said.words[item.end_word - 1].end_s


@st.composite
def plain_moments(draw: st.DrawFn) -> list[Moment]:
    spans = draw(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20), st.integers(0, 100)), max_size=8))
    part = {"hook": ScorePart(score=1, reason="none")}
    return [
        Moment(start_s=start, end_s=start + length, first_word=0, end_word=0, virality_score=score, parts=part)
        for start, length, score in spans
    ]


@lawful
@given(plain_moments(), st.integers(1, 5))
def test_the_best_set_is_the_best_of_all_sets(moments: list[Moment], count: int) -> None:
    def best(left: list[Moment], room: int) -> tuple[int, int]:
        if not left or not room:
            return (0, 0)
        head, rest = left[0], left[1:]
        number, worth = best([item for item in rest if not overlap(item, head)], room - 1)
        return max(best(rest, room), (number + 1, worth + head.virality_score))

    picks = most_in_sum(moments, count)
    assert (len(picks), sum(item.virality_score for item in picks)) == best(moments, count)
