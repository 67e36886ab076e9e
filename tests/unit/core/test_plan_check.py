"""Every rule of a plan catches the plan that breaks it."""

from typing import Any

import pytest
from pydantic import ValidationError

from reelprint.core.colour import GradeTransfer
from reelprint.core.errors import PlanError
from reelprint.core.plan import Crop, CropKey, EditPlan, Join, OutputSpec, Segment

FULL = (CropKey(frame=0, crop=Crop(x=0, y=0, width=1, height=1)),)


def segment(start: int, frames: int, source_s: float = 0.0, **more: Any) -> Segment:
    fields: dict[str, Any] = {"source_shot": 0, "crop": FULL, "grade": 0, **more}
    return Segment(start_frame=start, frames=frames, source_start_s=source_s, **fields)


def plan(segments: list[Segment], joins: list[Join], frames: int = 60, **more: Any) -> EditPlan:
    return EditPlan(
        seed=0,
        pacing="match",
        source_hash="ab",
        source_duration_s=4.0,
        output=OutputSpec(width=640, height=360, frame_rate="30/1", frame_count=frames),
        segments=tuple(segments),
        joins=tuple(joins),
        grades=((GradeTransfer(tone_in=(0, 1), tone_out=(0, 1)),),),
        **more,
    )


DISSOLVE = Join(type="dissolve", frames=10)


def test_a_good_plan_passes() -> None:
    good = plan([segment(0, 30), segment(30, 30, 1.0)], [Join()])
    assert good.check() is good
    plan([segment(0, 35), segment(25, 35, 1.0, head_hold=5)], [DISSOLVE]).check()
    # The last frame may start at the very end of the source, not after it.
    plan([segment(0, 60, 4.0 - 59 / 30)], []).check()


@pytest.mark.parametrize(
    ("segments", "joins", "says"),
    [
        ([segment(0, 30), segment(30, 30)], [], "need 1 joins"),
        ([segment(0, 60)], [Join()], "need 0 joins"),
        ([segment(1, 59)], [], "starts at frame 1"),
        ([segment(0, 30), segment(31, 29)], [Join()], "starts at frame 31"),
        ([segment(0, 30), segment(29, 31)], [Join()], "starts at frame 29"),
        ([segment(0, 30), segment(30, 30)], [DISSOLVE], "expected 20"),
        ([segment(0, 25), segment(15, 15), segment(20, 40)], [DISSOLVE, DISSOLVE], "longer than its 15"),
        ([segment(0, 60, head_hold=30, tail_hold=30)], [], "plays no source frame"),
        ([segment(0, 60, 2.1)], [], "after the source's end"),
        ([segment(0, 60, grade=1)], [], "names grade 1 of 1"),
        ([segment(0, 60, crop=(*FULL, CropKey(frame=60, crop=FULL[0].crop)))], [], "crop key past its end"),
        ([segment(0, 59)], [], "segments end at frame 59"),
        ([segment(0, 61)], [], "segments end at frame 61"),
    ],
)
def test_a_broken_rule_is_named(segments: list[Segment], joins: list[Join], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        plan(segments, joins).check()


def test_a_crop_cannot_leave_the_picture() -> None:
    with pytest.raises(ValidationError):
        Crop(x=0.5, y=0, width=0.6, height=1)


@pytest.mark.parametrize("size", [(641, 360), (640, 361), (0, 360)])
def test_an_output_has_even_sides(size: tuple[int, int]) -> None:
    with pytest.raises(ValidationError):
        OutputSpec(width=size[0], height=size[1], frame_rate="30/1", frame_count=1)
