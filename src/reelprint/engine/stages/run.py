"""One attempt at a job: its films and tools put together, then its stages."""

from __future__ import annotations

from reelprint.core.errors import DocumentError
from reelprint.core.jobs import RunSpec
from reelprint.core.plan import EditPlan
from reelprint.core.progress import CancelToken, Stage
from reelprint.core.style import StyleJSON
from reelprint.engine.clips.parts import listening
from reelprint.engine.ports import ObjectShelf, Tools
from reelprint.engine.stages.analysis import ANALYSIS
from reelprint.engine.stages.clips import CLIPS, take_source
from reelprint.engine.stages.films import Films
from reelprint.engine.stages.job import Job
from reelprint.engine.stages.keeping import PLAN, STYLE, Checkpoints, Outputs
from reelprint.engine.stages.planning import plan_job
from reelprint.engine.stages.rendering import render_job
from reelprint.engine.stages.steps import Step, carry_on
from reelprint.engine.stages.styling import extract_style, hand_out_style
from reelprint.engine.stages.teller import Tell, Teller


def run_job(spec: RunSpec, shelf: ObjectShelf, tools: Tools, tell: Tell, cancel: CancelToken) -> None:
    """Work on a job from its first unfinished stage to its end, telling what happens.

    The same job gives the same plan and frames however often it is interrupted. ``tell`` is called by one thread at a
    time, but not always the same. Raises what a stage raises (ReelprintError, Cancelled); of that nothing is told.
    """
    if spec.task in ("apply", "clean") and spec.footage is None:
        raise DocumentError("there is no footage to edit", detail="video_id")
    if spec.listens:
        tools = listening(tools, spec.clips.options.language if spec.clips is not None else None)
    films = Films(spec, shelf, tools)
    checkpoints, outputs = Checkpoints(shelf, spec.job_id), Outputs(shelf, spec.job_id, spec.attempt)
    job = Job(spec, shelf, tools, Teller(tell), cancel, films, checkpoints, outputs)
    try:
        cancel.check()
        match spec.task:
            case "clips":
                take_source(job)
                carry_on(job, CLIPS)
                job.teller.done(None, None)
            case "extract":
                carry_on(job, _EXTRACTION)
                job.teller.done(job.style.model_dump(mode="json"), hand_out_style(job))
            case _:
                style, output = carry_on(job, (*_EXTRACTION, _PLANNING, _RENDERING))
                job.teller.done(style, output)
    finally:
        films.close()


_EXTRACTION = (*ANALYSIS, Step(Stage.STYLE_EXTRACTION, extract_style, STYLE, StyleJSON))
_PLANNING = Step(Stage.STYLE_APPLICATION, plan_job, PLAN, EditPlan)
_RENDERING = Step(Stage.RENDERING, render_job)
