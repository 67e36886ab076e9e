"""Encoder settings: fixed by quality and container alone, so the same plan gives the same frames on any machine."""

from __future__ import annotations

from fractions import Fraction

from reelprint.core.plan import OutputFormat, OutputSpec, Quality

#: libx264 and libvpx split the work by threads, and the bits depend on the split: one number for all machines.
_ENCODER_THREADS = 2
#: Seconds between key frames: players seek fast, editors cut well.
_KEY_FRAME_S = 2
#: Preset and constant rate factor of x264. 8x8 transform and CABAC everywhere make every quality High profile.
_X264: dict[Quality, tuple[str, int]] = {
    "draft": ("ultrafast", 25),
    "standard": ("veryfast", 20),
    "high": ("medium", 17),
}
#: Deadline, speed and constant quality of VP9.
_VP9: dict[Quality, tuple[str, int, int]] = {
    "draft": ("realtime", 8, 38),
    "standard": ("realtime", 6, 31),
    "high": ("good", 3, 24),
}
_AUDIO_KBPS: dict[Quality, int] = {"draft": 128, "standard": 192, "high": 256}


def encode_settings(output: OutputSpec) -> list[str]:
    """Video encoder arguments for one quality and container."""
    every = round(_KEY_FRAME_S * output.rate)
    common = ["-threads:v", str(_ENCODER_THREADS), "-g:v", str(every), "-flags:v", "+bitexact+cgop"]
    if output.container == "webm":
        deadline, speed, quality = _VP9[output.quality]
        return [
            "-c:v", "libvpx-vp9", "-b:v", "0", "-crf", str(quality), "-deadline", deadline,
            "-cpu-used", str(speed), "-row-mt", "1", "-tile-columns", "2", *common,
        ]  # fmt: skip
    preset, factor = _X264[output.quality]
    # x264 looks ahead in a thread of its own unless told not to, and then the bits depend on how far that came: on a
    # busy machine 6 of 50 encodes of one clip differed; without, none of 110.
    return [
        "-c:v", "libx264", "-preset", preset, "-crf", str(factor), "-profile:v", "high",
        "-x264-params", "8x8dct=1:cabac=1:open-gop=0:sync-lookahead=0", *common,
    ]  # fmt: skip


def audio_settings(container: OutputFormat, quality: Quality) -> list[str]:
    """Audio encoder arguments: AAC, or Opus for webm; 48 kHz."""
    codec = "libopus" if container == "webm" else "aac"
    return ["-c:a", codec, "-b:a", f"{_AUDIO_KBPS[quality]}k", "-ar", "48000"]


def track_timescale(rate: Fraction) -> int:
    """Ticks a second of the video track: every frame is a whole number of them, and there are at least 10,000."""
    times = -(-10_000 // rate.numerator)
    return rate.numerator * times
