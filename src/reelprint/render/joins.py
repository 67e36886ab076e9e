"""Transitions between two equally long views, and fades from and to a colour.

ffmpeg's ``xfade`` only moves at constant speed. Its progress follows the time stamps of its first input, so the
stamps are warped to the eased curve before it and counted anew after it: every frame gets exactly the progress asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from reelprint.core.plan import Join, OutputSpec
from reelprint.render.easing import (
    ease,
    ease_expression,
    fade_in_levels,
    fade_out_levels,
    join_progress,
)
from reelprint.render.graph import Graph, number, quoted

#: How far a zoom goes while it gives way to the other side.
_ZOOM_REACH = 2.5
#: Share of a zoom's way over which the two sides mix.
_ZOOM_MIX = (0.35, 0.85)
#: Standard deviation of a box one pixel long: turns a movement blur's length into a Gaussian's sigma.
_BOX_SIGMA = 12**-0.5
#: Ticks of a whole join: microseconds of one second, the unit in which xfade takes its offset.
_TICKS = 1_000_000


def recount(output: OutputSpec) -> tuple[str, ...]:
    """Filters that number the frames 0, 1, 2 ... at the output rate.

    They also name the pixel format again: without it ffmpeg may agree on 4:4:4 for the filters in between.
    """
    rate = output.rate
    return "format=yuv420p", f"settb={rate.denominator}/{rate.numerator}", "setpts=N"


def render_join(graph: Graph, join: Join, outgoing: str, incoming: str, output: OutputSpec) -> str:
    """Join two pads of ``join.frames`` yuv420p frames each; returns a pad with as many frames."""
    progress = join_progress(join.easing, join.frames)
    match join.type:
        case "cut":
            raise ValueError("a cut overlaps nothing")
        case "dissolve":
            return _mix(graph, outgoing, incoming, "fade", progress, output)
        case "fade":
            return _fade_through(graph, join, outgoing, incoming, output)
        case "wipe":
            return _mix(graph, outgoing, incoming, f"wipe{_way(join)}", progress, output)
        case "slide":
            return _mix(graph, outgoing, incoming, f"slide{_way(join)}", progress, output)
        case "whip":
            slid = _mix(graph, outgoing, incoming, f"slide{_way(join)}", progress, output)
            return graph.chain(slid, *_movement_blur(_way(join), progress, output))
        case "zoom":
            return _zoom(graph, join, outgoing, incoming, output)


def render_opening(graph: Graph, join: Join, pad: str, output: OutputSpec) -> str:
    """Fade the first ``join.frames`` frames in from a colour; the first is that colour alone."""
    return _with_colour(graph, pad, join, fade_in_levels(join.easing, join.frames), output)


def render_closing(graph: Graph, join: Join, pad: str, output: OutputSpec) -> str:
    """Fade ``join.frames`` frames out to a colour; the last is that colour alone."""
    return _with_colour(graph, pad, join, fade_out_levels(join.easing, join.frames), output)


def _way(join: Join) -> str:
    """Where the movement goes; left when the plan leaves it open."""
    return join.direction if join.direction in ("left", "right", "up", "down") else "left"


def _mix(graph: Graph, outgoing: str, incoming: str, kind: str, progress: Sequence[float], output: OutputSpec) -> str:
    """``xfade`` of one kind with a given progress 0..1, never falling, for every frame."""
    stamps = [round(share * _TICKS) for share in progress]
    for position in reversed(range(len(stamps) - 1)):
        # Stamps must rise where the progress stands still; they do so below its value, so that 1 stays exactly 1.
        stamps[position] = min(stamps[position], stamps[position + 1] - 1)
    # Before its offset xfade passes frames of the first input on and takes none of the second, so the second side has
    # to come without the frames that nobody would see of it, or it would run late and the join grow longer.
    unseen = sum(stamp < 0 for stamp in stamps)
    skip = [f"trim=start_frame={unseen}"] if unseen else []
    warped = [
        graph.chain(pad, *cut, f"settb=1/{_TICKS}", f"setpts={quoted(_warp(seen))}")
        for pad, cut, seen in ((outgoing, [], stamps), (incoming, skip, stamps[unseen:]))
    ]
    # Stamps count from the first frame's, so the offset puts that frame where it belongs on the curve.
    fade = f"xfade=transition={kind}:duration=1:offset={number(-stamps[0] / _TICKS)}"
    return graph.chain("".join(warped), fade, *recount(output))


def _warp(stamps: Sequence[int]) -> str:
    """An expression of the frame number N that gives every frame its stamp."""
    return "+".join(f"{stamp}*eq(N,{position})" for position, stamp in enumerate(stamps))


def _fade_through(graph: Graph, join: Join, outgoing: str, incoming: str, output: OutputSpec) -> str:
    """The first half fades out, the second in: one side at a time, the colour alone in the very middle."""
    half = (join.frames + 1) // 2
    rest = join.frames - half
    # Of an odd number of frames the one in the middle belongs to the first half.
    rising = fade_in_levels(join.easing, half)[half - rest :]
    first = graph.chain(outgoing, f"trim=end_frame={half}", *recount(output))
    first = _with_colour(graph, first, join, fade_out_levels(join.easing, half), output)
    if not rest:
        return first
    second = graph.chain(incoming, f"trim=start_frame={half}", *recount(output))
    second = _with_colour(graph, second, join, rising, output)
    return graph.chain(first + second, "concat=n=2", *recount(output))


def _with_colour(graph: Graph, pad: str, join: Join, levels: Sequence[float], output: OutputSpec) -> str:
    """Mix frames with black or white, ``levels`` giving the colour's share on each."""
    luma = 235 if join.direction == "white" else 16
    rate = output.rate
    colour = graph.chain(
        "",
        f"color=s={output.width}x{output.height}:r={rate.numerator}/{rate.denominator}",
        f"trim=end_frame={len(levels)}",
        "format=yuv420p",
        # Exact code values; a conversion from RGB would round white to 234.
        f"lutyuv=y={luma}:u=128:v=128",
        "setsar=1",
        *recount(output),
    )
    if levels[0] > levels[-1]:
        return _mix(graph, colour, pad, "fade", [1.0 - level for level in levels], output)
    return _mix(graph, pad, colour, "fade", levels, output)


def _zoom(graph: Graph, join: Join, outgoing: str, incoming: str, output: OutputSpec) -> str:
    """In: the outgoing side grows and dissolves. Out: the incoming side shrinks into place, mirrored in time."""
    progress = join_progress(join.easing, join.frames)
    along = ease_expression(join.easing, f"((on+1)/{join.frames + 1})")
    low, high = _ZOOM_MIX
    if join.direction == "out":
        incoming = graph.chain(incoming, *_magnify(f"pow({_ZOOM_REACH},1-{along})", output))
        low, high = 1 - high, 1 - low
    else:
        outgoing = graph.chain(outgoing, *_magnify(f"pow({_ZOOM_REACH},{along})", output))
    mixed = [ease("ease-in-out", (share - low) / (high - low)) for share in progress]
    return _mix(graph, outgoing, incoming, "fade", mixed, output)


def _magnify(zoom: str, output: OutputSpec) -> tuple[str, ...]:
    rate = output.rate
    return (
        f"zoompan=z={quoted(zoom)}:x='(iw-iw/zoom)/2':y='(ih-ih/zoom)/2':d=1:s={output.width}x{output.height}"
        f":fps={rate.numerator}/{rate.denominator}",
        "setsar=1",
        *recount(output),
    )


def _movement_blur(way: str, progress: Sequence[float], output: OutputSpec) -> tuple[str, ...]:
    """Blur along the movement, on each frame as long as the way from the frame before to the frame after, halved.

    That is a shutter open for the whole frame. Chroma planes are half as large, so their blur is half as long.
    """
    across = way in ("left", "right")
    length = output.width if across else output.height
    option = "sigma" if across else "sigmaV"
    places = [0.0, *progress, 1.0]
    commands = []
    for frame in range(len(progress)):
        sigma = min(1000.0, max(0.5, (places[frame + 2] - places[frame]) / 2 * length * _BOX_SIGMA))
        at_s = number(max(0.0, float((frame - 0.25) / output.rate)))
        commands.append(f"{at_s} gblur@luma {option} {sigma:.2f}, gblur@chroma {option} {sigma / 2:.2f}")
    still = "sigma=0.5:sigmaV=0" if across else "sigma=0:sigmaV=0.5"
    return (
        f"sendcmd=c={quoted(';'.join(commands))}",
        f"gblur@luma={still}:steps=2:planes=1",
        f"gblur@chroma={still}:steps=2:planes=6",
    )
