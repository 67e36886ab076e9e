"""Chunks to one film: joined without encoding anything again, with the sound, ready to stream."""

from __future__ import annotations

from collections.abc import Sequence

from reelprint.core.plan import EditPlan
from reelprint.render.encode import track_timescale


def concat_text(paths: Sequence[str]) -> str:
    """The list that ffmpeg's concat demuxer reads: one chunk a line, in order."""
    escaped = (path.replace("'", "'\\''") for path in paths)
    return "ffconcat version 1.0\n" + "".join(f"file '{path}'\n" for path in escaped)


def mux_argv(ffmpeg: str, video_list_path: str, audio_path: str | None, out_path: str, plan: EditPlan) -> list[str]:
    """The command that writes the film. Sound (already encoded) is copied, the picture too.

    The concat demuxer counts in microseconds, which are no whole ticks at 30000/1001 and the like: time stamps are
    put back on the grid of frames, so the rate is constant to the tick.
    """
    rate = plan.output.rate
    per_second = f"({rate.numerator}/{rate.denominator})"
    grid = f"setts=pts=round(PTS*TB*{per_second})/(TB*{per_second}):dts=round(DTS*TB*{per_second})/(TB*{per_second})"
    sound = [] if audio_path is None else ["-protocol_whitelist", "file", "-i", audio_path]
    container = plan.output.container
    mp4 = ["-movflags", "+faststart", "-video_track_timescale", str(track_timescale(rate))]
    return [
        ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "error", "-nostats", "-progress", "pipe:1", "-y",
        "-protocol_whitelist", "file", "-f", "concat", "-safe", "0", "-i", video_list_path,
        *sound,
        "-map", "0:v:0", *([] if audio_path is None else ["-map", "1:a:0"]),
        "-c", "copy", "-bsf:v", grid, "-map_metadata", "-1", "-fflags", "+bitexact",
        *([] if container == "webm" else mp4),
        "-f", container, out_path,
    ]  # fmt: skip
