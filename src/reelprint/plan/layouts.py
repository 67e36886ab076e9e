"""Layouts: where one window cannot show what matters.

A slide, a screen or wide text is shown whole (``fitted``); two people who talk by turns so fast that cutting between
them would flicker, or at once, are shown one above the other (``split``). Everything else is a window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from reelprint.core.analysis import Analysis
from reelprint.core.motion import SpeakerTurn
from reelprint.core.plan import Crop, Layout, OutputSpec
from reelprint.core.shots import Shot
from reelprint.core.text import TextOverlay
from reelprint.plan.layouts_split import both_windows
from reelprint.plan.speaker import believed_turns
from reelprint.plan.windows import largest_window

#: A window that shows this share of the picture's width cuts nothing off that a layout would have to save.
_NEARLY_ALL = 0.8
#: Share of a shot (of a clip, for captions) in which text wider than the window must stand.
_TEXT_TIME, _CAPTION_TIME = 0.6, 0.4
#: Only upright films have room for two windows one above the other.
_UPRIGHT = 0.8
#: Turns shorter than this are too short for a cut each; so many of them, for so long, make a dialogue.
SHORT_TURN_S, _MIN_TURNS, _MIN_SPLIT_S = 1.8, 3, 2.5
#: Below this clarity it is not clear who talks: both or none.
_UNCLEAR = 0.3
#: What is left of a shot beside a split joins it when it is shorter than this, s.
_LEFT_OVER_S = 2.0


@dataclass(frozen=True)
class Stretch:
    """Source time [start_s, end_s) in one layout. ``crops``: none (window), one (fitted), two (split: upper, lower)."""

    start_s: float
    end_s: float
    layout: Layout
    crops: tuple[Crop, ...] = ()


def plan_layouts(footage: Analysis, output: OutputSpec) -> list[Stretch]:
    """Stretches that tile the footage, none across a boundary between shots."""
    video, picture = footage.media.video, footage.picture
    width, height = largest_window((video.width, video.height), picture, (output.width, output.height))
    shots = footage.shots.shots
    if width >= _NEARLY_ALL * picture.width and height >= _NEARLY_ALL * picture.height:
        return [Stretch(shot.start_s, shot.end_s, "window") for shot in shots]
    whole = Crop(x=picture.x, y=picture.y, width=picture.width, height=picture.height)
    captioned = _wide_share(footage.text.caption_lines, width, 0.0, footage.timing.duration_s) >= _CAPTION_TIME
    stretches: list[Stretch] = []
    for shot in shots:
        if captioned or _is_screen(footage, shot) or _has_wide_text(footage, shot, width):
            stretches.append(Stretch(shot.start_s, shot.end_s, "fitted", (whole,)))
        elif output.width <= _UPRIGHT * output.height:
            stretches.extend(_with_splits(footage, output, shot))
        else:
            stretches.append(Stretch(shot.start_s, shot.end_s, "window"))
    return stretches


def _is_screen(footage: Analysis, shot: Shot) -> bool:
    middle_s = (shot.start_s + shot.end_s) / 2
    return any(span.start_s <= middle_s < span.end_s for span in footage.focus.screens)


def _has_wide_text(footage: Analysis, shot: Shot, width: float) -> bool:
    texts = (*footage.text.overlays, *footage.text.caption_lines)
    return _wide_share(texts, width, shot.start_s, shot.end_s) >= _TEXT_TIME


def _wide_share(texts: Sequence[TextOverlay], width: float, start_s: float, end_s: float) -> float:
    """Share of a stretch of time in which text wider than the window stands."""
    spans = sorted(
        (max(start_s, text.start_s), min(end_s, text.end_s))
        for text in texts
        if text.left is not None and text.right is not None and text.right - text.left > width
    )
    covered_s, until_s = 0.0, start_s
    for begin, end in spans:
        covered_s += max(0.0, end - max(begin, until_s))
        until_s = max(until_s, end)
    return covered_s / max(1e-6, end_s - start_s)


def _with_splits(footage: Analysis, output: OutputSpec, shot: Shot) -> list[Stretch]:
    """One shot as windows and splits."""
    turns = believed_turns(footage.focus, shot.start_s, shot.end_s)
    stretches: list[Stretch] = []
    at_s = shot.start_s
    for first, last, faces in _dialogues(turns):
        begin, end = max(at_s, turns[first].start_s), turns[last].end_s
        # A few words before, after or between are no reason for another picture.
        begin = at_s if begin - at_s < _LEFT_OVER_S else begin
        end = shot.end_s if shot.end_s - end < _LEFT_OVER_S else end
        crops = both_windows(footage, output, faces, begin, end) if end - begin >= _MIN_SPLIT_S else None
        if crops is None:
            continue
        before = stretches[-1] if stretches else None
        if before is not None and before.layout == "split" and before.end_s == begin and before.crops == crops:
            stretches[-1] = Stretch(before.start_s, end, "split", crops)
        else:
            if begin > at_s:
                stretches.append(Stretch(at_s, begin, "window"))
            stretches.append(Stretch(begin, end, "split", crops))
        at_s = end
    if at_s < shot.end_s:
        stretches.append(Stretch(at_s, shot.end_s, "window"))
    return stretches


def _dialogues(turns: Sequence[SpeakerTurn]) -> list[tuple[int, int, tuple[int, ...]]]:
    """Runs [first, last] of turns that want a split, with the faces that talk in them (none: not clear who)."""
    runs: list[tuple[int, int, tuple[int, ...]]] = []
    at = 0
    while at < len(turns):
        last = at
        while last < len(turns) and turns[last].end_s - turns[last].start_s < SHORT_TURN_S:
            last += 1
        faces = {turn.face for turn in turns[at:last]}
        if last - at >= _MIN_TURNS and len(faces) == 2:
            runs.append((at, last - 1, tuple(sorted(faces))))
            at = last
            continue
        turn = turns[at]
        if turn.clarity < _UNCLEAR and turn.end_s - turn.start_s >= _MIN_SPLIT_S:
            runs.append((at, at, ()))
        at += 1
    return runs


def edges_inside(stretches: Sequence[Stretch], start_s: float, end_s: float, least_s: float) -> list[float]:
    """Where the layout changes inside [start_s, end_s), at least ``least_s`` from both ends."""
    return [
        before.end_s
        for before, after in pairwise(stretches)
        if (before.layout, before.crops) != (after.layout, after.crops)
        and start_s + least_s <= before.end_s <= end_s - least_s
    ]


def layout_at(stretches: Sequence[Stretch], time_s: float) -> Stretch:
    """The stretch that a time lies in; the last one after the end."""
    return next((stretch for stretch in stretches if time_s < stretch.end_s), stretches[-1])
