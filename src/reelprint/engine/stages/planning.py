"""The stage style_application: every decision of the edit, its grade as a .cube, its time line for other editors."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import quote

from reelprint.core.style import StyleJSON
from reelprint.engine.clips.parts import FOR_CLIPS
from reelprint.engine.render import bake_grades
from reelprint.engine.restyle import captioned
from reelprint.engine.stages.job import Job
from reelprint.engine.stages.keeping import LOOK, PLAN, TIMELINE
from reelprint.engine.stages.meter import within
from reelprint.plan.edit import plan_edit
from reelprint.plan.options import PlanOptions
from reelprint.plan.take_grades import film_grade
from reelprint.render.grade import look_cube_text
from reelprint.render.otio import timeline_json
from reelprint.style.clean import cleaned


def plan_job(job: Job) -> None:
    """Store the plan, the look and the time line."""
    job.measure(FOR_CLIPS, high=0.2)
    config, style, footage = job.spec.config, target_style(job), job.films.film("footage").analysis
    if job.spec.task == "clean":
        style = _untouched(style)
    options = plan_options(job)
    with job.tools.stopwatch.step("plan"):
        plan = plan_edit(style, footage, options)
    if config.captions:
        plan = captioned(plan, job.films.viewing("footage").finding("transcript"), style)
    job.teller.moved(0.4)
    job.cancel.check()
    look = look_cube_text(film_grade(style, footage.colour, config.strength))
    job.teller.moved(0.5)
    # Here and not when the first chunk is encoded: the grades are a good part of the work, and they can be counted.
    bake_grades(plan, footage.media, job.cancel, within(job.teller.moved, 0.5, 0.9))
    timeline = timeline_json(plan, footage.media, _beside(footage.media.filename))
    job.checkpoints.write(LOOK, look.encode())
    job.checkpoints.write(TIMELINE, timeline.encode())
    job.checkpoints.write(PLAN, plan.to_json().encode())
    for note in plan.notes:
        job.teller.log(f"note: {note}")


def target_style(job: Job) -> StyleJSON:
    """What the edit is made after: the job's style; for footage without one, its own with levels and loudness right."""
    return cleaned(job.style) if job.spec.task == "clean" else job.style


def plan_options(job: Job) -> PlanOptions:
    """The choices of a job request as choices of an edit."""
    config = job.spec.config
    return PlanOptions(
        pacing="keep" if job.spec.task == "clean" else config.pacing,
        strength=config.strength,
        aspect_ratio=config.aspect_ratio,
        frame_rate=config.frame_rate,
        quality=config.quality,
        container=config.output_format,
        target_duration_s=config.target_duration_seconds,
        seed=config.seed,
        as_shot=job.spec.task == "clean",
    )


def _beside(label: str) -> str:
    """A link to the footage beside the time line, wherever both are put: the last part of its name."""
    return quote(PurePosixPath(label.replace("\\", "/")).name or "footage")


def _untouched(style: StyleJSON) -> StyleJSON:
    """The style without zooms to add: the footage's own are in its pictures already."""
    return style.model_copy(update={"zoom_usage": 0.0})
