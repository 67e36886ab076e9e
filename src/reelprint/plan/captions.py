"""What is said, as captions on the time line of an edit."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial

from reelprint.core.captions import CaptionLook, CaptionTrack
from reelprint.core.errors import DocumentError
from reelprint.core.plan import EditPlan
from reelprint.core.style import StyleJSON
from reelprint.core.transcript import Word
from reelprint.core.typefaces import (
    CHINESE,
    HEAVY,
    JAPANESE,
    KOREAN,
    SEMI,
    Typeface,
    face_for,
    named,
    typeface,
    width_em,
)
from reelprint.plan.captions_cards import cards_of
from reelprint.plan.captions_layout import limits_of
from reelprint.plan.captions_place import place_of
from reelprint.plan.captions_words import cleaned, words_on_time_line

_LEFTWARD = {"ar", "fa", "he", "ps", "sd", "ug", "ur", "yi"}
_EASTERN = {"ja": JAPANESE, "ko": KOREAN, "zh": CHINESE, "yue": CHINESE}


def caption_track(
    words: Sequence[Word], language: str | None, plan: EditPlan, look: CaptionLook, style: StyleJSON | None = None
) -> CaptionTrack | None:
    """Captions of the ``words`` (on the footage's clock) that the film of ``plan`` lets hear; None when it lets none.

    ``language`` (ISO 639-1) tells the scripts apart that share letters. Place, size and colour follow the captions of
    ``style`` when it has any. The same arguments give the same track. Letters that cannot be drawn are no error here
    (a track may end as a file): ask ``check_drawable`` before a track is burned in.
    """
    heard = words_on_time_line(words, plan)
    if not heard:
        return None
    face = _typeface_for((word.text for word in heard), language, look)
    place = place_of(look, face, plan.output, style)
    width = partial(width_em, first=face)
    cards = cards_of(heard, limits_of(look, place.row_em, place.row_letters), width, plan.output.duration_s)
    if not cards:
        return None
    return CaptionTrack(
        look=look,
        language=language,
        right_to_left=_right_to_left((word.text for word in heard), language),
        font=face.family,
        size=place.size,
        baseline=place.baseline,
        side_margin=place.side_margin,
        color=place.color,
        accent=place.accent,
        cards=cards,
    )


def check_drawable(words: Iterable[Word]) -> None:
    """Raise DocumentError, naming letters and scripts, when no font of ours can write all of the words.

    Emoji and signs are no reason: they are left out of captions.
    """
    main = typeface(SEMI)
    missing = Counter(letter for word in words for letter in cleaned(word.text) if face_for(letter, main) is None)
    missing.pop(" ", None)
    if missing:
        scripts = sorted({unicodedata.name(letter, "unnamed").split()[0].title() for letter in missing})
        examples = ", ".join(named(letter) for letter, _ in missing.most_common(3))
        raise DocumentError(
            f"captions cannot be drawn: no font comes with Reelprint for {', '.join(scripts)} letters like {examples}",
            detail="captions",
        )


def _typeface_for(texts: Iterable[str], language: str | None, look: CaptionLook) -> Typeface:
    """The typeface of most letters; Latin, Greek and Cyrillic have a heavier one for big words."""
    western = typeface(HEAVY if look == "karaoke" else SEMI)
    letters = "".join(letter for text in texts for letter in text if unicodedata.category(letter)[0] in "LM")
    faces = (face_for(letter, western) for letter in letters)
    found = Counter(face.family if face is not None else western.family for face in faces)
    if not found:
        return western
    eastern = sum(found.pop(family, 0) for family in (JAPANESE, KOREAN, CHINESE))
    if eastern > max(found.values(), default=0):
        return typeface(_EASTERN.get(language or "") or _eastern(letters))
    return typeface(found.most_common(1)[0][0])


def _eastern(letters: str) -> str:
    """Hangul is Korean only and kana are Japanese only; Han letters alone are Chinese."""
    kinds = Counter(unicodedata.name(letter, "").split(" ")[0] for letter in letters)
    if kinds["HANGUL"] > kinds["HIRAGANA"] + kinds["KATAKANA"]:
        return KOREAN
    return JAPANESE if kinds["HIRAGANA"] + kinds["KATAKANA"] else CHINESE


def _right_to_left(texts: Iterable[str], language: str | None) -> bool:
    """Whether rows run from right to left: in such a language, or when most letters do."""
    kinds = Counter(unicodedata.bidirectional(letter) for text in texts for letter in text)
    leftward = kinds["R"] + kinds["AL"]
    return leftward > 0 if language in _LEFTWARD else leftward > kinds["L"]
