"""Onset strength with planted and found beats: a typical success above, the worst failure below."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.signal import resample_poly
from sound_pieces import Piece

from reelprint.analyze.beats.onsets import FRAMES_PER_S, OnsetDetector
from reelprint.core.sound import MusicMeasure

WIDTH, HEIGHT, LEFT, LANE = 1100, 290, 90, 62
FROM_S, UNTIL_S = 6.0, 16.0
LANES = (("treble", "#b8860b"), ("mid", "#2e7d32"), ("bass", "#1f5fa8"))


def draw_beats(rows: list[tuple[str, Piece, MusicMeasure]], target: Path) -> None:
    """One strip of ten seconds for each (label, piece, what was found)."""
    sheet = Image.new("RGB", (WIDTH, HEIGHT * len(rows)), "#ffffff")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(16)
    for number, (label, piece, music) in enumerate(rows):
        top = number * HEIGHT
        tempo = "no tempo" if music.tempo_bpm is None else f"{music.tempo_bpm:.1f} BPM"
        said = f"{label}: {piece.group}, {piece.name}; planted {piece.tempo_bpm:.1f} BPM, heard {tempo}"
        pen.text((8, top + 6), said, font=font, fill="#111111")
        pen.text((8, top + 34), "planted", font=font, fill="#111111")
        pen.text((8, top + HEIGHT - 42), "found", font=font, fill="#c62828")
        assert piece.beats_s is not None
        _ticks(pen, piece.beats_s, (top + 32, top + 56), "#111111")
        _ticks(pen, np.array([beat.time_s for beat in music.beats]), (top + HEIGHT - 44, top + HEIGHT - 20), "#c62828")
        _lanes(pen, piece, top + 60, font)
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet.quantize(64).save(target, optimize=True)


def _x(seconds: float) -> float:
    return LEFT + (seconds - FROM_S) / (UNTIL_S - FROM_S) * (WIDTH - LEFT - 10)


def _ticks(pen: ImageDraw.ImageDraw, times_s: np.ndarray, rows: tuple[int, int], colour: str) -> None:
    for time in times_s[(times_s >= FROM_S) & (times_s <= UNTIL_S)]:
        pen.line([(_x(time), rows[0]), (_x(time), rows[1])], fill=colour, width=3)


def _lanes(pen: ImageDraw.ImageDraw, piece: Piece, top: int, font: ImageFont.FreeTypeFont) -> None:
    """Onset strength in three bands; 8 spreads fill a lane."""
    detector = OnsetDetector()
    samples = resample_poly(piece.samples, 1, 3)
    detector.feed((samples * (0.12 / np.sqrt(np.mean(samples**2)))).astype(np.float32))
    bands = detector.finish().bands
    frames = np.arange(int(FROM_S * FRAMES_PER_S), min(int(UNTIL_S * FRAMES_PER_S), bands.shape[1]))
    for lane, (name, colour) in enumerate(LANES):
        floor = top + (lane + 1) * LANE - 6
        pen.text((8, floor - LANE // 2), name, font=font, fill=colour)
        line = np.minimum(bands[2 - lane, frames], 8.0) / 8.0 * (LANE - 10)
        points = [(_x(frame / FRAMES_PER_S), floor - value) for frame, value in zip(frames, line, strict=True)]
        pen.line(points, fill=colour, width=2)
