"""Laws of a clip's plan: it tiles its range, stays in the source and the picture, and is the same every time."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reelprint.core.analysis import Analysis
from reelprint.core.motion import FocusTrack, SpeakerTurn
from reelprint.core.sound import Span
from reelprint.core.style import StyleJSON
from reelprint.plan.clip import ClipPlanOptions, plan_clip
from tests.factories import analyses, styles
from tests.property.test_reframe_laws import inside

shapes = st.sampled_from(["auto", "vertical", "horizontal", "square"])


@st.composite
def talking(draw: st.DrawFn) -> Analysis:
    """Any footage, with faces that take turns and shots that are screens."""
    film = draw(analyses(max_s=25.0))
    points = tuple(
        point.model_copy(update={"face": draw(st.integers(0, 2))}) if point.source == "face" else point
        for point in film.focus.points
    )
    turns, screens = [], []
    for shot in film.shots.shots:
        count = draw(st.integers(0, 4))
        edges = [shot.start_s + shot.duration_s * part / max(1, count) for part in range(count + 1)]
        turns += [
            SpeakerTurn(
                start_s=begin, end_s=end, face=draw(st.integers(0, 2)), clarity=draw(st.floats(0, 1)),
                voiced_s=(end - begin) * draw(st.floats(0, 1)),
            )
            for begin, end in pairwise(edges)
        ]  # fmt: skip
        if draw(st.integers(0, 5)) == 0:
            screens.append(Span(start_s=shot.start_s, end_s=shot.end_s))
    focus = FocusTrack(points=points, turns=tuple(turns), screens=tuple(screens))
    return film.model_copy(update={"focus": focus})


@settings(max_examples=30, deadline=None)
@given(film=talking(), ends=st.tuples(st.floats(0, 1), st.floats(0, 1)), shape=shapes, asked=st.none() | styles())
def test_a_clip_is_its_range_whole_and_in_place(
    film: Analysis, ends: tuple[float, float], shape: str, asked: StyleJSON | None
) -> None:
    film_s = film.timing.duration_s
    start_s, end_s = sorted(end * film_s for end in ends)
    assume(end_s - start_s > 0.05)
    options = ClipPlanOptions.model_validate({"shape": shape})
    plan = plan_clip(film, start_s, end_s, options, asked)
    assert plan == plan_clip(film, start_s, end_s, options, asked)
    plan.check()
    rate = plan.output.rate
    frame_s = float(1 / rate)
    # Nothing is cut off but what would lie after the film's last frame.
    assert plan.output.duration_s >= min(end_s, film_s - frame_s) - start_s - 2e-3 - frame_s * (
        end_s > film_s - frame_s
    )
    assert plan.output.duration_s <= end_s - start_s + frame_s + 1e-3
    joined = any(join.frames for join in plan.joins)
    for segment in plan.segments:
        assert start_s - 1e-6 <= segment.source_start_s < end_s + frame_s
        shown_s = start_s + float(Fraction(segment.start_frame + segment.head_hold) / rate)
        # A transition borrows from both sides, so it may begin with an earlier moment.
        assert joined or abs(segment.source_start_s - shown_s) <= 0.51 * frame_s + 1e-6
        assert 0 <= segment.source_shot < len(film.shots.shots)
        for keys in (segment.crop, segment.below):
            assert [key.frame for key in keys] == sorted({key.frame for key in keys})
            assert all(inside(key.crop, film.picture) for key in keys)
    if plan.audio is not None:
        first, last = plan.audio.pieces[0], plan.audio.pieces[-1]
        assert first.source_start_s >= start_s - 1e-6
        assert abs(last.start_s + last.duration_s - plan.output.duration_s) <= 1e-3
        assert all(abs(p.source_start_s - start_s - p.start_s) < 1e-6 for p in plan.audio.pieces)
