"""The sound track's pieces, and the times on the film's clock where a cut sits well."""

from __future__ import annotations

from collections.abc import Sequence

from reelprint.core.analysis import Analysis
from reelprint.core.plan import AudioPiece
from reelprint.core.style import StyleJSON
from reelprint.plan.assembly import beats_of, is_music_led, is_speech_led
from reelprint.plan.pieces import Piece
from reelprint.plan.snapping import Anchors

#: Fades that take the click out of a jump in the sound, seconds.
_DECLICK_S = 0.008
_BED_FADE_S = 1.0


def plan_pieces(pieces: Sequence[Piece], footage: Analysis, film_s: float) -> tuple[AudioPiece, ...]:
    """The sound goes with the picture; where music carries the footage it runs on uncut from its start."""
    source_s = footage.timing.duration_s
    if is_music_led(footage):
        fade_s = min(_BED_FADE_S, film_s / 4) if film_s < source_s - 0.1 else 0.0
        return (AudioPiece(start_s=0.0, source_start_s=0.0, duration_s=min(film_s, source_s), fade_out_s=fade_s),)
    runs: list[list[float]] = []
    at_s = 0.0
    for piece in pieces:
        # The film ends on a whole frame, which can be a little before its last piece does.
        length_s = min(piece.duration_s, film_s - at_s)
        if length_s <= 0:
            break
        if runs and abs(runs[-1][1] + runs[-1][2] - piece.start_s) < 1e-6:
            runs[-1][2] += length_s
        else:
            runs.append([at_s, piece.start_s, length_s])
        at_s += length_s
    last = len(runs) - 1
    return tuple(
        AudioPiece(
            start_s=start,
            source_start_s=source,
            duration_s=length,
            fade_in_s=min(_DECLICK_S, length / 2) if index > 0 else 0.0,
            fade_out_s=min(_DECLICK_S, length / 2) if index < last else 0.0,
        )
        for index, (start, source, length) in enumerate(runs)
    )


def anchors(audio: Sequence[AudioPiece], footage: Analysis, style: StyleJSON) -> Anchors:
    """Beats of the music that will be heard, or ends of phrases when people talk; on the film's clock."""
    if footage.music.tempo_bpm is not None and not is_speech_led(footage):
        marks = beats_of(footage, style)
    else:
        marks = Anchors([(span.start_s + min(span.end_s, span.start_s + 0.3)) / 2 for span in footage.speech.silences])
    found = [
        piece.start_s + moment - piece.source_start_s
        for piece in audio
        for moment in marks.times_s
        if piece.source_start_s <= moment < piece.source_start_s + piece.duration_s
    ]
    return Anchors(sorted(found), marks.hold)
