"""What the frames look like: transitions, moving windows, colours, grades."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from reelprint.adapters.media.probe import probe
from reelprint.colour.bake import bake
from reelprint.colour.cube import cube_text
from reelprint.colour.hdr import hdr_lut
from reelprint.core.colour import GradeTransfer
from reelprint.core.plan import Crop, CropKey, Join
from reelprint.core.shots import Direction, Easing
from reelprint.render.easing import ease
from reelprint.render.framing import Framing
from tests.integration.render.films import HEIGHT, U8, WIDTH, decoded, edit, ffmpeg, frames, psnr
from tests.media import Lab

LOSSLESS = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-pix_fmt", "yuv420p")
ACCURATE = "flags=bicubic+accurate_rnd+full_chroma_int"
WARM = (
    GradeTransfer(
        tone_in=(0.0, 0.4, 1.0),
        tone_out=(0.05, 0.38, 0.97),
        matrix_ab=((1.2, 0.1), (0.0, 1.1)),
        offset_ab=(0.01, 0.03),
    ),
)


@pytest.fixture(scope="module")
def greys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of luma 60, then two of 180, 30 fps."""
    path = tmp_path_factory.mktemp("greys") / "greys.mp4"
    raw = np.repeat(np.uint8([60, 180]), 60)[:, None, None] * np.ones((1, HEIGHT, WIDTH), np.uint8)
    ffmpeg(
        "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{WIDTH}x{HEIGHT}", "-r", "30", "-i", "-", *LOSSLESS, path,
        data=b"".join(frame.tobytes() + b"\x80" * (WIDTH * HEIGHT // 2) for frame in raw),
    )  # fmt: skip
    return path


def _joined(greys: Path, join: Join, folder: Path) -> U8:
    """The luma of a join from 60 to 180."""
    segments = [{"frames": 30, "source_start_s": 0.2}, {"frames": 30, "source_start_s": 2.2}]
    luma = frames(edit(probe(greys), segments, [join]), greys, folder)[:, :HEIGHT]
    assert len(luma) == 60 - join.frames
    assert (luma[: 30 - join.frames] == 60).all()
    assert (luma[30:] == 180).all()
    return luma[30 - join.frames : 30]


@pytest.mark.parametrize("easing", ["linear", "ease-in", "ease-out", "ease-in-out"])
def test_a_dissolve_follows_its_easing_frame_by_frame(greys: Path, easing: Easing, tmp_path: Path) -> None:
    seen = _joined(greys, Join(type="dissolve", frames=11, easing=easing), tmp_path).mean((1, 2))
    expected = [60 + 120 * ease(easing, (at + 1) / 12) for at in range(11)]
    assert np.abs(seen - expected).max() <= 1


@pytest.mark.parametrize("direction", ["left", "right", "up", "down"])
def test_a_wipe_moves_its_edge_to_its_direction(greys: Path, direction: Direction, tmp_path: Path) -> None:
    seen = _joined(greys, Join(type="wipe", frames=8, easing="ease-in", direction=direction), tmp_path)
    new = seen == 180
    assert (np.isin(seen, (60, 180))).all(), "a hard edge"
    assert np.abs(new.mean((1, 2)) - [ease("ease-in", (at + 1) / 9) for at in range(8)]).max() < 0.02
    first_side = {"left": new[:, :, -1], "right": new[:, :, 0], "up": new[:, -1], "down": new[:, 0]}[direction]
    assert first_side.all()


@pytest.mark.parametrize(("direction", "level"), [("black", 16), ("white", 235)])
@pytest.mark.parametrize("count", [8, 9])
def test_a_fade_shows_its_colour_alone_in_the_middle(
    greys: Path, direction: Direction, level: int, count: int, tmp_path: Path
) -> None:
    seen = _joined(greys, Join(type="fade", frames=count, direction=direction), tmp_path).mean((1, 2))
    middle = {(count - 1) // 2, count // 2}
    assert {at for at in range(count) if abs(seen[at] - level) < 0.5} == middle
    away = np.abs(seen - level)
    assert (np.diff(away[: count // 2]) < 0).all()
    assert (np.diff(away[(count + 1) // 2 :]) > 0).all()


def test_opening_and_closing_fades_reach_their_colour(greys: Path, tmp_path: Path) -> None:
    opening = Join(type="fade", frames=10, direction="black")
    closing = Join(type="fade", frames=6, direction="white")
    plan = edit(probe(greys), [{"frames": 50, "source_start_s": 0.0}], opening=opening, closing=closing)
    seen = frames(plan, greys, tmp_path / "one")[:, :HEIGHT].mean((1, 2))
    assert seen[0] == 16
    assert seen[-1] == 235
    assert (seen[10:44] == 60).all()
    assert (np.diff(seen[:11]) > 0).all()
    assert (frames(plan, greys, tmp_path / "many", target=15)[:, :HEIGHT].mean((1, 2)) == seen).all()


def test_slide_zoom_and_whip_look_like_themselves(lab: Lab, tmp_path: Path) -> None:
    media = probe(lab.base)
    size = (480, 270)

    def shown(join: Join) -> tuple[U8, U8]:
        segments = [{"frames": 20, "source_start_s": 0.0}, {"frames": 20, "source_start_s": 1.5}]
        folder = tmp_path / f"{join.type}{join.direction}"
        alone = frames(edit(media, segments, size=size), lab.base, folder)
        return frames(edit(media, segments, [join], size=size), lab.base, folder)[:, :270], alone[:, :270]

    slid, alone = shown(Join(type="slide", frames=7, direction="left"))
    assert psnr(slid[16, :, :240], alone[16, :, 240:]) > 45, "half way: the left half shows the old right half"
    assert psnr(slid[16, :, 240:], alone[23, :, :240]) > 45, "and the right half the new left half"
    whipped, _ = shown(Join(type="whip", frames=7, direction="left"))
    across, down = (np.abs(np.diff(whipped[16].astype(float), axis=axis)).mean() for axis in (1, 0))
    sharp_across, sharp_down = (np.abs(np.diff(slid[16].astype(float), axis=axis)).mean() for axis in (1, 0))
    assert across / sharp_across < 0.5 * down / sharp_down, "blurred along the movement"
    zoomed, _ = shown(Join(type="zoom", frames=9, direction="in"))
    grown = cv2.getRectSubPix(
        alone[12].astype(np.float32), (round(480 / 2.5**0.2), round(270 / 2.5**0.2)), (239.5, 134.5)
    )
    assert psnr(zoomed[12], cv2.resize(grown, size, interpolation=cv2.INTER_CUBIC)) > 30, "a fifth of the way"
    assert psnr(zoomed[12], alone[12]) < 25


@pytest.mark.parametrize(
    ("keys", "size"),
    [
        (((0, 0, 0, 1, 1), (39, 0.05, 0.05, 0.9, 0.9)), (480, 270)),
        (((0, 0.2, 0, 0.31640625, 1), (39, 0.24, 0, 0.31640625, 1)), (270, 480)),
        (((0, 0.2, 0, 0.31640625, 1), (20, 0.3, 0.1, 0.253125, 0.8), (39, 0.4, 0.2, 0.253125, 0.8)), (270, 480)),
    ],
    ids=["slow zoom", "slow pan", "pan and zoom"],
)
def test_a_moving_window_glides(
    keys: tuple[tuple[int, float, float, float, float], ...], size: tuple[int, int], tmp_path: Path
) -> None:
    width, height, (columns, rows) = 480, 270, size
    texture = cv2.GaussianBlur(np.random.default_rng(0).normal(size=(height, width)).astype(np.float32), (0, 0), 3)
    picture = np.clip(128 + texture / texture.std() * 35, 20, 230).astype(np.uint8)
    source = tmp_path / "texture.mp4"
    raw = ("-f", "rawvideo", "-pix_fmt", "gray", "-s", "480x270", "-r", "30", "-i", "-")
    ffmpeg(*raw, "-vf", "scale=out_range=tv", *LOSSLESS, source, data=picture.tobytes() * 40)
    crops = tuple(
        CropKey(frame=frame, crop=Crop(x=x, y=y, width=w, height=h), easing="linear") for frame, x, y, w, h in keys
    )
    plan = edit(probe(source), [{"frames": 40, "source_start_s": 0.0, "crop": crops}], size=size)
    seen = frames(plan, source, tmp_path / "work")[:, :rows].astype(np.float32)
    still = decoded(source, (width, height), frames=1)[0, :height].astype(np.float32)
    side = min(size) // 3
    errors = []
    for at in range(40):
        crop = Framing(crops, 0, 40).crop_at(at)
        sx, sy = crop.width * width / columns, crop.height * height / rows
        warp = np.array([[sx, 0, crop.x * width + (sx - 1) / 2], [0, sy, crop.y * height + (sy - 1) / 2]])
        exact = cv2.warpAffine(still, warp, size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
        y, x = rows // 2 - side // 2, columns // 2 - side // 2
        windows = (picture[y : y + side, x : x + side].copy() for picture in (exact, seen[at]))
        errors.append(cv2.phaseCorrelate(*windows, cv2.createHanningWindow((side, side), cv2.CV_32F))[0])
    assert np.std(errors, axis=0).max() < 0.3, "trembles less than a third of a pixel"
    assert np.abs(np.mean(errors, axis=0)).max() < 0.4, "and is where it should be"


def _reference(lab: Lab) -> U8:
    return decoded(lab.base, (480, 270), frames=6)


TO_601 = (
    "colorspace=ispace=bt709:space=smpte170m:irange=tv:range=tv:iprimaries=bt709:primaries=bt709:itrc=bt709:trc=bt709"
)
TAG = "setparams=colorspace=bt709:range=tv"
ENCODINGS: dict[str, tuple[str, tuple[str, ...], float]] = {
    "plain.mp4": (TAG, LOSSLESS, 98),
    "bt601.mp4": (f"{TAG},{TO_601}", (*LOSSLESS, "-colorspace", "smpte170m"), 50),
    "full.mp4": (f"{TAG},scale=out_range=pc", (*LOSSLESS, "-color_range", "pc", "-colorspace", "bt709"), 50),
    "rgb.mkv": (f"{TAG},scale={ACCURATE},format=gbrp", ("-c:v", "libx264rgb", "-preset", "ultrafast", "-qp", "0"), 45),
    "ten_bit.mp4": (f"{TAG},format=yuv420p10le", (*LOSSLESS[:6], "-colorspace", "bt709"), 50),
    "four_four_four.mp4": (f"{TAG},scale={ACCURATE},format=yuv444p", (*LOSSLESS[:6], "-colorspace", "bt709"), 45),
}


@pytest.mark.footage
@pytest.mark.parametrize("name", ENCODINGS)
def test_no_encoding_of_the_source_shifts_its_colours(name: str, lab: Lab, tmp_path: Path) -> None:
    convert, code, least_db = ENCODINGS[name]
    source = tmp_path / name
    tagged = tmp_path / "tagged.mp4"
    ffmpeg("-i", lab.base, "-an", "-frames:v", "6", "-vf", TAG, *LOSSLESS, tagged)
    ffmpeg("-i", tagged, "-vf", convert, *code, source)
    plan = edit(probe(source), [{"frames": 6, "source_start_s": 0.0}], size=(480, 270))
    seen, truth = frames(plan, source, tmp_path / "work"), decoded(tagged, (480, 270))
    if probe(tagged).video.matrix != "bt709":
        pytest.fail("the reference must be BT.709")
    assert psnr(seen, truth) >= least_db
    for planes in (slice(0, 270), slice(270, None)):
        assert abs(float(seen[:, planes].mean()) - float(truth[:, planes].mean())) < 0.5


@pytest.mark.footage
@pytest.mark.parametrize("folder", ["plain", "it's [odd], isn't; it: 100%"])
def test_the_fast_grade_is_the_full_lookup(folder: str, lab: Lab, tmp_path: Path) -> None:
    tagged = tmp_path / "tagged.mp4"
    ffmpeg("-i", lab.base, "-an", "-frames:v", "6", "-vf", TAG, *LOSSLESS, tagged)
    (tmp_path / "exact.cube").write_text(cube_text(bake(WARM)))
    exact = decoded(
        tagged, (480, 270),
        f"scale={ACCURATE}", "format=gbrp16", f"lut3d={tmp_path}/exact.cube:interp=tetrahedral",
        f"scale={ACCURATE}:out_color_matrix=bt709:out_range=tv", "format=yuv420p",
    )  # fmt: skip
    plan = edit(probe(tagged), [{"frames": 6, "source_start_s": 0.0}], size=(480, 270), grades=(WARM,))
    seen = frames(plan, tagged, tmp_path / folder)
    plain = decoded(tagged, (480, 270))
    assert psnr(plain, exact) < 38, "a grade that can be seen"
    assert psnr(seen[:, :270], exact[:, :270]) > 45
    assert psnr(seen[:, 270:], exact[:, 270:]) > 42
    assert abs(float(seen.mean()) - float(exact.mean())) < 0.3


def test_hdr_footage_is_tone_mapped_in_the_same_lookup(lab: Lab, tmp_path: Path) -> None:
    source = lab.odd("hlg")
    media = probe(source)
    assert media.video.transfer == "hlg"
    (tmp_path / "exact.cube").write_text(cube_text(hdr_lut("hlg")))
    exact = decoded(
        source, (480, 270),
        "zscale=min=2020_ncl:rin=limited:m=gbr:r=full:t=input:p=input", "format=gbrp16",
        f"lut3d={tmp_path}/exact.cube:interp=tetrahedral",
        f"scale={ACCURATE}:out_color_matrix=bt709:out_range=tv", "format=yuv420p", frames=6,
    )  # fmt: skip
    plan = edit(media, [{"frames": 6, "source_start_s": 0.0}], size=(480, 270))
    assert psnr(frames(plan, source, tmp_path / "work"), exact) > 38
    moving = (
        CropKey(frame=0, crop=Crop(x=0, y=0, width=0.8, height=0.8)),
        CropKey(frame=9, crop=Crop(x=0.2, y=0.2, width=0.8, height=0.8)),
    )
    glide = edit(media, [{"frames": 10, "source_start_s": 0.0, "crop": moving}], size=(480, 270), grades=(WARM,))
    assert len(frames(glide, source, tmp_path / "glide")) == 10


def test_rotated_footage_stands_upright(lab: Lab, tmp_path: Path) -> None:
    for name in ("rotated_90", "rotated_270"):
        source = lab.odd(name)
        video = probe(source).video
        plan = edit(probe(source), [{"frames": 3, "source_start_s": 0.5}], size=(video.width, video.height))
        luma = frames(plan, source, tmp_path / name)[:, : video.height]
        assert float(luma[:, :20].mean()) - float(luma[:, -20:].mean()) > 30
