"""How much an edit cuts on the beat, beyond what chance would have it."""

from __future__ import annotations

from reelprint.core.style import StyleJSON

#: A cut this near to a beat is heard as being on it (audio-visual simultaneity window, Vroomen & Keetels 2010).
ON_BEAT_S = 0.070


def beat_alignment(style: StyleJSON) -> float | None:
    """Share of boundaries on the beat beyond chance: 0 as chance would have it, 1 all of them.

    None where there is no beat to be on, or no boundary: an edit brings no music with it.
    """
    pacing = style.details.pacing
    if pacing is None or pacing.beat_share is None or style.tempo_bpm is None:
        return None
    chance = min(0.9, 2 * ON_BEAT_S * style.tempo_bpm / 60)
    return max(0.0, (pacing.beat_share - chance) / (1 - chance))
