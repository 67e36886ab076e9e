"""Pictures for docs: labelled stills beside each other, typical success left and worst failure right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from reelprint.analyze.evidence import U8

WIDTH, GAP, LINE = 480, 12, 22


def draw_panels(
    panels: Sequence[tuple[str, U8]], target: Path, *, width: int = WIDTH, colours: int | None = 64
) -> None:
    """Write a PNG of panels in a row: a label of some lines over an RGB picture. ``colours``: None keeps all."""
    font = ImageFont.load_default(16)
    head = LINE * max(label.count("\n") + 1 for label, _ in panels) + 10
    pictures = [cv2.resize(rgb, (width, round(rgb.shape[0] * width / rgb.shape[1]))) for _, rgb in panels]
    height = head + max(len(picture) for picture in pictures)
    sheet = Image.new("RGB", (len(panels) * (width + GAP) - GAP, height), "#ffffff")
    pen = ImageDraw.Draw(sheet)
    for number, ((label, _), picture) in enumerate(zip(panels, pictures, strict=True)):
        left = number * (width + GAP)
        pen.multiline_text((left + 2, 4), label, font=font, fill="#111111", spacing=4)
        sheet.paste(Image.fromarray(np.ascontiguousarray(picture)), (left, head))
    target.parent.mkdir(parents=True, exist_ok=True)
    # 64 colours keep a photo readable at a fifth of the size.
    (sheet.quantize(colours) if colours else sheet).save(target, optimize=True)
