"""Captions as .srt and .vtt, read back."""

from __future__ import annotations

import html
import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reelprint.core.captions import CaptionCard, CaptionTrack, CaptionWord
from reelprint.render.captions.subtitles import srt_text, vtt_text


def _track(cards: list[tuple[float, float, list[str]]]) -> CaptionTrack:
    made = tuple(
        CaptionCard(
            start_s=start,
            end_s=end,
            rows=tuple(
                tuple(CaptionWord(text=word, start_s=start, end_s=end) for word in row.split(" ")) for row in rows
            ),
        )
        for start, end, rows in cards
    )
    return CaptionTrack(font="Reelprint Semi", size=0.05, baseline=0.9, side_margin=0.1, cards=made)


def _read(text: str, point: str) -> list[tuple[int, int, str]]:
    """Cards as a player reads them: blocks between blank lines, the time line, then text."""
    stamp = rf"(\d+):(\d\d):(\d\d){re.escape(point)}(\d{{3}})"
    found = []
    for block in re.split(r"\n{2,}", text.strip("\n")):
        lines = block.split("\n")
        times = [(at, re.fullmatch(f"{stamp} --> {stamp}", line)) for at, line in enumerate(lines)]
        at, match = next(((at, match) for at, match in times if match), (0, None))
        if match is None:
            assert block == "WEBVTT", block
            continue
        hour, minute, second, ms, *end = (int(part) for part in match.groups())
        start_ms = ((hour * 60 + minute) * 60 + second) * 1000 + ms
        end_ms = ((end[0] * 60 + end[1]) * 60 + end[2]) * 1000 + end[3]
        found.append((start_ms, end_ms, "\n".join(lines[at + 1 :])))
    return found


def test_files_are_written_as_players_expect() -> None:
    track = _track([(0.5, 2.25, ["Hello there,", "you & <b>me</b>"]), (3661.0, 3662.0, ["cafe\u0301"])])
    assert srt_text(track) == (
        "1\n00:00:00,500 --> 00:00:02,250\nHello there,\nyou & <b>me</b>\n\n"
        "2\n01:01:01,000 --> 01:01:02,000\ncaf\u00e9\n\n"
    )
    assert vtt_text(track) == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:02.250\nHello there,\nyou &amp; &lt;b&gt;me&lt;/b&gt;\n\n"
        "01:01:01.000 --> 01:01:02.000\ncaf\u00e9\n\n"
    )


_WORDS = st.text(st.sampled_from("ab<>&-\n\r\u2028\u00a0\t{}\\é字"), min_size=1, max_size=8)


@given(
    st.lists(
        st.tuples(st.floats(0, 0.01), st.floats(0.0001, 3), st.lists(_WORDS, min_size=1, max_size=2)),
        min_size=1,
        max_size=8,
    )
)
def test_both_files_are_read_back_whole(cards: list[tuple[float, float, list[str]]]) -> None:
    at, placed = 0.0, []
    for pause, length, rows in cards:
        placed.append((at + pause, at + pause + length, rows))
        at += pause + length
    rows_of = [[" ".join(row.split()) for row in rows if row.split()] for _, _, rows in placed]
    track = _track(placed)
    srt, vtt = _read(srt_text(track), ","), _read(vtt_text(track), ".")
    assert len(srt) == len(vtt) == len(placed)
    for (start, end, _), (start_ms, end_ms, text), rows in zip(placed, vtt, rows_of, strict=True):
        assert abs(start_ms - start * 1000) <= 8.5
        assert abs(end_ms - end * 1000) <= 8.5
        assert start_ms < end_ms
        assert html.unescape(text) == ("\n".join(rows) or "…")
    assert all(before[1] <= after[0] for before, after in pairwise(srt))
    assert [card[:2] for card in srt] == [card[:2] for card in vtt]


def test_a_track_without_cards_is_an_empty_file() -> None:
    empty = CaptionTrack(font="Reelprint Semi", size=0.05, baseline=0.9, side_margin=0.1)
    assert (srt_text(empty), vtt_text(empty)) == ("", "WEBVTT\n\n")
