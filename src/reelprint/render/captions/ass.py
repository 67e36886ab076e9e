r"""Captions as a script for libass (Advanced SubStation Alpha), and the filter that draws it.

The script counts time in frames of a chunk, a tenth of a second each, and the filter is shown stamps that run at the
same pace: no rounding of times can move a caption by a frame, at any frame rate, in any chunk. Sizes are pixels of the
output. Text is hostile: nothing in a word can become an override tag, a line break or another field (``_escaped``).
Every run of letters names its font, and no font of ours shares its family with one of the machine, so libass has
nothing to ask the machine for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from reelprint.core.captions import CaptionCard, CaptionTrack, CaptionWord
from reelprint.core.plan import EditPlan
from reelprint.core.typefaces import Typeface, runs, typeface, width_em
from reelprint.render.captions.events import Shown, shown
from reelprint.render.graph import Graph, escape_value
from reelprint.render.joins import recount

#: The word that is spoken is drawn this much larger, around its own middle.
_LIT_SCALE = 1.05
#: ... and words stand this much further apart, so that it does not touch its neighbours.
_SPACE_SCALE = 1.35
#: In em: how wide a dark outline, how far a shadow falls, how far a box reaches beyond the letters.
_OUTLINE_EM = {"plain": 0.07, "karaoke": 0.08, "boxed": 0.0}
_SHADOW_EM = {"plain": 0.05, "karaoke": 0.05, "boxed": 0.32}
#: Alpha (00 is opaque), then the colour: a nearly black outline, a half-seen shadow, a box that lets a little through.
_OUTLINE_COLOUR, _SHADOW_COLOUR, _BOX_COLOUR = "&H10101010", "&H80000000", "&H30000000"
#: A row after a strong right-to-left mark runs from right to left, whatever its first word is.
_RIGHT_TO_LEFT_MARK = "\u200f"
_FRAME_CS = 10


def ass_text(track: CaptionTrack, plan: EditPlan, first: int, end: int) -> str | None:
    """The script for frames [first, end) of the film, counted from ``first``; None when nothing is shown on them.

    Raises DocumentError when the track's font is none of ours or a letter cannot be drawn.
    """
    output = plan.output
    events = [
        event
        for item in shown(track, output.rate, first, end)
        for event in _events(item, track, (output.width, output.height), first)
    ]
    if not events:
        return None
    return "\n".join([*_header(track, (output.width, output.height)), *events, ""])


def script_name(key: str) -> str:
    """Name of a chunk's script in the folder of the rendering."""
    return f"{key}.ass"


def with_captions(graph: Graph, pad: str, plan: EditPlan, first: int, end: int, script: str, fonts: str | None) -> str:
    """Draw the captions of frames [first, end) over a pad of these frames, after all else has been done to them.

    ``script`` is the path of ``ass_text``'s file, ``fonts`` the folder of our fonts. Nothing is added where nothing is
    shown.
    """
    if plan.captions is None or next(shown(plan.captions, plan.output.rate, first, end), None) is None:
        return pad
    if fonts is None:
        raise ValueError("captions need the folder of fonts")
    draw = f"ass=filename={escape_value(script)}:fontsdir={escape_value(fonts)}"
    return graph.chain(pad, "settb=1/100", f"setpts=N*{_FRAME_CS}", draw, *recount(plan.output))


def _header(track: CaptionTrack, size: tuple[int, int]) -> list[str]:
    face = typeface(track.font)
    em_px = track.size * size[1] / face.height
    outline, shadow = _OUTLINE_EM[track.look] * em_px, _SHADOW_EM[track.look] * em_px
    boxed = track.look == "boxed"
    # Style 4 is libass's own: one box around all rows; its margin is what is the shadow's distance elsewhere.
    border = 4 if boxed else 1
    back = _BOX_COLOUR if boxed else _SHADOW_COLOUR
    encoding = -1 if track.right_to_left else 1
    colour = _bgr(track.color)
    return [
        "[Script Info]",
        "ScriptType: v4.00+",
        "WrapStyle: 2",
        "ScaledBorderAndShadow: yes",
        "YCbCr Matrix: None",
        f"PlayResX: {size[0]}",
        f"PlayResY: {size[1]}",
        "",
        "[V4+ Styles]",
        "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, "
        "Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, "
        "MarginR, MarginV, Encoding",
        f"Style: Card,{face.family},{em_px * face.height:.3f},&H00{colour},&H00{colour},{_OUTLINE_COLOUR},{back},"
        f"0,0,0,0,100,100,0,0,{border},{outline:.2f},{shadow:.2f},2,0,0,0,{encoding}",
        "",
        "[Events]",
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
    ]


def _events(item: Shown, track: CaptionTrack, size: tuple[int, int], first: int) -> Iterator[str]:
    times = f"{_clock(item.first - first)},{_clock(item.end - first)}"
    place = rf"{{\pos({size[0] / 2:.1f},{track.baseline * size[1]:.1f})}}"
    if item.lit is None:
        yield f"Dialogue: 0,{times},Card,,0,0,0,,{place}{_rows(item.card, track, size)}"
        return
    # The lit word has a layer of its own, where the other words only hold the places: a row is centred, so one word of
    # it can grow without any other moving.
    yield f"Dialogue: 0,{times},Card,,0,0,0,,{place}{_rows(item.card, track, size, hide=item.lit)}"
    yield f"Dialogue: 1,{times},Card,,0,0,0,,{place}{_rows(item.card, track, size, only=item.lit)}"


def _rows(
    card: CaptionCard, track: CaptionTrack, size: tuple[int, int], hide: int | None = None, only: int | None = None
) -> str:
    """The text of a card; of its words all, all but one, or one alone and lit."""
    face = typeface(track.font)
    em_px = _em_px(card, track, size)
    space = _pen(face, em_px, rf"\fscx{100 * _SPACE_SCALE:.0f}" if track.look == "karaoke" else "") + " "
    number, text = 0, ""
    for position, row in enumerate(card.rows):
        text += r"\N" if position else ""
        text += _pen(face, em_px) + _RIGHT_TO_LEFT_MARK if track.right_to_left else ""
        for place, word in enumerate(row):
            lit, hidden = number == only, number == hide or (only is not None and number != only)
            more = rf"\c&H{_bgr(track.accent)}&" if lit else r"\alpha&HFF&" if hidden else ""
            text += "" if word.joined or not place else space
            for run, letters in runs(_in_one_line(word.text), face):
                text += _pen(run, em_px * (_LIT_SCALE if lit else 1.0), more) + _escaped(letters)
            number += 1
    return text


def _pen(face: Typeface, em_px: float, more: str = "") -> str:
    """Override tags that begin a stretch of letters; they are the whole state, nothing is left of what came before.

    Sizes are heights of rows, so every font gets the same em.
    """
    return rf"{{\r\fn{face.family}\fs{em_px * face.height:.3f}{more}}}"


def _em_px(card: CaptionCard, track: CaptionTrack, size: tuple[int, int]) -> float:
    """Pixels of an em: the track's, or less where a row would pass the side margins."""
    face = typeface(track.font)
    em_px = track.size * size[1] / face.height
    widest = max(_row_em(row, face, karaoke=track.look == "karaoke") for row in card.rows)
    widest += 2 * (_OUTLINE_EM[track.look] + _SHADOW_EM[track.look])
    return min(em_px, (1 - 2 * track.side_margin) * size[0] / widest)


def _row_em(row: Sequence[CaptionWord], face: Typeface, *, karaoke: bool) -> float:
    """Width of a row in em, at its widest moment."""
    words = [width_em(word.text, face) for word in row]
    spaces = sum(not word.joined for word in row[1:]) * width_em(" ", face)
    grown = (_SPACE_SCALE - 1) * spaces + (_LIT_SCALE - 1) * max(words)
    return sum(words) + spaces + (grown if karaoke else 0.0)


def _escaped(text: str) -> str:
    r"""Text of one line as nothing but text.

    libass knows ``\{`` and ``\}`` for braces. A backslash before another letter would be a line break or a blank; there
    is no escape for it, and nobody says one: it becomes a slash.
    """
    return text.replace("\\", "/").replace("{", r"\{").replace("}", r"\}")


def _in_one_line(text: str) -> str:
    """Text with blanks in place of whatever breaks lines or controls."""
    return "".join(" " if letter.isspace() or unicodedata.category(letter) == "Cc" else letter for letter in text)


def _bgr(color: str) -> str:
    """A colour ("#rrggbb") in the order of ASS."""
    return f"{color[5:7]}{color[3:5]}{color[1:3]}".upper()


def _clock(frames: int) -> str:
    total = frames * _FRAME_CS
    return f"{total // 360000}:{total // 6000 % 60:02d}:{total // 100 % 60:02d}.{total % 100:02d}"
