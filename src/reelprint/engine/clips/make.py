"""Use case: clips of a film, made in one go and put into a folder one by one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from reelprint.core.clips import ClipOptions, ClipPlan, CostAnalysis, StoredClip
from reelprint.core.errors import OutputError
from reelprint.core.progress import CancelToken, Progress, Reporter, Stage
from reelprint.core.style import StyleJSON
from reelprint.core.transcript import Transcript
from reelprint.engine.clips.parts import FOR_CLIPS, listening
from reelprint.engine.clips.picking import pick
from reelprint.engine.clips.planning import plan_clips
from reelprint.engine.clips.rendering import handed_out, render_clip
from reelprint.engine.deliver import place
from reelprint.engine.ports import Fetched, LanguageModel, Tools
from reelprint.engine.watch import watching

Log = Callable[[str], None]


@dataclass(frozen=True)
class Clips:
    """All clips, best first, and what they cost."""

    clips: tuple[StoredClip, ...]
    cost: CostAnalysis
    notes: tuple[str, ...]


def make_clips(
    source: Path | str,
    out: Path,
    options: ClipOptions,
    style: StyleJSON | None,
    model: LanguageModel | None,
    tools: Tools,
    reporter: Reporter,
    cancel: CancelToken,
    log: Log,
) -> Clips:
    """Write the clips of ``source`` (a file, or a URL as text) into the folder ``out``, each whole or not at all.

    Clips that are finished stay when a later one fails. Raises MediaError, FetchFailed, AddressRefused, DocumentError,
    OutputError, ProcessFailed, ModelMissing, Cancelled.
    """
    tools = listening(tools, options.language)
    _try(out)
    with _brought(source, tools, reporter, cancel) as film:
        with watching(film.path, tools, reporter, cancel, FOR_CLIPS) as viewing:
            analysis = viewing.film().analysis
            transcript: Transcript = viewing.finding("transcript")
        log(heard(transcript))
        picks = pick(film.title, transcript, analysis, options, model, cancel, log)
        reporter.report(Progress(Stage.STYLE_EXTRACTION, 1, 1, "picks", film.filename))

        def planned(share: float) -> None:
            reporter.report(Progress(Stage.STYLE_APPLICATION, round(share * 100), 100, "%", film.filename))

        plans = plan_clips(picks, analysis, transcript, options, style, cancel, planned, log).clips
        progress = _Together(reporter, plans, film.filename)
        done = []
        for clip in plans:
            with tools.scratch.folder("clip") as folder:
                made = render_clip(clip, analysis.media, film.path, folder, tools, progress, cancel)
                done.append(handed_out(clip, made, lambda path: _put(path, out)))
            progress.finished(clip)
            log(f"clip {clip.pick.number} of {len(plans)} is ready: {clip.pick.texts.title}")
    return Clips(tuple(done), picks.cost, picks.notes)


def heard(transcript: Transcript) -> str:
    """What was understood, in one line for the person who waits."""
    if not transcript.words:
        return "nobody speaks: moments are picked by picture and sound"
    # A language that was asked for is not judged.
    judged = transcript.language_probability < 1
    sure = f" ({100 * transcript.language_probability:.0f} % sure)" if judged else ""
    return f"words heard: {len(transcript.words)}, language {transcript.language}{sure}, by {transcript.model}"


def _try(out: Path) -> None:
    """Find out whether the folder can be written before hours are spent. Raises OutputError."""
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is not a folder; clips need one", detail="out")
    there = out.exists()
    with place(out / ".try") as aside:
        aside.touch()
    (out / ".try").unlink(missing_ok=True)
    if not there:
        out.rmdir()


def _put(path: Path, out: Path) -> str:
    """Copy a file into a folder; where it is then. Raises OutputError."""
    with place(out / path.name) as aside:
        shutil.copyfile(path, aside)
    return str(out / path.name)


@contextmanager
def _brought(source: Path | str, tools: Tools, reporter: Reporter, cancel: CancelToken) -> Iterator[Fetched]:
    """The film as a file: where it is, or fetched into scratch for the time being."""
    if isinstance(source, Path):
        yield Fetched(source, source.name, source.stem)
        return

    def told(done: int, expected: int | None) -> None:
        reporter.report(Progress(Stage.VIDEO_ANALYSIS, done, expected or 0, "bytes", "fetching"))

    with ExitStack() as stack:
        folder = stack.enter_context(tools.scratch.folder("fetch"))
        yield tools.fetcher.fetch(source, folder, told, cancel)


class _Together:
    """One progress for several renderings that follow one another."""

    def __init__(self, reporter: Reporter, plans: tuple[ClipPlan, ...], subject: str) -> None:
        self._reporter, self._subject = reporter, subject
        self._total = sum(clip.plan.output.frame_count for clip in plans)
        self._before = 0

    def report(self, progress: Progress) -> None:
        """See Reporter."""
        done = min(self._total, self._before + progress.done)
        self._reporter.report(Progress(Stage.RENDERING, done, self._total, "frames", self._subject))

    def finished(self, clip: ClipPlan) -> None:
        """A clip is whole: the next one counts on from here."""
        self._before += clip.plan.output.frame_count
