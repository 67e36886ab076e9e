"""One picture: a transition read right, and the worst failure, frame by frame with truth and reading beneath."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from plant_shots_joins import Event
from shots_score import name_of

U8 = NDArray[np.uint8]
Scored = tuple[Path, str, Sequence[Event], Sequence[Event]]
_COLUMNS, _WIDTH, _HEIGHT = 9, 112, 86


def _strip(path: Path, first: int, last: int) -> U8:
    """Frames first .. last of a film, thinned to one row."""
    wanted = np.unique(np.linspace(max(first, 0), last, _COLUMNS).round().astype(int)).tolist()
    row: list[U8] = []
    with av.open(str(path)) as source:
        for number, frame in enumerate(source.decode(video=0)):
            if number in wanted:
                picture = frame.reformat(_WIDTH, _HEIGHT - 22, "bgr24", interpolation="AREA").to_ndarray()
                picture = cv2.copyMakeBorder(picture, 0, 22, 0, 2, cv2.BORDER_CONSTANT)
                cv2.putText(picture, str(number), (4, _HEIGHT - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (180, 180, 180), 1)
                row.append(np.asarray(picture, np.uint8))
            if number >= last:
                break
    row += [np.zeros_like(row[0])] * (_COLUMNS - len(row))
    return np.asarray(np.hstack(row), np.uint8)


def _told(event: Event | None) -> str:
    if event is None:
        return "nothing"
    place = f"at {event.start}" if event.type == "cut" else f"{event.start}-{event.end} {event.easing or ''}"
    return f"{name_of(event.type, event.direction)} {place}"


def _reading(event: Event, found: Sequence[Event]) -> Event | None:
    over = [item for item in found if item.start <= event.end and item.end >= event.start]
    return max(over, key=lambda i: min(i.end, event.end) - max(i.start, event.start), default=None)


def draw_pictures(films: Sequence[Scored], folder: Path) -> None:
    """Write ``folder``/shots.png."""
    good: tuple[float, Scored, Event] | None = None
    bad: tuple[float, Scored, Event] | None = None
    for film in films:
        _, _, truth, found = film
        for event in truth:
            length = event.end - event.start
            if event.type in ("cut", "strange") or event.easing is None:
                continue
            item = _reading(event, found)
            right = item is not None and item.type == event.type and item.easing == event.easing
            off = abs(item.start - event.start) + abs(item.end - event.end) if item is not None else 3 * length
            if right and (good is None or length - 10 * off > good[0]):
                good = float(length - 10 * off), film, event
            if (item is None or item.type != event.type) and (bad is None or length > bad[0]):
                bad = float(length), film, event
    rows = []
    for title, chosen in (("right", good), ("worst failure", bad)):
        if chosen is None:
            continue
        _, (path, label, _, found), event = chosen
        strip = _strip(path, event.start - 2, event.end + 1)
        head = np.zeros((26, strip.shape[1], 3), np.uint8)
        text = f"{title}: planted {_told(event)} {event.note}; read {_told(_reading(event, found))}   ({label})"
        cv2.putText(head, text, (6, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.46, (255, 255, 255), 1, cv2.LINE_AA)
        rows += [head, strip]
    if rows:
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / "shots.png"), np.vstack(rows), [cv2.IMWRITE_PNG_COMPRESSION, 9])
