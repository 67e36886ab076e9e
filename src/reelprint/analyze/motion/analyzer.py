"""The motion analyzer: one path per shot, put together to the film's figures."""

from __future__ import annotations

from itertools import chain

import numpy as np

from reelprint.analyze.evidence import Evidence, Known, Tick
from reelprint.analyze.motion.intensity import path_intensity
from reelprint.analyze.motion.moves import find_camera_moves, find_zooms, zoom_ratio, zoom_weight
from reelprint.analyze.motion.path import ActiveLuma, clear_frames, motion_path
from reelprint.analyze.motion.punch import find_punch
from reelprint.analyze.motion.second_look import SecondLook
from reelprint.core.motion import CameraMove, MotionMeasure, ShotMotion
from reelprint.core.shots import ShotList


class MotionAnalyzer:
    """Measures motion on the luma proxies, inside the shots and outside their transitions.

    ``intensity`` is the mean of the shots' intensities weighted by their length. ``zoom_usage`` is 100 times the share
    of shots that hold a sustained zoom or begin with a punch-in; the faintest zooms count in part.
    """

    name = "motion"
    version = 2

    def measure(self, evidence: Evidence, known: Known, tick: Tick) -> MotionMeasure:
        """Measure; needs ``known.shots`` (else ValueError), uses ``known.picture`` to leave letterbox bars out."""
        if known.shots is None:
            raise ValueError("motion is measured inside shots: run the shot analyzer first")
        shots = known.shots
        luma = ActiveLuma(evidence, known.picture)
        measured: list[ShotMotion] = []
        moves: list[CameraMove] = []
        zooms_of: list[list[CameraMove]] = [[] for _ in shots.shots]
        for number, shot in enumerate(shots.shots):
            first, stop = clear_frames(shot, shots, evidence.times_s)
            path = motion_path(luma, evidence.times_s, first, stop)
            measured.append(
                ShotMotion(
                    intensity=round(path_intensity(path, path.travel), 3),
                    camera=round(path_intensity(path, path.camera), 3),
                    subject=round(path_intensity(path, path.subject), 3),
                    zoom_ratio=round(zoom_ratio(path), 4),
                )
            )
            found = find_zooms(path, SecondLook(luma, path))
            zooms_of[number].extend(found)
            moves.extend(find_camera_moves(path))
            tick(0.95 * shot.end_s / evidence.duration_s)
        for number, punch in _punches(luma, shots, len(evidence.times_s)):
            zooms_of[number].append(punch)
        tick(1.0)
        seconds = [shot.duration_s for shot in shots.shots]
        return MotionMeasure(
            intensity=round(float(np.average([item.intensity for item in measured], weights=seconds)), 3),
            zoom_usage=round(100.0 * sum(map(zoom_weight, zooms_of)) / len(zooms_of), 3),
            shots=tuple(measured),
            zooms=tuple(sorted(chain.from_iterable(zooms_of), key=lambda item: (item.start_s, item.end_s))),
            camera_moves=tuple(moves),
        )


def _punches(luma: ActiveLuma, shots: ShotList, frame_count: int) -> list[tuple[int, CameraMove]]:
    """Scale jumps over the hard cuts, each with the number of the shot it begins."""
    found = []
    for number, boundary in enumerate(shots.boundaries, start=1):
        frame = shots.shots[number].start_frame
        if boundary.type != "cut" or not 0 < frame < frame_count:
            continue
        punch = find_punch(luma.frame(frame - 1), luma.frame(frame))
        if punch is not None:
            at = shots.shots[number].start_s
            kind = "punch-in" if punch.ratio > 1 else "punch-out"
            found.append((number, CameraMove(kind=kind, start_s=at, end_s=at, amount=round(punch.ratio, 4))))
    return found
