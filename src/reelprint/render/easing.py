"""The four easing curves, once as numbers and once as ffmpeg expressions.

Quadratic curves: ease-in t^2, ease-out 1 - (1 - t)^2; ease-in-out is smoothstep, 3 t^2 - 2 t^3 (Perlin 1985
calls it the Hermite blend). ``analyze.shots`` fits the same family, so what is rendered can be measured again.
"""

from __future__ import annotations

from reelprint.core.shots import Easing


def ease(easing: Easing, t: float) -> float:
    """Progress 0..1 at time ``t`` 0..1 (clamped)."""
    t = min(1.0, max(0.0, t))
    match easing:
        case "linear":
            return t
        case "ease-in":
            return t * t
        case "ease-out":
            return 1.0 - (1.0 - t) * (1.0 - t)
        case "ease-in-out":
            return t * t * (3.0 - 2.0 * t)


def ease_expression(easing: Easing, t: str) -> str:
    """The same curve of the ffmpeg expression ``t``, which must stay within 0..1."""
    match easing:
        case "linear":
            return f"({t})"
        case "ease-in":
            return f"pow({t},2)"
        case "ease-out":
            return f"(1-pow(1-({t}),2))"
        case "ease-in-out":
            return f"(pow({t},2)*(3-2*({t})))"


def join_progress(easing: Easing, frames: int) -> tuple[float, ...]:
    """Share of the incoming side on each frame of a join: never 0 or 1, so every frame shows both."""
    return tuple(ease(easing, (number + 1) / (frames + 1)) for number in range(frames))


def fade_out_levels(easing: Easing, frames: int) -> tuple[float, ...]:
    """Share of the colour on each frame of a fade to it: above 0 on the first, exactly 1 on the last."""
    return tuple(ease(easing, (number + 1) / frames) for number in range(frames))


def fade_in_levels(easing: Easing, frames: int) -> tuple[float, ...]:
    """Share of the colour on each frame of a fade from it: exactly 1 on the first, above 0 on the last."""
    return tuple(1.0 - ease(easing, number / frames) for number in range(frames))
