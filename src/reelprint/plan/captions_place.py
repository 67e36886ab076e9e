"""Where captions stand and how large they are: clear of what the platforms draw over a film.

The apps lay their own buttons and texts over a vertical film. Their published safe zones for a 1080x1920 film differ
by a few per cent and change from time to time (TikTok's for in-feed films: about 130 px at the top, 370-480 px at the
bottom, 120-140 px at the right; Instagram's for Reels: 14 % at the top, 20-35 % at the bottom, 6 % at the sides;
YouTube's for Shorts: about 15 % at the top, 20-25 % at the bottom, 10-12 % at the right). The margins below stand clear
of all of them except the longest description of Reels, and the rows are centred, so the right side's margin is kept at
the left too. On horizontal films players and televisions only ask for the title-safe edge (EBU R 95: 5 %).
"""

from __future__ import annotations

from dataclasses import dataclass

from reelprint.core.captions import CaptionLook
from reelprint.core.plan import OutputSpec
from reelprint.core.style import StyleJSON
from reelprint.core.typefaces import Typeface


@dataclass(frozen=True)
class _Margins:
    """Shares of the height (``top``, ``baseline``) and of the width (``side``); most Latin letters in a row."""

    top: float
    baseline: float
    side: float
    row_letters: int


_VERTICAL = _Margins(top=0.15, baseline=0.72, side=0.12, row_letters=32)
_SQUARE = _Margins(top=0.10, baseline=0.88, side=0.07, row_letters=34)
_HORIZONTAL = _Margins(top=0.08, baseline=0.92, side=0.08, row_letters=42)
#: Size of the letters (em) as a share of the shorter side.
_EM: dict[CaptionLook, float] = {"plain": 0.050, "karaoke": 0.078, "boxed": 0.046}
#: How far a template's size may lead away from these, and the em of letters whose lines are one high.
_SIZES = (0.75, 1.4)
_EM_OF_LINE = 0.85
_WHITE, _YELLOW, _CYAN = "#ffffff", "#ffd60a", "#5ce1ff"
#: Darker letters than this cannot be read inside a dark outline (luma, 0-1).
_DARKEST = 0.45


@dataclass(frozen=True)
class Place:
    """The look of a track: lengths in the shares that ``CaptionTrack`` wants; ``row_em``: room for a row."""

    size: float
    baseline: float
    side_margin: float
    color: str
    accent: str
    row_em: float
    row_letters: int


def place_of(look: CaptionLook, face: Typeface, output: OutputSpec, style: StyleJSON | None) -> Place:
    """Where the captions of a film stand; position, colour and size follow the template's captions when it has any."""
    margins = _margins(output)
    shorter = min(output.width, output.height)
    em_px = _EM[look] * shorter * _template_scale(look, style)
    size = min(0.3, em_px * face.height / output.height)
    color, accent = _colours(look, style)
    # Beside the letters there are the outline, wider spaces, and the word that grows while it is spoken.
    row_em = 0.96 * (1 - 2 * margins.side) * output.width / em_px - (0.7 if look == "karaoke" else 0.5)
    return Place(
        size=round(size, 5),
        baseline=round(_baseline(margins, size, style), 5),
        side_margin=margins.side,
        color=color,
        accent=accent,
        row_em=max(1.0, row_em),
        row_letters=margins.row_letters,
    )


def _margins(output: OutputSpec) -> _Margins:
    shape = output.width / output.height
    if shape < 0.75:
        return _VERTICAL
    return _SQUARE if shape < 1.3 else _HORIZONTAL


def _template_scale(look: CaptionLook, style: StyleJSON | None) -> float:
    """How much larger than usual the template's captions are; films are compared by their shorter sides."""
    captions = style.details.captions if style is not None else None
    resolution = style.details.resolution if style is not None else None
    if captions is None or not captions.present or captions.size_px is None or resolution is None:
        return 1.0
    scale = captions.size_px * _EM_OF_LINE / min(resolution) / _EM[look]
    return min(_SIZES[1], max(_SIZES[0], scale))


def _baseline(margins: _Margins, size: float, style: StyleJSON | None) -> float:
    """At the bottom, or in the template's third; two rows fit above it anyway. Left and right become the middle."""
    captions = style.details.captions if style is not None else None
    position = (captions.position if captions is not None and captions.present else None) or "bottom-center"
    if position.startswith("top"):
        return min(margins.baseline, margins.top + 2 * size)
    if position.startswith("bottom"):
        return margins.baseline
    return min(margins.baseline, 0.5 + size)


def _colours(look: CaptionLook, style: StyleJSON | None) -> tuple[str, str]:
    """Of the letters, and of the word that is spoken."""
    captions = style.details.captions if style is not None else None
    color = captions.color if captions is not None and captions.present else None
    if color is None or _luma(color) < _DARKEST:
        return _WHITE, _YELLOW
    # Karaoke is read by the difference between the two colours.
    return color, _YELLOW if _distance(color, _YELLOW) > 0.5 else _CYAN if look == "karaoke" else _YELLOW


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _luma(color: str) -> float:
    """Brightness with Rec. 709's weights, 0-1."""
    red, green, blue = _rgb(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _distance(one: str, other: str) -> float:
    return float(sum((a - b) ** 2 for a, b in zip(_rgb(one), _rgb(other), strict=True)) ** 0.5)
