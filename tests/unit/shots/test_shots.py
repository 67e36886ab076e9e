"""Shot analysis against transitions planted between synthetic takes: the truth is known to the frame."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from reelprint.analyze.evidence import Known
from reelprint.analyze.shots import ShotAnalyzer
from reelprint.core.analysis import ActivePicture
from reelprint.core.shots import ShotList, Transition
from tests.evidence import memory_evidence

FPS = 25.0
Film = NDArray[np.uint8]


def take(seed: int, count: int, speed: float = 0.6) -> NDArray[np.float32]:
    """(n, 90, 160, 3): a textured scene under a slowly moving camera, with grain."""
    rng = np.random.default_rng(seed)
    wide = np.zeros((140, 260, 3), np.float32)
    for sigma, amount in ((2, 900), (6, 1800), (20, 4500)):
        wide += amount / sigma * cv2.GaussianBlur(rng.normal(0, 1, wide.shape).astype(np.float32), (0, 0), sigma) / 18
    wide += rng.uniform(70, 180, 3).astype(np.float32)
    for _ in range(9):
        corner = rng.integers(0, (200, 100), 2)
        size = rng.integers(15, 60, 2)
        cv2.rectangle(
            wide, tuple(map(int, corner)), tuple(map(int, corner + size)), rng.uniform(10, 245, 3).tolist(), -1
        )
    out = np.empty((count, 90, 160, 3), np.float32)
    for i in range(count):
        matrix = np.array([[1, 0, -30 - speed * i * 0.3], [0, 1, -20 - speed * i * 0.1]], np.float32)
        out[i] = cv2.warpAffine(wide, matrix, (160, 90), borderMode=cv2.BORDER_REFLECT)
    return np.clip(out + rng.normal(0, 1.0, (count, 90, 160, 1)), 0, 255).astype(np.float32)


def measure(film: NDArray[np.float32], times_s: NDArray[np.float64] | None = None, **box: float) -> ShotList:
    evidence = memory_evidence(np.clip(film + 0.5, 0, 255).astype(np.uint8), FPS, times_s=times_s)
    picture = ActivePicture(**{"x": 0, "y": 0, "width": 1, "height": 1, "aspect": 16 / 9} | box)
    return ShotAnalyzer().measure(evidence, Known(picture=picture), lambda _: None)


def only(shots: ShotList) -> Transition:
    assert len(shots.boundaries) == 1, shots.boundaries
    return shots.boundaries[0]


def progress(n: int, easing: str = "linear") -> NDArray[np.float64]:
    u = (np.arange(n) + 0.5) / n
    return {"linear": u, "ease-in": u**2, "ease-out": 1 - (1 - u) ** 2, "ease-in-out": u * u * (3 - 2 * u)}[easing]


def joined(a: NDArray[np.float32], b: NDArray[np.float32], mixed: NDArray[np.float32]) -> NDArray[np.float32]:
    n = len(mixed)
    return np.concatenate([a[:-n], mixed, b[n:]])


def test_hard_cut_is_exact() -> None:
    found = measure(np.concatenate([take(1, 40), take(2, 45)]))
    cut = only(found)
    assert cut.type == "cut" and cut.start_s == cut.end_s == pytest.approx(40 / FPS) and cut.duration_ms == 0
    assert [(shot.start_frame, shot.end_frame) for shot in found.shots] == [(0, 40), (40, 85)]
    assert cut.confidence > 0.8


def test_punch_in_is_a_cut() -> None:
    film = take(3, 80)
    matrix = np.array([[1.2, 0, -16], [0, 1.2, -9]], np.float32)
    for i in range(40, 80):
        film[i] = cv2.warpAffine(film[i], matrix, (160, 90), flags=cv2.INTER_CUBIC)
    assert only(measure(film)).start_s == pytest.approx(40 / FPS)


@pytest.mark.parametrize("n", [6, 15, 30])
@pytest.mark.parametrize("easing", ["linear", "ease-in", "ease-in-out"])
def test_dissolve(n: int, easing: str) -> None:
    a, b = take(4, 70), take(5, 70)
    p = progress(n, easing)[:, None, None, None]
    found = only(measure(joined(a, b, ((1 - p) * a[-n:] + p * b[:n]).astype(np.float32))))
    assert found.type == "dissolve"
    # The first fifth of an ease-in changes the picture by less than 4 %.
    assert abs(found.start_s * FPS - (70 - n)) <= (max(2, n // 5) if easing == "ease-in" else 2)
    assert abs(found.end_s * FPS - 70) <= 2
    assert n < 15 or found.easing == easing


@pytest.mark.parametrize(("level", "colour", "n"), [(0, "black", 20), (255, "white", 20), (255, "white", 5)])
def test_fade_through_a_colour(level: float, colour: str, n: int) -> None:
    a, b = take(6, 60), take(7, 60)
    p = progress(n)[:, None, None, None]
    mixed = np.where(p < 0.5, a[-n:] + (level - a[-n:]) * 2 * p, level + (b[:n] - level) * (2 * p - 1))
    found = only(measure(joined(a, b, mixed.astype(np.float32))))
    assert (found.type, found.direction) == ("fade", colour)
    assert abs(found.duration_ms / 1000 * FPS - n) <= 2


@pytest.mark.parametrize(("direction", "dx", "dy"), [("left", -1, 0), ("right", 1, 0), ("up", 0, -1), ("down", 0, 1)])
@pytest.mark.parametrize("kind", ["wipe", "slide"])
def test_wipe_and_slide(kind: str, direction: str, dx: int, dy: int) -> None:
    n, size = 12, 160 if dx else 90
    a, b = take(8, 60), take(9, 60)
    frames = []
    for i, p in enumerate(progress(n)):
        old, new, step = a[60 - n + i], b[i], round(p * size)
        axis, toward = (1 if dx else 0), dx + dy
        if kind == "wipe":
            shown = np.arange(size) >= size - step if toward < 0 else np.arange(size) < step
            frames.append(np.where(shown[None, :, None] if dx else shown[:, None, None], new, old))
        else:
            pair = np.concatenate([old, new] if toward < 0 else [new, old], axis=axis)
            begin = step if toward < 0 else size - step
            frames.append(np.take(pair, range(begin, begin + size), axis=axis))
    found = only(measure(joined(a, b, np.stack(frames))))
    assert (found.type, found.direction) == (kind, direction)
    assert abs(found.start_s * FPS - 48) <= 3 and abs(found.end_s * FPS - 60) <= 2


def test_zoom_in_hides_the_join() -> None:
    n = 12
    a, b = take(10, 60, 0.2), take(11, 60, 0.2)
    frames = []
    for i, p in enumerate(progress(n, "ease-in-out")):
        scale = 2.2 ** (2 * p if p < 0.5 else 2 * p - 2)
        matrix = np.array([[scale, 0, (1 - scale) * 79.5], [0, scale, (1 - scale) * 44.5]], np.float32)
        frames.append(cv2.warpAffine(a[48 + i] if p < 0.5 else b[i], matrix, (160, 90), borderMode=cv2.BORDER_REFLECT))
    found = only(measure(joined(a, b, np.stack(frames))))
    assert (found.type, found.direction) == ("zoom", "in")
    assert abs(found.duration_ms / 1000 * FPS - n) <= 3


@pytest.mark.parametrize("mixes", ["one side", "both sides"])
def test_zoom_that_mixes_instead_of_cutting(mixes: str) -> None:
    n = 14
    a, b = take(10, 60, 0.2), take(11, 60, 0.2)
    frames = []
    for i, p in enumerate(progress(n, "ease-in-out")):

        def grown(picture: NDArray[np.float32], log: float) -> NDArray[np.float32]:
            scale = 2.4**log
            matrix = np.array([[scale, 0, (1 - scale) * 79.5], [0, scale, (1 - scale) * 44.5]], np.float32)
            return cv2.warpAffine(picture, matrix, (160, 90), borderMode=cv2.BORDER_REFLECT)

        share = float(np.clip((p - 0.35) / 0.4, 0, 1))
        new = b[i] if mixes == "one side" else grown(b[i], p - 1)
        frames.append((1 - share) * grown(a[46 + i], p) + share * new)
    found = only(measure(joined(a, b, np.stack(frames).astype(np.float32))))
    assert (found.type, found.direction) == ("zoom", "in")


@pytest.mark.parametrize("easing", ["ease-in", "ease-out", "ease-in-out"])
def test_a_fade_whose_halves_are_eased_by_themselves(easing: str) -> None:
    """As render.joins makes them: out to the colour with the easing, back from it with the easing."""
    half = 12
    a, b = take(6, 60), take(7, 60)
    level = progress(half, easing)[:, None, None, None]
    mixed = np.concatenate([a[-2 * half : -half] * (1 - level), b[half : 2 * half] * level])
    film = np.concatenate([a[: -2 * half], mixed, b[2 * half :]]).astype(np.float32)
    found = only(measure(film))
    assert (found.type, found.direction, found.easing) == ("fade", "black", easing)


def test_a_slow_dissolve_at_sixty_frames_a_second() -> None:
    """Windows depend on time: 2 s are 120 frames here."""
    n = 120
    a, b = take(4, 200, 0.1), take(5, 200, 0.1)
    p = progress(n)[:, None, None, None]
    film = joined(a, b, ((1 - p) * a[-n:] + p * b[:n]).astype(np.float32))
    evidence = memory_evidence(np.clip(film + 0.5, 0, 255).astype(np.uint8), 60.0)
    found = only(ShotAnalyzer().measure(evidence, Known(picture=None), lambda _: None))
    assert found.type == "dissolve"
    assert found.start_s == pytest.approx(80 / 60, abs=0.1) and found.end_s == pytest.approx(200 / 60, abs=0.1)


def test_opening_and_closing_fades_are_no_boundaries() -> None:
    film = take(12, 90)
    film[:5] = 0
    film[5:25] *= progress(20)[:, None, None, None]
    film[-20:] *= 1 - progress(20)[:, None, None, None]
    found = measure(film)
    assert not found.boundaries and len(found.shots) == 1
    edges = {item.edge: item for item in found.transitions}
    assert abs(edges["start"].start_s * FPS - 5) <= 2 and abs(edges["start"].end_s * FPS - 25) <= 2
    assert abs(edges["end"].start_s * FPS - 70) <= 2


@pytest.mark.parametrize("frames", [1, 3])
def test_flash_is_no_boundary(frames: int) -> None:
    film = take(13, 90)
    film[45 : 45 + frames] += (255 - film[45 : 45 + frames]) * 0.85
    assert not measure(film).boundaries


def test_strobe_shake_and_pan_are_no_boundaries() -> None:
    strobe, shake = take(14, 80), take(15, 80)
    strobe[30:50:2] *= 0.4
    for i, (dx, dy) in enumerate(np.random.default_rng(0).normal(0, 4, (12, 2))):
        shake[30 + i] = cv2.warpAffine(
            shake[30 + i], np.array([[1, 0, dx], [0, 1, dy]], np.float32), (160, 90), borderMode=cv2.BORDER_REFLECT
        )
    assert not measure(strobe).boundaries
    assert not measure(shake).boundaries
    assert not measure(take(16, 80, 9.0)).boundaries


def test_repeated_frames_do_not_matter() -> None:
    film = np.concatenate([take(17, 40, 4.0), take(18, 40, 4.0)])
    pulled = film[(np.arange(100) * 4) // 5]  # 24 to 30 frames a second
    assert only(measure(pulled)).start_s == pytest.approx(50 / FPS)
    slow = film[(np.arange(240)) // 3]  # 10 frames a second in a 30 fps file
    assert only(measure(slow)).start_s == pytest.approx(120 / FPS)


def test_bars_are_ignored_and_times_come_from_the_film() -> None:
    film = np.concatenate([take(19, 40), take(20, 40)])
    film[:, :12] = film[:, -12:] = 0
    times = np.cumsum(np.random.default_rng(1).uniform(0.02, 0.06, 80)) - 0.02
    times -= times[0]
    cut = only(measure(film, times, y=12 / 90, height=66 / 90))
    assert cut.start_s == pytest.approx(times[40])


@pytest.mark.parametrize("count", [1, 2, 5])
def test_tiny_films_are_one_shot(count: int) -> None:
    found = measure(take(21, count))
    assert len(found.shots) == 1 and found.shots[0].end_frame == count


def test_shots_tile_the_film_and_ticks_rise() -> None:
    film = np.concatenate([take(seed, 30) for seed in range(30, 36)])
    evidence = memory_evidence(film.astype(np.uint8), FPS)
    ticks: list[float] = []
    found = ShotAnalyzer().measure(evidence, Known(picture=None), ticks.append)
    assert [shot.start_frame for shot in found.shots] == [0, 30, 60, 90, 120, 150]
    assert all(a.end_frame == b.start_frame and a.end_s == b.start_s for a, b in pairwise(found.shots))
    assert found.shots[-1].end_s == pytest.approx(evidence.duration_s)
    assert ticks == sorted(ticks) and ticks[-1] == 1.0
