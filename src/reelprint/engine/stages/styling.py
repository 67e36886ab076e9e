"""The stage style_extraction: the style that the edit follows, and its report."""

from __future__ import annotations

from typing import Any

from reelprint.colour.cube import cube_text
from reelprint.colour.sliders import grade
from reelprint.core.jobs import JobOutput
from reelprint.core.style import StyleJSON
from reelprint.core.thumbnail import Thumbnail
from reelprint.engine.clips.parts import FOR_CLIPS
from reelprint.engine.deliver import REPORT_WIDTH_PX
from reelprint.engine.extract import now
from reelprint.engine.stages.films import Role
from reelprint.engine.stages.job import Job
from reelprint.engine.stages.keeping import STYLE, STYLE_CUBE, STYLE_PNG, STYLE_SVG
from reelprint.render.report import report_svg
from reelprint.style.extract import style_of


def extract_style(job: Job) -> dict[str, Any]:
    """Store the style with its report, and for an extraction its .cube; return the style."""
    job.measure(FOR_CLIPS, high=0.2)
    style, pictures = _style(job)
    job.teller.moved(0.3)
    svg = report_svg(style, pictures, job.style_name)
    job.teller.moved(0.5)
    job.cancel.check()
    png = job.tools.rasterizer.png(svg, REPORT_WIDTH_PX)
    job.teller.moved(0.9)
    job.cancel.check()
    job.checkpoints.write(STYLE_SVG, svg.encode())
    job.checkpoints.write(STYLE_PNG, png)
    if job.spec.task == "extract":
        # The sliders are defined by what they do to a neutral picture; that is the style's look without a film.
        job.checkpoints.write(STYLE_CUBE, cube_text(grade(style.color_grade)).encode())
    job.checkpoints.write(STYLE, style.to_json().encode())
    return style.model_dump(mode="json")


def hand_out_style(job: Job) -> JobOutput:
    """The outputs of an extraction."""
    files = {name: job.checkpoints.require(name) for name in (STYLE_CUBE, STYLE_PNG, STYLE_SVG)}
    return JobOutput(
        cube=job.outputs.write("style.cube", files[STYLE_CUBE]),
        report_png=job.outputs.write("report.png", files[STYLE_PNG]),
        report_svg=job.outputs.write("report.svg", files[STYLE_SVG]),
    )


def _style(job: Job) -> tuple[StyleJSON, tuple[Thumbnail, ...]]:
    """The style and pictures of the film that it was measured on."""
    if job.spec.style is not None:
        return job.spec.style, ()
    role: Role = "template" if "template" in job.films else "footage"
    film = job.films.film(role)
    return style_of(film.analysis, now()), film.thumbnails
