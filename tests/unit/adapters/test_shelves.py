"""Shelves give back what was put on them, in any order and from any thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from reelprint.adapters.media.shelves import FilePictures, FileProxies, FileSamples, FileStills

RNG = np.random.default_rng(7)


def test_proxies(tmp_path: Path) -> None:
    planes = RNG.integers(0, 256, (20, 9, 8), np.uint8)  # 8x6 pixels in YUV 4:2:0
    shelf = FileProxies(tmp_path / "p", 8, 6)
    for one in planes:
        shelf.add(one)
    shelf.seal()
    assert shelf.count == 20
    assert np.array_equal(shelf.luma(3, 7), planes[3:7, :6])
    chroma = shelf.chroma(0, 20)
    assert chroma.shape == (20, 3, 4, 2)
    assert np.array_equal(chroma[5, ..., 0].ravel(), planes[5].ravel()[48:60])
    assert np.array_equal(chroma[5, ..., 1].ravel(), planes[5].ravel()[60:])
    assert shelf.luma(18, 99).shape == (2, 6, 8)
    assert shelf.luma(20, 21).shape == (0, 6, 8)
    shelf.close()


def test_pictures(tmp_path: Path) -> None:
    pictures = RNG.integers(0, 256, (5, 4, 6, 3), np.uint8)
    shelf = FilePictures(tmp_path / "s", 6, 4)
    for number, one in enumerate(pictures):
        shelf.add(number * 6, number / 4, one[:, ::-1][:, ::-1])
    shelf.seal()
    assert shelf.frames.tolist() == [0, 6, 12, 18, 24]
    assert shelf.times_s.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert all(np.array_equal(shelf.rgb(place), pictures[place]) for place in (4, 0, 2))
    shelf.close()


def test_stills_are_nearly_the_same(tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    picture = np.dstack([np.tile(ramp, (48, 1)), np.tile(ramp[:48, None], (1, 64)), np.full((48, 64), 90, np.uint8)])
    shelf = FileStills(tmp_path / "t")
    shelf.add(3, 0.1, picture)
    shelf.add(9, 0.3, 255 - picture)
    shelf.seal()
    assert np.abs(shelf.rgb(0).astype(int) - picture).mean() < 4
    assert np.abs(shelf.rgb(1).astype(int) - (255 - picture)).mean() < 4
    shelf.close()


def test_samples(tmp_path: Path) -> None:
    sound = RNG.normal(size=(1000, 2)).astype(np.float32)
    shelf = FileSamples(tmp_path / "a", 100, 2)
    shelf.add(sound[:333])
    shelf.add(sound[333:])
    shelf.seal()
    assert np.array_equal(shelf.read(0, 1000), sound)
    assert np.array_equal(shelf.read(-5, 10), sound[:10])
    assert shelf.read(1000, 1001).shape == (0, 2)
    blocks = list(shelf.blocks(3.0))
    assert [len(block) for block in blocks] == [300, 300, 300, 100]
    assert np.array_equal(np.concatenate(blocks), sound)
    shelf.close()


def test_many_threads_may_read(tmp_path: Path) -> None:
    sound = np.arange(50_000, dtype=np.float32)[:, None]
    shelf = FileSamples(tmp_path / "a", 100, 1)
    shelf.add(sound)
    shelf.seal()
    with ThreadPoolExecutor(8) as pool:
        starts = [int(start) for start in RNG.integers(0, 49_000, 400)]
        right = pool.map(
            lambda start: np.array_equal(shelf.read(start, start + 999), sound[start : start + 999]), starts
        )
        assert all(right)
    shelf.close()


def test_a_shelf_that_was_cut_short_says_so(tmp_path: Path) -> None:
    shelf = FileSamples(tmp_path / "a", 100, 1)
    shelf.add(np.zeros((100, 1), np.float32))
    shelf.seal()
    (tmp_path / "a").write_bytes(b"\0" * 100)
    with pytest.raises(EOFError):
        shelf.read(0, 100)
    shelf.close()
