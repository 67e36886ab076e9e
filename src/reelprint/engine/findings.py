"""What is found on a film, in parts that are measured, kept and recalled one by one.

A part is kept under the film's content hash and the versions of everything that decides it, so that a job that was
interrupted, or another job on the same film, measures only what is not there yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from pydantic import ConfigDict

from reelprint.core.analysis import ActivePicture, Timing
from reelprint.core.colour import ColourMeasure
from reelprint.core.document import Document
from reelprint.core.motion import FocusTrack, MotionMeasure
from reelprint.core.progress import Stage
from reelprint.core.shots import ShotList
from reelprint.core.sound import LoudnessMeasure, MusicMeasure, SpeechMeasure
from reelprint.core.text import TextMeasure
from reelprint.core.thumbnail import Thumbnail
from reelprint.core.transcript import Transcript

DECODE = "decode"
#: What each analyzer reads of the others' findings. Whatever is not listed here waits for nothing.
NEEDS: Mapping[str, frozenset[str]] = {
    "shots": frozenset({"picture"}),
    "colour": frozenset({"picture", "shots"}),
    "focus": frozenset({"picture", "shots"}),
    "motion": frozenset({"picture", "shots"}),
    "speech": frozenset({"loudness"}),
    "music": frozenset({"loudness", "speech"}),
}


class Findings(Document):
    """One part; its fields carry the names of the analyzers that fill them in."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    name: ClassVar[str]
    stage: ClassVar[Stage]
    beside: ClassVar[frozenset[str]] = frozenset()
    """fields that no analyzer fills in"""

    @classmethod
    def analyzers(cls) -> tuple[str, ...]:
        """The analyzers of this part."""
        return tuple(field for field in cls.model_fields if field not in cls.beside)


class VideoFindings(Findings):
    """What is seen, and a few pictures of it."""

    name: ClassVar[str] = "video"
    stage: ClassVar[Stage] = Stage.VIDEO_ANALYSIS
    beside: ClassVar[frozenset[str]] = frozenset({"timing", "thumbnails"})

    timing: Timing
    thumbnails: tuple[Thumbnail, ...]
    picture: ActivePicture
    shots: ShotList
    text: TextMeasure
    colour: ColourMeasure


class AudioFindings(Findings):
    """What is heard; ``loudness`` is null for a silent film."""

    name: ClassVar[str] = "audio"
    stage: ClassVar[Stage] = Stage.AUDIO_ANALYSIS

    loudness: LoudnessMeasure | None
    speech: SpeechMeasure
    music: MusicMeasure


class MotionFindings(Findings):
    """How camera and subjects move."""

    name: ClassVar[str] = "motion"
    stage: ClassVar[Stage] = Stage.MOTION_ANALYSIS

    motion: MotionMeasure


class FocusFindings(Findings):
    """Where the subjects are: measured only for films that are to be edited."""

    name: ClassVar[str] = "focus"
    stage: ClassVar[Stage] = Stage.MOTION_ANALYSIS

    focus: FocusTrack


class TranscriptFindings(Findings):
    """What is said: measured only for films that clips are made from, or that get captions."""

    name: ClassVar[str] = "transcript"
    stage: ClassVar[Stage] = Stage.AUDIO_ANALYSIS

    transcript: Transcript


Part = type[Findings]
#: All that a style needs, and all that a plan needs.
FOR_STYLE: tuple[Part, ...] = (VideoFindings, AudioFindings, MotionFindings)
FOR_EDITING: tuple[Part, ...] = (*FOR_STYLE, FocusFindings)


def stage_of(step: str) -> Stage:
    """The stage that an analyzer, or the decode, belongs to."""
    parts: tuple[Part, ...] = (*FOR_EDITING, TranscriptFindings)
    return next((part.stage for part in parts if step in part.analyzers()), Stage.VIDEO_ANALYSIS)


def deciding(part: Part, versions: Mapping[str, int]) -> dict[str, int]:
    """The versions of all that decides a part: the decode, its analyzers, and whatever those build on."""
    names = with_needs(part.analyzers())
    return {name: version for name, version in versions.items() if name == DECODE or name in names}


def with_needs(names: Iterable[str]) -> set[str]:
    """Analyzers and those that they build on, directly or not."""
    found, waiting = set[str](), list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(NEEDS.get(name, frozenset()))
    return found
