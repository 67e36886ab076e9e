"""Use case: edit footage in a style, render it, and measure how close it came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reelprint.core.compare import Closure
from reelprint.core.plan import EditPlan
from reelprint.core.progress import CancelToken, Progress, Reporter, Stage
from reelprint.core.style import StyleJSON
from reelprint.core.transcript import Transcript
from reelprint.engine.clips.parts import FOR_CLIPS, listening
from reelprint.engine.clips.planning import DEFAULT_LOOK, with_captions
from reelprint.engine.extract import now
from reelprint.engine.ports import Film, Tools
from reelprint.engine.render import render
from reelprint.engine.watch import watch, watching
from reelprint.plan.edit import plan_edit
from reelprint.plan.options import PlanOptions
from reelprint.style.compare import closure
from reelprint.style.extract import style_of


@dataclass(frozen=True)
class Restyled:
    """A finished edit. ``style`` is the style that was asked for, with the closure in its details."""

    style: StyleJSON
    plan: EditPlan
    closure: Closure
    footage: Film
    result: Film
    footage_style: StyleJSON
    result_style: StyleJSON


def restyle(
    footage_path: Path,
    style_source: Callable[[], StyleJSON],
    options: PlanOptions,
    out: Path,
    tools: Tools,
    reporter: Reporter,
    cancel: CancelToken,
    *,
    captions: bool = False,
) -> Restyled:
    """Edit ``footage_path`` and write the film to ``out``. ``captions`` burns in what is said.

    ``style_source`` is asked after the footage was probed, so that a bad file is told before a long analysis.
    Raises MediaError, DocumentError, OutputError, ProcessFailed, Cancelled.
    """
    tools.reader.probe(footage_path)
    style = style_source()
    footage, transcript = _footage(footage_path, tools, reporter, cancel, captions)
    with tools.stopwatch.step("plan"):
        plan = plan_edit(style, footage.analysis, options)
        if transcript is not None:
            plan = captioned(plan, transcript, style)
    reporter.report(Progress(Stage.STYLE_APPLICATION, 1, 1, "plans", footage_path.name))
    with tools.stopwatch.step("render"):
        render(plan, footage.analysis.media, footage_path, out, tools, reporter, cancel)
    return judged(style, plan, footage, watch(out, tools, reporter, cancel))


def captioned(plan: EditPlan, transcript: Transcript, style: StyleJSON) -> EditPlan:
    """The plan with what is said burned in; its notes say why where that cannot be."""
    notes = list(plan.notes)
    plan = with_captions(plan, transcript, style, DEFAULT_LOOK, notes.append)
    return plan.model_copy(update={"notes": tuple(notes)})


def _footage(
    path: Path, tools: Tools, reporter: Reporter, cancel: CancelToken, captions: bool
) -> tuple[Film, Transcript | None]:
    """The footage, and what is said in it when that is wanted."""
    if not captions:
        return watch(path, tools, reporter, cancel, for_editing=True), None
    with watching(path, listening(tools, None), reporter, cancel, FOR_CLIPS) as viewing:
        return viewing.film(), viewing.finding("transcript")


def judged(style: StyleJSON, plan: EditPlan, footage: Film, result: Film) -> Restyled:
    """What the edit has achieved, measured on the film that came out."""
    footage_style = style_of(footage.analysis, now())
    result_style = style_of(result.analysis, now())
    closed = closure(footage_style, result_style, style)
    details = style.details.model_copy(update={"closure": closed.model_dump(mode="json")})
    return Restyled(
        style=style.model_copy(update={"details": details}),
        plan=plan,
        closure=closed,
        footage=footage,
        result=result,
        footage_style=footage_style,
        result_style=result_style,
    )
