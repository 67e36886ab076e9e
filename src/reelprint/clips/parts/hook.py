"""Hook: whether the first seconds give a reason to stay."""

from __future__ import annotations

from collections.abc import Callable

from reelprint.clips.levels import FilmLevels
from reelprint.clips.parts.evidence import Tally
from reelprint.clips.sentences import Sentence
from reelprint.clips.speech import Speech
from reelprint.clips.stretches import Stretch
from reelprint.core.clips import ScorePart

#: The opening: what is said in this time, and the sentence that is begun in it if it ends soon.
_OPENING_S, _OPENING_MOST_S = 3.0, 8.0
#: A first sentence shorter than this ("Okay.") is no opening by itself.
_TINY_S = 1.5
_LONG_SENTENCE_WORDS = 25
_QUESTION_WORDS = 22

_QUESTION, _GAP, _NUMBER, _CLAIM, _CONTRAST, _ADDRESS, _EXCLAIMED = 28, 18, 12, 12, 10, 10, 8
_WEAK, _HOUSEKEEPING, _LONG, _FILLER = -15, -20, -8, -10
_BASE = 40


def spoken_hook(stretch: Stretch, speech: Speech) -> ScorePart:
    """Questions, numbers, claims, contrast, direct address and open ends in the first words; weak openers cost."""
    tally = Tally(_BASE)
    end = _opening(stretch, speech)
    sentence = _first_sentence(stretch, speech)
    first = stretch.first_word
    words = sentence.end_word - sentence.first_word
    opened = first <= sentence.first_word and sentence.end_word <= stretch.end_word
    if sentence.kind == "question" and opened:
        points = _QUESTION if words <= _QUESTION_WORDS else _QUESTION / 2
        tally.add(points, f"opens with a question: {speech.quote(sentence.first_word, sentence.end_word)}")
    elif sentence.kind == "exclamation" and opened:
        tally.add(_EXCLAIMED, f"opens with an exclamation: {speech.quote(sentence.first_word, sentence.end_word)}")
    terms = speech.terms[first:end]
    number = next((term for term in terms if term[:1].isdigit() or term in speech.lists.numbers), None)
    # A number alone at the start ("1.") is a heading.
    if number is not None and not (terms[0] == number and speech.words[first].text.endswith(".")):
        tally.add(_NUMBER, f"names a number: “{number}”")
    if not speech.lists.known:
        return tally.part("no question or number in its first words", f"wording not judged: {speech.lists.lack}")
    _wording(tally, stretch, speech, end)
    if words > _LONG_SENTENCE_WORDS and speech.spaced:
        tally.add(_LONG, f"its first sentence is long ({words} words)")
    return tally.part("nothing in its first words stands out")


def _wording(tally: Tally, stretch: Stretch, speech: Speech, end: int) -> None:
    """Points that need word lists."""
    lists, first = speech.lists, stretch.first_word
    terms = speech.terms[first:end]
    line = f" {' '.join(terms)} "
    opener = terms[0]
    weak = opener in lists.conjunctions or opener in lists.openers
    if first in speech.fillers:
        tally.add(_FILLER, f"begins with the filler “{opener}”")
    elif weak:
        tally.add(_WEAK, f"begins with the weak “{opener}”")
    checks: tuple[tuple[float, str, Callable[[int, str], bool]], ...] = (
        (_ADDRESS, "speaks to the viewer", lambda _, term: term in lists.address),
        (_CLAIM, "makes a strong claim", lambda _, term: term in lists.claims),
        (_CONTRAST, "sets up a contrast", lambda at, term: at > 0 and term in lists.contrast),
    )
    for points, reason, fits in checks:
        said = next((term for at, term in enumerate(terms) if fits(at, term)), None)
        if said is not None:
            tally.add(points, f"{reason} (“{said}”)")
    gap = next((phrase for phrase in lists.gaps if f" {phrase} " in line), None)
    if gap is not None:
        tally.add(_GAP, f"makes curious (“{gap}”)")
    chore = next((phrase for phrase in lists.housekeeping if f" {phrase} " in line), None)
    if chore is not None:
        tally.add(_HOUSEKEEPING, f"opens with housekeeping (“{chore}”)")


def _first_sentence(stretch: Stretch, speech: Speech) -> Sentence:
    sentence = speech.sentence_of(stretch.first_word)
    if sentence.end_s - sentence.start_s < _TINY_S and sentence.end_word < stretch.end_word:
        return speech.sentence_of(sentence.end_word)
    return sentence


def _opening(stretch: Stretch, speech: Speech) -> int:
    """Where the opening ends, as a word index."""
    begun_s = speech.words[stretch.first_word].start_s
    end = stretch.first_word + 1
    while end < stretch.end_word and speech.words[end].start_s < begun_s + _OPENING_S:
        end += 1
    last = speech.sentence_of(end - 1)
    if last.end_word <= stretch.end_word and last.end_s <= begun_s + _OPENING_MOST_S:
        return max(end, last.end_word)
    return end


def silent_hook(stretch: Stretch, levels: FilmLevels) -> ScorePart:
    """What the first three seconds show: movement against the film's own, a face, sound louder than the film's."""
    tally = Tally(_BASE)
    to_s = min(stretch.end_s, stretch.start_s + _OPENING_S)
    moves, usual = levels.motion(stretch.start_s, to_s), levels.motion(0.0, levels.duration_s)
    if moves > usual * 1.25 + 2:
        tally.add(min(30.0, 1.2 * (moves - usual)), f"starts with movement ({moves:.0f} of 100, the film {usual:.0f})")
    elif moves < usual * 0.5:
        tally.add(-12, f"starts still (movement {moves:.0f} of 100, the film {usual:.0f})")
    faces = levels.faces(stretch.start_s, to_s)
    if faces is not None and faces >= 0.5:
        tally.add(15, "a face is seen from the start")
    level = levels.level(stretch.start_s, to_s)
    if level is not None and levels.film_level is not None and level.mean_db > levels.film_level.mean_db + 2:
        tally.add(10, f"starts {level.mean_db - levels.film_level.mean_db:.0f} dB louder than the film")
    if stretch.cut_in:
        tally.add(6, "begins with a new picture")
    return tally.part("its first seconds are like the rest of the film")
