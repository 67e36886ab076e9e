"""How far a Style DNA can be trusted, computed from the film and never fixed.

The confidence is the product of its parts. Each part is one possible objection: 1 is no objection, 0 ruins the
measurement. So one grave defect is enough to bring the whole below 0.6, and above 0.85 there is none worth naming.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log2, prod

from reelprint.core.analysis import Analysis
from reelprint.core.style import ConfidencePart
from reelprint.style.halves import Excess, Halves

LENGTH_SCALE_S = 12.0
SHOT_SCALE = 5.0
ONE_SHOT = 0.55
"""A single take shows its colour and sound, but says next to nothing about how its maker cuts."""

HALF_TRUST = {"rhythm": 1.5, "look": 0.2, "motion": 30.0, "loudness": 10.0}
"""Excess difference of the halves (octaves, look distance, points, dB) at which a part falls to 0.5."""

ENOUGH_BITS_PER_PIXEL = 0.012
"""Below this, H.264 pictures are visibly blocky; newer codecs need half."""
TOO_FEW_BITS_PER_PIXEL = 0.0012
FRUGAL_CODECS = frozenset({"hevc", "h265", "vp9", "av1"})
ENOUGH_SHORT_SIDE_PX = 240


def length_part(duration_s: float) -> ConfidencePart:
    """Longer films are better known: 0.63 at 12 s, 0.92 at 30 s, 0.99 at a minute."""
    return ConfidencePart(
        name="length", score=1 - exp(-duration_s / LENGTH_SCALE_S), reason=f"{duration_s:.1f} s were watched"
    )


def shots_part(count: int) -> ConfidencePart:
    """A rhythm needs several shots to be a rhythm: 0.55 for one, 0.83 for six, 0.95 for a dozen."""
    score = ONE_SHOT + (1 - ONE_SHOT) * (1 - exp(-(count - 1) / SHOT_SCALE))
    return ConfidencePart(name="shots", score=score, reason="a single shot" if count == 1 else f"{count} shots")


def agreement_part(name: str, excess: Excess) -> ConfidencePart:
    """Falls with the square of what the two halves differ beyond chance."""
    if excess.amount is None:
        return ConfidencePart(name=f"{name}_agreement", score=1.0, reason="no two halves to compare")
    reason = (
        f"the halves differ by {excess.amount:.2g} {excess.unit} more than chance"
        if excess.amount > 0
        else "the halves agree within chance"
    )
    score = 2 ** -((excess.amount / HALF_TRUST[name]) ** 2)
    return ConfidencePart(name=f"{name}_agreement", score=score, reason=reason)


def boundaries_part(confidences: Sequence[float]) -> ConfidencePart:
    """Square root of the mean confidence of the shot boundaries: every second one wrong leaves 0.7."""
    if not confidences:
        return ConfidencePart(name="boundaries", score=1.0, reason="no boundaries")
    mean = sum(confidences) / len(confidences)
    return ConfidencePart(name="boundaries", score=mean**0.5, reason=f"mean boundary confidence {mean:.2f}")


def picture_part(short_side_px: int, bits_per_pixel: float, codec: str) -> ConfidencePart:
    """Small or starved pictures hide cuts, blur motion and bend colours. At most halved for each."""
    enough = ENOUGH_BITS_PER_PIXEL / (2 if codec.lower() in FRUGAL_CODECS else 1)
    lack = log2(enough / max(bits_per_pixel, TOO_FEW_BITS_PER_PIXEL / 2)) / log2(enough / TOO_FEW_BITS_PER_PIXEL)
    bits = 1 - 0.5 * min(1.0, max(0.0, lack))
    size = max(0.5, min(1.0, short_side_px / ENOUGH_SHORT_SIDE_PX))
    return ConfidencePart(
        name="picture", score=bits * size, reason=f"short side {short_side_px} px, {bits_per_pixel:.3f} bits per pixel"
    )


def decoding_part(errors: int, frames: int) -> ConfidencePart:
    """Loses 10 points for each percent of frames that did not decode cleanly."""
    score = max(0.0, 1 - 10 * errors / frames)
    return ConfidencePart(name="decoding", score=score, reason=f"{errors} decode errors in {frames} frames")


def confidence_parts(analysis: Analysis) -> tuple[ConfidencePart, ...]:
    """Every objection to the measurements of a film, in a fixed order."""
    halves = Halves(analysis)
    video, timing = analysis.media.video, analysis.timing
    pixels_per_s = video.width * video.height * timing.frame_count / timing.duration_s
    parts = (
        length_part(timing.duration_s),
        shots_part(len(analysis.shots.shots)),
        agreement_part("rhythm", halves.rhythm()),
        agreement_part("look", halves.look()),
        agreement_part("motion", halves.motion()),
        agreement_part("loudness", halves.loudness()),
        boundaries_part([boundary.confidence for boundary in analysis.shots.boundaries]),
        picture_part(min(video.width, video.height), analysis.media.bitrate_kbps * 1000 / pixels_per_s, video.codec),
        decoding_part(timing.decode_errors, timing.frame_count),
    )
    return tuple(part.model_copy(update={"score": round(part.score, 4)}) for part in parts)


def overall_confidence(parts: Sequence[ConfidencePart]) -> float:
    """The product of the parts, 0..1; 0 without any part."""
    return round(prod(part.score for part in parts), 4) if parts else 0.0
