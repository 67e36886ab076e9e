"""Watching a film: one decode, then every analyzer, those that do not wait for each other side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

from reelprint.analyze.evidence import Analyzer, Evidence, Known, Tick
from reelprint.core.analysis import Analysis, Timing
from reelprint.core.media import MediaInfo
from reelprint.core.motion import FocusTrack
from reelprint.core.progress import CancelToken, Progress, Reporter, Stage
from reelprint.core.shots import Shot
from reelprint.core.time import rate_text, snap_rate
from reelprint.engine.ports import Film, Tools

#: What each analyzer reads of the others' findings. Whatever is not listed here waits for nothing.
_NEEDS: Mapping[str, frozenset[str]] = {
    "shots": frozenset({"picture"}),
    "colour": frozenset({"picture", "shots"}),
    "focus": frozenset({"picture", "shots"}),
    "motion": frozenset({"picture", "shots"}),
    "speech": frozenset({"loudness"}),
    "music": frozenset({"loudness", "speech"}),
}
_STAGES: Mapping[str, Stage] = {
    "loudness": Stage.AUDIO_ANALYSIS,
    "speech": Stage.AUDIO_ANALYSIS,
    "music": Stage.AUDIO_ANALYSIS,
    "motion": Stage.MOTION_ANALYSIS,
    "focus": Stage.MOTION_ANALYSIS,
}
#: Measured only for films that are to be edited.
_FOR_EDITING = frozenset({"focus"})
_MAX_THUMBNAILS = 24
_UNITS = 1000


def watch(path: Path, tools: Tools, reporter: Reporter, cancel: CancelToken, *, for_editing: bool = False) -> Film:
    """Return the film, from the cache when these analyzers have seen it before.

    ``for_editing`` measures what only a plan needs too (where the subjects are); without it that part is empty unless
    the cache has it. Raises MediaError (bad film), ModelMissing, Cancelled.
    """
    with tools.stopwatch.step("probe"):
        media = tools.reader.probe(path)
    everything = {"decode": tools.reader.version} | {one.name: one.version for one in tools.analyzers}
    lean = {name: version for name, version in everything.items() if name not in _FOR_EDITING}
    versions = everything if for_editing else lean
    known = tools.cache.load(media.content_hash, everything) or tools.cache.load(media.content_hash, versions)
    if known is not None:
        reporter.report(Progress(Stage.VIDEO_ANALYSIS, 1, 1, "films known already", path.name))
        # The same bytes under another name: the label is the only thing that differs.
        return dataclasses.replace(known, analysis=known.analysis.model_copy(update={"media": media}))
    with tools.scratch.folder("watch") as scratch:
        film = _watch(path, media, scratch, versions, tools, reporter, cancel)
    tools.cache.store(film)
    return film


def _watch(
    path: Path,
    media: MediaInfo,
    scratch: Path,
    versions: dict[str, int],
    tools: Tools,
    reporter: Reporter,
    cancel: CancelToken,
) -> Film:
    def decoded(done: int, expected: int) -> None:
        cancel.check()
        reporter.report(Progress(Stage.VIDEO_ANALYSIS, done, expected, "frames", path.name))

    with ExitStack() as stack:
        with tools.stopwatch.step("decode"):
            evidence = stack.enter_context(tools.reader.decode(path, media, scratch, decoded))
        with tools.stopwatch.step("all analyzers, side by side"):
            analyzers = [analyzer for analyzer in tools.analyzers if analyzer.name in versions]
            findings = _measure(evidence, analyzers, tools, path.name, reporter, cancel)
        analysis = Analysis(
            media=media,
            timing=_timing(evidence),
            analyzers=versions,
            **{field.name: getattr(findings, field.name) for field in dataclasses.fields(findings)},
        )
        thumbnails = tools.reader.thumbnails(evidence, _moments(analysis.shots.shots))
    return Film(analysis=analysis, thumbnails=thumbnails)


def _measure(
    evidence: Evidence,
    analyzers: Sequence[Analyzer],
    tools: Tools,
    subject: str,
    reporter: Reporter,
    cancel: CancelToken,
) -> Known:
    """Run the analyzers as soon as what they need is known."""
    waiting = list(analyzers)
    names = {analyzer.name for analyzer in waiting}
    known, done = Known(focus=FocusTrack()), set[str]()
    failed = CancelToken()
    running: dict[Future[Any], Analyzer] = {}
    with ThreadPoolExecutor(max_workers=max(2, tools.workers), thread_name_prefix="analyze") as pool:
        try:
            while waiting or running:
                for analyzer in [one for one in waiting if _NEEDS.get(one.name, frozenset()) & names <= done]:
                    waiting.remove(analyzer)
                    tick = _ticker(analyzer.name, subject, reporter, (cancel, failed))
                    running[pool.submit(_timed, analyzer, evidence, known, tick, tools)] = analyzer
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    name = running.pop(future).name
                    known = dataclasses.replace(known, **{name: future.result()})
                    done.add(name)
        except BaseException:
            # The others end at their next tick; leaving the pool waits for them.
            failed.cancel("another analyzer failed")
            for future in running:
                future.cancel()
            raise
    return known


def _timed(analyzer: Analyzer, evidence: Evidence, known: Known, tick: Tick, tools: Tools) -> Any:
    with tools.stopwatch.step(f"analyzer {analyzer.name}"):
        return analyzer.measure(evidence, known, tick)


def _ticker(name: str, subject: str, reporter: Reporter, stops: Sequence[CancelToken]) -> Tick:
    stage = _STAGES.get(name, Stage.VIDEO_ANALYSIS)

    def tick(share: float) -> None:
        for stop in stops:
            stop.check()
        done = round(min(1.0, max(0.0, share)) * _UNITS)
        reporter.report(Progress(stage, done, _UNITS, f"‰ of {name}", subject))

    return tick


def _timing(evidence: Evidence) -> Timing:
    count = len(evidence.times_s)
    exact = Fraction(count) / Fraction(evidence.duration_s).limit_denominator(1_000_000)
    return Timing(
        frame_count=count,
        frame_rate=rate_text(snap_rate(exact.limit_denominator(100_000))),
        duration_s=evidence.duration_s,
        decode_errors=evidence.decode_errors,
    )


def _moments(shots: tuple[Shot, ...]) -> list[float]:
    """The middles of up to 24 shots, spread evenly over the film; more of a film with few shots."""
    if len(shots) >= _MAX_THUMBNAILS:
        step = len(shots) / _MAX_THUMBNAILS
        shots = tuple(shots[int(step * index)] for index in range(_MAX_THUMBNAILS))
        return [(shot.start_s + shot.end_s) / 2 for shot in shots]
    each = max(1, _MAX_THUMBNAILS // (2 * len(shots)))
    return [shot.start_s + shot.duration_s * (index + 0.5) / each for shot in shots for index in range(each)]
