from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from reelprint.analyze.colour import ColourAnalyzer
from reelprint.analyze.evidence import Known
from reelprint.analyze.picture import PictureAnalyzer
from reelprint.core.analysis import ActivePicture
from reelprint.core.shots import Shot, ShotList
from tests.evidence import memory_evidence
from tests.unit.colour.pictures import scene

FULL = ActivePicture(x=0, y=0, width=1, height=1, aspect=16 / 9)


def moving(count: int, height: int = 180, width: int = 320) -> np.ndarray:
    base = np.repeat(np.repeat(scene(1)[0], 2, 0), 2, 1)[:height, :width]
    return np.stack([np.roll(base, 3 * n, 1) for n in range(count)])


def picture_of(frames: np.ndarray) -> ActivePicture:
    return PictureAnalyzer().measure(memory_evidence(frames, 8), Known(), lambda share: None)


def test_full_frames_have_no_bars() -> None:
    found = picture_of(moving(40))
    assert (found.x, found.y, found.width, found.height) == (0, 0, 1, 1)
    assert found.aspect == pytest.approx(16 / 9, abs=0.01)


def test_letterbox_and_pillarbox() -> None:
    wide = moving(40)
    wide[:, :23] = 2
    wide[:, -23:] = 2
    assert picture_of(wide).aspect == pytest.approx(320 / 134, rel=0.02)
    tall = moving(40)
    tall[:, :, :70] = 0
    tall[:, :, -70:] = 0
    assert picture_of(tall).aspect == pytest.approx(1.0, rel=0.02)


def test_dark_scenes_and_fades_are_no_bars() -> None:
    dark = moving(60)
    dark[:30, :50] = 3
    assert picture_of(dark).height == 1
    faded = (moving(40) * np.linspace(0, 1, 40)[:, None, None, None]).astype(np.uint8)
    faded[:, :20] = 0
    faded[:, -20:] = 0
    assert picture_of(faded).height == pytest.approx(140 / 180, abs=0.012)


def test_bars_for_a_part_of_the_time_do_not_count() -> None:
    part = moving(64)
    part[:24, :23] = 0
    part[:24, -23:] = 0
    assert picture_of(part).height == 1


def test_vignette_is_no_bar() -> None:
    ramp = np.clip(np.linspace(-1, 8, 180), 0, 1)[None, :, None, None]
    assert picture_of((moving(40) * ramp).astype(np.uint8)).height == 1


def test_black_film_counts_as_whole() -> None:
    assert picture_of(np.zeros((20, 90, 160, 3), np.uint8)).height == 1


def shots(*borders: int, fps: float = 8) -> ShotList:
    pairs = pairwise(borders)
    return ShotList(shots=tuple(Shot(start_s=a / fps, end_s=b / fps, start_frame=a, end_frame=b) for a, b in pairs))


def test_every_shot_gets_its_look_and_counts_by_its_length() -> None:
    film = np.zeros((40, 90, 160, 3), np.uint8)
    film[:30] = [200, 60, 50]
    film[30:31] = [30, 60, 220]
    film[31:] = [128, 128, 128]
    measure = ColourAnalyzer().measure(
        memory_evidence(film, 8), Known(picture=FULL, shots=shots(0, 30, 31, 40)), lambda share: None
    )
    assert len(measure.shot_looks) == 3
    red, blue, grey = (look.mean_ab for look in measure.shot_looks)
    assert red[0] > 0.1
    assert blue[1] < -0.1
    assert np.hypot(*grey) < 0.01
    assert measure.palette[0].share == pytest.approx(0.75, abs=0.03)
    assert measure.palette[0].color == "#c83c32"
    assert sum(swatch.share for swatch in measure.palette) == pytest.approx(1, abs=0.01)


def test_bars_do_not_count() -> None:
    film = moving(24)
    plain = ColourAnalyzer().measure(memory_evidence(film, 8), Known(picture=FULL, shots=shots(0, 24)), lambda s: None)
    film[:, :30] = 0
    film[:, -30:] = 0
    box = ActivePicture(x=0, y=30 / 180, width=1, height=120 / 180, aspect=2.67)
    barred = ColourAnalyzer().measure(memory_evidence(film, 8), Known(picture=box, shots=shots(0, 24)), lambda s: None)
    assert barred.look.lightness_quantiles[2] > 0.1
    assert plain.look.lightness_quantiles[11] == pytest.approx(barred.look.lightness_quantiles[11], abs=0.1)
