"""One chunk of a plan as one ffmpeg command."""

from __future__ import annotations

from dataclasses import dataclass

from reelprint.core.errors import PlanError
from reelprint.core.media import MediaInfo
from reelprint.core.plan import EditPlan, Join
from reelprint.render.captions.ass import script_name, with_captions
from reelprint.render.chunks import Chunk
from reelprint.render.encode import encode_settings, track_timescale
from reelprint.render.graph import Graph
from reelprint.render.joins import recount, render_closing, render_join, render_opening
from reelprint.render.layouts import Dresser
from reelprint.render.sampling import View, group_views, input_arguments, sample_view


@dataclass(frozen=True)
class _Body:
    """Frames of one segment alone."""

    view: int


@dataclass(frozen=True)
class _Overlap:
    """Frames of a join between two views."""

    join: Join
    outgoing: int
    incoming: int


def chunk_argv(
    ffmpeg: str,
    plan: EditPlan,
    media: MediaInfo,
    chunk: Chunk,
    source_path: str,
    lut_dir: str,
    out_path: str,
    threads: int = 1,
    fonts_dir: str | None = None,
) -> list[str]:
    """The command that writes ``chunk.frames`` frames to ``out_path`` (an MP4 intermediate, whatever its name).

    ``lut_dir`` holds the files of ``lut_texts`` and, when the plan has captions, the chunk's ``script_name``;
    ``fonts_dir`` holds the fonts that they are drawn with. ``threads`` is for decoders and filters; it changes no
    frame.
    """
    views, pieces = _cut_up(plan, chunk)
    rate = plan.output.rate
    groups = group_views(views, rate)
    graph = Graph()
    dresser = Dresser(plan, media, lut_dir)
    inputs: list[str] = []
    pads: dict[int, str] = {}
    for number, group in enumerate(groups):
        earliest_s = min(views[position].start_s(rate) for position in group)
        inputs += input_arguments(media, source_path, earliest_s, threads)
        decoded = graph.split(f"[{number}:{media.video.index}]", len(group))
        for position, pad in zip(group, decoded, strict=True):
            view = views[position]
            pads[position] = dresser.dress(graph, sample_view(graph, pad, view, plan, media), view)
    film = _assemble(graph, pieces, pads, plan, chunk)
    # The tags say what the frames are: BT.709, limited range.
    tagged = graph.chain(film, "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709")
    script = f"{lut_dir}/{script_name(chunk.key)}"
    tagged = with_captions(graph, tagged, plan, chunk.start_frame, chunk.end_frame, script, fonts_dir)
    return [
        ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "error", "-nostats", "-progress", "pipe:1", "-y",
        "-copyts", "-filter_threads", str(threads), "-filter_complex_threads", str(threads),
        *inputs,
        "-filter_complex", graph.text(),
        "-map", tagged, "-an", "-sn", "-dn", "-map_metadata", "-1", "-fps_mode", "passthrough",
        *encode_settings(plan.output),
        "-fflags", "+bitexact", "-video_track_timescale", str(track_timescale(rate)),
        "-f", "mp4", out_path,
    ]  # fmt: skip


def _cut_up(plan: EditPlan, chunk: Chunk) -> tuple[list[View], list[_Body | _Overlap]]:
    """The chunk as pieces that follow one another, and the views they show."""
    views: list[View] = []
    pieces: list[_Body | _Overlap] = []

    def view(number: int, first: int, frames: int) -> int:
        views.append(View(plan.segments[number], first, frames))
        return len(views) - 1

    for number, segment in enumerate(plan.segments):
        before = plan.joins[number - 1].frames if number else 0
        after = plan.joins[number].frames if number < len(plan.joins) else 0
        start = max(chunk.start_frame, segment.start_frame + before)
        end = min(chunk.end_frame, segment.end_frame - after)
        if start < end:
            pieces.append(_Body(view(number, start - segment.start_frame, end - start)))
        if after and segment.end_frame > chunk.start_frame and segment.end_frame - after < chunk.end_frame:
            if segment.end_frame - after < chunk.start_frame or segment.end_frame > chunk.end_frame:
                raise PlanError(f"chunk {chunk.index} cuts through the transition after segment {number}")
            outgoing = view(number, segment.frames - after, after)
            pieces.append(_Overlap(plan.joins[number], outgoing, view(number + 1, 0, after)))
    return views, pieces


def _assemble(graph: Graph, pieces: list[_Body | _Overlap], pads: dict[int, str], plan: EditPlan, chunk: Chunk) -> str:
    """Join the pieces, then the fades at the two ends of the film."""
    parts = [
        pads[piece.view]
        if isinstance(piece, _Body)
        else render_join(graph, piece.join, pads[piece.outgoing], pads[piece.incoming], plan.output)
        for piece in pieces
    ]
    film = _concatenated(graph, parts, plan)
    opening = plan.opening.frames if plan.opening is not None else 0
    if plan.opening is not None and chunk.start_frame < opening:
        head, rest = _halved(graph, film, opening - chunk.start_frame, chunk.frames, plan)
        film = _concatenated(graph, [render_opening(graph, plan.opening, head, plan.output), *rest], plan)
    closing = plan.closing.frames if plan.closing is not None else 0
    if plan.closing is not None and chunk.end_frame > plan.output.frame_count - closing:
        if closing < chunk.frames:
            first, rest = _halved(graph, film, chunk.frames - closing, chunk.frames, plan)
            film = _concatenated(graph, [first, render_closing(graph, plan.closing, rest[0], plan.output)], plan)
        else:
            film = render_closing(graph, plan.closing, film, plan.output)
    return film


def _halved(graph: Graph, pad: str, at: int, frames: int, plan: EditPlan) -> tuple[str, list[str]]:
    """The first ``at`` frames, and what comes after them if there is anything."""
    if at >= frames:
        return pad, []
    first, second = graph.split(pad, 2)
    first = graph.chain(first, f"trim=end_frame={at}", *recount(plan.output))
    return first, [graph.chain(second, f"trim=start_frame={at}", *recount(plan.output))]


def _concatenated(graph: Graph, parts: list[str], plan: EditPlan) -> str:
    if len(parts) == 1:
        return parts[0]
    return graph.chain("".join(parts), f"concat=n={len(parts)}", *recount(plan.output))
