"""The stage rendering: the film, what was measured on it, and everything that is handed out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reelprint.core.jobs import JobOutput
from reelprint.core.plan import OutputFormat
from reelprint.engine.apply import closure_report
from reelprint.engine.clips.parts import FOR_CLIPS
from reelprint.engine.deliver import REPORT_WIDTH_PX
from reelprint.engine.findings import FOR_STYLE
from reelprint.engine.measuring import carry_out, missing_steps
from reelprint.engine.ports import Film
from reelprint.engine.render import Rendering
from reelprint.engine.restyle import judged
from reelprint.engine.stages.job import Job
from reelprint.engine.stages.keeping import LOOK, STYLE_PNG, STYLE_SVG, TIMELINE, Pieces
from reelprint.engine.stages.meter import FramesReporter, StepMeter, within
from reelprint.engine.stages.planning import target_style
from reelprint.engine.viewing import Viewing

#: Where in the stage's progress the encoding ends, the measuring of the result ends, and the report is drawn.
_ENCODED, _MEASURED, _DRAWN = 0.9, 0.97, 0.98
_MEDIA_TYPES: dict[OutputFormat, str] = {"mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm"}


def render_job(job: Job) -> tuple[dict[str, Any], JobOutput]:
    """Render the plan and store the outputs; return the style with its closure, and where the outputs are.

    Pieces that an earlier attempt has encoded are taken from storage.
    """
    plan, spec = job.plan, job.spec
    job.measure(FOR_CLIPS, high=0.0)
    footage = job.films.film("footage")
    with job.tools.scratch.folder("render") as folder:
        out = folder / f"film.{plan.output.container}"
        reporter = FramesReporter(within(job.teller.moved, 0.0, _ENCODED))
        with job.tools.stopwatch.step("render"):
            Rendering(
                plan,
                footage.analysis.media,
                job.films.path("footage"),
                folder,
                job.tools,
                reporter,
                job.cancel,
                Pieces(job.shelf, spec.job_id),
            ).run(out)
        result = _measured(job, out, _result_name(footage, plan.output.container))
        done = judged(target_style(job), plan, footage, result)
        job.cancel.check()
        pictures = job.films.film("template").thumbnails if "template" in job.films else ()
        svg = closure_report(
            done, pictures, job.style_name, footage.analysis.media.filename, result.analysis.media.filename
        )
        png = job.tools.rasterizer.png(svg, REPORT_WIDTH_PX)
        job.teller.moved(_DRAWN)
        job.cancel.check()
        outputs, checkpoints = job.outputs, job.checkpoints
        output = JobOutput(
            film=outputs.keep(out.name, out),
            film_type=_MEDIA_TYPES[plan.output.container],
            cube=outputs.write("style.cube", checkpoints.require(LOOK)),
            timeline=outputs.write("timeline.otio", checkpoints.require(TIMELINE)),
            report_png=outputs.write("report.png", png),
            report_svg=outputs.write("report.svg", svg.encode()),
        )
        # The style's own picture, for whoever looks into the folder.
        outputs.write(STYLE_PNG, checkpoints.require(STYLE_PNG))
        outputs.write(STYLE_SVG, checkpoints.require(STYLE_SVG))
    # The style that was measured or asked for, with the closure; for cleaned footage that is not the one aimed at.
    details = job.style.details.model_copy(update={"closure": done.style.details.closure})
    return job.style.model_copy(update={"details": details}).model_dump(mode="json"), output


def _measured(job: Job, path: Path, name: str) -> Film:
    """The result, measured like any film."""
    media = job.tools.reader.probe(path).model_copy(update={"filename": name})
    with Viewing(media, lambda: path, job.tools, FOR_STYLE) as film:
        steps = missing_steps([film], FOR_STYLE)
        meter = StepMeter(steps, within(job.teller.moved, _ENCODED, _MEASURED))
        carry_out(steps, job.tools, job.cancel, meter.watch)
        return film.film()


def _result_name(footage: Film, container: OutputFormat) -> str:
    return f"{Path(footage.analysis.media.filename).stem}.{container}"
