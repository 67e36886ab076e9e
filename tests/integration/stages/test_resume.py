"""An attempt that dies, anywhere, costs only what it had not stored; the film is the same in the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reelprint.core.jobs import RunDone, RunMessage, RunSpec, StageBegan, StageMoved, StageStored
from reelprint.core.progress import Stage
from reelprint.engine.ports import Tools
from tests.integration.stages.bench import HECTIC, JOB, Bench, Killed, Log

VIDEO, AUDIO, MOTION = Stage.VIDEO_ANALYSIS, Stage.AUDIO_ANALYSIS, Stage.MOTION_ANALYSIS
STYLING, PLANNING, RENDERING = Stage.STYLE_EXTRACTION, Stage.STYLE_APPLICATION, Stage.RENDERING
IN_STAGE = {
    VIDEO: {"picture", "shots", "text", "colour"},
    AUDIO: {"loudness", "speech", "music"},
    MOTION: {"motion", "focus"},
}


@pytest.fixture(scope="module")
def undisturbed(
    tools: Tools, tmp_path_factory: pytest.TempPathFactory, film: Path, template: Path
) -> tuple[Bench, Log]:
    """The same job without any trouble, in a storage of its own."""
    bench = Bench(tools, tmp_path_factory.mktemp("undisturbed"))
    return bench, bench.run(_spec(bench, film, template))


@pytest.fixture(scope="module")
def hectic(tools: Tools, tmp_path_factory: pytest.TempPathFactory, film: Path) -> tuple[Bench, Log]:
    """A job of two chunks without any trouble."""
    bench = Bench(tools, tmp_path_factory.mktemp("hectic"))
    return bench, bench.run(bench.spec("apply", footage=bench.upload(film, "vid_a"), style=HECTIC))


def _spec(bench: Bench, film: Path, template: Path) -> RunSpec:
    return bench.spec("apply", footage=bench.upload(film, "vid_a"), template=bench.upload(template, "vid_b"))


def _same(bench: Bench, log: Log, other: tuple[Bench, Log]) -> None:
    whole, undisturbed = other
    assert bench.plan() == whole.plan()
    assert bench.frames(log.done.output.film) == whole.frames(undisturbed.done.output.film)


def _told(kind: type[StageBegan] | type[StageStored], stage: Stage) -> Callable[[RunMessage], bool]:
    return lambda message: isinstance(message, kind) and message.stage is stage


def test_dying_after_every_stage(bench: Bench, film: Path, template: Path, undisturbed: tuple[Bench, Log]) -> None:
    """One job, six attempts: each dies when the next stage begins (the last one when it is done)."""
    order = list(Stage)
    measured: list[tuple[str, str]] = []
    for stage in order:
        following = order[order.index(stage) + 1] if stage is not RENDERING else None
        die_at = (
            _told(StageBegan, following) if following else lambda message: isinstance(message, RunDone)
        )  # the storage holds everything, but nobody was told
        log = bench.run(_spec(bench, film, template), die_at=die_at)
        assert log.messages[0] == StageBegan(stage=stage), "an earlier stage was told"
        assert log.stored == [stage]
        if stage in IN_STAGE:
            assert log.analyzers == IN_STAGE[stage]
            assert len(log.decoded) == len(set(log.decoded)) == 2, "frames are needed, each film's once"
        elif stage is not RENDERING:
            assert (log.decoded, log.measured, log.encoded) == ([], [], [])
        measured += log.measured
    assert len(measured) == len(set(measured)), "something was measured twice"
    last = bench.run(_spec(bench, film, template))
    assert last.messages[0] == StageBegan(stage=RENDERING)
    assert (last.decoded, last.encoded) == ([], []), "only joined and handed out again"
    _same(bench, last, undisturbed)


def test_dying_between_the_work_and_the_word(
    bench: Bench, film: Path, template: Path, undisturbed: tuple[Bench, Log]
) -> None:
    """Each attempt dies when all of a stage is in storage but the mark that it is finished."""
    marks = {stage: f"work/{JOB}/{stage}.json" for stage in IN_STAGE}
    marks |= {STYLING: f"work/{JOB}/style.json", PLANNING: f"work/{JOB}/plan.json"}
    for stage, mark in marks.items():

        def die(key: str, mark: str = mark) -> None:
            if key == mark:
                raise Killed

        bench.shelf.on_put = die
        log = bench.run(_spec(bench, film, template), die_at=lambda _message: False)
        assert log.began[-1] is stage
        assert stage not in log.stored
        if stage in IN_STAGE:
            assert len(log.decoded) == 2
        bench.shelf.on_put = lambda _key: None
        again = bench.run(_spec(bench, film, template), die_at=_told(StageStored, stage))
        assert again.began == [stage]
        assert (again.decoded, again.measured) == ([], []), "what was found is stored before the mark"
    last = bench.run(_spec(bench, film, template))
    assert last.began == [RENDERING]
    _same(bench, last, undisturbed)


def test_dying_in_the_middle_of_an_analysis(bench: Bench, film: Path, template: Path) -> None:
    log = bench.run(_spec(bench, film, template), die_at=lambda message: isinstance(message, StageMoved))
    assert log.began == [VIDEO]
    assert log.stored == []
    again = bench.run(_spec(bench, film, template), die_at=_told(StageStored, VIDEO))
    assert again.began == [VIDEO]
    assert again.analyzers == IN_STAGE[VIDEO]


def test_dying_while_rendering_costs_one_chunk(bench: Bench, film: Path, hectic: tuple[Bench, Log]) -> None:
    chunks = [name for name in hectic[1].encoded if name.endswith(".mp4")]
    assert len(chunks) >= 2

    def die_before_the_second(encoded: int) -> None:
        if encoded == 2:  # the sound and a chunk
            raise Killed

    spec = {"footage": bench.upload(film, "vid_a"), "style": HECTIC}
    first = bench.run(bench.spec("apply", **spec), on_chunk=die_before_the_second)
    assert len(first.encoded) == 2
    assert first.began[-1] is RENDERING
    kept = bench.shelf.names(f"work/{JOB}/pieces/")
    assert kept == sorted(first.encoded)
    again = bench.run(bench.spec("apply", **spec))
    assert again.began == [RENDERING]
    assert set(again.encoded).isdisjoint(first.encoded)
    assert sorted(first.encoded + again.encoded) == sorted(hectic[1].encoded)
    moved = again.told(StageMoved)
    assert moved[0].share > 0.3, "frames that were encoded before count"
    assert again.done.output.film == f"outputs/{JOB}/2/film.mp4"
    _same(bench, again, hectic)


def test_a_cache_that_was_emptied_meanwhile_is_filled_again(
    bench: Bench, film: Path, template: Path, undisturbed: tuple[Bench, Log]
) -> None:
    """Clean-up may remove findings of a job that waits: they are measured again, under the stage that is told."""
    bench.run(_spec(bench, film, template), die_at=_told(StageBegan, PLANNING))
    bench.shelf.delete_prefix("cache")
    log = bench.run(_spec(bench, film, template))
    assert log.began == [PLANNING, RENDERING]
    _same(bench, log, undisturbed)


def test_films_are_brought_from_storage_only_when_their_frames_are_needed(
    bench: Bench, film: Path, template: Path
) -> None:
    bench.run(_spec(bench, film, template), die_at=_told(StageBegan, RENDERING))
    spec = _spec(bench, film, template)
    del bench.shelf.objects["videos/vid_b"]
    bench.shelf.fetched.clear()
    assert bench.run(spec).done
    assert [key for key in bench.shelf.fetched if key.startswith("videos/")] == ["videos/vid_a"]


def test_a_checkpoint_that_cannot_be_read_is_made_again(bench: Bench, film: Path) -> None:
    spec = {"footage": bench.upload(film, "vid_a"), "style": HECTIC}
    bench.run(bench.spec("apply", **spec), die_at=_told(StageBegan, RENDERING))
    plan = bench.plan()
    bench.shelf.objects[f"work/{JOB}/plan.json"] = b'{"schema_version": 99}'
    log = bench.run(bench.spec("apply", **spec), die_at=_told(StageStored, PLANNING))
    assert log.began == [PLANNING]
    assert bench.plan() == plan


def test_an_extraction_that_dies_at_the_end_is_only_handed_out(bench: Bench, template: Path) -> None:
    like = bench.upload(template, "vid_b")
    bench.run(bench.spec("extract", template=like), die_at=_told(StageStored, STYLING))
    log = bench.run(bench.spec("extract", template=like))
    assert log.began == []
    assert log.done.output.report_png == f"outputs/{JOB}/2/report.png"
