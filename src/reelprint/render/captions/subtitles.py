"""Captions as files: SubRip (.srt) and WebVTT (.vtt), UTF-8."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from reelprint.core.captions import CaptionCard, CaptionTrack


def srt_text(track: CaptionTrack) -> str:
    """SubRip: numbered cards with times to the millisecond. SubRip has no escapes; ``-->`` alone could end a card."""
    return "".join(
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{text.replace('-->', '->')}\n\n"
        for number, (start, end, text) in enumerate(_cards(track), start=1)
    )


def vtt_text(track: CaptionTrack) -> str:
    """WebVTT: cards with times to the millisecond, text escaped after its rules."""
    cards = [f"{_clock(start, '.')} --> {_clock(end, '.')}\n{_escaped(text)}\n\n" for start, end, text in _cards(track)]
    return "WEBVTT\n\n" + "".join(cards)


def _cards(track: CaptionTrack) -> Iterator[tuple[int, int, str]]:
    """Start and end in milliseconds, and the text: rounding lets no cards overlap and none vanish."""
    starts = [round(card.start_s * 1000) for card in track.cards]
    for number, at in enumerate(starts[1:], start=1):
        starts[number] = max(at, starts[number - 1] + 1)
    starts.append(max(round(track.cards[-1].end_s * 1000), starts[-1] + 1) if track.cards else 0)
    for card, (start, following) in zip(track.cards, pairwise(starts), strict=True):
        yield start, max(start + 1, min(round(card.end_s * 1000), following)), _text(card)


def _text(card: CaptionCard) -> str:
    """The rows as lines, composed (NFC); a line is never empty, so no card ends early."""
    rows = ("".join(word.text if word.joined or not place else f" {word.text}" for place, word in enumerate(row))
            for row in card.rows)  # fmt: skip
    lines = (" ".join(unicodedata.normalize("NFC", row).split()) for row in rows)
    return "\n".join(line for line in lines if line) or "…"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(total_ms: int, point: str) -> str:
    total_s, ms = divmod(total_ms, 1000)
    return f"{total_s // 3600:02d}:{total_s // 60 % 60:02d}:{total_s % 60:02d}{point}{ms:03d}"
