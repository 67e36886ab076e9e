"""Cutting a plan into chunks that are encoded on their own, possibly at once, possibly again after a crash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from itertools import pairwise

from reelprint.core.media import MediaInfo
from reelprint.core.plan import EditPlan
from reelprint.render.captions.ass import ass_text

#: Raised whenever the same plan can give other frames: part of every chunk's key.
RENDERER_VERSION = 5
_TARGET_FRAMES = 400
#: Every segment of a chunk may hold a decoder with its reference frames, so their number bounds the memory.
_DECODED_PIXELS = 6 * 1920 * 1080
MOST_SEGMENTS = 8


@dataclass(frozen=True)
class Chunk:
    """Frames [start_frame, end_frame) of the time line. ``key`` names everything that decides how they look."""

    index: int
    start_frame: int
    end_frame: int
    key: str

    @property
    def frames(self) -> int:
        """How many frames the chunk's file holds."""
        return self.end_frame - self.start_frame


def plan_chunks(plan: EditPlan, media: MediaInfo, target_frames: int = _TARGET_FRAMES) -> tuple[Chunk, ...]:
    """Tile the time line with chunks of about ``target_frames`` and few segments each.

    Chunks meet at hard cuts where one is near, else inside a segment, never inside a transition.
    """
    places = _Places(plan)
    pixels = media.video.coded_width * media.video.coded_height
    most_segments = max(2, min(MOST_SEGMENTS, _DECODED_PIXELS // pixels + 1))
    edges = places.regular_edges(target_frames)
    edges = [edge for start, end in pairwise(edges) for edge in places.thinned(start, end, most_segments)]
    edges.append(plan.output.frame_count)
    return tuple(
        Chunk(index=index, start_frame=start, end_frame=end, key=_key(plan, start, end))
        for index, (start, end) in enumerate(pairwise(edges))
    )


class _Places:
    """Where chunks of a plan may meet."""

    def __init__(self, plan: EditPlan) -> None:
        self._plan = plan
        self._frames = plan.output.frame_count
        after = [segment.end_frame for segment in plan.segments[:-1]]
        before = [segment.start_frame for segment in plan.segments[1:]]
        self._joins = [(start, end) for start, end in zip(before, after, strict=True) if start < end]
        if plan.opening is not None and plan.opening.frames:
            self._joins.append((0, plan.opening.frames))
        if plan.closing is not None and plan.closing.frames:
            self._joins.append((self._frames - plan.closing.frames, self._frames))
        self._cuts = [start for start, end in zip(before, after, strict=True) if start == end and self._allowed(start)]

    def _allowed(self, frame: int) -> bool:
        return not any(start < frame < end for start, end in self._joins)

    def near(self, frame: int, low: int, high: int) -> int | None:
        """The best meeting place strictly between ``low`` and ``high``: a cut close to ``frame``, else any place."""
        reach = (high - low) / 4
        cuts = [cut for cut in self._cuts if low < cut < high and abs(cut - frame) <= reach]
        if cuts:
            return min(cuts, key=lambda cut: abs(cut - frame))
        edges = {edge for span in self._joins for edge in span}
        places = [place for place in (frame, *edges, *self._cuts) if low < place < high and self._allowed(place)]
        return min(places, key=lambda place: (abs(place - frame), place), default=None)

    def regular_edges(self, target: int) -> list[int]:
        """Meeting places about ``target`` frames apart, both ends included."""
        count = max(1, round(self._frames / target))
        edges = [0]
        for number in range(1, count):
            ideal = round(number * self._frames / count)
            step = self._frames // count
            edge = self.near(ideal, max(edges[-1], ideal - step // 2), min(self._frames, ideal + step // 2))
            if edge is not None:
                edges.append(edge)
        return [*edges, self._frames]

    def thinned(self, start: int, end: int, most: int) -> list[int]:
        """Starts of the chunks that [start, end) falls into when none may touch more than ``most`` segments."""
        touched = sum(segment.start_frame < end and segment.end_frame > start for segment in self._plan.segments)
        middle = self.near((start + end) // 2, start, end) if touched > most else None
        if middle is None:
            return [start]
        return [*self.thinned(start, middle, most), *self.thinned(middle, end, most)]


def _key(plan: EditPlan, start: int, end: int) -> str:
    """SHA-256 over all that decides the frames of a chunk; where the chunk lies on the time line does not."""
    touched = [number for number, item in enumerate(plan.segments) if item.start_frame < end and item.end_frame > start]
    segments = []
    for number in touched:
        data = plan.segments[number].model_dump(mode="json")
        data["start_frame"] -= start
        data["grade"] = [transfer.model_dump(mode="json") for transfer in plan.grades[plan.segments[number].grade]]
        segments.append(data)
    output = plan.output.model_dump(mode="json", exclude={"frame_count"})
    opening = plan.opening if plan.opening is not None and start < plan.opening.frames else None
    closes = plan.closing is not None and end > plan.output.frame_count - plan.closing.frames
    recipe = {
        "renderer": RENDERER_VERSION,
        "source": plan.source_hash,
        "frames": end - start,
        "output": output,
        "segments": segments,
        "joins": [plan.joins[number].model_dump(mode="json") for number in touched[:-1]],
        "opening": opening.model_dump(mode="json") if opening else None,
        "closing": plan.closing.model_dump(mode="json") if closes and plan.closing else None,
        "captions": ass_text(plan.captions, plan, start, end) if plan.captions is not None else None,
    }
    text = json.dumps(recipe, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
