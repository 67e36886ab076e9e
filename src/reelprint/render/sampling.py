"""Frames out of a film: which source frame stands at which frame of the time line, exactly as many as asked for.

Output frame *k* of a piece shows the source frame on screen at the middle of its time, source_start + (k + 1/2) / R.
ffmpeg's ``fps`` filter does that (it rounds time stamps to the nearest tick and shows the last frame at or before),
once the time stamps are moved so that the piece starts at 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from reelprint.core.media import MediaInfo
from reelprint.core.plan import EditPlan, Segment
from reelprint.render.graph import Graph, number, quoted

#: Time stamps are counted in this many parts of an output frame: 10 us at 100 fps, finer than any container's jitter.
_TICKS = 1000
#: Moves every frame this many ticks later, so that exact halves always round the same way.
_TIE_TICKS = 20
#: Rates count as multiples of each other when they are this close (phones: 29.9 "is" 30).
_RATE_TOLERANCE = 0.02
#: Reopening costs a seek and half a group of pictures; decoding past a gap this long costs about the same.
_GAP_S = 3.0
#: In a transition within one take both sides show nearly the same moment; frames wait in memory for this long at most.
_BACK_S = 0.25
_DEMUXERS = {"mp4": "mov", "mov": "mov", "mkv": "matroska", "webm": "matroska", "avi": "avi"}


@dataclass(frozen=True)
class View:
    """Frames [first, first + frames) of a segment, counted on the time line from the segment's start."""

    segment: Segment
    first: int
    frames: int

    @property
    def head(self) -> int:
        """Repeats of the first source frame at the start of the view."""
        return max(0, min(self.segment.head_hold - self.first, self.frames - 1))

    @property
    def skip(self) -> int:
        """Source frames (at the output rate) of the segment that come before the view's first one."""
        return min(max(0, self.first - self.segment.head_hold), self.segment.source_frames - 1)

    @property
    def playing(self) -> int:
        """Source frames (at the output rate) that play in the view, at least 1."""
        return max(1, min(self.frames - self.head, self.segment.source_frames - self.skip))

    def start_s(self, rate: Fraction) -> Fraction:
        """Source time of the first playing frame, from the film's first frame, seconds."""
        return Fraction(self.segment.source_start_s) + self.skip / rate

    def end_s(self, rate: Fraction) -> Fraction:
        """Source time at the end of the last playing frame, seconds."""
        return self.start_s(rate) + self.playing / rate


def group_views(views: list[View], rate: Fraction) -> list[list[int]]:
    """Views (by position) that can share one decode: each starts about when the one before does or later, and not
    long after it ends. The decode starts with the earliest of them.
    """
    groups: list[list[int]] = []
    for position, view in enumerate(views):
        if groups:
            before = views[groups[-1][-1]]
            start_s = view.start_s(rate)
            if before.start_s(rate) - Fraction(_BACK_S) <= start_s <= before.end_s(rate) + Fraction(_GAP_S):
                groups[-1].append(position)
                continue
        groups.append([position])
    return groups


def input_arguments(media: MediaInfo, source_path: str, start_s: Fraction, threads: int) -> list[str]:
    """Arguments that open the film at the last key frame at or before ``start_s`` (from the film's first frame).

    Time stamps stay the container's own (``-copyts`` is set for the whole command). Rotation flags are applied by
    ffmpeg. Only the demuxer that the probe found and only the file protocol are allowed.
    """
    at_s = media.video.start_s + float(start_s)
    seek = ["-noaccurate_seek", "-seek_timestamp", "1", "-ss", f"{at_s:.6f}"] if start_s > 0 else []
    return [
        "-threads", str(threads),
        "-protocol_whitelist", "file",
        "-f", _DEMUXERS[media.container],
        *seek,
        "-an", "-sn", "-dn",
        "-i", source_path,
    ]  # fmt: skip


def sample_view(graph: Graph, pad: str, view: View, plan: EditPlan, media: MediaInfo) -> str:
    """Cut a view out of decoded frames; returns a pad with exactly ``view.frames`` frames at the output rate."""
    rate = plan.output.rate
    tick = 1 / (rate * _TICKS)
    origin = round((Fraction(media.video.start_s) + view.start_s(rate)) / tick)
    # Frames before the piece collapse onto its start, where the last of them wins: it is the one on screen.
    stamp = f"max(PTS-{origin}-{_anchor(origin, rate, media)},0)+{_TIE_TICKS}"
    tail = view.frames - view.head - view.playing
    holds = f"tpad=start={view.head}:start_mode=clone:stop={tail}:stop_mode=clone"
    return graph.chain(
        pad,
        f"settb={tick.numerator}/{tick.denominator}",
        f"setpts={quoted(stamp)}",
        f"fps={rate.numerator}/{rate.denominator}:start_time=0:eof_action=pass",
        "tpad=stop=-1:stop_mode=clone",
        f"trim=end_frame={view.playing}",
        *([holds] if view.head or tail else []),
    )


def _anchor(origin: int, rate: Fraction, media: MediaInfo) -> str:
    """Ticks by which the film's frames lie off the grid of the piece, as an expression of the first frame seen.

    When source and output rate are multiples of each other, all frames share one phase. At a phase near one half
    a millisecond of jitter would repeat one frame and lose the next, so the phase is taken out (at most half a
    frame of the finer rate). Other ratios have every phase anyway and are left alone.
    """
    source = media.video.rate
    coarse, fine = sorted((source, rate))
    ratio = float(fine / coarse)
    if abs(ratio - round(ratio)) > _RATE_TOLERANCE * ratio:
        return "0"
    grid = number(float(_TICKS * rate / (coarse * round(ratio))) if source > rate else _TICKS)
    frame = number(float(_TICKS * rate / source))
    offset = f"(PTS-{origin})"
    phase = f"({offset}-{grid}*round({offset}/{grid}))"
    # Register 1 says that register 0 holds the phase; registers live as long as the filter.
    return f"if(ld(1),ld(0),if(gte({offset},-{frame}),st(1,1)*st(0,{phase}),{phase}))"
