"""TextAnalyzer: stills with text on them to overlays, captions and their look."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.evidence import Evidence, Known, Tick
from reelprint.analyze.text.font import family
from reelprint.analyze.text.glyphs import take_apart, type_size_px
from reelprint.analyze.text.layout import Block, Line, blocks_of, captions_among, position_of
from reelprint.analyze.text.life import Lives
from reelprint.analyze.text.presence import Bounds, Place
from reelprint.analyze.text.reader import TextBox, TextReader, TextReading
from reelprint.analyze.text.scout import signed_edges, steady_edges, text_runs
from reelprint.analyze.text.track import Sighting, Track, likeness, overlap, patch_of, same_pixels, same_text
from reelprint.core.text import CaptionLook, TextMeasure, TextOverlay

U8 = NDArray[np.uint8]

#: Overlays are set level. What tilts more is painted on something.
_MAX_TILT_DEG: Final = 8.0
_MIN_SCORE: Final = 0.8
_MIN_SECONDS: Final = 0.2
#: A reading this sure of this many letters is no accident.
_CERTAIN, _MANY_LETTERS = 0.95, 6
#: After so many stills without text, one still is looked at in each stretch of this length.
_EMPTY_STILLS: Final = 3
_PATIENCE_S: Final = 3.0


class TextAnalyzer:
    """Reads the stills, follows every text through the film and describes how it looks.

    Detection runs on every still, recognition only where the pixels of a box are new. Nothing is loaded for a film
    without stills. ``reader`` is the port to the models.
    """

    name: Final = "text"
    version: Final = 4

    def __init__(self, reader: TextReader) -> None:
        self._reader = reader

    def measure(self, evidence: Evidence, known: Known, tick: Tick) -> TextMeasure:
        """Measure the texts of a film. Needs nothing of ``known``."""
        del known
        tracks = self._read_stills(evidence, tick)
        lives = Lives(evidence)
        for index, track in enumerate(tracks):
            path = lives.span(track, tracks)
            beside = [item for other in tracks for item in other.sightings if _overlaps(path, item.sample)]
            track.scene = lives.moves_with_scene(path, beside)
            tick(0.8 + 0.15 * (index + 1) / len(tracks))
        lives.hand_over(tracks)
        kept = [track for track in merged(tracks) if not track.scene and _lasts(track)]
        return _document(kept, evidence)

    def _read_stills(self, evidence: Evidence, tick: Tick) -> list[Track]:
        stills = evidence.stills
        tracks: list[Track] = []
        position, empty = 0, 0
        while position < len(stills.frames):
            tick(0.8 * position / len(stills.frames))
            if empty < _EMPTY_STILLS:
                found = self._look(evidence, position, tracks)
                empty = 0 if found else empty + 1
                position += 1
                continue
            # Where stills hold nothing, only the likeliest of each few seconds is looked at; the others, if it held.
            end = int(np.searchsorted(stills.times_s, stills.times_s[position] + _PATIENCE_S))
            end = max(end, position + 1)
            likeliest = max(range(position, end), key=lambda one: _text_likeness(evidence, _sample_of(evidence, one)))
            if self._look(evidence, likeliest, tracks):
                empty = 0
                for other in range(position, end):
                    if other != likeliest:
                        self._look(evidence, other, tracks)
            position = end
        for track in tracks:
            track.sightings.sort(key=lambda sighting: sighting.position)
        return tracks

    def _look(self, evidence: Evidence, position: int, tracks: list[Track]) -> bool:
        """Read one still; whether it held text."""
        before = sum(len(track.sightings) for track in tracks)
        self._read_still(evidence.stills.rgb(position), position, _sample_of(evidence, position), tracks)
        return sum(len(track.sightings) for track in tracks) > before

    def _read_still(self, rgb: U8, position: int, sample: int, tracks: list[Track]) -> None:
        """Find texts on one still and add them to the tracks."""
        fresh: list[tuple[TextBox, Bounds, U8]] = []
        for box in self._reader.find(rgb):
            bounds = fractions(box, rgb.shape)
            if abs(box.tilt_deg) > _MAX_TILT_DEG:
                continue
            patch = patch_of(rgb, bounds)
            same = next((track for track in tracks if _seen_before(track, bounds, patch, position)), None)
            if same is None:
                fresh.append((box, bounds, patch))
            else:
                last = same.sightings[-1]
                same.sightings.append(Sighting(position, sample, bounds, box.tilt_deg, last.reading, patch, last.face))
        readings = self._reader.read(rgb, [box for box, _, _ in fresh])
        for (box, bounds, patch), whole in zip(fresh, readings, strict=True):
            reading, face = whole, None
            if looks_stacked(box, whole, rgb.shape):
                reading, face = self._read_stacked(rgb, box)
            if not is_text(reading):
                continue
            sighting = Sighting(position, sample, bounds, box.tilt_deg, reading, patch, face)
            _assign(tracks, sighting)

    def _read_stacked(self, rgb: U8, box: TextBox) -> tuple[TextReading, tuple[Bounds, str]]:
        """Read a box as two lines set close, at the split that reads best; and its lower line alone."""
        left, top, right, bottom = box.bounds
        found, face = TextReading("", 0.0), (fractions(box, rgb.shape), "")
        for share in (0.42, 0.5):
            middle = top + share * (bottom - top)
            halves = [_upright(left, top, right, middle, box.score), _upright(left, middle, right, bottom, box.score)]
            upper, lower = self._reader.read(rgb, halves)
            if min(upper.score, lower.score) > found.score:
                found = TextReading(f"{upper.text} {lower.text}", min(upper.score, lower.score))
                face = fractions(halves[1], rgb.shape), lower.text
        return found, face


def looks_stacked(box: TextBox, reading: TextReading, shape: Sequence[int]) -> bool:
    """Whether a box may hold two lines that touch, as in a logo: large, not long, and badly read as one line."""
    left, top, right, bottom = box.bounds
    letters = sum(letter.isalnum() for letter in reading.text)
    large = bottom - top > 0.2 * shape[0] and right - left < 3.5 * (bottom - top)
    return large and letters >= 3 and 0.4 < reading.score < 0.95


def _upright(left: float, top: float, right: float, bottom: float, score: float) -> TextBox:
    return TextBox(((left, top), (right, top), (right, bottom), (left, bottom)), score)


def is_text(reading: TextReading) -> bool:
    """Whether a reading is worth keeping: at least two letters or figures, read with certainty."""
    return sum(letter.isalnum() for letter in reading.text) >= 2 and reading.score >= _MIN_SCORE


def fractions(box: TextBox, shape: Sequence[int]) -> Bounds:
    """The upright rectangle of a box as fractions of the picture."""
    left, top, right, bottom = box.bounds
    height, width = shape[:2]
    return max(0.0, left / width), max(0.0, top / height), min(1.0, right / width), min(1.0, bottom / height)


def merged(tracks: list[Track]) -> list[Track]:
    """Tracks that turn out to be one text: alike in place, letters and time."""
    kept: list[Track] = []
    for track in tracks:
        for other in kept:
            near = overlap(track.best.bounds, other.best.bounds) > 0.3
            shared = min(track.end_s, other.end_s) - max(track.start_s, other.start_s)
            shorter = min(track.end_s - track.start_s, other.end_s - other.start_s)
            if near and shared > 0.5 * shorter and likeness(track.text, other.text) > 0.4:
                other.sightings.extend(track.sightings)
                other.start_s, other.end_s = min(other.start_s, track.start_s), max(other.end_s, track.end_s)
                other.scene = other.scene or track.scene
                break
        else:
            kept.append(track)
    return kept


def _lasts(track: Track) -> bool:
    """Whether a text was there long enough; of one read without doubt, what passes behind may have hidden a part."""
    reading = track.best.reading
    certain = reading.score >= _CERTAIN and sum(letter.isalnum() for letter in reading.text) >= _MANY_LETTERS
    return track.end_s - track.start_s >= (_MIN_SECONDS / 2 if certain else _MIN_SECONDS)


def _sample_of(evidence: Evidence, position: int) -> int:
    """The sample that shows the same frame as a still."""
    sample = int(np.searchsorted(evidence.samples.frames, evidence.stills.frames[position]))
    return min(sample, len(evidence.samples.frames) - 1)


def _text_likeness(evidence: Evidence, sample: int) -> int:
    """Pixels in runs of text-like edges that the sample shares with the next one."""
    last = len(evidence.samples.frames) - 1
    here, there = (
        signed_edges(np.asarray(cv2.cvtColor(evidence.samples.rgb(index), cv2.COLOR_RGB2GRAY)))
        for index in (min(sample, max(0, last - 1)), min(sample + 1, last))
    )
    return sum(width * height for _, _, width, height in text_runs(steady_edges(here, there)))


def _overlaps(path: list[Place], sample: int) -> bool:
    return path[0].position <= sample <= path[-1].position


def _seen_before(track: Track, bounds: Bounds, patch: U8, position: int) -> bool:
    last = track.sightings[-1]
    return last.position < position and overlap(last.bounds, bounds) > 0.6 and same_pixels(last.patch, patch)


def _assign(tracks: list[Track], sighting: Sighting) -> None:
    for track in reversed(tracks):
        last = track.sightings[-1]
        if last.position >= sighting.position or sighting.position - last.position > 3:
            continue
        if same_text(last, sighting):
            track.sightings.append(sighting)
            return
    tracks.append(Track([sighting]))


def _document(tracks: list[Track], evidence: Evidence) -> TextMeasure:
    lines = [Line(track.text, track.best.bounds, track.start_s, track.end_s) for track in tracks]
    blocks = blocks_of(lines)
    captions = captions_among(blocks)
    described = [_describe(block, tracks, evidence) for block in blocks]
    overlays = tuple(item for index, item in enumerate(described) if index not in captions)
    caption_lines = tuple(described[index] for index in sorted(captions))
    return TextMeasure(overlays=overlays, captions=caption_look(caption_lines), caption_lines=caption_lines)


def caption_look(lines: Sequence[TextOverlay]) -> CaptionLook:
    """The usual place, colour and size of captions."""
    if not lines:
        return CaptionLook(present=False)
    positions, colors = [line.position for line in lines], [line.color for line in lines]
    return CaptionLook(
        present=True,
        position=max(sorted(set(positions)), key=positions.count),
        color=_middle_color(colors),
        size_px=round(median(line.size_px for line in lines), 1),
    )


def _middle_color(colors: Sequence[str]) -> str:
    values = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in colors])
    nearest = np.abs(values[:, None] - values[None]).sum(axis=(1, 2)).argmin()
    return colors[int(nearest)]


def _describe(block: Block, tracks: list[Track], evidence: Evidence) -> TextOverlay:
    """The look of a block is that of its tallest line."""
    tallest = max(block.members, key=lambda index: _height(tracks[index]))
    best = tracks[tallest].clearest
    still = evidence.stills.rgb(best.position)
    bounds, text = best.line
    film_scale = evidence.media.video.height / still.shape[0]
    glyphs = take_apart(still, _pixels(bounds, still.shape), film_scale)
    size_px = type_size_px(glyphs, text) * film_scale
    return TextOverlay(
        content=block.text,
        font=family(glyphs, text),
        size_px=round(size_px, 1),
        color=glyphs.color,
        position=position_of(block.bounds),
        start_s=round(block.start_s, 3),
        end_s=round(block.end_s, 3),
        confidence=round(min(tracks[index].best.reading.score for index in block.members), 3),
        left=round(min(1.0, max(0.0, block.bounds[0])), 4),
        right=round(min(1.0, max(0.0, block.bounds[2])), 4),
    )


def _height(track: Track) -> float:
    bounds = track.best.bounds
    return bounds[3] - bounds[1]


def _pixels(bounds: Bounds, shape: Sequence[int]) -> tuple[float, float, float, float]:
    height, width = shape[:2]
    return bounds[0] * width, bounds[1] * height, bounds[2] * width, bounds[3] * height
