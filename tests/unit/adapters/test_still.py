"""Stills: the right frame, upright, in square pixels and in SDR."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from reelprint.adapters.media.decode import KeepNone
from reelprint.adapters.media.reader import MediaReader
from reelprint.core.errors import CorruptVideo, UnsupportedFormat, VideoNotFound
from tests.media import ODD, Lab

READER = MediaReader(KeepNone)
#: Each frame is as light as its number says: 60 frames, four steps each.
_COUNTING = ("-f", "lavfi", "-i", "color=black:s=64x48:r=25:d=2.4,format=yuv420p,geq=lum='16+3.5*N':cb=128:cr=128")


def picture(path: Path, time_s: float, longest_px: int = 480) -> NDArray[np.float64]:
    data = READER.still(path, time_s, longest_px)
    assert data[:2] == b"\xff\xd8"
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).astype(float)


def number(path: Path, time_s: float) -> int:
    """Which frame it is, by its light."""
    return round(picture(path, time_s).mean() * 219 / 255 / 3.5)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("counting.mp4", ("-c:v", "libx264", "-qp", "4", "-g", "20", "-bf", "2")),
        ("counting_late.mkv", ("-c:v", "libx264", "-qp", "4", "-g", "250", "-output_ts_offset", "7")),
        ("counting.avi", ("-c:v", "mpeg4", "-q:v", "1", "-g", "12")),
        ("counting_unindexed.webm", ("-c:v", "libvpx-vp9", "-lossless", "1", "-cpu-used", "8", "-live", "1")),
    ],
)
def test_the_frame_is_the_one_that_is_shown(lab: Lab, name: str, args: tuple[str, ...]) -> None:
    path = lab.keep(name, lambda out: lab.ffmpeg(*_COUNTING, *args, out))
    for time_s, shown in ((0.0, 0), (0.038, 0), (0.04, 1), (0.5, 12), (1.0, 25), (1.635, 40), (2.36, 59)):
        assert number(path, time_s) == shown, time_s
    assert number(path, 99.0) == 59
    assert number(path, -1.0) == 0


@pytest.mark.parametrize("name", ["rotated_90", "rotated_180", "rotated_270", "anamorphic", "vfr", "odd_size", "hlg"])
def test_a_still_is_upright_and_as_wide_as_the_film(lab: Lab, name: str) -> None:
    odd = ODD[name]
    shown = picture(lab.odd(name), 1.2)
    assert shown.shape[:2] == odd.size[::-1]
    third = len(shown) // 3
    # The base is light above and dark below.
    assert shown[:third].mean() - shown[-third:].mean() > 40


@pytest.mark.parametrize(("longest_px", "size"), [(240, (135, 240)), (100, (56, 100)), (5000, (270, 480))])
def test_it_is_made_smaller_and_never_larger(lab: Lab, longest_px: int, size: tuple[int, int]) -> None:
    assert picture(lab.base, 0.5, longest_px).shape[:2] == size
    assert picture(lab.odd("rotated_90"), 0.5, longest_px).shape[:2][::-1] == size


@pytest.mark.parametrize("name", ["hlg", "pq"])
def test_hdr_comes_out_like_the_sdr_it_was_made_from(lab: Lab, name: str) -> None:
    """A little darker, since white is given room above it; without mapping the contrast would be gone."""
    made, plain = picture(lab.odd(name), 1.0), picture(lab.base, 1.0)
    assert 0.85 < made.std() / plain.std() < 1.15
    assert np.abs(made - plain).mean() < 24
    assert np.corrcoef(made.ravel(), plain.ravel())[0, 1] > 0.98


def test_the_anamorphic_picture_is_the_wide_one(lab: Lab) -> None:
    assert np.abs(picture(lab.odd("anamorphic"), 1.0) - picture(lab.base, 1.0)).mean() < 8


def test_what_is_no_film(tmp_path: Path, lab: Lab) -> None:
    with pytest.raises(VideoNotFound):
        READER.still(tmp_path / "none.mp4", 0.0, 320)
    text = tmp_path / "text.mp4"
    text.write_text("no film at all")
    with pytest.raises(UnsupportedFormat):
        READER.still(text, 0.0, 320)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(lab.odd("one_second").read_bytes()[:-2000])
    with pytest.raises(CorruptVideo):
        READER.still(cut, 0.0, 320)
