"""Title and platform texts of a clip, without a language model: only what is said in it, and the film's own title."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reelprint.clips.clock import clock
from reelprint.clips.hashtags import hashtags
from reelprint.clips.languages import WordLists, lists_of
from reelprint.clips.phrasing import line_of, width
from reelprint.clips.sentences import sentences_of
from reelprint.clips.terms import bare, stem
from reelprint.clips.titles import KeySentence, key_sentences
from reelprint.core.clips import ClipTexts, Moment
from reelprint.core.transcript import Transcript, Word

YOUTUBE_CHARS = 100
#: Both platforms take 2,200 characters and Instagram 30 hashtags; texts of clips are far below.
_SENTENCE_WIDTH = 180
_TIKTOK_TAGS, _INSTAGRAM_TAGS = 5, 8
#: One sentence wider than this is description enough for TikTok.
_ENOUGH_WIDTH = 60
_FALLBACK_TITLE = "Video"
_CLOSED = frozenset("?？؟!！…")
_WIDE_STOP = "。"


def write_texts(moment: Moment, transcript: Transcript, title: str) -> ClipTexts:
    """Texts of one clip; ``title`` is what the film is called.

    The title is a question, a number or the key sentence of the clip, shortened between phrases. The descriptions are
    one or two of its sentences and hashtags from its words (TikTok up to 5, Instagram up to 8, at least one). A clip
    in which nothing is said is called after the film and its time in it.
    """
    words = transcript.words[moment.first_word : moment.end_word]
    lists = lists_of(transcript.language)
    seen = Counter(stem(bare(word.text), transcript.language) for word in transcript.words if bare(word.text))
    tags = hashtags(words, lists, seen, transcript.language, title, _INSTAGRAM_TAGS)
    spoken = transcript.model_copy(update={"words": words})
    keys = key_sentences(sentences_of(spoken), words, lists, seen, transcript.language) if words else []
    if not keys:
        name = _silent_title(title, moment)
        return _together(name, [name], [name], tags)
    best, *others = keys
    whole = _sentence(best, words, lists)
    said = best.line.text.casefold()
    new = [key for key in others if key.line.text.casefold() != said]
    second = next((key for key in new if not key.line.torn and key.worth > 0), None)
    both = [best] if second is None else sorted([best, second], key=lambda key: key.sentence.first_word)
    in_order = [_sentence(key, words, lists) for key in both]
    return _together(best.line.text, [whole] if width(whole) > _ENOUGH_WIDTH else in_order, in_order, tags)


def distinct(texts: Sequence[ClipTexts]) -> tuple[ClipTexts, ...]:
    """The same texts with different titles: the second clip of a title is called "<title> (2)"."""
    taken: set[str] = set()
    taken_youtube: set[str] = set()
    told: list[ClipTexts] = []
    for item in texts:
        title = _free(item.title, taken, None)
        youtube = _free(item.youtube_title, taken_youtube, YOUTUBE_CHARS)
        told.append(item.model_copy(update={"title": title, "youtube_title": youtube}))
    return tuple(told)


def _free(title: str, taken: set[str], longest: int | None) -> str:
    """A title that is not taken yet; it is then."""
    name, number = title, 2
    while name.casefold() in taken:
        mark = f" ({number})"
        name = (title if longest is None else title[: longest - len(mark)].rstrip()) + mark
        number += 1
    taken.add(name.casefold())
    return name


def _sentence(key: KeySentence, words: Sequence[Word], lists: WordLists) -> str:
    """A sentence as it stands in a description: with a mark at its end."""
    line = line_of(words[key.sentence.first_word : key.sentence.end_word], lists, _SENTENCE_WIDTH) or key.line
    if line.text[-1:] in _CLOSED:
        return line.text
    if line.cut:
        return f"{line.text} …"
    return line.text + (_WIDE_STOP if width(line.text[-1:]) > 1 else ".")


def _silent_title(title: str, moment: Moment) -> str:
    name = " ".join(title.replace("_", " ").split()) or _FALLBACK_TITLE
    at = f", {clock(moment.start_s)}"
    return _shortened(name, YOUTUBE_CHARS - len(at)) + at


def _shortened(text: str, longest: int) -> str:
    """At most so many characters, cut between words where there are any."""
    if len(text) <= longest:
        return text
    head, _, _ = text[: longest - 1].rpartition(" ")
    return f"{head or text[: longest - 1]}…"


def _together(title: str, short: Sequence[str], long: Sequence[str], tags: Sequence[str]) -> ClipTexts:
    youtube = _shortened(title, YOUTUBE_CHARS)
    if len(youtube) + 1 + len(tags[0]) <= YOUTUBE_CHARS:
        youtube = f"{youtube} {tags[0]}"
    return ClipTexts(
        title=title,
        tiktok=f"{' '.join(short)} {' '.join(tags[:_TIKTOK_TAGS])}",
        instagram=f"{' '.join(long)}\n\n{' '.join(tags)}",
        youtube_title=youtube,
    )
