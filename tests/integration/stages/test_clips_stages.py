"""A clips job in stages: what is stored, what is told again, what another attempt leaves alone."""

from __future__ import annotations

from pathlib import Path

from reelprint.core.clips import ClipOptions, ClipsAsked, Picks, StoredClip
from reelprint.core.jobs import ClipDone, CostKnown, RunDone, RunSpec, StageBegan
from reelprint.core.progress import Stage
from tests.integration.stages.bench import JOB, Bench

ASKED = ClipsAsked(options=ClipOptions(clip_min_seconds=5, clip_max_seconds=10, target_clips=2))
PICKS = f"work/{JOB}/picks.json"


def spec(bench: Bench, film: Path, done: tuple[str, ...] = ()) -> RunSpec:
    return bench.spec("clips", footage=bench.upload(film, "vid_a", "My Talk.mp4"), clips=ASKED, clips_done=done)


def clip_of(message: object) -> StoredClip:
    assert isinstance(message, ClipDone)
    return message.clip


def test_a_job_that_dies_between_picking_and_telling_its_cost(bench: Bench, film: Path) -> None:
    first = bench.run(spec(bench, film), die_at=lambda message: isinstance(message, CostKnown))
    assert PICKS in bench.shelf.objects
    picks = Picks.model_validate_json(bench.shelf.objects[PICKS])
    second = bench.run(spec(bench, film))
    assert second.began == [Stage.STYLE_APPLICATION, Stage.RENDERING]
    assert {message.cost for message in second.told(CostKnown)} == {picks.cost}
    assert first.stored[-1] is Stage.MOTION_ANALYSIS
    clips = [clip_of(message) for message in second.told(ClipDone)]
    assert [clip.pick for clip in clips] == list(picks.picks)
    assert second.messages[-1] == RunDone()
    for clip in clips:
        assert clip.name == f"my-talk_clip_{clip.pick.number}.mp4"
        assert len(bench.frames(clip.film)) == round(clip.duration_s * 24)
        assert bench.shelf.objects[clip.thumbnail].startswith(b"\xff\xd8")


def test_clips_that_are_out_are_not_rendered_again(bench: Bench, film: Path) -> None:
    whole = bench.run(spec(bench, film))
    out = [clip_of(message) for message in whole.told(ClipDone)]
    again = bench.run(spec(bench, film, done=tuple(clip.pick.clip_id for clip in out)))
    assert again.began == [Stage.RENDERING]
    assert (again.told(ClipDone), again.encoded) == ([], [])
    assert again.messages[-1] == RunDone()


def test_the_first_picks_count(bench: Bench, film: Path) -> None:
    """An attempt that comes late, with other words of a language model, changes nothing."""
    bench.run(
        spec(bench, film), die_at=lambda message: isinstance(message, StageBegan) and message.stage == "rendering"
    )
    stored = bench.shelf.objects[PICKS]
    other = Picks.model_validate_json(stored).model_copy(update={"title": "another"})

    def late(message: object) -> bool:
        if isinstance(message, StageBegan) and message.stage is Stage.STYLE_EXTRACTION:
            bench.shelf.objects[PICKS] = other.to_json().encode()
        return False

    for name in ("picks.json", "clip_plans.json"):
        del bench.shelf.objects[f"work/{JOB}/{name}"]
    log = bench.run(spec(bench, film), die_at=late)
    assert {clip_of(message).name for message in log.told(ClipDone)} == {
        f"another_clip_{pick.number}.mp4" for pick in other.picks
    }
