"""How far a Style DNA can be trusted, computed from the film and never fixed.

The confidence is the product of its parts. Each part is one possible objection: 1 is no objection, 0 ruins the
measurement. So one grave defect is enough to bring the whole below 0.6, and above 0.85 there is none worth naming.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, prod

from reelprint.core.analysis import Analysis
from reelprint.core.media import MediaInfo
from reelprint.core.style import ConfidencePart
from reelprint.style.halves import Excess, Halves

LENGTH_SCALE_S = 12.0
SHOT_SCALE = 4.0
ONE_SHOT = 0.55
"""A single take shows its colour and sound, but says next to nothing about how its maker cuts."""

HALF_TRUST = {"rhythm": 1.5, "look": 0.12, "motion": 30.0, "loudness": 6.0, "sound": 0.4}
"""Excess difference of the halves (octaves, look distance, points, dB, share) that costs half of what a part can."""
LEAST_AGREEMENT = 0.35
"""Halves that have nothing in common in one aspect may still agree in the others."""

HALVING_SIDE_PX = 24.0
"""Short side at which the score is 0.5. Analyzers work on proxies of 90 lines, so 240 lines lose nothing."""
HALVING_BITS_PER_PIXEL = 0.006
"""Of H.264 at REFERENCE_PIXELS, where the score is 0.75; newer codecs need half."""
FEWEST_BITS = 0.5
"""A picture that stands still needs next to no bits, so a lack of them is never more than a doubt."""
REFERENCE_PIXELS = 140_000
NOISE_BITS_PER_PIXEL = 6.0
FRUGAL_CODECS = frozenset({"hevc", "h265", "vp9", "av1"})
SOUND_KBPS_PER_CHANNEL = 64.0
"""What a container spends on sound, as far as it is not told: the usual setting of AAC."""
LEAST_VIDEO_SHARE = 0.1

HALVING_FRAME_RATE = 2.0
"""Lost frames: where the score is 0.5. Boundaries are found at any rate, but motion is not between frames far apart."""


def length_part(duration_s: float) -> ConfidencePart:
    """Longer films are better known: 0.63 at 12 s, 0.92 at 30 s, 0.99 at a minute."""
    return ConfidencePart(
        name="length", score=1 - exp(-duration_s / LENGTH_SCALE_S), reason=f"{duration_s:.1f} s were watched"
    )


def shots_part(count: int) -> ConfidencePart:
    """A rhythm needs several shots to be a rhythm: 0.55 for one, 0.87 for six, 0.97 for a dozen."""
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
    agreement = 2 ** -((excess.amount / HALF_TRUST[name]) ** 2)
    score = LEAST_AGREEMENT + (1 - LEAST_AGREEMENT) * agreement
    return ConfidencePart(name=f"{name}_agreement", score=score, reason=reason)


def boundaries_part(confidences: Sequence[float]) -> ConfidencePart:
    """Square root of the mean confidence of the shot boundaries: every second one wrong leaves 0.7."""
    if not confidences:
        return ConfidencePart(name="boundaries", score=1.0, reason="no boundaries")
    mean = sum(confidences) / len(confidences)
    return ConfidencePart(name="boundaries", score=mean**0.5, reason=f"mean boundary confidence {mean:.2f}")


def video_kbps(media: MediaInfo) -> float:
    """The bit rate of the picture: the container's, less what its sound usually takes."""
    if media.audio is None:
        return float(media.bitrate_kbps)
    sound = SOUND_KBPS_PER_CHANNEL * min(2, media.audio.channels)
    return max(LEAST_VIDEO_SHARE * media.bitrate_kbps, media.bitrate_kbps - sound)


def size_part(short_side_px: int) -> ConfidencePart:
    """Few lines hide small motion and blur boundaries: 0.69 at 36, 0.94 at 96, 0.99 at 240."""
    score = 1 / (1 + (HALVING_SIDE_PX / short_side_px) ** 2)
    return ConfidencePart(name="size", score=score, reason=f"short side {short_side_px} px")


def bits_part(bits_per_pixel: float, pixels: int, codec: str) -> ConfidencePart:
    """Starved and blurred pictures: what was left out of the stream cannot be measured.

    The bits that a pixel needs fall with the fourth root of their number (the power of 0.75 rule, after Waggoner).
    """
    halving = HALVING_BITS_PER_PIXEL * (pixels / REFERENCE_PIXELS) ** -0.25
    if codec.lower() in FRUGAL_CODECS:
        halving /= 2
    supply = 1 / (1 + (halving / bits_per_pixel) ** 1.5) if bits_per_pixel > 0 else 0.0
    score = FEWEST_BITS + (1 - FEWEST_BITS) * supply
    return ConfidencePart(name="bits", score=score, reason=f"{bits_per_pixel:.3f} bits per pixel")


def noise_part(bits_per_pixel: float, codec: str) -> ConfidencePart:
    """Bits that no clean picture needs are spent on noise: 0.9 at two bits per pixel, 0.69 at four.

    Said of codecs for delivery only: what cameras and editors keep is meant to be that large.
    """
    delivered = codec.lower() in FRUGAL_CODECS | {"h264", "vp8"}
    score = 1 / (1 + (bits_per_pixel / NOISE_BITS_PER_PIXEL) ** 2) if delivered else 1.0
    return ConfidencePart(name="noise", score=score, reason=f"{bits_per_pixel:.3f} bits per pixel of {codec}")


def frames_part(frame_rate: float) -> ConfidencePart:
    """Lost frames: 0.8 at 4 a second, 0.97 at 12, 0.99 at 24."""
    score = 1 / (1 + (HALVING_FRAME_RATE / frame_rate) ** 2)
    return ConfidencePart(name="frames", score=score, reason=f"{frame_rate:.1f} frames a second")


def decoding_part(errors: int, frames: int) -> ConfidencePart:
    """Loses 10 points for each percent of frames that did not decode cleanly."""
    score = max(0.0, 1 - 10 * errors / frames)
    return ConfidencePart(name="decoding", score=score, reason=f"{errors} decode errors in {frames} frames")


def confidence_parts(analysis: Analysis) -> tuple[ConfidencePart, ...]:
    """Every objection to the measurements of a film, in a fixed order."""
    halves = Halves(analysis)
    video, timing = analysis.media.video, analysis.timing
    pixels, frame_rate = video.width * video.height, timing.frame_count / timing.duration_s
    bits_per_pixel = video_kbps(analysis.media) * 1000 / (pixels * frame_rate)
    parts = (
        length_part(timing.duration_s),
        shots_part(len(analysis.shots.shots)),
        agreement_part("rhythm", halves.rhythm()),
        agreement_part("look", halves.look()),
        agreement_part("motion", halves.motion()),
        agreement_part("loudness", halves.loudness()),
        agreement_part("sound", halves.sound()),
        boundaries_part([boundary.confidence for boundary in analysis.shots.boundaries]),
        size_part(min(video.width, video.height)),
        bits_part(bits_per_pixel, pixels, video.codec),
        noise_part(bits_per_pixel, video.codec),
        frames_part(frame_rate),
        decoding_part(timing.decode_errors, timing.frame_count),
    )
    return tuple(part.model_copy(update={"score": round(part.score, 4)}) for part in parts)


def overall_confidence(parts: Sequence[ConfidencePart]) -> float:
    """The product of the parts, 0..1; 0 without any part."""
    return round(prod(part.score for part in parts), 4) if parts else 0.0
