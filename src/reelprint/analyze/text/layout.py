"""Where texts stand, which lines belong together, and which blocks are captions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final, Literal, cast

from reelprint.analyze.text.presence import Bounds
from reelprint.core.text import Position

_ROWS: Final = ("top", "center", "bottom")
_COLUMNS: Final = ("left", "center", "right")

#: Captions are these long; shorter is a flash, longer a title.
_CAPTION_S: Final = (0.15, 6.0)
#: Consecutive captions: the pause between two of them while somebody talks.
_PAUSE_S: Final = 1.5
#: Over longer pauses only the classical place (low, centred) and more texts make captions.
_LONG_PAUSE_S: Final = 6.0


@dataclass(frozen=True)
class Block:
    """Lines that appear together as one text."""

    text: str
    bounds: Bounds
    line_heights: tuple[float, ...]
    """of each line's box, fractions of the picture's height"""
    start_s: float
    end_s: float
    members: tuple[int, ...]
    """positions in the list of lines that the block was made from, in reading order"""

    @property
    def duration_s(self) -> float:
        """Seconds on screen."""
        return self.end_s - self.start_s


@dataclass(frozen=True)
class Line:
    """One line of text with its life on screen."""

    text: str
    bounds: Bounds
    start_s: float
    end_s: float


def position_of(bounds: Bounds) -> Position:
    """The field of a 3 x 3 grid: by the centre; a wide text that starts near one side belongs to that side."""
    left, top, right, bottom = bounds
    column = _third((left + right) / 2)
    margin_left, margin_right = left, 1 - right
    if column == 1 and min(margin_left, margin_right) < 0.12 and abs(margin_left - margin_right) > 0.2:
        column = 0 if margin_left < margin_right else 2
    row = _third((top + bottom) / 2)
    if row == 1 and column == 1:
        return "center"
    return cast(Position, f"{_ROWS[row]}-{_COLUMNS[column]}")


def _third(centre: float) -> Literal[0, 1, 2]:
    return 0 if centre < 1 / 3 else 1 if centre <= 2 / 3 else 2


def blocks_of(lines: Sequence[Line]) -> list[Block]:
    """Join lines that share their time and stand under or beside each other. Sorted by start, then top."""
    parent = list(range(len(lines)))

    def root(index: int) -> int:
        while parent[index] != index:
            index = parent[index]
        return index

    for a in range(len(lines)):
        for b in range(a + 1, len(lines)):
            if _together(lines[a], lines[b]):
                parent[root(a)] = root(b)
    groups: dict[int, list[int]] = {}
    for index in range(len(lines)):
        groups.setdefault(root(index), []).append(index)
    blocks = [_block(lines, _reading_order(lines, members)) for members in groups.values()]
    return sorted(blocks, key=lambda block: (block.start_s, block.bounds[1], block.bounds[0]))


def _together(a: Line, b: Line) -> bool:
    if abs(a.start_s - b.start_s) > 0.4 or abs(a.end_s - b.end_s) > 0.4:
        return False
    height_a, height_b = a.bounds[3] - a.bounds[1], b.bounds[3] - b.bounds[1]
    gap_y = max(a.bounds[1], b.bounds[1]) - min(a.bounds[3], b.bounds[3])
    gap_x = max(a.bounds[0], b.bounds[0]) - min(a.bounds[2], b.bounds[2])
    if gap_x < 0:  # one above the other
        return gap_y < 1.2 * max(height_a, height_b)
    # beside each other on one line: word gaps, and columns of the same height stay apart
    return -gap_y > 0.6 * min(height_a, height_b) and gap_x < 1.0 * min(height_a, height_b)


def _reading_order(lines: Sequence[Line], members: list[int]) -> tuple[int, ...]:
    rows: list[list[int]] = []
    for index in sorted(members, key=lambda i: (lines[i].bounds[1] + lines[i].bounds[3]) / 2):
        middle = (lines[index].bounds[1] + lines[index].bounds[3]) / 2
        if rows and middle < lines[rows[-1][0]].bounds[3] - 0.2 * (
            lines[rows[-1][0]].bounds[3] - lines[rows[-1][0]].bounds[1]
        ):
            rows[-1].append(index)
        else:
            rows.append([index])
    return tuple(index for row in rows for index in sorted(row, key=lambda i: lines[i].bounds[0]))


def _block(lines: Sequence[Line], order: tuple[int, ...]) -> Block:
    chosen = [lines[index] for index in order]
    return Block(
        text=" ".join(line.text for line in chosen),
        bounds=(
            min(line.bounds[0] for line in chosen),
            min(line.bounds[1] for line in chosen),
            max(line.bounds[2] for line in chosen),
            max(line.bounds[3] for line in chosen),
        ),
        line_heights=tuple(line.bounds[3] - line.bounds[1] for line in chosen),
        start_s=median(line.start_s for line in chosen),
        end_s=median(line.end_s for line in chosen),
        members=order,
    )


def captions_among(blocks: Sequence[Block]) -> set[int]:
    """Positions of the blocks that are captions.

    A rule on text alone: at least three different texts of one size in one band, each up to 6 s long, one after the
    other with pauses up to 1.5 s; or, low and centred, at least four with pauses up to 6 s. In the middle of the
    picture they must change every 2 s at most, for slower ones there are credits. Texts of the same band
    and size between two runs are captions too.
    """
    found: set[int] = set()
    for seed in range(len(blocks)):
        if seed in found:
            continue
        band = [index for index in range(len(blocks)) if _same_band(blocks[seed], blocks[index])]
        if _is_caption_band([blocks[index] for index in band]):
            found.update(band)
    return found


def _same_band(a: Block, b: Block) -> bool:
    if not all(_CAPTION_S[0] <= block.duration_s <= _CAPTION_S[1] for block in (a, b)):
        return False
    height_a, height_b = median(a.line_heights), median(b.line_heights)
    if max(height_a, height_b) > 1.45 * min(height_a, height_b):
        return False
    # bands are pinned by their top, middle or lower edge, as the renderer lays out one or two lines
    near = 0.6 * min(height_a, height_b)
    top, bottom = abs(a.bounds[1] - b.bounds[1]), abs(a.bounds[3] - b.bounds[3])
    middle = abs(a.bounds[1] + a.bounds[3] - b.bounds[1] - b.bounds[3]) / 2
    if min(top, bottom, middle) > near:
        return False
    left, centre = abs(a.bounds[0] - b.bounds[0]), abs(a.bounds[0] + a.bounds[2] - b.bounds[0] - b.bounds[2]) / 2
    return min(left, centre) < 0.06


def _is_caption_band(band: Sequence[Block]) -> bool:
    if len({block.text.casefold() for block in band}) < 3:
        return False
    middle = median((block.bounds[1] + block.bounds[3]) / 2 for block in band)
    central = 0.38 < middle < 0.62
    if central and median(block.duration_s for block in band) > 2.0:
        return False
    if _longest_run(band, _PAUSE_S) >= 3:
        return True
    centred = abs(median((block.bounds[0] + block.bounds[2]) / 2 for block in band) - 0.5) < 0.08
    return middle > 0.62 and centred and _longest_run(band, _LONG_PAUSE_S) >= 4


def _longest_run(band: Sequence[Block], pause_s: float) -> int:
    ordered = sorted(band, key=lambda block: block.start_s)
    longest = run = 1
    for before, after in pairwise(ordered):
        follows = -0.3 <= after.start_s - before.end_s <= pause_s and before.text.casefold() != after.text.casefold()
        run = run + 1 if follows else 1
        longest = max(longest, run)
    return longest
