"""The two windows of a split: one person above the other, the faces of about one size, each on its own side."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import median

from reelprint.core.analysis import Analysis
from reelprint.core.motion import Focus
from reelprint.core.plan import Crop, OutputSpec
from reelprint.plan.windows import Point, clamp_centre, largest_window, window

#: Height of a face in its window: no smaller, what is aimed at, no larger.
_FACE_MIN, _FACE_WANTED, _FACE_MAX = 0.14, 0.34, 0.6
#: A face lies this much of the window's height above its middle.
_HEADROOM = 0.06
#: Faces of very different size are not of one importance.
_ALIKE = 1.8
#: A face that moves by more than this (its own widths) has to be followed, which a split does not do.
_STAYS = 0.8
#: A face must be seen in this share of the looks.
_SEEN = 0.6
#: Output pixels for one of the source's, at most.
_MOST_ENLARGED = 3.2
#: Faces closer than this many widths of a full window are better framed by one.
_APART = 0.75


@dataclass(frozen=True)
class _Seat:
    """Where one face is over a stretch: middle and size, shares of the source."""

    x: float
    y: float
    width: float
    height: float


def both_windows(
    footage: Analysis, output: OutputSpec, faces: tuple[int, ...], start_s: float, end_s: float
) -> tuple[Crop, Crop] | None:
    """Upper (left person) and lower window, still over [start_s, end_s); None when a split would show them badly.

    ``faces``: which two; with none named, the two largest.
    """
    seats = _seats(footage, faces, start_s, end_s)
    if seats is None:
        return None
    left, right = sorted(seats, key=lambda seat: seat.x)
    if max(left.height, right.height) > _ALIKE * min(left.height, right.height):
        return None
    video, picture = footage.media.video, footage.picture
    size = (video.width, video.height)
    single_width, _ = largest_window(size, picture, (output.width, output.height))
    apart = right.x - left.x
    if apart < _APART * single_width:
        return None
    half = (output.width, output.height // 2)
    widest, highest = largest_window(size, picture, half)
    # Each window stays on its person's side.
    middle = (left.x + left.width / 2 + right.x - right.width / 2) / 2
    far_side = picture.x + picture.width
    crops = []
    for seat, begin, end in ((left, picture.x, middle), (right, middle, far_side)):
        side = picture.model_copy(update={"x": begin, "width": end - begin})
        share = min(1.0, side.width / widest, seat.height / _FACE_WANTED / highest)
        if share * highest * _FACE_MAX < seat.height or share * highest * _FACE_MIN > seat.height:
            return None
        if half[0] / (share * widest * video.width) > _MOST_ENLARGED:
            return None
        centre: Point = (seat.x, seat.y + _HEADROOM * share * highest)
        centre = clamp_centre(centre, share * widest, share * highest, side)
        crops.append(window(centre, share * widest, share * highest, side))
    return crops[0], crops[1]


def _seats(footage: Analysis, faces: tuple[int, ...], start_s: float, end_s: float) -> tuple[_Seat, _Seat] | None:
    seen: dict[int, list[Focus]] = defaultdict(list)
    times: set[float] = set()
    for point in footage.focus.points:
        if start_s - 1e-6 <= point.time_s < end_s:
            times.add(point.time_s)
            if point.face is not None:
                seen[point.face].append(point)
    lasting = {face: points for face, points in seen.items() if len(points) >= _SEEN * len(times)}
    if len(faces) != 2:
        by_size = sorted(lasting, key=lambda face: (-median(point.height for point in lasting[face]), face))
        faces = tuple(by_size[:2])
    if len(faces) != 2 or any(face not in lasting for face in faces):
        return None
    first, second = (_seat(lasting[face]) for face in faces)
    return None if first is None or second is None else (first, second)


def _seat(points: list[Focus]) -> _Seat | None:
    """The place of a face that stays, else None."""
    x, y = median(point.x for point in points), median(point.y for point in points)
    width, height = median(point.width for point in points), median(point.height for point in points)
    away = sum(abs(point.x - x) > _STAYS * width or abs(point.y - y) > _STAYS * height for point in points)
    return None if away > 0.1 * len(points) else _Seat(x, y, width, height)
