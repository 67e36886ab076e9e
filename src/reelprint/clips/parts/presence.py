"""Energy, motion and faces: what picture and sound do over a stretch."""

from __future__ import annotations

import math

from reelprint.clips.levels import FilmLevels
from reelprint.clips.parts.evidence import scored
from reelprint.clips.stretches import Stretch
from reelprint.core.clips import ScorePart

_DB_POINTS, _DB_MOST = 6.0, 30.0
_SPREAD_POINTS, _SPREAD_MOST = 4.0, 20.0
#: Motion intensity, and cuts a minute, that give 63 of 100 points.
_MOTION_SCALE, _CUTS_SCALE = 25.0, 12.0
_MOTION_SHARE = 0.65


def energy(stretch: Stretch, levels: FilmLevels) -> ScorePart | None:
    """Loudness and its variation against the film's own mean; None when no sound was measured there."""
    here, film = levels.level(stretch.start_s, stretch.end_s), levels.film_level
    if here is None or film is None:
        return None
    louder, livelier = here.mean_db - film.mean_db, here.spread_db - film.spread_db
    points = _held(_DB_POINTS * louder, _DB_MOST) + _held(_SPREAD_POINTS * livelier, _SPREAD_MOST)
    heard = "voice" if stretch.spoken else "sound"
    if abs(louder) < 0.5:
        compared = f"{heard} as loud as in the whole film"
    else:
        compared = f"{heard} {abs(louder):.1f} dB {'above' if louder > 0 else 'below'} the film's mean"
    return scored(50 + points, f"{compared}, level varies by {here.spread_db:.1f} dB (film {film.spread_db:.1f})")


def motion(stretch: Stretch, levels: FilmLevels) -> ScorePart:
    """Movement in the picture and how often it is cut."""
    moves = levels.motion(stretch.start_s, stretch.end_s)
    cuts = levels.cuts(stretch.start_s, stretch.end_s)
    a_minute = 60 * cuts / stretch.duration_s
    points = _MOTION_SHARE * _grown(moves, _MOTION_SCALE) + (1 - _MOTION_SHARE) * _grown(a_minute, _CUTS_SCALE)
    shots = "no cut" if not cuts else f"{cuts} cut{'s' * (cuts > 1)}"
    return scored(100 * points, f"movement {moves:.0f} of 100, {shots}")


def faces(stretch: Stretch, levels: FilmLevels) -> ScorePart | None:
    """Share of the time a face is seen; None when nobody looked for faces."""
    share = levels.faces(stretch.start_s, stretch.end_s)
    return None if share is None else scored(30 + 60 * share, f"a face is seen {share:.0%} of the time")


def _grown(value: float, scale: float) -> float:
    return 1 - math.exp(-value / scale)


def _held(value: float, most: float) -> float:
    return min(most, max(-most, value))
