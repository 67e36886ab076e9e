"""One clip of a film: a stretch of it in another shape, with every word and at its own speed."""

from __future__ import annotations

import math
from fractions import Fraction

from pydantic import Field

from reelprint.core.analysis import Analysis
from reelprint.core.clips import ClipShape
from reelprint.core.colour import ColorGrade
from reelprint.core.document import Document
from reelprint.core.errors import DocumentError
from reelprint.core.plan import AudioChain, AudioPlan, EditPlan, OutputFormat, OutputSpec, Quality
from reelprint.core.sound import LoudnessMeasure
from reelprint.core.style import AspectRatio, AudioStyle, StyleJSON, TransitionStyle
from reelprint.plan.clip_segments import arranged, without_slivers
from reelprint.plan.clip_slice import sliced
from reelprint.plan.edit import plan_edit
from reelprint.plan.layouts import plan_layouts
from reelprint.plan.options import PlanOptions
from reelprint.plan.output import output_spec

#: What the platforms that clips are made for play at.
TARGET_LUFS, CEILING_DBTP = -14.0, -1.0
#: Quieter sound is lifted by this much at most: more would make room noise loud.
_MOST_LIFT_LU = 30.0
#: Sound begins and ends in this time, so that it does not click.
_EDGE_FADE_S = 0.02
#: Short side of a clip, pixels: small films are enlarged to what captions can be read on, large ones reduced.
_SHORT_SIDE_PX = (540, 1080)
_ASPECTS: dict[ClipShape, AspectRatio] = {"vertical": "9:16", "horizontal": "16:9", "square": "1:1"}
#: A film no wider than this for its height is square or vertical itself.
_OWN_SHAPE = 1.05
_MOST_RATE = 60
#: Not a style: what planning needs when the film is to stay as shot.
_AS_SHOT = StyleJSON(
    color_grade=ColorGrade(),
    aspect_ratio="16:9",
    frame_rate=30,
    audio_style=AudioStyle(normalization_level=0.0, compression_ratio=1.0, bass_boost=0.0, enhance_speech=False),
    cut_frequency=0.0,
    motion_intensity=0.0,
    zoom_usage=0.0,
    primary_transition=TransitionStyle(type="cut", duration_ms=0),
    created_at="1970-01-01T00:00:00Z",
    source_duration_seconds=0.0,
    extraction_confidence=0.0,
)


class ClipPlanOptions(Document):
    """Choices for the plan of a clip. ``strength``: how far a style's grade goes, 0..1."""

    shape: ClipShape = "auto"
    quality: Quality = "standard"
    container: OutputFormat = "mp4"
    strength: float = Field(default=1.0, ge=0, le=1)
    seed: int = 0


def plan_clip(
    footage: Analysis, start_s: float, end_s: float, options: ClipPlanOptions, style: StyleJSON | None = None
) -> EditPlan:
    """Plan the clip [start_s, end_s) of a film.

    All of it is shown, in order and at its own speed, so a time of the clip is a time of the film less
    ``start_s``; it ends with the first whole frame at or after ``end_s``. The
    frame rate is the standard one nearest to the film's, 60 at most. The picture is cut to the shape asked for
    around who speaks, moves or stands out; slides and fast dialogues get a layout of their own. With a ``style`` its
    grade, its treatment of sound, its punch-ins, zooms and transitions come on top, but no black at the ends; without
    one, colours stay as shot. Sound is brought to -14 LUFS. Equal arguments give equal plans.

    Raises DocumentError when the range is empty or not in the film.
    """
    film_s = footage.timing.duration_s
    if not 0 <= start_s < end_s <= film_s + 1.0:
        raise DocumentError(f"a clip from {start_s:g} to {end_s:g} s does not lie in the film ({film_s:.2f} s)")
    choices = PlanOptions(
        pacing="keep" if style is None else "match",
        strength=options.strength,
        aspect_ratio=_aspect(options.shape, footage),
        frame_rate=_MOST_RATE if footage.media.video.rate > _MOST_RATE + 1 else None,
        quality=options.quality,
        container=options.container,
        seed=options.seed,
        as_shot=True,
    )
    rate = output_spec(_AS_SHOT, footage, choices).rate
    piece = sliced(footage, start_s, _whole_frames(start_s, end_s, film_s, rate))
    plan = plan_edit(style or _AS_SHOT, piece, choices)
    output = _sized(plan.output)
    stretches = plan_layouts(piece, output)
    segments, joins = without_slivers(*arranged(plan, piece, output, stretches))
    first_shot = next(number for number, shot in enumerate(footage.shots.shots) if shot.end_s > start_s + 1e-6)
    unusual = sorted({segment.layout for segment in segments} - {"window"})
    return plan.model_copy(
        update={
            "output": output,
            "source_duration_s": film_s,
            "segments": tuple(
                segment.model_copy(
                    update={
                        "source_start_s": segment.source_start_s + start_s,
                        "source_shot": segment.source_shot + first_shot,
                        "grade": 0 if style is None else segment.grade,
                    }
                )
                for segment in segments
            ),
            "joins": joins,
            "opening": None,
            "closing": None,
            "grades": ((),) if style is None else plan.grades,
            "audio": _audio(plan.audio, start_s, piece.loudness, styled=style is not None),
            "notes": (*plan.notes, *(f"layout {name} is used" for name in unusual)),
        }
    ).check()


def _aspect(shape: ClipShape, footage: Analysis) -> AspectRatio | None:
    """The shape asked for; None: the film's own."""
    if shape != "auto":
        return _ASPECTS[shape]
    video, picture = footage.media.video, footage.picture
    aspect = video.width * picture.width / (video.height * picture.height)
    return None if aspect <= _OWN_SHAPE else "9:16"


def _whole_frames(start_s: float, end_s: float, film_s: float, rate: Fraction) -> float:
    """The end of the first whole frame that holds the clip's end; the film's last frame at most, one at least."""
    wanted = math.ceil((end_s - start_s) * float(rate) - 1e-3)
    most = math.floor((film_s - start_s) * float(rate) + 0.5)
    return start_s + float(max(1, min(wanted, most)) / rate)


def _sized(output: OutputSpec) -> OutputSpec:
    """The output with its short side in bounds."""
    short = min(output.width, output.height)
    scale = min(max(short, _SHORT_SIDE_PX[0]), _SHORT_SIDE_PX[1]) / short
    width, height = (2 * round(side * scale / 2) for side in (output.width, output.height))
    return output.model_copy(update={"width": width, "height": height})


def _audio(audio: AudioPlan | None, start_s: float, sound: LoudnessMeasure | None, *, styled: bool) -> AudioPlan | None:
    """The sound of the clip on the film's clock, faded at its ends, at the platforms' loudness."""
    if audio is None or sound is None:
        return None
    last = len(audio.pieces) - 1
    pieces = [
        piece.model_copy(
            update={
                "source_start_s": piece.source_start_s + start_s,
                "fade_in_s": min(_EDGE_FADE_S, piece.duration_s / 2) if number == 0 else piece.fade_in_s,
                "fade_out_s": min(_EDGE_FADE_S, piece.duration_s / 2) if number == last else piece.fade_out_s,
            }
        )
        for number, piece in enumerate(audio.pieces)
    ]
    chain = audio.chain if styled else AudioChain()
    target = round(min(TARGET_LUFS, sound.integrated_lufs + _MOST_LIFT_LU), 2)
    update = {"target_lufs": target, "true_peak_dbtp": CEILING_DBTP}
    return AudioPlan(pieces=tuple(pieces), chain=chain.model_copy(update=update))
