"""Type set on pictures with the face that comes with Pillow."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

U8 = NDArray[np.uint8]


def noise(height: int, width: int, seed: int = 0, level: int = 90) -> U8:
    """A soft random picture (h, w, 3) uint8."""
    rng = np.random.default_rng(seed)
    small = rng.integers(level - 60, level + 60, (height // 24 + 1, width // 24 + 1, 3)).astype(np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def set_type(
    picture: U8, text: str, x: float, y: float, size_px: int, color: str = "#ffffff", outline: bool = True
) -> tuple[U8, tuple[float, float, float, float]]:
    """The picture with a text whose ink begins at x, y; and left, top, right, bottom of the ink."""
    image = Image.fromarray(picture)
    font = ImageFont.load_default(size_px)
    pen = ImageDraw.Draw(image)
    box = pen.textbbox((0, 0), text, font=font)
    stroke = max(2, size_px // 14) if outline else 0
    pen.text((x - box[0], y - box[1]), text, font=font, fill=color, stroke_width=stroke, stroke_fill="#000000")
    return np.asarray(image), (x, y, x + box[2] - box[0], y + box[3] - box[1])
