"""Laws of the window: inside the picture, of the output's shape, deterministic, no jitter."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from reelprint.core.analysis import ActivePicture
from reelprint.core.motion import Focus, FocusTrack
from reelprint.core.plan import Crop, CropKey
from reelprint.plan.reframe import plan_crops
from reelprint.plan.window_path import MAX_SPEED
from reelprint.plan.windows import punch_in, slow_zoom

sizes = st.sampled_from([(1920, 1080), (1080, 1920), (720, 576), (641, 479), (4096, 1716), (1000, 1000)])
shapes = st.sampled_from([(1080, 1920), (1080, 1080), (1920, 1080)])
share = st.floats(0, 1)


@st.composite
def actives(draw: st.DrawFn) -> ActivePicture:
    bars_x, bars_y = draw(st.sampled_from([(0.0, 0.0), (0.0, 0.12), (0.15, 0.0)]))
    return ActivePicture(x=bars_x, y=bars_y, width=1 - 2 * bars_x, height=1 - 2 * bars_y, aspect=1.0)


@st.composite
def tracks(draw: st.DrawFn) -> FocusTrack:
    count = draw(st.integers(0, 24))
    points = []
    for index in range(count):
        source = draw(st.sampled_from(["face", "face", "motion", "saliency", "centre"]))
        x, y, width, height, weight = (draw(share) for _ in range(5))
        points.extend(
            Focus(time_s=index * 0.25, x=abs(x - 0.4 * other), y=y, width=width / 3, height=height / 3,
                  source=source, weight=weight)
            for other in range(draw(st.integers(1, 2)))
        )  # fmt: skip
    return FocusTrack(points=tuple(points))


def inside(crop: Crop, active: ActivePicture) -> bool:
    slack = 2e-6
    return (
        crop.x >= active.x - slack
        and crop.y >= active.y - slack
        and crop.x + crop.width <= active.x + active.width + slack
        and crop.y + crop.height <= active.y + active.height + slack
    )


@settings(max_examples=150, deadline=None)
@given(
    size=sizes, active=actives(), shape=shapes, focus=tracks(), frames=st.integers(1, 200),
    start=st.floats(0, 4), scale=st.floats(1, 3), ratio=st.sampled_from([1.0, 1.0, 1.2, 0.8]),
)  # fmt: skip
def test_every_key_is_a_window_of_the_right_shape_inside_the_picture(
    size: tuple[int, int], active: ActivePicture, shape: tuple[int, int], focus: FocusTrack, frames: int,
    start: float, scale: float, ratio: float,
) -> None:  # fmt: skip
    def plan() -> tuple[CropKey, ...]:
        return plan_crops(size, active, shape, start, frames, Fraction(30), focus, scale, ratio)

    keys = plan()
    assert keys == plan()
    assert keys[0].frame == 0
    assert [key.frame for key in keys] == sorted({key.frame for key in keys})
    assert keys[-1].frame < frames
    wanted = shape[0] / shape[1]
    for key in keys:
        assert inside(key.crop, active)
        aspect = key.crop.width * size[0] / (key.crop.height * size[1])
        assert abs(aspect / wanted - 1) < 1e-3
    if ratio == 1.0:
        assert len({(key.crop.width, key.crop.height) for key in keys}) == 1
    if ratio != 1.0 and frames > 1:
        assert abs(keys[0].crop.width / keys[-1].crop.width / ratio - 1) < 1e-3
    # Few keys: never more than one a look, and moves are slow unless they are jumps.
    for first, second in pairwise(keys):
        seconds = (second.frame - first.frame) / 30
        if seconds > 0.2 and ratio == 1.0:
            speed = abs(second.crop.x - first.crop.x) / first.crop.width / seconds
            assert speed <= MAX_SPEED * 1.15 + 0.02


@given(
    x=st.floats(0, 0.5), y=st.floats(0, 0.5), width=st.floats(0.1, 0.5), height=st.floats(0.1, 0.5),
    factor=st.floats(1, 4), ratio=st.floats(0.4, 2.5), fx=share, fy=share, frames=st.integers(1, 90),
)  # fmt: skip
def test_punch_in_and_slow_zoom_stay_in_their_window(
    x: float, y: float, width: float, height: float, factor: float, ratio: float, fx: float, fy: float, frames: int
) -> None:
    crop = Crop(x=x, y=y, width=width, height=height)
    bounds = ActivePicture(x=x, y=y, width=width, height=height, aspect=1.0)
    tight = punch_in(crop, factor, (fx, fy))
    assert inside(tight, bounds)
    assert abs(crop.width / tight.width - factor) < 1e-3 * factor
    for key in slow_zoom(crop, ratio, frames, (fx, fy)):
        assert inside(key.crop, bounds)
        assert key.frame < frames
