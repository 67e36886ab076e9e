"""Going through the stages of a job: each stores its result before the next begins, and a later attempt goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from reelprint.core.document import Document
from reelprint.core.progress import Stage
from reelprint.engine.stages.job import Job
from reelprint.engine.stages.keeping import Watched


@dataclass(frozen=True)
class Step:
    """One stage: its work, and the document whose presence in storage says that it is finished.

    What ``work`` of style_extraction returns is the style, for whoever follows the job.
    """

    stage: Stage
    work: Callable[[Job], Any]
    mark: str | None = None
    kind: type[Document] = Watched


def carry_on(job: Job, steps: Sequence[Step]) -> Any:
    """Work from the first unfinished step to the last; return what that has returned, None if it was finished before.

    Raises what a step raises, and Cancelled.
    """
    result: Any = None
    done = _finished(job, steps)
    for step in steps[done:]:
        job.teller.began(step.stage)
        if done and step is steps[done]:
            job.teller.log(f"attempt {job.spec.attempt} goes on with {step.stage}; the stages before it are stored")
        result = step.work(job)
        job.teller.stored(result if step.stage is Stage.STYLE_EXTRACTION else None)
        job.cancel.check()
    return result


def _finished(job: Job, steps: Sequence[Step]) -> int:
    """How many steps earlier attempts have stored; what they know of the films is taken over."""
    for number, step in enumerate(steps):
        found = None if step.mark is None else job.checkpoints.document(step.mark, step.kind)
        if found is None:
            return number
        if isinstance(found, Watched):
            job.films.restore(found)
    return len(steps)
