"""Which moments become clips and what they are called: decided here, with the help of a language model if there is one.

Whatever the model does, there is a result: the local one, with a log line that says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from reelprint.clips import advice
from reelprint.clips.advice import AdviceRequest, Opinion
from reelprint.clips.advice_cleaning import quotable, quotable_title
from reelprint.clips.candidates import score_moments
from reelprint.clips.choosing import choose, how_many, overlap, ranked_best_first
from reelprint.clips.naming import clip_id
from reelprint.clips.texts import distinct, write_texts
from reelprint.core.analysis import Analysis
from reelprint.core.clips import ClipOptions, ClipTexts, CostAnalysis, Moment, Pick, Picks
from reelprint.core.errors import DocumentError, ModelFailed
from reelprint.core.progress import CancelToken
from reelprint.core.time import parse_rate
from reelprint.core.transcript import Transcript
from reelprint.engine.clips.costs import local_cost, model_cost, told
from reelprint.engine.ports import LanguageModel, ModelAnswer

Log = Callable[[str], None]
#: Clips have at most so many frames a second.
_CLIP_RATE = Fraction(60)
Place = tuple[float, float]


@dataclass(frozen=True)
class _Advised:
    """Moments after a model's opinions of some of them, which are found by begin and end; and what that cost."""

    moments: tuple[Moment, ...]
    cost: CostAnalysis
    opinions: Mapping[Place, Opinion] = field(default_factory=dict)


def pick(
    title: str,
    transcript: Transcript,
    analysis: Analysis,
    options: ClipOptions,
    model: LanguageModel | None,
    cancel: CancelToken,
    log: Log,
) -> Picks:
    """Pick moments of a film and write their texts. ``title``: what the film is called.

    ``log`` gets what the model did, one line. A model that fails, is late or answers nonsense changes nothing but the
    cost. Without a moment to pick, ``picks`` is empty. Raises Cancelled.
    """
    options = _in_whole_frames(options, analysis)
    moments = score_moments(transcript, analysis, options)
    cancel.check()
    count = how_many(analysis.timing.duration_s, options)
    advised = _advised(title, moments, count, transcript, options, model, cancel, log)
    chosen = _chosen(advised, count)
    texts, objections = _texts(chosen, advised.opinions, transcript, title)
    picks = tuple(
        Pick(clip_id=clip_id(number), number=number, moment=moment, texts=own)
        for number, (moment, own) in enumerate(zip(chosen, texts, strict=True), start=1)
    )
    why = "no more moments that neither overlap nor say the same"
    few = () if len(picks) >= count else (f"{len(picks)} of {count} clips: {why}",)
    return Picks(
        title=title,
        language=transcript.language,
        picks=picks,
        cost=advised.cost,
        notes=(*few, *objections),
    )


def _in_whole_frames(options: ClipOptions, analysis: Analysis) -> ClipOptions:
    """A clip ends with the frame in which its moment ends: the longest one leaves room for that frame."""
    longest_s = options.clip_max_seconds - float(1 / min(parse_rate(analysis.timing.frame_rate), _CLIP_RATE))
    if longest_s < options.clip_min_seconds:
        return options
    return options.model_copy(update={"clip_max_seconds": longest_s})


def _advised(
    title: str,
    moments: tuple[Moment, ...],
    count: int,
    transcript: Transcript,
    options: ClipOptions,
    model: LanguageModel | None,
    cancel: CancelToken,
    log: Log,
) -> _Advised:
    if model is None:
        return _Advised(moments, local_cost(transcript))
    try:
        asked = advice.request(title, _spread(moments, count), transcript, options)
    except DocumentError as error:
        log(f"language model {model.name} is not asked: {error.message}")
        return _Advised(moments, local_cost(transcript, f"language model not asked: {error.message}"))
    try:
        answer = model.answer(asked.system, asked.user, asked.schema, cancel)
    except ModelFailed as error:
        return _local(moments, model, error, error.message, transcript, log)
    cancel.check()
    try:
        opinions = advice.accept(answer.data, asked, transcript, title)
    except DocumentError as error:
        return _local(moments, model, answer, error.message, transcript, log)
    cost = model_cost(transcript, answer.model, answer)
    log(f"language model {model.name}: {len(opinions)} of {len(asked.moments)} moments judged; {told(cost)}")
    by_place = _by_place(opinions, asked)
    after = [advice.rescored(item, by_place[_place(item)]) if _place(item) in by_place else item for item in moments]
    return _Advised(tuple(ranked_best_first(after)), cost, by_place)


def _local(
    moments: tuple[Moment, ...],
    model: LanguageModel,
    spent: ModelAnswer | ModelFailed,
    problem: str,
    transcript: Transcript,
    log: Log,
) -> _Advised:
    name = spent.model if isinstance(spent, ModelAnswer) else model.name
    cost = model_cost(transcript, name, spent, f"language model not used: {problem}")
    log(f"language model {model.name} is not used: {problem}; picks and texts are made locally; {told(cost)}")
    return _Advised(moments, cost)


def _spread(moments: Sequence[Moment], count: int) -> list[Moment]:
    """The moments to ask about first: the local picks, others side by side with them, then variants of both."""
    ordered = (*choose(moments, count), *choose(moments, advice.MOST_MOMENTS), *moments)
    return list({_place(moment): moment for moment in ordered}.values())


def _chosen(advised: _Advised, count: int) -> tuple[Moment, ...]:
    """Picks among the moments that the model judged; only where these are too few, among the others beside them.

    A variant that it never saw would otherwise win over the one that it did not like. Without a model: among all.
    """
    judged = [moment for moment in advised.moments if _place(moment) in advised.opinions]
    picks = choose(judged, count)
    if len(picks) == count:
        return picks
    beside = [
        moment
        for moment in advised.moments
        if _place(moment) not in advised.opinions and not any(overlap(moment, other) for other in picks)
    ]
    filled = choose([*picks, *beside], count)
    every = choose(advised.moments, count)
    return every if len(every) > len(filled) else filled


def _texts(
    chosen: Sequence[Moment], opinions: Mapping[Place, Opinion], transcript: Transcript, title: str
) -> tuple[Sequence[ClipTexts], list[str]]:
    """The texts of all clips, and which of the model's were not used."""
    said, called = quotable(transcript), quotable_title(title)
    texts: list[ClipTexts] = []
    notes: list[str] = []
    for number, moment in enumerate(chosen, start=1):
        own = write_texts(moment, said, called)
        opinion = opinions.get(_place(moment))
        if opinion is not None:
            own = advice.texts(opinion, own)
            notes += [f"clip {number}: local {names}: {why}" for why, names in _grouped(opinion.objections).items()]
        texts.append(own)
    return distinct(texts), notes


def _grouped(objections: Mapping[str, str]) -> dict[str, str]:
    """Why the model's words were not used -> the fields that they were for."""
    fields: dict[str, list[str]] = {}
    for name, why in objections.items():
        fields.setdefault(f"the language model's had {why}", []).append(name)
    return {why: ", ".join(names) for why, names in fields.items()}


def _by_place(opinions: Mapping[str, Opinion], asked: AdviceRequest) -> dict[Place, Opinion]:
    return {_place(asked.moments[name]): opinion for name, opinion in opinions.items()}


def _place(moment: Moment) -> Place:
    return moment.start_s, moment.end_s
