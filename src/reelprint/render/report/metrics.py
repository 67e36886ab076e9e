"""How wide a text is in Inter, so that a picture can be laid out without a font at hand.

The tables are the advance widths (thousandths of the font size, without kerning) of the two cuts that are shipped in
``adapters/media/fonts``; a test compares them with the files.
"""

from __future__ import annotations

import unicodedata
from typing import Literal

Weight = Literal[400, 600]

ASCII = "".join(chr(code) for code in range(0x20, 0x7F))
LATIN = "".join(chr(code) for code in range(0xA1, 0x180) if code != 0xAD)
MARKS = "–—‘’“”…•−→≥≤€"

# fmt: off
REGULAR = (
    281, 287, 466, 633, 642, 981, 644, 300, 364, 364, 501, 662, 288, 459, 288, 360, 632, 406, 609, 618, 646, 594, 621,
    566, 620, 621, 288, 302, 662, 661, 662, 511, 967, 690, 655, 731, 722, 601, 591, 747, 743, 269, 571, 672, 565, 903,
    753, 765, 639, 765, 644, 642, 646, 744, 690, 985, 682, 679, 630, 365, 360, 365, 471, 456, 323, 561, 612, 571, 613,
    584, 370, 613, 591, 243, 243, 549, 242, 876, 591, 600, 612, 612, 376, 528, 327, 591, 562, 818, 546, 562, 553, 426,
    333, 427, 663, 287, 572, 612, 725, 550, 271, 569, 591, 914, 454, 583, 662, 666, 479, 454, 662, 443, 445, 323, 586,
    603, 288, 267, 304, 482, 583, 802, 847, 882, 512, 690, 690, 690, 690, 690, 690, 993, 731, 601, 601, 601, 601, 269,
    269, 269, 269, 735, 753, 765, 765, 765, 765, 765, 662, 765, 744, 744, 744, 744, 679, 636, 617, 561, 561, 561, 561,
    561, 561, 917, 571, 584, 584, 584, 584, 242, 242, 242, 242, 583, 591, 600, 600, 600, 600, 600, 663, 600, 591, 591,
    591, 591, 562, 612, 562, 690, 561, 690, 561, 690, 561, 731, 571, 731, 571, 731, 571, 731, 571, 722, 710, 735, 612,
    601, 584, 601, 584, 601, 584, 601, 584, 601, 584, 747, 613, 747, 613, 747, 613, 747, 613, 743, 591, 776, 591, 269,
    242, 269, 242, 269, 242, 269, 243, 269, 242, 840, 485, 571, 243, 672, 549, 525, 565, 242, 565, 242, 565, 339, 562,
    359, 594, 242, 753, 591, 753, 591, 753, 591, 656, 754, 592, 765, 600, 765, 600, 765, 600, 1005, 1000, 644, 376,
    644, 376, 644, 376, 642, 528, 642, 528, 642, 528, 642, 528, 646, 327, 646, 376, 646, 327, 744, 591, 744, 591, 744,
    591, 744, 591, 744, 591, 744, 591, 985, 818, 679, 562, 679, 630, 553, 630, 553, 630, 553, 314, 500, 1000, 261,
    261, 440, 440, 864, 563, 663, 954, 662, 662, 667,
)
SEMIBOLD = (
    252, 321, 523, 644, 649, 1005, 662, 326, 373, 373, 540, 673, 319, 465, 319, 379, 659, 423, 624, 636, 666, 612,
    639, 577, 640, 639, 319, 330, 673, 673, 673, 544, 998, 727, 658, 737, 722, 605, 588, 748, 745, 276, 580, 703, 565,
    922, 759, 768, 644, 773, 652, 649, 661, 736, 728, 1020, 720, 713, 653, 373, 379, 373, 481, 469, 351, 574, 623,
    582, 623, 592, 389, 624, 611, 262, 262, 569, 261, 900, 611, 608, 624, 624, 397, 549, 353, 611, 587, 839, 568, 588,
    567, 455, 359, 454, 673, 321, 582, 629, 749, 563, 317, 568, 612, 914, 461, 634, 673, 664, 451, 459, 673, 454, 463,
    351, 614, 599, 319, 333, 324, 487, 634, 831, 870, 907, 544, 727, 727, 727, 727, 727, 727, 1013, 737, 605, 605,
    605, 605, 276, 276, 276, 277, 752, 760, 768, 768, 768, 768, 768, 673, 768, 736, 736, 736, 736, 713, 658, 643, 574,
    574, 574, 574, 574, 574, 913, 582, 592, 592, 592, 592, 261, 261, 261, 263, 593, 611, 608, 608, 608, 608, 608, 673,
    608, 611, 611, 611, 611, 588, 624, 589, 727, 574, 727, 574, 728, 574, 737, 582, 737, 582, 737, 582, 737, 582, 722,
    739, 752, 623, 605, 592, 605, 592, 605, 592, 605, 592, 605, 592, 748, 624, 748, 624, 748, 624, 748, 624, 745, 611,
    797, 612, 278, 262, 277, 262, 277, 262, 276, 262, 277, 261, 856, 523, 580, 261, 703, 569, 566, 565, 261, 565, 261,
    565, 377, 573, 418, 601, 261, 759, 611, 759, 611, 759, 611, 656, 759, 611, 768, 608, 768, 608, 768, 608, 1014,
    992, 652, 397, 652, 397, 652, 397, 649, 549, 649, 549, 649, 549, 649, 549, 661, 353, 661, 419, 661, 353, 736, 611,
    736, 611, 736, 611, 736, 611, 736, 611, 736, 611, 1020, 839, 713, 588, 714, 653, 567, 653, 567, 653, 567, 334,
    500, 1000, 294, 294, 507, 501, 956, 504, 673, 954, 674, 673, 679,
)
# fmt: on

_ADVANCE: dict[Weight, dict[str, int]] = {
    400: dict(zip(ASCII + LATIN + MARKS, REGULAR, strict=True)),
    600: dict(zip(ASCII + LATIN + MARKS, SEMIBOLD, strict=True)),
}
#: For characters of other scripts, drawn in whatever font the viewer has: a full square, or a broad letter.
_WIDE, _BROAD = 1000, 680
ELLIPSIS = "…"


def text_width(text: str, size_px: float, weight: Weight = 400, spacing_px: float = 0.0) -> float:
    """Width in px of one line of text set in Inter."""
    advance = _ADVANCE[weight]
    total = 0
    for character in text:
        known = advance.get(character)
        if known is None:
            if unicodedata.combining(character):
                continue
            wide = unicodedata.east_asian_width(character) in "WF" or unicodedata.category(character) == "So"
            known = _WIDE if wide else _BROAD
        total += known
    return total * size_px / 1000 + spacing_px * len(text)


def ellipsize(text: str, width_px: float, size_px: float, weight: Weight = 400) -> str:
    """The text, or as much of its beginning as fits into ``width_px`` together with an ellipsis."""
    if text_width(text, size_px, weight) <= width_px:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle].rstrip() + ELLIPSIS, size_px, weight) <= width_px:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS


def wrap(text: str, width_px: float, size_px: float, weight: Weight, lines: int) -> list[str]:
    """At most ``lines`` lines, broken at spaces where possible; what does not fit ends in an ellipsis."""
    rows: list[str] = []
    rest = text
    while rest and len(rows) < lines - 1:
        if text_width(rest, size_px, weight) <= width_px:
            break
        cut = _break(rest, width_px, size_px, weight)
        rows.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*rows, ellipsize(rest, width_px, size_px, weight)] if rest else rows


def _break(text: str, width_px: float, size_px: float, weight: Weight) -> int:
    """Where to break a text that is too wide: after the last space that fits, else after the last letter."""
    fits = len(ellipsize(text, width_px, size_px, weight)) - 1
    space = text.rfind(" ", 0, fits + 1)
    return space if space > 0 else max(1, fits)
