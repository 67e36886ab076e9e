"""The stages video_analysis, audio_analysis and motion_analysis: both films side by side, each decoded once."""

from __future__ import annotations

from functools import partial

from reelprint.core.progress import Stage
from reelprint.engine.clips.parts import FOR_CLIPS
from reelprint.engine.stages.job import Job
from reelprint.engine.stages.steps import Step

_ORDER = (Stage.VIDEO_ANALYSIS, Stage.AUDIO_ANALYSIS, Stage.MOTION_ANALYSIS)


def analyse(stage: Stage, job: Job) -> None:
    """Measure what belongs to a stage, and whatever of the stages before it is no longer kept."""
    so_far = _ORDER[: _ORDER.index(stage) + 1]
    job.measure(tuple(part for part in FOR_CLIPS if part.stage in so_far))
    job.checkpoints.write(f"{stage}.json", job.films.watched.to_json().encode())
    if stage is _ORDER[-1]:
        job.films.close()


ANALYSIS = tuple(Step(stage, partial(analyse, stage), f"{stage}.json") for stage in _ORDER)
