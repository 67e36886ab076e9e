"""Completeness: whether a stretch stands alone and ends well."""

from __future__ import annotations

from reelprint.clips.edges import Edges
from reelprint.clips.levels import FilmLevels
from reelprint.clips.parts.evidence import Tally
from reelprint.clips.speech import Speech
from reelprint.clips.stretches import Stretch
from reelprint.core.clips import ScorePart

_BASE = 70
_CUT_SENTENCE = -35
_GOES_ON, _BACK_REFERENCE, _CONJUNCTION, _ANSWER, _OPEN_END = -12, -14, -14, -14, -8
_CALM_START, _CALM_END, _CLOSING_WORDS, _HURRIED, _HOUSEKEEPING = 6, 12, 8, -10, -25
#: A pause this much longer than the usual one between sentences ends more than a sentence.
_LONG_FOR_THIS_FILM = 1.5
_CALM_PAUSE_S, _SHORT_PAUSE_S = 0.6, 0.15
#: Silence at an end of a clip, beyond what a breath needs: points a second, and the most points.
_BREATH_S, _DEAD_AIR_A_S, _DEAD_AIR_MOST = 1.5, -8, -60
#: A question before the clip is answered by it when it was asked no longer ago than this.
_ANSWER_WITHIN_S = 2.0


def spoken_completeness(stretch: Stretch, speech: Speech, edges: Edges) -> ScorePart:
    """Sentence edges, pauses around them, words that refer back, and whether the thought goes on afterwards."""
    tally = Tally(_BASE)
    first, end = stretch.first_word, stretch.end_word
    if not stretch.opens:
        tally.add(_CUT_SENTENCE, f"begins inside a sentence: {speech.quote(first, end, 32)}")
    if not stretch.closes:
        tally.add(_CUT_SENTENCE, "ends inside a sentence")
    _pauses(tally, stretch, speech, edges)
    _dead_air(tally, stretch, speech)
    last = speech.sentence_of(end - 1)
    if stretch.closes and last.kind == "question":
        tally.add(_OPEN_END, "ends on an open question")
    before = speech.sentence_of(first - 1) if first else None
    asked = before is not None and before.kind == "question"
    if before is not None and asked and speech.words[first].start_s - before.end_s < _ANSWER_WITHIN_S:
        tally.add(_ANSWER, f"the question before it is left out: {speech.quote(before.first_word, first, 40)}")
    if speech.lists.known:
        _references(tally, stretch, speech, asked=asked)
    else:
        tally.add(0, f"references back not judged: {speech.lists.lack}")
    return tally.part("begins and ends with a sentence, without a clear pause after it", stretch.note)


def _pauses(tally: Tally, stretch: Stretch, speech: Speech, edges: Edges) -> None:
    before_s, after_s = edges.pause_s(stretch.first_word), edges.pause_s(stretch.end_word)
    at_start, at_end = stretch.first_word == 0, stretch.end_word == len(edges.words)
    if stretch.opens and (at_start or before_s >= _CALM_PAUSE_S):
        tally.add(_CALM_START, "starts with the film's first words" if at_start else "starts after a pause")
    if stretch.closes and at_end:
        tally.add(_CALM_END, "ends with the last words of the film")
    elif stretch.closes and after_s >= _CALM_PAUSE_S:
        long = after_s >= _LONG_FOR_THIS_FILM * speech.usual_pause_s
        usual = f" ({speech.usual_pause_s:.1f} s is usual)" if long else ""
        tally.add(_CALM_END if long else _CALM_END / 2, f"ends on a sentence end and a pause of {after_s:.1f} s{usual}")
    elif after_s < _SHORT_PAUSE_S:
        tally.add(_HURRIED, f"speech goes on {after_s:.2f} s after its end")


def _dead_air(tally: Tally, stretch: Stretch, speech: Speech) -> None:
    """A stretch that was made long enough by the silence around it."""
    words = speech.words[stretch.first_word : stretch.end_word]
    for where, silent_s in (("begins", words[0].start_s - stretch.start_s), ("ends", stretch.end_s - words[-1].end_s)):
        if silent_s > _BREATH_S:
            points = max(_DEAD_AIR_MOST, round(_DEAD_AIR_A_S * (silent_s - _BREATH_S)))
            tally.add(points, f"{where} with {silent_s:.1f} s in which nothing is said")


def _references(tally: Tally, stretch: Stretch, speech: Speech, *, asked: bool) -> None:
    lists = speech.lists
    opener = speech.terms[stretch.first_word]
    if stretch.opens and stretch.first_word:
        if opener in lists.conjunctions:
            tally.add(_CONJUNCTION, f"begins with “{opener}”, which goes on from what was said before")
        elif opener in lists.back_pronouns:
            tally.add(_BACK_REFERENCE, f"begins with “{opener}”, which may refer to what was said before")
        elif opener in lists.answers and not asked:
            tally.add(_ANSWER / 2, f"begins with “{opener}”, an answer")
    if stretch.closes and stretch.end_word < len(speech.terms):
        following = speech.terms[stretch.end_word]
        if following in lists.conjunctions or following in lists.back_pronouns:
            sentence = speech.sentence_of(stretch.end_word)
            tally.add(_GOES_ON, f"the thought goes on: {speech.quote(stretch.end_word, sentence.end_word, 32)}")
    whole = f" {' '.join(speech.terms[stretch.first_word : stretch.end_word])} "
    chore = next((phrase for phrase in lists.housekeeping if f" {phrase} " in whole), None)
    if chore is not None:
        tally.add(_HOUSEKEEPING, f"has housekeeping in it (“{chore}”)")
    last = speech.sentence_of(stretch.end_word - 1)
    line = f" {' '.join(speech.terms[last.first_word : stretch.end_word])} "
    closer = next((phrase for phrase in lists.closers if f" {phrase} " in line), None)
    if stretch.closes and closer is not None:
        tally.add(_CLOSING_WORDS, f"its last sentence sums up (“{closer}”)")


def silent_completeness(stretch: Stretch, levels: FilmLevels) -> ScorePart:
    """Picture boundaries at the edges, and sound that falls away at the end."""
    tally = Tally(50)
    if stretch.cut_in:
        tally.add(20, "begins with a shot")
    if stretch.cut_out:
        tally.add(20, "ends with a shot")
    quiet_db, film = levels.quiet_db(stretch.end_s - 0.2), levels.film_level
    if quiet_db is not None and film is not None and quiet_db < film.mean_db - 6:
        tally.add(10, f"its sound ends {film.mean_db - quiet_db:.0f} dB below the film's")
    return tally.part("begins and ends inside a shot", stretch.note)
