"""The edit decisions as OpenTimelineIO JSON, for other editors."""

from __future__ import annotations

import opentimelineio as otio

from reelprint.core.media import MediaInfo
from reelprint.core.plan import EditPlan, Segment


def timeline_json(plan: EditPlan, media: MediaInfo, url: str) -> str:
    """The plan as one .otio document: a video track with clips and transitions, an audio track with its pieces.

    An OTIO transition lies over a cut, so each clip's range leaves out the frames that a join borrows from it.
    Crops, grades and holds, which OTIO has no words for, stand in the clips' metadata.
    """
    rate = float(plan.output.rate)
    timeline = otio.schema.Timeline(name=media.filename)
    timeline.metadata["reelprint"] = {"plan": plan.fingerprint(), "seed": plan.seed, "notes": list(plan.notes)}
    picture = otio.schema.Track(name="picture", kind=otio.schema.TrackKind.Video)
    for number, segment in enumerate(plan.segments):
        picture.append(_clip(number, segment, plan, media, url, rate))
        if number < len(plan.joins) and plan.joins[number].frames:
            join = plan.joins[number]
            picture.append(
                otio.schema.Transition(
                    name=join.type,
                    transition_type="SMPTE_Dissolve" if join.type == "dissolve" else "Custom_Transition",
                    in_offset=otio.opentime.RationalTime(_lead(join.frames), rate),
                    out_offset=otio.opentime.RationalTime(join.frames - _lead(join.frames), rate),
                    metadata={"reelprint": join.model_dump(mode="json")},
                )
            )
    timeline.tracks.append(picture)
    if plan.audio is not None:
        timeline.tracks.append(_sound(plan, media, url))
    return str(otio.adapters.write_to_string(timeline, "otio_json"))


def _lead(frames: int) -> int:
    """Frames of a join that lie before the cut in its middle: the share of the outgoing clip."""
    return frames - frames // 2


def _clip(number: int, segment: Segment, plan: EditPlan, media: MediaInfo, url: str, rate: float) -> otio.schema.Clip:
    before = plan.joins[number - 1].frames if number else 0
    after = plan.joins[number].frames if number < len(plan.joins) else 0
    skipped = _lead(before)
    kept = segment.frames - skipped - (after - _lead(after))
    start = segment.source_start_s * rate + skipped - segment.head_hold
    return otio.schema.Clip(
        name=f"{media.filename} {number + 1}",
        media_reference=_reference(plan, url, rate),
        source_range=otio.opentime.TimeRange(
            otio.opentime.RationalTime(max(0.0, start), rate), otio.opentime.RationalTime(kept, rate)
        ),
        metadata={"reelprint": segment.model_dump(mode="json")},
    )


def _sound(plan: EditPlan, media: MediaInfo, url: str) -> otio.schema.Track:
    track = otio.schema.Track(name="sound", kind=otio.schema.TrackKind.Audio)
    at_s, rate = 0.0, 48_000.0
    for piece in plan.audio.pieces if plan.audio is not None else ():
        if piece.start_s > at_s:
            gap = otio.opentime.RationalTime((piece.start_s - at_s) * rate, rate)
            track.append(otio.schema.Gap(duration=gap))
        track.append(
            otio.schema.Clip(
                name=media.filename,
                media_reference=_reference(plan, url, rate),
                source_range=otio.opentime.TimeRange(
                    otio.opentime.RationalTime(piece.source_start_s * rate, rate),
                    otio.opentime.RationalTime(piece.duration_s * rate, rate),
                ),
            )
        )
        at_s = piece.start_s + piece.duration_s
    return track


def _reference(plan: EditPlan, url: str, rate: float) -> otio.schema.ExternalReference:
    whole = otio.opentime.TimeRange(
        otio.opentime.RationalTime(0, rate), otio.opentime.RationalTime(plan.source_duration_s * rate, rate)
    )
    return otio.schema.ExternalReference(target_url=url, available_range=whole)
