"""Layouts, measured on pixels: two windows above each other, the whole picture over a blurred fill."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reelprint.adapters.media.probe import probe
from reelprint.core.plan import Crop, CropKey, EditPlan, Join
from reelprint.render.chunks import plan_chunks
from reelprint.render.layouts import fitted_size
from tests.integration.render.films import STILL, U8, edit, ffmpeg, frames
from tests.integration.render.test_render_picture import LOSSLESS, WARM
from tests.media import Lab

#: The output: upright, 16:9 on end.
SIZE = (144, 256)
LEFT = (CropKey(frame=0, crop=Crop(x=0.0, y=0.1, width=0.4, height=0.8)),)
RIGHT = (CropKey(frame=0, crop=Crop(x=0.6, y=0.1, width=0.4, height=0.8)),)


@pytest.fixture(scope="module")
def quarters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """320x180, 2 s at 30 fps: luma 60, 100, 140, 180 from left to right, with a bright line on the very left."""
    path = tmp_path_factory.mktemp("quarters") / "quarters.mp4"
    luma = np.repeat(np.uint8([60, 100, 140, 180]), 80)[None].repeat(180, axis=0)
    luma[:, :4] = 220
    raw = luma.tobytes() + b"\x80" * (320 * 180 // 2)
    ffmpeg(
        "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "320x180", "-r", "30", "-i", "-", *LOSSLESS, path,
        data=raw * 60,
    )  # fmt: skip
    return path


def _plan(source: Path, *segments: dict[str, object], joins: list[Join] | None = None, **fields: object) -> EditPlan:
    whole = [{"frames": 20, "source_start_s": 0.1, **segment} for segment in segments]
    return edit(probe(source), whole, joins, size=SIZE, **fields)


def _luma(plan: EditPlan, source: Path, folder: Path) -> U8:
    return frames(plan, source, folder)[:, : SIZE[1]]


def test_a_split_shows_two_windows_with_a_line_between_them(quarters: Path, tmp_path: Path) -> None:
    plan = _plan(quarters, {"crop": LEFT, "layout": "split", "below": RIGHT})
    seen = _luma(plan, quarters, tmp_path)
    assert len(seen) == 20
    upper, lower = seen[:, :126], seen[:, 130:]
    # 0 to 0.4 of the width is the first quarter and 0.6 of the second.
    assert abs(float(np.median(upper[:, :, 20:80])) - 60) <= 1
    assert abs(float(np.median(upper[:, :, 96:])) - 100) <= 1
    assert abs(float(np.median(lower[:, :, :48])) - 140) <= 1
    assert abs(float(np.median(lower[:, :, 64:])) - 180) <= 1
    assert (seen[:, 127:129] == 16).all()
    assert seen.min(axis=(1, 2)).tolist() == seen.max(axis=(1, 2)).clip(max=16).tolist()


def test_a_window_of_a_split_moves_on_its_own(quarters: Path, tmp_path: Path) -> None:
    moving = (*LEFT, CropKey(frame=19, crop=Crop(x=0.6, y=0.1, width=0.4, height=0.8), easing="linear"))
    seen = _luma(_plan(quarters, {"crop": moving, "layout": "split", "below": RIGHT}), quarters, tmp_path)
    upper = seen[:, 10:110, 60:84].mean((1, 2))
    assert upper[0] == pytest.approx(60, abs=2)
    assert upper[-1] == pytest.approx(180, abs=2)
    assert (np.diff(upper) >= -1).all()
    lower = seen[:, 140:250, 64:].astype(int)
    assert np.abs(lower - lower[0]).max() <= 1


def test_a_fitted_picture_is_whole_over_a_dark_soft_fill(quarters: Path, tmp_path: Path) -> None:
    seen = _luma(_plan(quarters, {"crop": STILL, "layout": "fitted"}), quarters, tmp_path)
    inner = fitted_size(STILL[0].crop, probe(quarters).video, SIZE)
    assert inner == (144, 80)
    top = (256 - 80) // 2
    picture = seen[0, top + 2 : top + 78]
    assert [int(np.median(picture[:, at : at + 20])) for at in (8, 44, 80, 116)] == [60, 100, 140, 180]
    # The bright line at the edge is there: nothing is cut off.
    assert picture[:, 0].min() > 150
    # The fill is the middle of the picture (100 and 140), 60 % of its light above black, without its edge.
    for rows in (seen[0, 4 : top - 4], seen[0, top + 84 : 252]):
        assert float(rows.mean()) == pytest.approx(16 + 0.6 * (120 - 16), abs=4)
        assert float(rows[:, 0].mean()) < float(rows[:, -1].mean())
        assert np.abs(np.diff(rows.astype(int), axis=1)).max() <= 4
    assert (seen == seen[0]).all()


def test_an_output_of_the_pictures_own_shape_needs_no_fill(quarters: Path, tmp_path: Path) -> None:
    segment = {"frames": 5, "source_start_s": 0.1, "crop": STILL}
    plans = [edit(probe(quarters), [{**segment, "layout": layout}], size=(320, 180)) for layout in ("fitted", "window")]
    fitted, window = (frames(plan, quarters, tmp_path) for plan in plans)
    assert (fitted == window).all()


def test_layouts_meet_in_transitions_and_across_chunks(quarters: Path, tmp_path: Path) -> None:
    plan = _plan(
        quarters,
        {"crop": STILL, "layout": "fitted", "frames": 24},
        {"crop": LEFT, "layout": "split", "below": RIGHT, "frames": 24},
        {"crop": LEFT, "frames": 12},
        joins=[Join(type="dissolve", frames=9), Join()],
        grades=(WARM,),
    )
    seen = frames(plan, quarters, tmp_path)
    assert len(seen) == plan.output.frame_count == 51
    line = seen[15:24, 127:129, 70:74].mean((1, 2))
    assert (np.diff(line) < 0).all()
    # Chunks may cut the segments anywhere: the frames are the same.
    assert len(plan_chunks(plan, probe(quarters), 8)) > 3
    assert (frames(plan, quarters, tmp_path, target=8) == seen).all()


def test_the_key_of_a_chunk_knows_layout_and_second_window(quarters: Path) -> None:
    def key(**segment: object) -> str:
        (chunk,) = plan_chunks(_plan(quarters, segment), probe(quarters))
        return chunk.key

    plans = [
        key(crop=LEFT), key(crop=LEFT, layout="fitted"), key(crop=LEFT, layout="split", below=RIGHT),
        key(crop=LEFT, layout="split", below=LEFT),
    ]  # fmt: skip
    assert len(set(plans)) == 4


@pytest.mark.parametrize("kind", ["base", "hlg", "pq", "rotated_90"])
def test_every_part_of_a_layout_is_what_a_window_shows(lab: Lab, kind: str, tmp_path: Path) -> None:
    """Graded, tone-mapped and turned upright alike."""
    source = lab.base if kind == "base" else lab.odd(kind)
    media = probe(source)

    def shown(size: tuple[int, int], **segment: object) -> U8:
        plan = edit(media, [{"frames": 3, "source_start_s": 1.0, **segment}], size=size, grades=(WARM,))
        return frames(plan, source, tmp_path)[:, : size[1]]

    split = shown(SIZE, crop=LEFT, layout="split", below=RIGHT)
    assert (split[:, :127] == shown((144, 128), crop=LEFT)[:, :127]).all()
    assert (split[:, 129:] == shown((144, 128), crop=RIGHT)[:, 1:]).all()
    inner = fitted_size(STILL[0].crop, media.video, SIZE)
    fitted, picture = shown(SIZE, crop=STILL, layout="fitted"), shown(inner, crop=STILL)
    top, left = (256 - inner[1]) // 4 * 2, (144 - inner[0]) // 4 * 2
    assert (fitted[:, top : top + inner[1], left : left + inner[0]] == picture).all()
