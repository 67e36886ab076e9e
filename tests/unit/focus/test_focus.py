"""Where to look: faces lead, the lively face among equals, then motion, then what stands out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from reelprint.adapters.models import faces as faces_module
from reelprint.adapters.models.faces import CenterFace
from reelprint.analyze.evidence import U8, Known
from reelprint.analyze.face_tracks import FaceBox, join_tracks
from reelprint.analyze.focus import FocusAnalyzer
from reelprint.core.analysis import ActivePicture
from reelprint.core.errors import ModelMissing
from reelprint.core.motion import FocusTrack
from tests.evidence import memory_evidence
from tests.unit.motion.test_motion import film, shot_list


class Seen:
    """A FaceFinder that always answers the same and counts its calls."""

    def __init__(self, *boxes: FaceBox) -> None:
        self.boxes = list(boxes)
        self.calls = 0

    def find(self, rgb: U8) -> list[FaceBox]:
        self.calls += 1
        return self.boxes


def look(frames: U8, finder: Seen, picture: ActivePicture | None = None) -> FocusTrack:
    known = Known(picture=picture, shots=shot_list([], len(frames), 30))
    return FocusAnalyzer(finder).measure(memory_evidence(frames, 30), known, lambda share: None)


def test_faces_lead_and_still_pictures_are_looked_at_every_second_time() -> None:
    finder = Seen((0.2, 0.3, 0.1, 0.2, 0.9))
    track = look(film(seconds=4), finder)
    assert {point.source for point in track.points} == {"face"}
    assert all(point.x == pytest.approx(0.25, abs=0.01) for point in track.points)
    assert len(track.points) == 16
    assert finder.calls <= 9


def test_of_two_equal_faces_the_one_that_moves_leads() -> None:
    frames = film(seconds=6).copy()
    rng = np.random.default_rng(0)
    for index, frame in enumerate(frames):
        left = 60 if index < 90 else 220
        frame[70:110, left : left + 40] = rng.integers(0, 255, (40, 40, 3))
    track = look(frames, Seen((0.15, 0.35, 0.2, 0.3, 0.9), (0.65, 0.35, 0.2, 0.3, 0.9)))
    leads = [(point.time_s, point.x) for point in track.points if point.weight == 1]
    assert all(x < 0.5 for time_s, x in leads if time_s < 2)
    assert all(x > 0.5 for time_s, x in leads if time_s > 4)
    times = [point.time_s for point in track.points]
    assert times == sorted(times)


def test_without_faces_what_moves_on_its_own_is_the_focus_even_under_a_pan() -> None:
    for way in (0.0, 0.3):
        frames = film(seconds=2, x=way).copy()
        for index, frame in enumerate(frames):
            cv2.circle(frame, (60 + 2 * index, 60), 16, (255, 255, 255), -1)
        points = [point for point in look(frames, Seen()).points[1:-1] if point.source == "motion"]
        assert len(points) >= 5
        for point in points:
            assert point.x * 320 == pytest.approx(60 + 60 * point.time_s, abs=45)
            assert point.y * 180 == pytest.approx(60, abs=30)


def test_what_stands_out_then_the_centre_of_the_active_picture() -> None:
    quiet = np.full((30, 180, 320, 3), 90, np.uint8)
    bars = ActivePicture(x=0.2, y=0.0, width=0.6, height=1.0, aspect=1.07)
    assert {(point.source, point.x) for point in look(quiet, Seen(), bars).points} == {("centre", 0.5)}
    quiet[:, 110:130, 240:262] = 230
    for point in look(quiet, Seen()).points:
        assert point.source == "saliency"
        assert point.x == pytest.approx(251 / 320, abs=0.06)
        assert point.y == pytest.approx(120 / 180, abs=0.09)


def test_a_face_seen_once_with_doubt_is_dropped_and_gaps_are_filled() -> None:
    steady: FaceBox = (0.4, 0.4, 0.1, 0.2, 0.8)
    tracks = join_tracks([[steady], [], [steady, (0.8, 0.1, 0.1, 0.2, 0.55)], [steady]])
    assert len(tracks) == 1
    assert sorted(tracks[0].boxes) == [0, 1, 2, 3]


def test_the_carried_model_finds_nobody_in_noise_and_refuses_altered_data(monkeypatch: pytest.MonkeyPatch) -> None:
    assert CenterFace().find(film(seconds=0.1)[0]) == []
    monkeypatch.setattr(faces_module, "MODEL_SHA256", "0" * 64)
    with pytest.raises(ModelMissing, match="damaged"):
        CenterFace().find(film(seconds=0.1)[0])
