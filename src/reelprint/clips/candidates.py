"""All moments of a film that could be clips, scored part by part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reelprint.clips.choosing import SHORTEST_FILM_S, how_many, most_in_sum, overlap, ranked_best_first
from reelprint.clips.edges import Edges, Span
from reelprint.clips.levels import FilmLevels
from reelprint.clips.parts.completeness import silent_completeness, spoken_completeness
from reelprint.clips.parts.density import density
from reelprint.clips.parts.emotion import emotion
from reelprint.clips.parts.hook import silent_hook, spoken_hook
from reelprint.clips.parts.novelty import Better, silent_novelty, spoken_novelty
from reelprint.clips.parts.presence import energy, faces, motion
from reelprint.clips.parts.request import Request
from reelprint.clips.scenes import SceneStretches
from reelprint.clips.sentences import sentences_of
from reelprint.clips.speech import Speech
from reelprint.clips.stretches import Stretch
from reelprint.clips.talk import TalkStretches
from reelprint.clips.topics import Topics, likeness
from reelprint.clips.weights import SILENT, SPOKEN, weighted
from reelprint.core.analysis import Analysis
from reelprint.core.clips import ClipOptions, Moment, ScorePart
from reelprint.core.transcript import Transcript

MOST_MOMENTS = 60
#: So many moments that do not overlap lead the list; novelty is judged against them.
_LEADERS = 30
#: Others are kept only while no more than this many better ones cover the same time.
_VARIANTS = 6
#: Below this share of spoken time, stretches without words are looked at too.
_TALK_SHARE = 0.5


@dataclass(frozen=True)
class _Scored:
    """A moment and the stretch it was made of."""

    moment: Moment
    stretch: Stretch


def score_moments(transcript: Transcript, analysis: Analysis, options: ClipOptions) -> tuple[Moment, ...]:
    """At most 60 moments of a film, best first; they may overlap.

    Each is between ``clip_min_seconds`` and ``clip_max_seconds`` long, lies inside the film and cuts no word; a film
    shorter than the minimum is one moment from its first frame to its last. Empty for films shorter than a second, and
    where no stretch of the asked lengths can be cut without cutting a word. The same arguments give the same moments.
    """
    if analysis.timing.duration_s < SHORTEST_FILM_S:
        return ()
    return _Film(transcript, analysis, options).moments()


class _Film:
    """One film with everything that its moments are judged by."""

    def __init__(self, transcript: Transcript, analysis: Analysis, options: ClipOptions) -> None:
        self._options = options
        self._edges = Edges(transcript.words, analysis)
        words = self._edges.words
        self._levels = FilmLevels(analysis, words)
        sentences = sentences_of(transcript.model_copy(update={"words": words}))
        self._sentences = sentences
        self._speech = Speech(words, sentences, transcript.language)
        self._topics = Topics(self._speech)
        self._request = Request(options.prompt, self._speech, self._topics) if options.prompt and words else None

    def moments(self) -> tuple[Moment, ...]:
        """See ``score_moments``."""
        found = [self._scored(stretch, self._parts(stretch)) for stretch in self._stretches()]
        kept = self._kept(found)
        judged = [self._against_better(item, better) for item, better in self._with_leaders(kept)]
        return tuple(ranked_best_first([item.moment for item in judged]))

    def _stretches(self) -> list[Stretch]:
        duration_s, words = self._edges.duration_s, self._edges.words
        shortest_s, longest_s = self._options.clip_min_seconds, self._options.clip_max_seconds
        whole = Stretch(0.0, duration_s, 0, len(words), cut_in=True, cut_out=True)
        if duration_s < shortest_s:
            note = f"the whole film: it is shorter than the {shortest_s:g} s that were asked for"
            return [Stretch(0.0, duration_s, 0, len(words), cut_in=True, cut_out=True, note=note)]
        found = TalkStretches(self._sentences, self._edges, self._options).find()
        scenes = SceneStretches(self._edges, self._levels, self._options)
        for room in self._silent_rooms():
            found += scenes.find(room)
        if duration_s <= longest_s and (whole.start_s, whole.end_s) not in {(i.start_s, i.end_s) for i in found}:
            found.append(whole)
        return found or scenes.find((0.0, duration_s))

    def _silent_rooms(self) -> list[Span]:
        """Stretches without words that are long enough, in films that are mostly silent."""
        spoken_s = sum(sentence.end_s - sentence.start_s for sentence in self._sentences)
        if spoken_s >= _TALK_SHARE * self._edges.duration_s:
            return []
        count = len(self._edges.words)
        pauses = [0, *(item.first_word for item in self._sentences[1:]), count] if count else [0]
        rooms = [(self._edges.end_at(index) if index else 0.0,
                  self._edges.start_at(index) if index < count else self._edges.duration_s)
                 for index in dict.fromkeys(pauses)]  # fmt: skip
        return [room for room in rooms if room[1] - room[0] >= self._options.clip_min_seconds]

    def _parts(self, stretch: Stretch) -> dict[str, ScorePart]:
        """All parts, novelty against the rest of the film only. Those that were not measured are left out."""
        parts: dict[str, ScorePart | None]
        if stretch.spoken:
            topic = self._topics.topic(stretch)
            parts = {
                "hook": spoken_hook(stretch, self._speech),
                "completeness": spoken_completeness(stretch, self._speech, self._edges),
                "density": density(stretch, self._speech),
                "emotion": emotion(stretch, self._speech),
                "energy": energy(stretch, self._levels),
                "motion": motion(stretch, self._levels),
                "novelty": spoken_novelty(stretch, self._topics, topic, None),
            }
        else:
            parts = {
                "hook": silent_hook(stretch, self._levels),
                "completeness": silent_completeness(stretch, self._levels),
                "energy": energy(stretch, self._levels),
                "motion": motion(stretch, self._levels),
                "faces": faces(stretch, self._levels),
                "novelty": silent_novelty(stretch, self._levels),
            }
        if self._request is not None:
            parts["prompt"] = self._request.part(stretch)
        return {name: part for name, part in parts.items() if part is not None}

    def _scored(self, stretch: Stretch, parts: Mapping[str, ScorePart]) -> _Scored:
        moment = Moment(
            start_s=stretch.start_s,
            end_s=stretch.end_s,
            first_word=stretch.first_word,
            end_word=stretch.end_word,
            text=self._speech.text(stretch.first_word, stretch.end_word),
            virality_score=weighted(parts, SPOKEN if stretch.spoken else SILENT),
            parts=dict(parts),
        )
        return _Scored(moment, stretch)

    def _kept(self, found: Sequence[_Scored]) -> list[_Scored]:
        """At most 60, spread over the film: as many as will be asked for side by side, leaders, then variants."""
        by_edges = {(item.moment.start_s, item.moment.end_s): item for item in found}
        ranked = ranked_best_first([item.moment for item in by_edges.values()])
        count = how_many(self._edges.duration_s, self._options)
        kept = dict.fromkeys((item.start_s, item.end_s) for item in most_in_sum(ranked, count))
        leaders: list[Moment] = []
        for moment in ranked:
            if len(leaders) < _LEADERS and not any(overlap(moment, leader) for leader in leaders):
                leaders.append(moment)
                kept[moment.start_s, moment.end_s] = None
        chosen = [by_edges[edges].moment for edges in kept][:MOST_MOMENTS]
        for moment in ranked:
            if len(chosen) >= MOST_MOMENTS:
                break
            if (moment.start_s, moment.end_s) in kept:
                continue
            if sum(overlap(moment, other) for other in chosen) < _VARIANTS:
                chosen.append(moment)
        return [by_edges[item.start_s, item.end_s] for item in ranked_best_first(chosen)]

    def _with_leaders(self, kept: Sequence[_Scored]) -> list[tuple[_Scored, Better | None]]:
        """Each moment with the better one elsewhere that it is most like."""
        topics = {id(item): self._topics.topic(item.stretch) for item in kept if item.stretch.spoken}
        paired: list[tuple[_Scored, Better | None]] = []
        for number, item in enumerate(kept):
            better = [
                Better(other.moment.start_s, likeness(topics[id(item)], topics[id(other)]))
                for other in kept[:number]
                if id(item) in topics and id(other) in topics and not overlap(item.moment, other.moment)
            ]
            paired.append((item, max(better, key=lambda one: one.likeness, default=None)))
        return paired

    def _against_better(self, item: _Scored, better: Better | None) -> _Scored:
        if better is None:
            return item
        topic = self._topics.topic(item.stretch)
        novelty = spoken_novelty(item.stretch, self._topics, topic, better)
        parts = {**item.moment.parts, **({"novelty": novelty} if novelty else {})}
        return self._scored(item.stretch, parts)
