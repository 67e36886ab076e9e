"""The two ffmpeg commands of the sound track: measure it, and write it."""

from __future__ import annotations

from reelprint.core.media import MediaInfo
from reelprint.core.plan import EditPlan
from reelprint.render.encode import audio_settings
from reelprint.render.sound import final_graph, measure_graph

#: Sound is written to a container that its codec likes; the mux copies it from there.
SUFFIX = {"mp4": ".m4a", "mov": ".m4a", "webm": ".mka"}


def measure_argv(ffmpeg: str, plan: EditPlan, media: MediaInfo, source_path: str) -> list[str]:
    """The command whose stderr ``parse_measurement`` reads."""
    graph = measure_graph(plan, source=_pad(media), first_frame_s=media.video.start_s)
    return [*_input(ffmpeg, source_path), "-filter_complex", graph, "-map", "[measured]", "-f", "null", "-"]


def sound_argv(
    ffmpeg: str, plan: EditPlan, media: MediaInfo, source_path: str, gain_db: float, out_path: str
) -> list[str]:
    """The command that writes the encoded sound track; its stderr tells how loud it became."""
    graph = final_graph(plan, gain_db, source=_pad(media), first_frame_s=media.video.start_s)
    return [
        *_input(ffmpeg, source_path), "-filter_complex", graph, "-map", "[sound]", "-map_metadata", "-1",
        *audio_settings(plan.output.container, plan.output.quality),
        "-fflags", "+bitexact", "-flags:a", "+bitexact", out_path,
    ]  # fmt: skip


def _input(ffmpeg: str, source_path: str) -> list[str]:
    # The meter's summary is logged at level info. Time stamps stay the file's own: sound and picture count alike.
    return [
        ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "info", "-nostats", "-y", "-copyts",
        "-protocol_whitelist", "file", "-vn", "-sn", "-dn", "-i", source_path,
    ]  # fmt: skip


def _pad(media: MediaInfo) -> str:
    if media.audio is None:
        raise ValueError("the film has no sound")
    return f"0:{media.audio.index}"
