"""The stages of a clips job: the film brought and watched, moments picked, clips planned and handed out one by one."""

from __future__ import annotations

from pathlib import Path

from reelprint.core.clips import ClipPlans, ClipsAsked, Picks
from reelprint.core.document import Document
from reelprint.core.errors import DocumentError, Unavailable
from reelprint.core.jobs import Source
from reelprint.core.progress import Stage
from reelprint.core.transcript import Transcript
from reelprint.engine.clips.make import heard
from reelprint.engine.clips.parts import FOR_CLIPS
from reelprint.engine.clips.picking import pick
from reelprint.engine.clips.planning import plan_clips
from reelprint.engine.clips.rendering import handed_out, render_clip
from reelprint.engine.stages.analysis import ANALYSIS
from reelprint.engine.stages.films import file_name
from reelprint.engine.stages.job import Job
from reelprint.engine.stages.keeping import CLIP_PLANS, PICKS, SOURCE, Pieces
from reelprint.engine.stages.meter import FramesReporter, within
from reelprint.engine.stages.steps import Step

#: Where in the first stage's progress a film from a URL is there.
_FETCHED = 0.3


class Brought(Document):
    """The film of a job, and what it is called."""

    source: Source
    title: str


def take_source(job: Job) -> None:
    """Take the film that was uploaded, or that an earlier attempt has fetched. Raises DocumentError without any."""
    brought = _brought(job)
    if brought is not None:
        job.films.take("footage", brought.source)
    elif _asked(job).url is None:
        raise DocumentError("there is neither a film nor a URL to make clips of", detail="url")


def _asked(job: Job) -> ClipsAsked:
    return job.spec.clips or ClipsAsked()


def _brought(job: Job) -> Brought | None:
    if job.spec.footage is not None:
        return Brought(source=job.spec.footage, title=Path(job.spec.footage.filename).stem)
    return job.checkpoints.document(SOURCE, Brought)


def _title(job: Job) -> str:
    brought = _brought(job)
    return brought.title if brought is not None else "film"


def _fetch(job: Job) -> None:
    """Bring the film from its URL into storage, once for all attempts."""
    url = _asked(job).url
    if url is None or _brought(job) is not None:
        return
    job.teller.log("fetching the film")
    # What the site's page makes yt-dlp compute cannot be interrupted from inside this process.
    job.teller.must_end("fetching the film", job.tools.fetcher.time_limit_s)

    def watch(done: int, expected: int | None) -> None:
        job.teller.moved(_FETCHED * done / expected if expected else 0.0)

    with job.tools.scratch.folder("fetch") as folder:
        with job.tools.stopwatch.step("fetch"):
            fetched = job.tools.fetcher.fetch(url, folder, watch, job.cancel)
        job.tools.reader.probe(fetched.path)
        key = job.checkpoints.keep(f"source{fetched.path.suffix}", fetched.path)
        size_mb = fetched.path.stat().st_size / 1e6
    brought = Brought(source=Source(key=key, filename=file_name(fetched.filename)), title=fetched.title)
    job.teller.must_end("fetching the film", None)
    brought = job.checkpoints.write_once(SOURCE, brought)
    job.teller.log(f"fetched {brought.source.filename}, {size_mb:.1f} MB")
    job.films.take("footage", brought.source)


def _watch(job: Job) -> None:
    _fetch(job)
    first = ANALYSIS[0].work
    first(job)
    film = job.films.film_info("footage")
    job.teller.log(f"{film.duration_s:.0f} s of film, {film.video.width}x{film.video.height}")


def _listen(job: Job) -> None:
    ANALYSIS[1].work(job)
    job.teller.log(heard(_transcript(job)))


def _transcript(job: Job) -> Transcript:
    found: Transcript = job.films.viewing("footage").finding("transcript")
    return found


def _pick(job: Job) -> None:
    job.measure(FOR_CLIPS, high=0.2)
    spec, film = job.spec, job.films.film("footage").analysis
    model = None if spec.language_model is None else job.tools.language_model(spec.language_model)
    with job.tools.stopwatch.step("pick"):
        picks = pick(_title(job), _transcript(job), film, _asked(job).options, model, job.cancel, job.teller.log)
    # An attempt that was thought dead may come here late, with other words of a language model: the first picks count.
    picks = job.checkpoints.write_once(PICKS, picks)
    for note in picks.notes:
        job.teller.log(f"note: {note}")
    job.teller.log(f"moments picked: {len(picks.picks)}")
    job.teller.cost(picks.cost)


def _plan(job: Job) -> None:
    job.measure(FOR_CLIPS, high=0.2)
    film = job.films.film("footage").analysis
    picks = _picks(job)
    moved = within(job.teller.moved, 0.2, 1.0)
    with job.tools.stopwatch.step("plan"):
        plans = plan_clips(
            picks, film, _transcript(job), _asked(job).options, job.spec.style, job.cancel, moved, job.teller.log
        )
    job.checkpoints.write_once(CLIP_PLANS, plans)


def _picks(job: Job) -> Picks:
    """The stored picks. What they cost is told again: the worker may have died after storing, before telling it."""
    picks = job.checkpoints.document(PICKS, Picks)
    if picks is None:
        raise Unavailable("the job's picks are no longer in storage")
    job.teller.cost(picks.cost)
    return picks


def _render(job: Job) -> None:
    """Render what is not handed out yet, best first; each clip is told of when all its files are in storage."""
    plans = job.checkpoints.document(CLIP_PLANS, ClipPlans)
    if plans is None:
        raise Unavailable("the plans of the job's clips are no longer in storage")
    _picks(job)
    job.films.probe()
    media, total = job.films.film_info("footage"), len(plans.clips)
    frames = sum(clip.plan.output.frame_count for clip in plans.clips)
    before = 0
    for clip in plans.clips:
        high = before + clip.plan.output.frame_count
        if clip.pick.clip_id not in job.spec.clips_done:
            reporter = FramesReporter(within(job.teller.moved, before / frames, high / frames))
            with job.tools.scratch.folder("render") as folder:
                files = render_clip(
                    clip,
                    media,
                    job.films.path("footage"),
                    folder,
                    job.tools,
                    reporter,
                    job.cancel,
                    Pieces(job.shelf, job.spec.job_id),
                )
                stored = handed_out(clip, files, lambda path: job.outputs.keep(path.name, path))
            job.cancel.check()
            job.teller.clip(stored)
            job.teller.log(f"clip {clip.pick.number} of {total} is ready: {clip.pick.texts.title}")
        before = high


CLIPS = (
    Step(Stage.VIDEO_ANALYSIS, _watch, ANALYSIS[0].mark),
    Step(Stage.AUDIO_ANALYSIS, _listen, ANALYSIS[1].mark),
    ANALYSIS[2],
    Step(Stage.STYLE_EXTRACTION, _pick, PICKS, Picks),
    Step(Stage.STYLE_APPLICATION, _plan, CLIP_PLANS, ClipPlans),
    Step(Stage.RENDERING, _render),
)
