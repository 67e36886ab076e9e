"""Hashtags from what is said: names, repeated pairs of words, and the words that a clip is about."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from reelprint.clips.languages import WordLists, empty_title_words
from reelprint.clips.terms import bare, is_mark, stem, without_spaces
from reelprint.core.transcript import Word, written

#: What is left when neither the talk nor the title of the film names anything.
LAST_RESORT = "#video"
_SHORTEST, _LONGEST = 3, 30
_NAME, _PAIR = 1.6, 1.5
_BENT = ("ing", "ed", "ly")
_BENT_WEIGHT = 0.6
#: Without a list of stop words: short words, and short ones that are said often, are taken for such.
_UNKNOWN_SHORTEST, _OFTEN_LETTERS, _OFTEN_TIMES, _OFTEN = 4, 6, 5.0, 0.012
_KATAKANA = re.compile(r"[ァ-ヺー]{3,12}")
_HAN = re.compile(r"[\u3400-\u9fff々]{2,}")
#: In Japanese, a run of them that a particle or a mark follows; what other kana follow is half a verb.
_HAN_NOUN = re.compile(r"[\u3400-\u9fff々]{2,6}(?=[はがをにでともへやの、。！？]|$)")
_HIRAGANA = re.compile(r"[ぁ-ん]")
_HAN_NUMERALS = "一二三四五六七八九十百千万何"
_HAN_LONGEST = 4


def hashtags(
    words: Sequence[Word], lists: WordLists, seen: Mapping[str, int], language: str | None, title: str, most: int
) -> tuple[str, ...]:
    """1 to ``most`` different hashtags, best first: ``#`` and lower-case letters and digits, no stop words.

    ``seen``: in how many words of the film each stem is said. Words of the film's ``title`` fill up what the talk does
    not give.
    """
    found = _unspaced(words, lists) if without_spaces(words) else _spaced(words, lists, seen, language)
    tags: dict[str, str] = {}
    for text in [*found, *_of_title(title, lists)]:
        tag = _tag(text)
        root = stem(tag, language)
        if tag and root not in tags and not any(tag in other or other in tag for other in tags.values()):
            tags[root] = tag
    return tuple(f"#{tag}" for tag in list(tags.values())[:most]) or (LAST_RESORT,)


def _tag(text: str) -> str:
    tag = "".join(char for char in unicodedata.normalize("NFC", bare(text)) if not is_mark(char))
    wide = any(unicodedata.east_asian_width(char) in "WF" for char in tag)
    return tag if (1 if wide else _SHORTEST) < len(tag) + (not wide) <= _LONGEST and not tag.isdigit() else ""


def _spaced(words: Sequence[Word], lists: WordLists, seen: Mapping[str, int], language: str | None) -> list[str]:
    total = sum(seen.values()) or 1
    worth: dict[str, float] = {}
    shown: dict[str, str] = {}
    roots = [_root(word, lists, seen, total, language) for word in words]
    here = Counter(root for root in roots if root)
    for index, root in enumerate(roots):
        if not root or root in worth:
            continue
        term = bare(words[index].text).partition("'")[0]
        often = seen.get(root, 1)
        value = here[root] * math.log(1 + total / often) * (1 + 0.3 * math.log(often))
        value *= _NAME if _is_name(words, index) else _BENT_WEIGHT if term.endswith(_BENT) else 1.0
        worth[root], shown[root] = value, term
    for (root, after), times in Counter(pairwise(roots)).items():
        if root and after and times > 1 and root != after:
            pair = f"{root} {after}"
            worth[pair] = _PAIR * max(worth[root], worth[after])
            shown[pair] = shown[root] + shown[after]
    return [shown[root] for root in sorted(worth, key=lambda root: (-worth[root], root))]


def _root(word: Word, lists: WordLists, seen: Mapping[str, int], total: int, language: str | None) -> str:
    """The stem of a word that may become a hashtag, else nothing."""
    term = bare(word.text)
    root = stem(term, language)
    if term in lists.stop or term in lists.fillers or term in lists.untaggable:
        return ""
    if not term or term[0].isdigit() or len(term) < _SHORTEST:
        return ""
    often = len(term) <= _OFTEN_LETTERS and seen.get(root, 0) > max(_OFTEN_TIMES, _OFTEN * total)
    if not lists.stop and (len(term) < _UNKNOWN_SHORTEST or often):
        return ""
    return "" if "'" in term and term.partition("'")[0] in lists.stop else root


def _is_name(words: Sequence[Word], index: int) -> bool:
    """Written with a capital though no sentence begins there."""
    text = words[index].text.lstrip('"“„«(')
    return index > 0 and text[:1].isupper() and words[index - 1].text[-1:] not in ".?!:…"


def _unspaced(words: Sequence[Word], lists: WordLists) -> list[str]:
    """Runs of one script: katakana names, and Chinese characters as far as they stand alone."""
    text = written(tuple(words))
    runs: list[str] = _KATAKANA.findall(text)
    if _HIRAGANA.search(text):
        runs += _HAN_NOUN.findall(text)
    else:
        words_between = "|".join(re.escape(word) for word in sorted(lists.stop, key=len, reverse=True))
        for run in _HAN.findall(text):
            parts = re.split(words_between, run) if words_between else [run]
            runs += [part for part in parts if 2 <= len(part) <= _HAN_LONGEST]
    runs = [run for run in runs if run[0] not in _HAN_NUMERALS]
    counted = Counter(runs)
    first = {run: number for number, run in reversed(list(enumerate(runs)))}
    return sorted(counted, key=lambda run: (-counted[run], -len(run), first[run]))


def _of_title(title: str, lists: WordLists) -> list[str]:
    words = re.split(r"[\W_]+", title)
    empty = lists.stop | empty_title_words()
    return [
        word
        for word in words
        if (len(word) >= _SHORTEST or any(map(_is_wide, word)))
        and bare(word) not in empty
        and not any(char.isdigit() for char in word)
    ]


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
