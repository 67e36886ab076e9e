"""Pieces of a source's sound on a time line, as ffmpeg filters, exact to the sample.

Pieces go into lanes: one lane as long as none overlap, two where neighbours do. In a lane each piece is padded with
silence up to the next one, so the lane is a plain concatenation; lanes are added up. The same padding makes silence
where the source's sound ends before its picture. Sound is read in the order of the time line, a second at a time;
a piece is held in memory only while pieces from later in the source come before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from reelprint.core.errors import PlanError
from reelprint.core.plan import AudioPiece

RATE_HZ = 48_000


def samples(seconds: float | Fraction) -> int:
    """The sample nearest to a time at 48 kHz."""
    return int(Fraction(seconds) * RATE_HZ + Fraction(1, 2))


def exact_length(count: int) -> str:
    """Filters that pad with silence or cut to exactly that many samples."""
    return f"apad=whole_len={count},atrim=end_sample={count}"


def joined_pieces(pieces: Sequence[AudioPiece], source: str, first_frame_s: float) -> str:
    """Filter text from ``[source]`` to the sum of all pieces, ending with "," for the next filter.

    ``first_frame_s`` is added to every source time. Raises PlanError for a piece shorter than a sample.
    """
    lanes = _lanes(pieces)
    numbers = [number for lane in lanes for number in lane]
    # gaps in the source's time stamps become silence and overlaps are cut, so that sample n is the time n / 48000;
    # blocks of a second keep hundreds of pieces cheap
    opening = (
        f"[{source}]aresample={RATE_HZ}:async=1:min_hard_comp=0.02:first_pts=0,"
        f"aformat=sample_fmts=fltp:channel_layouts=stereo,asetnsamples=n={RATE_HZ}:p=0"
    )
    if len(numbers) == 1:
        only = pieces[numbers[0]]
        return f"{opening},{_piece(only, first_frame_s, None)},"
    parts = [f"{opening},asplit={len(numbers)}{''.join(f'[s{number}]' for number in sorted(numbers))}"]
    for lane_number, lane in enumerate(lanes):
        follows = [samples(pieces[number].start_s) for number in lane[1:]]
        for number, until in zip(lane, [*follows, None], strict=True):
            parts.append(f"[s{number}]{_piece(pieces[number], first_frame_s, until)}[p{number}]")
        inputs = "".join(f"[p{number}]" for number in lane)
        joined = f"{inputs}concat=n={len(lane)}:v=0:a=1" if len(lane) > 1 else f"{inputs}anull"
        start = samples(pieces[lane[0]].start_s)
        parts.append(f"{joined}{_delay(start)}[l{lane_number}]")
    inputs = "".join(f"[l{number}]" for number in range(len(lanes)))
    mixed = f"amix=inputs={len(lanes)}:duration=longest:dropout_transition=0:normalize=0" if len(lanes) > 1 else "anull"
    return ";".join([*parts, f"{inputs}{mixed},"])


def _piece(piece: AudioPiece, first_frame_s: float, until: int | None) -> str:
    """Cut, fade, pad. ``until``: the sample of the time line where the next piece of the lane starts."""
    start, source = samples(piece.start_s), samples(piece.source_start_s + first_frame_s)
    # the end is rounded on the time line, so that pieces which touch in seconds touch in samples
    count = samples(Fraction(piece.start_s) + Fraction(piece.duration_s)) - start
    if until is not None:
        count = min(count, until - start)
    if count < 1:
        raise PlanError(f"the sound piece at {piece.start_s:.3f} s is shorter than a sample")
    filters = [f"atrim=start_sample={source}:end_sample={source + count}", f"asetpts=PTS-{source}"]
    fade_in, fade_out = min(samples(piece.fade_in_s), count), min(samples(piece.fade_out_s), count)
    # constant power: what is faded between is not the same sound
    if fade_in:
        filters.append(f"afade=t=in:ss=0:ns={fade_in}:curve=qsin")
    if fade_out:
        filters.append(f"afade=t=out:ss={count - fade_out}:ns={fade_out}:curve=qsin")
    filters.append(exact_length(count if until is None else until - start))
    return ",".join(filters)


def _delay(count: int) -> str:
    return f",adelay=delays={count}S:all=1" if count else ""


def _lanes(pieces: Sequence[AudioPiece]) -> list[list[int]]:
    """Piece numbers per lane, in time order; a piece goes to the first lane that is free when it starts."""
    lanes: list[list[int]] = []
    free: list[int] = []
    for number in sorted(range(len(pieces)), key=lambda one: (pieces[one].start_s, one)):
        start = samples(pieces[number].start_s)
        end = samples(Fraction(pieces[number].start_s) + Fraction(pieces[number].duration_s))
        for lane, free_from in enumerate(free):
            if free_from <= start:
                lanes[lane].append(number)
                free[lane] = end
                break
        else:
            lanes.append([number])
            free.append(end)
    return lanes
