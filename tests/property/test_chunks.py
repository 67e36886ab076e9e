"""Laws of cutting a plan into chunks."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reelprint.core.plan import Crop, CropKey, EditPlan, Join, OutputSpec, Segment
from reelprint.render.chunks import MOST_SEGMENTS, plan_chunks
from tests.factories import footage

STILL = (CropKey(frame=0, crop=Crop(x=0, y=0, width=1, height=1)),)
MEDIA = footage(600.0).media


@st.composite
def plans(draw: st.DrawFn) -> EditPlan:
    """Plans of up to 40 segments with cuts and dissolves."""
    lengths = draw(st.lists(st.integers(1, 400), min_size=1, max_size=40))
    joins: list[Join] = []
    for before, after in pairwise(lengths):
        room = min(before - (joins[-1].frames if joins else 0), after)
        count = draw(st.integers(0, min(20, room)))
        joins.append(Join(type="dissolve", frames=count) if count else Join())
    segments, at = [], 0
    for number, frames in enumerate(lengths):
        start = at - (joins[number - 1].frames if number else 0)
        segments.append(
            Segment(start_frame=start, frames=frames, source_start_s=number, source_shot=0, crop=STILL, grade=0)
        )
        at = start + frames
    return EditPlan(
        seed=0,
        pacing="keep",
        source_hash="0" * 64,
        source_duration_s=600.0,
        output=OutputSpec(width=1280, height=720, frame_rate="30/1", frame_count=at),
        segments=tuple(segments),
        joins=tuple(joins),
        grades=((),),
    ).check()


@given(plans())
def test_chunks_tile_the_time_line_and_cut_no_join(plan: EditPlan) -> None:
    chunks = plan_chunks(plan, MEDIA)
    assert chunks[0].start_frame == 0
    assert chunks[-1].end_frame == plan.output.frame_count
    assert all(chunk.frames > 0 for chunk in chunks)
    assert all(before.end_frame == after.start_frame for before, after in pairwise(chunks))
    for segment, following in pairwise(plan.segments):
        span = range(following.start_frame + 1, segment.end_frame)
        assert not any(chunk.start_frame in span for chunk in chunks)


@given(plans())
def test_chunks_stay_small(plan: EditPlan) -> None:
    for chunk in plan_chunks(plan, MEDIA):
        touched = sum(s.start_frame < chunk.end_frame and s.end_frame > chunk.start_frame for s in plan.segments)
        # Segments may be nothing but joins, which cannot be cut.
        assert touched <= MOST_SEGMENTS or chunk.frames <= 60
        assert chunk.frames <= 750


@given(plans(), st.integers(1, 100))
def test_a_key_names_what_the_chunk_shows_and_nothing_else(plan: EditPlan, seed: int) -> None:
    keys = [chunk.key for chunk in plan_chunks(plan, MEDIA)]
    assert keys == [chunk.key for chunk in plan_chunks(plan.model_copy(update={"seed": seed, "notes": ("x",)}), MEDIA)]
    moved = plan.segments[-1].model_copy(update={"source_start_s": plan.segments[-1].source_start_s + 0.5})
    edited = plan.model_copy(update={"segments": (*plan.segments[:-1], moved)})
    others = [chunk.key for chunk in plan_chunks(edited, MEDIA)]
    assert others[-1] != keys[-1]
    assert [a == b for a, b in zip(keys, others, strict=True)].count(False) <= 2
