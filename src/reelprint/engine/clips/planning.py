"""From picks to plans: each clip's edit, its captions, its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reelprint.clips.naming import file_stem
from reelprint.core.analysis import Analysis
from reelprint.core.captions import CaptionLook
from reelprint.core.clips import ClipOptions, ClipPlan, ClipPlans, Pick, Picks
from reelprint.core.errors import DocumentError
from reelprint.core.plan import EditPlan
from reelprint.core.progress import CancelToken
from reelprint.core.style import StyleJSON
from reelprint.core.transcript import Transcript, Word
from reelprint.plan.captions import caption_track, check_drawable
from reelprint.plan.clip import ClipPlanOptions, plan_clip

Log = Callable[[str], None]
#: Of captions in a film that keeps its length: quieter than those of a short.
DEFAULT_LOOK: CaptionLook = "plain"


def plan_clips(
    picks: Picks,
    film: Analysis,
    transcript: Transcript,
    options: ClipOptions,
    style: StyleJSON | None,
    cancel: CancelToken,
    moved: Callable[[float], None],
    log: Log,
) -> ClipPlans:
    """Plan every pick. ``moved`` gets the share that is done.

    Raises DocumentError (also when there is no pick: a job without any clip has not done what was asked), Cancelled.
    """
    if not picks.picks:
        why = f"the film lasts {film.timing.duration_s:.1f} s, what is said in it leaves no room for a cut"
        raise DocumentError(f"no stretch of {picks.title} can be a clip: {why}", detail="clip_min_seconds")
    stem = file_stem(picks.title)
    plans = []
    for pick in picks.picks:
        cancel.check()
        plans.append(_planned(pick, f"{stem}_clip_{pick.number}", film, transcript, options, style, log))
        moved(len(plans) / len(picks.picks))
    return ClipPlans(clips=tuple(plans))


def with_captions(
    plan: EditPlan, transcript: Transcript, style: StyleJSON | None, look: CaptionLook, log: Log
) -> EditPlan:
    """The plan with what is said burned in; without it, and a line in the log, when no font of ours can write it."""
    if not transcript.words:
        log("no captions: nobody speaks")
        return plan
    if not _drawable(transcript.words, "no captions", log):
        return plan
    track = caption_track(transcript.words, transcript.language, plan, look, style)
    return plan.model_copy(update={"captions": track})


def _drawable(words: Sequence[Word], what: str, log: Log) -> bool:
    try:
        check_drawable(words)
    except DocumentError as error:
        log(f"{what}: {error.message}")
        return False
    return True


def _planned(
    pick: Pick,
    name: str,
    film: Analysis,
    transcript: Transcript,
    options: ClipOptions,
    style: StyleJSON | None,
    log: Log,
) -> ClipPlan:
    moment = pick.moment
    words = transcript.words[moment.first_word : moment.end_word]
    shape = ClipPlanOptions(shape=options.output_format)
    plan = plan_clip(film, moment.start_s, moment.end_s, shape, style)
    subtitles = None
    if words:
        subtitles = caption_track(words, transcript.language, plan, "plain", None)
        look = options.caption_style
        if options.captions and _drawable(words, f"clip {pick.number} has no captions", log):
            track = caption_track(words, transcript.language, plan, look, style)
            plan = plan.model_copy(update={"captions": track})
    return ClipPlan(pick=pick, name=name, plan=plan, subtitles=subtitles)
