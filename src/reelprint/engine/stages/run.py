"""One attempt at a job, stage after stage, each stored before the next begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reelprint.core.document import Document
from reelprint.core.errors import DocumentError
from reelprint.core.jobs import JobOutput, RunSpec
from reelprint.core.plan import EditPlan
from reelprint.core.progress import CancelToken, Stage
from reelprint.core.style import StyleJSON
from reelprint.engine.ports import ObjectShelf, Tools
from reelprint.engine.stages.analysis import analyse
from reelprint.engine.stages.films import Films
from reelprint.engine.stages.job import Job
from reelprint.engine.stages.keeping import Checkpoints, Outputs, Watched, checkpoint
from reelprint.engine.stages.planning import plan_job
from reelprint.engine.stages.rendering import render_job
from reelprint.engine.stages.styling import extract_style, hand_out_style
from reelprint.engine.stages.teller import Tell, Teller

_EXTRACTION = (Stage.VIDEO_ANALYSIS, Stage.AUDIO_ANALYSIS, Stage.MOTION_ANALYSIS, Stage.STYLE_EXTRACTION)
_KINDS: dict[Stage, type[Document]] = {Stage.STYLE_EXTRACTION: StyleJSON, Stage.STYLE_APPLICATION: EditPlan}


def run_job(spec: RunSpec, shelf: ObjectShelf, tools: Tools, tell: Tell, cancel: CancelToken) -> None:
    """Work on a job from its first unfinished stage to its end, telling what happens.

    The same job gives the same plan and frames however often it is interrupted. ``tell`` is called by one thread at a
    time, but not always the same. Raises what a stage raises (ReelprintError, Cancelled); of that nothing is told.
    """
    if spec.task != "extract" and spec.footage is None:
        raise DocumentError("there is no footage to edit", detail="video_id")
    films = Films(spec, shelf, tools)
    checkpoints, outputs = Checkpoints(shelf, spec.job_id), Outputs(shelf, spec.job_id, spec.attempt)
    job = Job(spec, shelf, tools, Teller(tell), cancel, films, checkpoints, outputs)
    try:
        cancel.check()
        _run(job, _EXTRACTION if spec.task == "extract" else tuple(Stage))
    finally:
        films.close()


def _run(job: Job, stages: Sequence[Stage]) -> None:
    done = _finished(job, stages)
    output: JobOutput | None = None
    style: dict[str, Any] = {}
    for stage in stages[done:]:
        job.teller.began(stage)
        if done and stage is stages[done]:
            job.teller.log(f"attempt {job.spec.attempt} goes on with {stage}; the stages before it are stored")
        match stage:
            case Stage.STYLE_EXTRACTION:
                style = extract_style(job)
            case Stage.STYLE_APPLICATION:
                plan_job(job)
            case Stage.RENDERING:
                style, output = render_job(job)
            case _:
                analyse(job, stage)
        job.teller.stored(style if stage is Stage.STYLE_EXTRACTION else None)
        job.cancel.check()
    if output is None:
        style, output = job.style.model_dump(mode="json"), hand_out_style(job)
    job.teller.done(style, output)


def _finished(job: Job, stages: Sequence[Stage]) -> int:
    """How many stages earlier attempts have stored; what they know of the films is taken over."""
    for number, stage in enumerate(stages):
        kind = _KINDS.get(stage, Watched)
        found = job.checkpoints.document(checkpoint(stage), kind) if stage is not Stage.RENDERING else None
        if found is None:
            return number
        if isinstance(found, Watched):
            job.films.restore(found)
    return len(stages)
