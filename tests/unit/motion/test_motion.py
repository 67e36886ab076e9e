"""Camera moves planted on a made-up scene must be found, and nothing else."""

from __future__ import annotations

import math
from itertools import pairwise

import cv2
import numpy as np
import pytest

from reelprint.analyze.evidence import U8, Known
from reelprint.analyze.motion import MotionAnalyzer
from reelprint.analyze.motion.punch import find_punch
from reelprint.analyze.motion.similarity import fit_similarity
from reelprint.core.motion import MotionMeasure
from reelprint.core.shots import Shot, ShotList, Transition
from tests.evidence import memory_evidence


def scene(seed: int = 1, size: tuple[int, int] = (800, 450)) -> U8:
    """A textured picture: noise of several scales and some shapes."""
    rng = np.random.default_rng(seed)
    width, height = size
    picture = np.full((height, width, 3), 110.0, np.float32)
    for cells in (6, 14, 40):
        noise = rng.normal(0, 22, (cells * height // width + 1, cells, 3)).astype(np.float32)
        picture += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(60):
        place = tuple(int(v) for v in rng.integers(0, (width, height)))
        colour = [float(v) for v in rng.integers(30, 220, 3)]
        cv2.circle(picture, place, int(rng.integers(4, 26)), colour, -1, cv2.LINE_AA)
    return np.clip(picture, 0, 255).astype(np.uint8)


def film(
    seconds: float = 2.0, fps: float = 30, zoom: float = 1.0, x: float = 0.0, y: float = 0.0, roll: float = 0.0,
    size: tuple[int, int] = (320, 180), picture: U8 | None = None,
) -> U8:  # fmt: skip
    """A window over the scene: scale to ``zoom``, centre by shares of the window, roll in degrees."""
    source = scene() if picture is None else picture
    height, width = source.shape[:2]
    count = round(seconds * fps)
    frames = []
    for index in range(count):
        u = index / (count - 1)
        scale = size[0] / (0.55 * width) * (zoom**u if zoom >= 1 else zoom ** (u - 1))
        at_x = width / 2 + x * (u - 0.5) * 0.55 * width
        at_y = height / 2 + y * (u - 0.5) * 0.55 * height
        angle = math.radians(roll * (u - 0.5))
        cos, sin = scale * math.cos(angle), scale * math.sin(angle)
        matrix = np.array(
            [[cos, sin, size[0] / 2 - cos * at_x - sin * at_y], [-sin, cos, size[1] / 2 + sin * at_x - cos * at_y]]
        )
        frames.append(cv2.warpAffine(source, matrix, size, flags=cv2.INTER_LINEAR))
    return np.stack(frames)


def shot_list(cuts: list[int], count: int, fps: float, *gradual: Transition) -> ShotList:
    edges = [0, *cuts, count]
    shots = tuple(Shot(start_s=a / fps, end_s=b / fps, start_frame=a, end_frame=b) for a, b in pairwise(edges))
    hard = tuple(
        Transition(type="cut", start_s=cut / fps, end_s=cut / fps, duration_ms=0, confidence=1) for cut in cuts
    )
    return ShotList(shots=shots, transitions=gradual or hard)


def measure(frames: U8, fps: float = 30, cuts: list[int] | None = None, *gradual: Transition) -> MotionMeasure:
    evidence = memory_evidence(frames, fps)
    known = Known(shots=shot_list(cuts or [], len(frames), fps, *gradual))
    return MotionAnalyzer().measure(evidence, known, lambda share: None)


@pytest.mark.parametrize("zoom", [1.06, 1.15, 1.4, 0.93, 0.8])
def test_a_planted_zoom_is_found_with_its_ratio(zoom: float) -> None:
    result = measure(film(zoom=zoom))
    assert [move.kind for move in result.zooms] == ["zoom-in" if zoom > 1 else "zoom-out"]
    assert result.zooms[0].amount == pytest.approx(zoom, rel=0.015)
    assert result.shots[0].zoom_ratio == pytest.approx(zoom, rel=0.015)
    assert result.zoom_usage == 100
    assert result.camera_moves == ()


@pytest.mark.parametrize("move", [{"x": 0.4}, {"x": -0.7}, {"y": 0.5}, {"x": 0.3, "y": -0.3}, {"roll": 12.0}, {}])
def test_pans_tilts_rolls_and_still_pictures_are_no_zooms(move: dict[str, float]) -> None:
    result = measure(film(**move))
    assert result.zooms == ()
    assert result.zoom_usage == 0
    found = {item.kind: item.amount for item in result.camera_moves}
    wanted = {{"x": "pan", "y": "tilt", "roll": "roll"}[key]: value for key, value in move.items()}
    assert found == pytest.approx(wanted, rel=0.06)


def test_a_zoom_is_timed_and_a_rest_is_not_part_of_it() -> None:
    moving = film(seconds=1.5, zoom=1.25)
    frames = np.concatenate([np.repeat(moving[:1], 30, axis=0), moving, np.repeat(moving[-1:], 30, axis=0)])
    (zoom,) = measure(frames).zooms
    assert zoom.start_s == pytest.approx(1.0, abs=0.15)
    assert zoom.end_s == pytest.approx(2.5, abs=0.15)


def test_a_subject_that_crosses_or_grows_before_a_still_ground_is_no_zoom() -> None:
    frames = film()
    subject = scene(5, (90, 130))
    crossing, growing = frames.copy(), frames.copy()
    for index in range(len(frames)):
        left = 10 + 3 * index
        crossing[index, 40:170, left : left + 90] = subject
        side = 60 + index
        growing[index, 20 : 20 + side, 100 : 100 + side] = cv2.resize(subject, (side, side))
    for clip in (crossing, growing):
        result = measure(clip)
        assert result.zooms == ()
        assert result.shots[0].subject > result.shots[0].camera


def test_a_large_subject_that_leans_slowly_forward_before_a_still_ground_is_no_zoom() -> None:
    frames = film(seconds=3.0)
    subject = scene(5, (160, 160))
    for index in range(len(frames)):
        # 10 % in 3 s: less than half a proxy pixel from one compared frame to the next.
        side = round(160 * 1.1 ** (index / 90))
        left, top = 165 - side // 2, 180 - side
        frames[index, max(0, top) :, left : left + side] = cv2.resize(subject, (side, side))[max(0, -top) :]
    result = measure(frames)
    assert result.zooms == ()
    assert result.zoom_usage == 0


def test_a_faint_zoom_counts_in_part() -> None:
    usages = [measure(film(zoom=ratio)).zoom_usage for ratio in (1.015, 1.033, 1.038, 1.06)]
    assert usages[0] == 0
    assert 0 < usages[1] < usages[2] < 100
    assert usages[3] == 100


def test_least_squares_of_two_motions_within_tolerance_takes_the_larger() -> None:
    rng = np.random.default_rng(3)
    start = rng.uniform((0, 0), (160, 90), (120, 2)).astype(np.float32)
    end = start + rng.normal(0, 0.03, start.shape).astype(np.float32)
    end[np.argsort(-start[:, 1])[:40], 1] += np.float32(0.7)
    fitted = fit_similarity(start, end, (160, 90))
    assert fitted is not None
    assert fitted[0].scale == pytest.approx(1.0, abs=0.0005)


def test_a_still_caption_does_not_hide_a_zoom() -> None:
    frames = film(zoom=1.2)
    for frame in frames:
        cv2.putText(frame, "WATCH THE DROP", (40, 150), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (255, 255, 0), 2, cv2.LINE_AA)
    (zoom,) = measure(frames).zooms
    assert zoom.amount == pytest.approx(1.2, rel=0.03)


def test_intensity_depends_on_neither_size_nor_frame_rate_nor_doubled_frames() -> None:
    values = [measure(film(x=0.5, size=(426, 240))).intensity, measure(film(x=0.5, size=(960, 540))).intensity]
    values += [measure(film(x=0.5, fps=fps), fps).intensity for fps in (12, 24, 25, 60)]
    values.append(measure(np.repeat(film(x=0.5, fps=10), 3, axis=0), 30).intensity)
    assert max(values) - min(values) < 3
    assert min(values) > 30


def test_intensity_grows_with_speed_from_nothing_towards_100() -> None:
    values = [measure(film(x=way)).intensity for way in (0.0, 0.05, 0.2, 0.7)]
    values.append(measure(film(x=0.7, seconds=0.4)).intensity)
    assert values == sorted(values)
    assert values[0] < 0.5
    assert values[-1] > 85
    noisy = np.repeat(scene(2, (320, 180))[None], 45, axis=0).astype(np.float32)
    noisy += np.random.default_rng(0).normal(0, 4, noisy.shape)
    assert measure(np.clip(noisy, 0, 255).astype(np.uint8)).intensity < 3


def test_transition_frames_are_left_out() -> None:
    first, second = film(), film(picture=scene(9))
    count = 10
    weights = np.linspace(0, 1, count)[:, None, None, None]
    mix = (first[-count:] * (1 - weights) + second[:count] * weights).astype(np.uint8)
    frames = np.concatenate([first[:-count], mix, second[count:]])
    start = len(first) - count
    dissolve = Transition(
        type="dissolve", start_s=start / 30, end_s=(start + count) / 30, duration_ms=333, confidence=1
    )
    result = measure(frames, 30, [start + count // 2], dissolve)
    assert result.intensity < 0.5


@pytest.mark.parametrize("ratio", [1.1, 1.3, 1.7])
def test_a_punch_is_a_scale_jump_within_one_scene(ratio: float) -> None:
    wide = film(seconds=1)
    height, width = wide.shape[1:3]
    inner = (round(width / ratio), round(height / ratio))
    left, top = (width - inner[0]) // 3, (height - inner[1]) // 2
    close = np.stack([cv2.resize(f[top : top + inner[1], left : left + inner[0]], (width, height)) for f in wide])
    close = np.clip(close * 0.9 + 12, 0, 255).astype(np.uint8)
    result = measure(np.concatenate([wide, close, wide]), 30, [30, 60])
    assert [move.kind for move in result.zooms] == ["punch-in", "punch-out"]
    assert result.zooms[0].amount == pytest.approx(ratio, rel=0.03)
    assert result.zooms[1].amount == pytest.approx(1 / ratio, rel=0.03)
    assert result.zoom_usage == pytest.approx(100 / 3, abs=0.01)


def test_cuts_between_scenes_and_plain_jump_cuts_are_no_punches() -> None:
    pictures = [memory_evidence(film(seconds=0.1, picture=scene(seed)), 30).proxies.luma(0, 1)[0] for seed in range(6)]
    assert not any(find_punch(a, b) for a in pictures for b in pictures)


def test_flat_short_and_missing_input() -> None:
    flat = np.full((40, 180, 320, 3), 16, np.uint8)
    assert measure(flat).intensity == 0
    single = measure(flat[:1])
    assert single.shots[0].intensity == 0
    assert single.shots[0].zoom_ratio == 1
    with pytest.raises(ValueError, match="shot analyzer"):
        MotionAnalyzer().measure(memory_evidence(flat, 30), Known(), lambda share: None)
