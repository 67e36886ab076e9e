"""Use case: restyle footage and leave everything that explains the result beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reelprint.core.compare import Closure
from reelprint.core.plan import EditPlan
from reelprint.core.progress import CancelToken, Reporter
from reelprint.core.style import StyleJSON
from reelprint.core.thumbnail import Thumbnail
from reelprint.engine.deliver import picture_bytes, place, write_whole
from reelprint.engine.ports import Film, Tools
from reelprint.engine.restyle import Restyled, restyle
from reelprint.plan.options import PlanOptions
from reelprint.plan.take_grades import film_grade
from reelprint.render.grade import look_cube_text
from reelprint.render.otio import timeline_json
from reelprint.render.report import Side, closure_svg


@dataclass(frozen=True)
class Applied:
    """``files``: see ``result_files``. ``written``: those and the report as SVG."""

    files: dict[str, Path]
    written: tuple[Path, ...]
    plan: EditPlan
    closure: Closure


def apply_style(
    footage: Path,
    wanted: Callable[[], tuple[StyleJSON, Film | None]],
    style_name: str,
    options: PlanOptions,
    out: Path,
    tools: Tools,
    reporter: Reporter,
    cancel: CancelToken,
    *,
    captions: bool = False,
) -> Applied:
    """Write ``out`` and, next to it, its style, plan, timeline (.otio), look (.cube) and report.

    ``wanted`` gives the style and the film it was measured on, if there is one. Nothing is written when the
    work fails or is cancelled. Raises MediaError, DocumentError, OutputError, ProcessFailed, Cancelled.
    """
    template: list[Film | None] = [None]

    def style() -> StyleJSON:
        found, template[0] = wanted()
        return found

    files = result_files(out)
    with place(out) as aside:
        done = restyle(footage, style, options, aside, tools, reporter, cancel, captions=captions)
        look = film_grade(done.style, done.footage.analysis.colour, options.strength)
        pictures = template[0].thumbnails if template[0] is not None else ()
        svg = closure_report(done, pictures, style_name, footage.name, out.name, title=out.name)
        beside: dict[Path, bytes] = {
            files["style"]: done.style.to_json(indent=2).encode(),
            files["plan"]: done.plan.to_json().encode(),
            files["timeline"]: timeline_json(
                done.plan, done.footage.analysis.media, footage.absolute().as_uri()
            ).encode(),
            files["look"]: look_cube_text(look).encode(),
            files["report"]: picture_bytes(svg, files["report"], tools.rasterizer),
            _vector(files["report"]): svg.encode(),
        }
        cancel.check()
        write_whole(beside)
    written = (*files.values(), _vector(files["report"]))
    return Applied(files=files, written=written, plan=done.plan, closure=done.closure)


def result_files(out: Path) -> dict[str, Path]:
    """What ``apply_style`` writes for ``out``: output, style, plan, timeline, look, report (the picture as PNG)."""
    suffixes = {
        "style": ".style.json",
        "plan": ".plan.json",
        "timeline": ".otio",
        "look": ".cube",
        "report": ".report.png",
    }
    return {"output": out} | {name: out.with_suffix(suffix) for name, suffix in suffixes.items()}


def _vector(report: Path) -> Path:
    return report.with_suffix(".svg")


def closure_report(
    done: Restyled, template: Sequence[Thumbnail], style_name: str, footage_name: str, out_name: str, title: str = ""
) -> str:
    """Template, footage and result side by side, as SVG. ``template``: its pictures; none where there is no film."""
    return closure_svg(
        template=Side(done.style, template, style_name),
        footage=Side(done.footage_style, done.footage.thumbnails, footage_name),
        result=Side(done.result_style, done.result.thumbnails, out_name),
        closure=done.closure,
        title=title,
    )
