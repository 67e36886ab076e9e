"""Who has the word: lips against the rest of the face, turns that pass in pauses; and what is no scene."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from reelprint.analyze.evidence import F64, U8, Known
from reelprint.analyze.face_tracks import FaceTrack
from reelprint.analyze.focus import FocusAnalyzer
from reelprint.analyze.screens import is_screen
from reelprint.analyze.speaker_lips import lip_activity
from reelprint.analyze.speaker_turns import STEP_S, find_turns, voice_level
from reelprint.core.shots import Shot
from tests.evidence import memory_evidence
from tests.unit.focus.test_focus import Seen
from tests.unit.motion.test_motion import shot_list

FPS = 25
LEFT, RIGHT = (0.1, 0.2, 0.25, 0.6, 0.9), (0.6, 0.2, 0.25, 0.6, 0.9)


def portrait(seed: int) -> U8:
    """A face-like patch: smooth, with eyes, (108, 80) grey."""
    rng = np.random.default_rng(seed)
    patch = cv2.GaussianBlur(rng.uniform(60, 200, (108, 80)).astype(np.float32), (0, 0), 5)
    patch = 130 + 3 * (patch - patch.mean())
    for x in (24, 56):
        cv2.circle(patch, (x, 36), 7, 30.0, -1)
    return np.clip(patch, 0, 255).astype(np.uint8)


def two_people(seconds: float, talks: list[tuple[float, float, int]], nods: int | None = None) -> U8:
    """(n, 180, 320, 3): two faces; whoever talks opens and shuts the mouth, ``nods`` moves the whole head."""
    frames = np.full((round(seconds * FPS), 180, 320, 3), 110, np.uint8)
    for number, frame in enumerate(frames):
        at_s = number / FPS
        for side, x in enumerate((32, 192)):
            face = portrait(side)
            mouth = 4
            if any(begin <= at_s < end and who == side for begin, end, who in talks):
                mouth = round(4 + 6 * abs(np.sin(2 * np.pi * 2.3 * at_s)))
            cv2.ellipse(face, (40, 80), (16, mouth), 0, 0, 360, 20.0, -1)
            down = round(5 * np.sin(2 * np.pi * 1.5 * at_s)) if nods == side else 0
            frame[36 + down : 144 + down, x : x + 80] = face[..., None]
    return frames


def spoken(seconds: float, talks: list[tuple[float, float, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Noise while anybody talks, a hush in between; 48 kHz and 16 kHz."""
    sounds = []
    for rate in (48_000, 16_000):
        at_s = np.arange(round(seconds * rate)) / rate
        heard = np.any([(begin <= at_s) & (at_s < end) for begin, end, _ in talks], axis=0)
        noise = np.random.default_rng(0).normal(0, 1, len(at_s))
        sounds.append((noise * np.where(heard, 0.1, 0.001)).astype(np.float32)[:, None])
    return sounds[0], sounds[1]


def test_lips_of_who_talks_move_and_a_nodding_head_is_no_talk() -> None:
    frames = two_people(3, [(0, 3, 0)], nods=1)
    shot = Shot(start_s=0, end_s=3, start_frame=0, end_frame=75)
    tracks = [FaceTrack(dict.fromkeys(range(12), box)) for box in (LEFT, RIGHT)]
    moved = lip_activity(memory_evidence(frames, FPS), shot, tracks, np.arange(12) / 4)
    assert moved.shape == (2, 75)
    assert np.isnan(moved[:, 0]).all()
    talks, nods = np.nanmean(moved, axis=1)
    assert talks > 0.5
    assert nods < 0.3 * talks


def test_the_word_passes_in_the_pause_before_the_next_voice() -> None:
    talks = [(0.2, 2.4, 0), (3.0, 5.6, 1), (6.2, 8.0, 0)]
    evidence = memory_evidence(two_people(8, talks), FPS, sound=spoken(8, talks))
    known = Known(shots=shot_list([], 200, FPS))

    class Both(Seen):
        def find(self, rgb: U8) -> list[tuple[float, float, float, float, float]]:
            del rgb
            return [LEFT, RIGHT]

    track = FocusAnalyzer(Both()).measure(evidence, known, lambda _share: None)
    assert [turn.face for turn in track.turns] == [0, 1, 0]
    assert track.turns[0].start_s == 0
    assert track.turns[-1].end_s == pytest.approx(8)
    for turn, (pause_s, voice_s) in zip(track.turns[1:], [(2.4, 3.0), (5.6, 6.2)], strict=True):
        assert pause_s <= turn.start_s <= voice_s
    assert all(turn.clarity > 0.4 for turn in track.turns)
    leads = {point.time_s: point.face for point in track.points if point.weight == 1}
    assert (leads[1.0], leads[4.0], leads[7.0]) == (0, 1, 0)


def _moving(*stretches: tuple[float, float], seconds: float = 6.0) -> F64:
    at_s = np.arange(round(seconds * FPS)) / FPS
    return np.any([(begin <= at_s) & (at_s < end) for begin, end in stretches], axis=0) * 1.0


def test_a_face_that_is_not_there_never_has_the_word_and_the_larger_one_does_when_nobody_talks() -> None:
    times_s = np.arange(150) / FPS
    late = _moving((0, 6))
    late[:75] = np.nan
    voice = np.ones(round(6 / STEP_S))
    turns = find_turns(np.stack([_moving((9, 9)), late]), times_s, voice, np.array([0.2, 0.2]), 0.0, 6.0)
    assert [turn.face for turn in turns] == [0, 1]
    assert turns[1].start_s == pytest.approx(3.0, abs=0.7)
    quiet = np.zeros((2, 150))
    (turn,) = find_turns(quiet, times_s, voice, np.array([0.2, 0.3]), 0.0, 6.0)
    assert (turn.face, turn.clarity) == (1, 0.0)
    assert find_turns(np.full((1, 150), np.nan), times_s, voice, np.array([0.2]), 0.0, 6.0) == []


def test_voice_is_measured_against_the_sound_around_and_a_silent_film_counts_evenly() -> None:
    level = np.where(np.arange(2000) % 400 < 200, -20.0, -55.0)
    voice = voice_level(level, 0.01, 4.0, 8.0)
    assert len(voice) == round(4 / STEP_S)
    assert voice[:30].min() == 1.0
    assert voice[45:75].max() == 0.0
    assert (voice_level(None, 0.01, 0.0, 2.0) == 1.0).all()
    assert (voice_level(np.full(900, -30.0), 0.01, 0.0, 2.0) == 1.0).all()


def slide(text: str = "Quarterly results") -> U8:
    picture = np.full((180, 320, 3), 248, np.uint8)
    for row in range(5):
        cv2.putText(picture, text, (20, 30 + 32 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (30, 30, 60), 1)
    return picture


def test_slides_are_screens_and_scenes_are_not() -> None:
    still = [slide()] * 8
    assert is_screen(range(8), lambda look: still[look], None)
    rng = np.random.default_rng(1)
    noisy = [np.clip(slide().astype(int) + rng.normal(0, 6, (180, 320, 3)), 0, 255).astype(np.uint8) for _ in range(8)]
    assert not is_screen(range(8), lambda look: noisy[look], None)
    empty = np.full((180, 320, 3), 20, np.uint8)
    assert not is_screen(range(8), lambda _look: empty, None)
    moving = [np.roll(slide(), 15 * look, axis=1) for look in range(8)]
    assert not is_screen(range(8), lambda look: moving[look], None)


def test_a_slide_with_a_large_face_on_it_is_a_scene() -> None:
    frames = np.stack([slide()] * 60)
    shots = shot_list([], 60, 30)
    found = [
        FocusAnalyzer(Seen(*boxes)).measure(memory_evidence(frames, 30), Known(shots=shots), lambda _share: None)
        for boxes in ((), ((0.8, 0.7, 0.1, 0.18, 0.9),), ((0.3, 0.2, 0.3, 0.6, 0.9),))
    ]
    assert [len(track.screens) for track in found] == [1, 1, 0]
    assert (found[0].screens[0].start_s, found[0].screens[0].end_s) == (0.0, 2.0)


@pytest.mark.parametrize("seconds", [0.1, 0.4, 0.96, 1.2, 1.24, 1.28])
def test_a_short_shot_of_two_people_has_turns_that_tile_it(seconds: float) -> None:
    steps, frames = max(1, round(seconds / STEP_S)), max(2, round(seconds * FPS))
    activity = np.random.default_rng(1).uniform(0, 1, (2, frames))
    turns = find_turns(activity, np.arange(frames) / FPS, np.ones(steps), np.array([0.5, 0.5]), 0.0, seconds)
    assert turns[0].start_s == 0.0 and turns[-1].end_s == pytest.approx(seconds)
