"""Plants overlays and captions on real frames, with everything known about them; makes a small film of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

U8 = NDArray[np.uint8]

WORDS = (
    "morning", "river", "quiet", "stone", "travel", "guide", "winter", "light", "seven", "golden", "kitchen", "story",
    "music", "journey", "open", "harbour", "simple", "never", "again", "watch", "this", "because", "people", "really",
    "think", "about", "design", "market", "city", "mountain", "coffee", "build", "better", "every", "small", "habit",
    "changes", "question", "answer", "minute", "secret", "number", "twenty", "first", "water", "window", "garden",
    "bright", "future",
)  # fmt: skip
COLORS = ("#ffffff", "#ffffff", "#ffffff", "#ffdc00", "#111111", "#ff4040", "#3cc8ff", "#40e060", "#f5e6c8", "#ff8c1a")
#: How often each family is planted, about as often as films use them.
FAMILIES = (("sans-serif", 6), ("serif", 3), ("monospace", 1), ("script", 1))
PLACES = ("top-left", "top-center", "top-right", "center-left", "center", "center-right",
          "bottom-left", "bottom-center", "bottom-right")  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """One text as it was put into the film."""

    text: str
    font: str
    family: str
    size_px: int
    color: str
    position: str
    start_s: float
    end_s: float
    caption: bool
    backing: str
    fade_s: float


def family_of(path: str) -> str | None:
    """The generic family of a font file, told from its name; None for faces that the benchmark leaves out."""
    name = Path(path).name.lower()
    if any(word in name for word in ("pacifico", "great-vibes", "dancing", "sacramento")):
        return "script"
    if any(word in name for word in ("mono", "courier", "cmtt")):
        return "monospace"
    if any(
        word in name for word in ("serif", "stixgeneral", "caladea", "playfair", "lora", "merriweather", "garamond")
    ):
        return "serif"
    if any(
        word in name
        for word in ("math", "sym", "nonuni", "display", "resort", "amatic", "intuitive", "thin", "extralight")
    ):
        return None
    return "sans-serif"


def as_drawn(text: str, font: str) -> str:
    """The letters that are seen: some faces draw small letters as capitals."""
    return text.upper() if any(name in Path(font).name.lower() for name in ("bebas", "amatic")) else text


def plan(rng: random.Random, fonts: Sequence[str], duration_s: float, kind: str) -> list[Planted]:
    """Texts for one film: ``titles`` (single, anywhere) or ``captions`` (a run in one band) with a title or two."""
    if kind == "none":
        return []
    there = {family_of(font) for font in fonts}
    families = [name for name, weight in FAMILIES for _ in range(weight) if name in there]
    planted: list[Planted] = []

    def look() -> tuple[str, str, str, str]:
        family = rng.choice(families)
        font = rng.choice([item for item in fonts if family_of(item) == family])
        color = rng.choice(COLORS)
        backing = "box" if color == "#111111" else rng.choice(("outline", "outline", "box", "shadow"))
        return font, family, color, backing

    if kind == "captions":
        font, family, color, backing = look()
        size, place, start = rng.randint(30, 52), rng.choice(("bottom-center", "bottom-center", "center")), 0.6
        while True:
            length = rng.uniform(0.6, 2.0)
            if start + length > duration_s - 0.3:
                return planted
            text = " ".join(rng.sample(WORDS, rng.randint(2, 4)))
            planted.append(
                Planted(
                    as_drawn(text, font), font, family, size, color, place, start, start + length, True, backing, 0.0
                )
            )
            start += length + rng.choice((0.0, 0.0, 0.3))
    start = rng.uniform(0.3, 1.0)
    while True:
        length = rng.uniform(1.2, 3.0)
        if start + length > duration_s - 0.2:
            return planted
        font, family, color, backing = look()
        size = rng.choice((26, 32, 40, 52, 64, 84, 110))
        text = " ".join(rng.sample(WORDS, 1 if size > 80 else rng.randint(1, 3)))
        text = rng.choice((str.upper, str.title, str))(text)
        fade = rng.choice((0.0, 0.0, 0.4))
        place = rng.choice(PLACES)
        planted.append(
            Planted(as_drawn(text, font), font, family, size, color, place, start, start + length, False, backing, fade)
        )
        start += length + rng.uniform(0.3, 1.2)


def draw(item: Planted, width: int, height: int) -> U8:
    """(h, w, 4) uint8: the text on a clear picture."""
    font = ImageFont.truetype(item.font, item.size_px)
    layer = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    stroke = max(2, item.size_px // 14) if item.backing == "outline" else 0
    box = pen.textbbox((0, 0), item.text, font=font, stroke_width=stroke)
    w, h = box[2] - box[0], box[3] - box[1]
    row, column = divmod(PLACES.index(item.position), 3)
    margin = 0.06
    x = (margin * width, (width - w) / 2, (1 - margin) * width - w)[column] - box[0]
    y = (margin * height, (height - h) / 2, (1 - margin) * height - h)[row] - box[1]
    pad = item.size_px // 4
    if item.backing == "box":
        back = (245, 245, 245, 255) if item.color == "#111111" else (0, 0, 0, 255)
        pen.rectangle((x + box[0] - pad, y + box[1] - pad, x + box[2] + pad, y + box[3] + pad), fill=back)
    if item.backing == "shadow":
        dark = Image.new("RGBA", (width, height), (0, 0, 0, 0))
        offset = max(2, item.size_px // 16)
        ImageDraw.Draw(dark).text((x + offset, y + offset), item.text, font=font, fill=(0, 0, 0, 230))
        layer.alpha_composite(dark.filter(ImageFilter.GaussianBlur(offset * 0.7)))
    pen = ImageDraw.Draw(layer)
    pen.text((x, y), item.text, font=font, fill=item.color, stroke_width=stroke, stroke_fill="#000000")
    return np.asarray(layer)


def fits(item: Planted, width: int) -> bool:
    """Whether the text with its margins is narrower than the picture."""
    return ImageFont.truetype(item.font, item.size_px).getlength(item.text) < 0.86 * width


def plant(source: Path, start_s: float, duration_s: float, items: Sequence[Planted], target: Path) -> None:
    """Write ``target``: seconds of ``source`` brought to 720 lines, with the texts on them, as H.264."""
    with av.open(str(source)) as film, av.open(str(target), "w") as out:
        video = film.streams.video[0]
        rate = video.average_rate
        assert rate is not None
        picture_height = 720
        picture_width = round(video.width / video.height * picture_height / 2) * 2
        stream = out.add_stream("libx264", rate=rate, options={"crf": "20", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = picture_width, picture_height, "yuv420p"
        layers = [draw(item, picture_width, picture_height) for item in items]
        origin: float | None = None
        for frame in film.decode(video):
            origin = float(frame.time) if origin is None else origin
            time_s = float(frame.time) - origin - start_s
            if time_s < 0:
                continue
            if time_s >= duration_s:
                break
            rgb = cv2.resize(frame.to_ndarray(format="rgb24"), (picture_width, picture_height))
            for item, layer in zip(items, layers, strict=True):
                if item.start_s <= time_s < item.end_s:
                    since = min(time_s - item.start_s, item.end_s - time_s)
                    strength = min(1.0, since / item.fade_s) if item.fade_s else 1.0
                    alpha = layer[..., 3:].astype(np.float32) * (strength / 255)
                    rgb = (rgb * (1 - alpha) + layer[..., :3] * alpha + 0.5).astype(np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")))
        out.mux(stream.encode(None))
