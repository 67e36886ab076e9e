"""Measuring films: every step as soon as what it needs is known, those that do not wait for each other side by side."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from reelprint.analyze.evidence import Analyzer, Known
from reelprint.core.progress import CancelToken
from reelprint.engine.findings import DECODE, NEEDS, Part
from reelprint.engine.ports import Tools
from reelprint.engine.viewing import Viewing


@dataclass(frozen=True, eq=False)
class Step:
    """One piece of work on one film: its decode (``analyzer`` None) or one analyzer."""

    film: Viewing
    analyzer: Analyzer | None

    @property
    def name(self) -> str:
        """The analyzer's name, or "decode"."""
        return self.analyzer.name if self.analyzer is not None else DECODE


StepWatch = Callable[[Step, float], None]
"""Called from several threads with the share of a step that is done, 0..1. Must be cheap; may raise Cancelled."""


def missing_steps(films: Sequence[Viewing], parts: Collection[Part]) -> list[Step]:
    """The work that is left before these parts of the films are known; what is kept is recalled.

    ``parts`` must include what their analyzers build on.
    """
    steps: list[Step] = []
    for film in films:
        analyzers = film.recall(parts)
        if analyzers and not film.is_open:
            steps.append(Step(film, None))
        steps.extend(Step(film, analyzer) for analyzer in analyzers)
    return steps


def carry_out(steps: Sequence[Step], tools: Tools, cancel: CancelToken, watch: StepWatch) -> None:
    """Take all steps; each part of a film is kept as soon as it is complete.

    An analyzer works on one film at a time: some keep a model that is not for several threads. Raises MediaError,
    ModelMissing, Unavailable, Cancelled; then no thread is left, and what was complete is kept.
    """
    waiting = list(steps)
    failed = CancelToken()
    running: dict[Future[Any], Step] = {}
    with ThreadPoolExecutor(max_workers=max(2, tools.workers), thread_name_prefix="analyze") as pool:
        try:
            while waiting or running:
                for step in list(waiting):
                    if _ready(step, waiting, list(running.values())):
                        waiting.remove(step)
                        running[pool.submit(_take, step, step.film.known, (cancel, failed), watch)] = step
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    step = running.pop(future)
                    found = future.result()
                    if step.analyzer is not None:
                        step.film.learn(step.name, found)
                        step.film.keep()
        except BaseException:
            # The others end at their next tick; leaving the pool waits for them.
            failed.cancel("another step failed")
            for future in running:
                future.cancel()
            raise


def _ready(step: Step, waiting: Sequence[Step], running: Sequence[Step]) -> bool:
    pending = {other.name for other in (*waiting, *running) if other.film is step.film}
    if step.analyzer is None:
        return True
    busy = any(other.name == step.name for other in running)
    return not busy and DECODE not in pending and not NEEDS.get(step.name, frozenset()) & pending


def _take(step: Step, known: Known, stops: Sequence[CancelToken], watch: StepWatch) -> Any:
    def tick(share: float) -> None:
        for stop in stops:
            stop.check()
        watch(step, min(1.0, max(0.0, share)))

    if step.analyzer is None:
        tick(0.0)
        step.film.decode(lambda done, expected: tick(done / max(1, expected)))
        return None
    found = step.film.measure(step.analyzer, known, tick)
    watch(step, 1.0)
    return found
