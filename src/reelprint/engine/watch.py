"""Use case: watch a film and return everything that was measured on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reelprint.core.progress import CancelToken, Progress, Reporter, Stage
from reelprint.engine.findings import FOR_EDITING, FOR_STYLE, Part, stage_of
from reelprint.engine.measuring import Step, carry_out, missing_steps
from reelprint.engine.ports import Film, Tools
from reelprint.engine.viewing import Viewing

_UNITS = 1000


def watch(path: Path, tools: Tools, reporter: Reporter, cancel: CancelToken, *, for_editing: bool = False) -> Film:
    """Return the film; what these analyzers have found on it before is not measured again.

    ``for_editing`` measures what only a plan needs too (where the subjects are); without it that part is empty.
    Raises MediaError (bad film), ModelMissing, Cancelled.
    """
    with watching(path, tools, reporter, cancel, FOR_EDITING if for_editing else FOR_STYLE) as viewing:
        return viewing.film()


@contextmanager
def watching(
    path: Path, tools: Tools, reporter: Reporter, cancel: CancelToken, parts: tuple[Part, ...]
) -> Iterator[Viewing]:
    """A viewing of the film with all of ``parts`` known. Raises what ``watch`` raises."""

    def told(step: Step, share: float) -> None:
        done = round(share * _UNITS)
        reporter.report(Progress(stage_of(step.name), done, _UNITS, f"‰ of {step.name}", path.name))

    with tools.stopwatch.step("probe"):
        media = tools.reader.probe(path)
    with Viewing(media, lambda: path, tools, parts) as viewing:
        steps = missing_steps([viewing], parts)
        if not steps:
            reporter.report(Progress(Stage.VIDEO_ANALYSIS, 1, 1, "films known already", path.name))
        with tools.stopwatch.step("watch"):
            carry_out(steps, tools, cancel, told)
        yield viewing
