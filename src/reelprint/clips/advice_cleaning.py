"""Text from a language model as it may be shown: one line, nothing invisible, no markup, no addresses, in length."""

from __future__ import annotations

import html
import re
import unicodedata

from reelprint.core.transcript import Transcript, Word

#: More than any text may have; what is behind it is not looked at.
_MOST_CHARS = 4000
#: Joiners that scripts and emoji need. Everything else of its kind is invisible, and made to deceive.
_JOINERS = "\u200c\u200d"
_MARKUP = re.compile(r"</?[A-Za-z!][^<>]{0,1000}>|[<>]|\*\*|__|`+")
_TAG = re.compile(r"[#＃](\w+)")
_TAGS_AT_END = re.compile(r"(?:\s*[#＃]\w+)+\W*$")
_QUOTES = ('""', "''", "“”", "‘’", "«»", "„“", "「」")
#: Every repetition is bounded, so that no text takes long.
_ADDRESS = re.compile(
    r"""[a-z][a-z0-9+.-]{0,20}://                           # any scheme
    | \b(?:www\d?\.|mailto:|javascript:|hxxps?:|data:\w+/|tel:\+?\d)
    | @                                                     # mentions and mail addresses
    | \w\s?\[\s?\.\s?\]\s?\w                              # example[.]com
    | \w\s(?:dot|\(dot\)|\[dot\])\s(?:com|net|org|io|app|xyz|ru|info|co)\b
    | (?<![\w-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.        # a host: letters after a dot without a space,
        (?!(?:js|ts|jsx|tsx|cpp|txt|pdf|mp3|mp4|jpe?g|png|csv|json|html?|php)\b)  # other than in "Node.js"
        [^\W\d_]{2,24}\b
    | \b\d{1,3}(?:\.\d{1,3}){3}\b                          # 192.0.2.1
    """,
    re.VERBOSE | re.IGNORECASE,
)


def one_line(text: str) -> str:
    """``text`` without control and invisible characters, white space as single spaces."""
    kept = []
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if category[0] == "Z" or category == "Cc":
            kept.append(" ")
        elif category[0] != "C" or char in _JOINERS:
            kept.append(char)
    return " ".join("".join(kept).split())


def cleaned(given: object) -> str | None:
    """A model's text made plain; None when it is none, is empty, or carries an address or a mention.

    An address is not cut out: a sentence that led to one says nothing without it.
    """
    if not isinstance(given, str):
        return None
    text = given[:_MOST_CHARS]
    for _ in range(3):  # markup may be escaped, and escaped again
        text = html.unescape(text)
    text = one_line(_MARKUP.sub(" ", one_line(text)))
    if has_address(text):
        return None
    for pair in _QUOTES:
        if len(text) > 2 and text[0] == pair[0] and text[-1] == pair[1] and pair[0] not in text[1:-1]:
            text = text[1:-1].strip()
    return text if any(char.isalnum() for char in text) else None


def has_address(text: str) -> bool:
    """Whether a URL, a host, a mail address or a mention is in a text, however it is dressed up."""
    plain = unicodedata.normalize("NFKC", text)
    return bool(_ADDRESS.search("".join(char for char in plain if char not in _JOINERS)))


def quotable(transcript: Transcript) -> Transcript:
    """The transcript as texts may quote it: an ellipsis for every word that is an address, no angle brackets."""
    words = [_quotable_word(word) for word in transcript.words]
    return transcript.model_copy(update={"words": tuple(words)})


def quotable_title(title: str) -> str:
    """A film's title, which may be a stranger's, as texts may quote it; "" when nothing is left."""
    plain = _MARKUP.sub(" ", one_line(title[:_MOST_CHARS]))
    return " ".join(word for word in plain.split() if not has_address(word))


def _quotable_word(word: Word) -> Word:
    text = one_line(word.text.replace("<", "").replace(">", ""))
    if text == word.text and (len(text) < 4 or not has_address(text)):
        return word
    return word.model_copy(update={"text": "…" if not text or has_address(text) else text})


def without_tags(text: str) -> tuple[str, list[str]]:
    """A text without its hashtags, and those, in order, each once and without the ``#``.

    Those inside a sentence stay as words of it.
    """
    tags = list(dict.fromkeys(_TAG.findall(text)))
    return " ".join(_TAG.sub(r"\1", _TAGS_AT_END.sub("", text)).split()), tags


def fitted(text: str, limit: int) -> str:
    """``text`` cut after a word so that it has at most ``limit`` characters."""
    if len(text) <= limit:
        return text
    cut = text[:limit]
    space = text[: limit + 1].rfind(" ")
    # Scripts without spaces, and words as long as the text, are cut between characters.
    if space > limit // 2:
        cut = cut[:space]
    elif len(text) > limit and (unicodedata.category(text[limit])[0] == "M" or text[limit] in _JOINERS):
        # Not between a letter or an emoji and what belongs to it.
        while cut and (unicodedata.category(cut[-1])[0] == "M" or cut[-1] in _JOINERS):
            cut = cut[:-1]
        cut = cut[:-1]
    return cut.rstrip(" ,;:–—-" + _JOINERS)
