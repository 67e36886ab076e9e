"""What every stage of a running job works with."""

from __future__ import annotations

from dataclasses import dataclass

from reelprint.core.errors import Unavailable
from reelprint.core.jobs import RunSpec
from reelprint.core.plan import EditPlan
from reelprint.core.progress import CancelToken
from reelprint.core.style import StyleJSON
from reelprint.engine.findings import Part
from reelprint.engine.measuring import carry_out, missing_steps
from reelprint.engine.ports import ObjectShelf, Tools
from reelprint.engine.stages.films import Films
from reelprint.engine.stages.keeping import PLAN, STYLE, Checkpoints, Outputs
from reelprint.engine.stages.meter import StepMeter
from reelprint.engine.stages.teller import Teller


@dataclass(frozen=True)
class Job:
    """One attempt at a job."""

    spec: RunSpec
    shelf: ObjectShelf
    tools: Tools
    teller: Teller
    cancel: CancelToken
    films: Films
    checkpoints: Checkpoints
    outputs: Outputs

    def measure(self, parts: tuple[Part, ...], high: float = 1.0) -> None:
        """Make these parts of all films known; the stage's progress reaches ``high`` meanwhile.

        Nothing is left to do where another job, or an earlier attempt, has measured them.
        """
        steps = missing_steps(self.films.viewings, parts)
        meter = StepMeter(steps, lambda share: self.teller.moved(high * share))
        carry_out(steps, self.tools, self.cancel, meter.watch)
        self.cancel.check()

    @property
    def style(self) -> StyleJSON:
        """The stored style."""
        style = self.checkpoints.document(STYLE, StyleJSON)
        if style is None:
            raise Unavailable("the job's style is no longer in storage")
        return style

    @property
    def plan(self) -> EditPlan:
        """The stored plan."""
        plan = self.checkpoints.document(PLAN, EditPlan)
        if plan is None:
            raise Unavailable("the job's plan is no longer in storage")
        return plan

    @property
    def style_name(self) -> str:
        """What the style is called in reports."""
        spec = self.spec
        if "template" in self.films and spec.template is not None:
            return spec.template.filename
        if spec.style is None:
            return spec.footage.filename if spec.footage is not None else ""
        source = spec.style.details.provenance
        return spec.config.preset or (source.filename if source is not None else None) or "a style given as JSON"
