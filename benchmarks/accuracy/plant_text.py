"""Plants overlays and captions on real frames, with everything known about them; makes a small film of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
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
#: Height of the type for titles, as shares of the picture's short side: 26 to 110 px at 720 lines.
TITLE_SIZES = tuple(size / 720 for size in (26, 32, 40, 52, 64, 84, 110))
MARGIN = 0.06


@dataclass(frozen=True)
class Look:
    """How a text is set."""

    font: str
    family: str
    color: str
    backing: str


@dataclass(frozen=True)
class Planted:
    """One text as it was put into the film."""

    lines: tuple[str, ...]
    look: Look
    size_px: int
    position: str
    start_s: float
    end_s: float
    caption: bool
    fade_s: float

    @property
    def text(self) -> str:
        """All lines."""
        return " ".join(self.lines)


@dataclass(frozen=True)
class Format:
    """The film that is made."""

    width: int
    height: int
    crf: int

    @property
    def short(self) -> int:
        """Short side, pixels."""
        return min(self.width, self.height)


def random_format(rng: random.Random) -> Format:
    """480 to 1080 lines, landscape or upright, crf 18 to 35."""
    short = rng.choice((480, 480, 720, 720, 1080))
    long = round(short * 16 / 9 / 2) * 2
    crf = rng.choice((18, 23, 28, 35))
    return Format(short, long, crf) if rng.random() < 0.4 else Format(long, short, crf)


def family_of(path: str) -> str | None:
    """The generic family of a font file, told from its name; None for faces that the benchmark leaves out."""
    name = Path(path).name.lower()
    if any(word in name for word in ("math", "sym", "nonuni", "resort", "intuitive", "cmmi", "cmex", "cmsy")):
        return None
    if any(word in name for word in ("pacifico", "great-vibes", "dancing", "sacramento")):
        return "script"
    if any(word in name for word in ("mono", "courier", "cmtt")):
        return "monospace"
    serifs = ("serif", "stixgeneral", "caladea", "playfair", "lora", "merriweather", "garamond", "cmr", "cmb", "cmti")
    return "serif" if any(word in name for word in serifs) else "sans-serif"


def usable(path: str) -> bool:
    """Whether a face is in the benchmark: of a known family, draws all Latin letters, has strokes that can be seen."""
    if family_of(path) is None:
        return False
    face = ImageFont.truetype(path, 48)
    missing = _glyph(face, "\U0010fffd")
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    if any(_glyph(face, letter).size == 0 or _alike(_glyph(face, letter), missing) > 0.95 for letter in letters):
        return False
    return float((_glyph(face, "H") > 0).mean()) > 0.2


def _glyph(face: ImageFont.FreeTypeFont, letter: str) -> U8:
    mask = face.getmask(letter)
    picture = np.asarray(mask, np.uint8).reshape(mask.size[1], mask.size[0])
    return picture


def _alike(a: U8, b: U8) -> float:
    """Correlation of two glyphs brought to one size and softened, -1..1; 0 when their proportions differ."""
    if not a.size or not b.size or abs(np.log(a.shape[1] / a.shape[0] * b.shape[0] / b.shape[1])) > 0.2:
        return 0.0
    first, second = (
        cv2.GaussianBlur(cv2.resize(item, (48, 48), interpolation=cv2.INTER_AREA).astype(np.float32), (0, 0), 3)
        for item in (a, b)
    )
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


@cache
def _capitals_only(path: str) -> bool:
    face = ImageFont.truetype(path, 96)
    # Letters whose small form does not look like the capital in a face that has both: 0.55 at most, else 0.9.
    return float(np.median([_alike(_glyph(face, x), _glyph(face, x.upper())) for x in "abdeghnqrt"])) > 0.75


def as_drawn(text: str, font: str) -> str:
    """The letters that are seen: some faces draw small letters as capitals. Judged by their shapes, not their name."""
    return text.upper() if _capitals_only(font) else text


def plan(rng: random.Random, fonts: Sequence[str], film: Format, duration_s: float, kind: str) -> list[Planted]:
    """Texts for one film: ``titles`` (up to two at a time, anywhere), ``captions`` (a run in one band) or ``none``."""
    if kind == "none":
        return []
    if kind == "captions":
        return _captions(rng, fonts, film, duration_s)
    planted: list[Planted] = []
    for rows in (("top",), ("bottom", "center")):
        start = rng.uniform(0.3, 1.0)
        while (length := rng.uniform(1.2, 3.0)) and start + length <= duration_s - 0.2:
            look = _look(rng, fonts)
            size = round(rng.choice(TITLE_SIZES) * film.short)
            case = rng.choice((str.upper, str.title, str))
            lines = tuple(
                as_drawn(case(" ".join(rng.sample(WORDS, rng.randint(1, 3)))), look.font)
                for _ in range(rng.choice((1, 1, 2)))
            )
            place = rng.choice([item for item in PLACES if item.split("-")[0] in rows])
            item = Planted(lines, look, size, place, start, start + length, False, rng.choice((0.0, 0.0, 0.4)))
            if fits(item, film):
                planted.append(item)
                start += length + rng.uniform(0.3, 1.2)
    return planted


def _look(rng: random.Random, fonts: Sequence[str]) -> Look:
    there = {family_of(font) for font in fonts}
    family = rng.choice([name for name, weight in FAMILIES for _ in range(weight) if name in there])
    font = rng.choice([item for item in fonts if family_of(item) == family])
    color = rng.choice(COLORS)
    return Look(
        font, family, color, "box" if color == "#111111" else rng.choice(("outline", "outline", "box", "shadow"))
    )


def _captions(rng: random.Random, fonts: Sequence[str], film: Format, duration_s: float) -> list[Planted]:
    look, place, start = _look(rng, fonts), rng.choice(("bottom-center", "bottom-center", "center")), 0.6
    size = round(rng.randint(30, 52) / 720 * film.short)
    most = rng.choice((1, 1, 2))
    planted: list[Planted] = []
    while (length := rng.uniform(0.6, 2.0)) and start + length <= duration_s - 0.3:
        lines = tuple(
            as_drawn(" ".join(rng.sample(WORDS, rng.randint(2, 4))), look.font) for _ in range(rng.randint(1, most))
        )
        item = Planted(lines, look, size, place, start, start + length, True, 0.0)
        if fits(item, film):
            planted.append(item)
            start += length + rng.choice((0.0, 0.0, 0.3))
    return planted


def draw(item: Planted, film: Format) -> tuple[U8, int, int]:
    """(h, w, 4) uint8: the text on a clear picture, and its left and top edge in the film."""
    font = ImageFont.truetype(item.look.font, item.size_px)
    layer = Image.new("RGBA", (film.width, film.height), (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    stroke = max(2, item.size_px // 14) if item.look.backing == "outline" else 0
    boxes = [pen.textbbox((0, 0), line, font=font, stroke_width=stroke) for line in item.lines]
    # Lines of one base-line distance: the type's own ascent and descent.
    step = sum(font.getmetrics())
    top, bottom = boxes[0][1], (len(boxes) - 1) * step + boxes[-1][3]
    row, column = divmod(PLACES.index(item.position), 3)
    y0 = (MARGIN * film.height, (film.height - bottom + top) / 2, (1 - MARGIN) * film.height - bottom + top)[row] - top
    places = []
    for number, box in enumerate(boxes):
        w = box[2] - box[0]
        left = (MARGIN * film.width, (film.width - w) / 2, (1 - MARGIN) * film.width - w)[column] - box[0]
        places.append((left, y0 + number * step))
    pad = item.size_px // 4
    if item.look.backing == "box":
        back = (245, 245, 245, 255) if item.look.color == "#111111" else (0, 0, 0, 255)
        for (x, y), box in zip(places, boxes, strict=True):
            pen.rectangle((x + box[0] - pad, y + box[1] - pad, x + box[2] + pad, y + box[3] + pad), fill=back)
    if item.look.backing == "shadow":
        dark = Image.new("RGBA", layer.size, (0, 0, 0, 0))
        offset = max(2, item.size_px // 16)
        for (x, y), line in zip(places, item.lines, strict=True):
            ImageDraw.Draw(dark).text((x + offset, y + offset), line, font=font, fill=(0, 0, 0, 230))
        layer.alpha_composite(dark.filter(ImageFilter.GaussianBlur(offset * 0.7)))
    pen = ImageDraw.Draw(layer)
    for place, line in zip(places, item.lines, strict=True):
        pen.text(place, line, font=font, fill=item.look.color, stroke_width=stroke, stroke_fill="#000000")
    left, above, right, below = layer.getbbox() or (0, 0, 1, 1)
    return np.asarray(layer)[above:below, left:right], left, above


def fits(item: Planted, film: Format) -> bool:
    """Whether the text with its margins is narrower than the picture, and at a side not wider than half of it."""
    font = ImageFont.truetype(item.look.font, item.size_px)
    wide = max(font.getlength(line) for line in item.lines) / film.width
    low = len(item.lines) * sum(font.getmetrics()) / film.height
    return low < 0.3 and wide < (0.86 if item.position in ("top-center", "center", "bottom-center") else 0.5)


def plant(
    source: Path, start_s: float, duration_s: float, items: Sequence[Planted], film: Format, target: Path
) -> None:
    """Write ``target``: seconds of ``source`` cut to the film's shape, with the texts on them, as H.264."""
    with av.open(str(source)) as footage, av.open(str(target), "w") as out:
        video = footage.streams.video[0]
        assert video.average_rate is not None
        # Counted in whole frames a second that a header can say, whatever the source's header says.
        rate = video.average_rate.limit_denominator(1001)
        stream = out.add_stream("libx264", rate=rate, options={"crf": str(film.crf), "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = film.width, film.height, "yuv420p"
        stream.codec_context.thread_count = 1
        layers = [draw(item, film) for item in items]
        origin: float | None = None
        if start_s:
            footage.seek(int(start_s * 1e6))
        for frame in footage.decode(video):
            at_s = float(frame.time)
            if at_s < start_s:
                continue
            origin = at_s if origin is None else origin
            if at_s - origin >= duration_s:
                break
            rgb = _shaped(frame.to_ndarray(format="rgb24"), film)
            for item, layer in zip(items, layers, strict=True):
                _compose(rgb, item, layer, at_s - origin)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        out.mux(stream.encode(None))


def _shaped(rgb: U8, film: Format) -> U8:
    """The largest middle part of the film's shape, at its size."""
    height, width = rgb.shape[:2]
    inner_w = min(width, round(height * film.width / film.height))
    inner_h = min(height, round(width * film.height / film.width))
    left, top = (width - inner_w) // 2, (height - inner_h) // 2
    part = np.ascontiguousarray(rgb[top : top + inner_h, left : left + inner_w])
    return np.asarray(cv2.resize(part, (film.width, film.height)))


def _compose(rgb: U8, item: Planted, layer: tuple[U8, int, int], time_s: float) -> None:
    if not item.start_s <= time_s < item.end_s:
        return
    drawn, left, top = layer
    since = min(time_s - item.start_s, item.end_s - time_s)
    strength = min(1.0, since / item.fade_s) if item.fade_s else 1.0
    part = rgb[top : top + drawn.shape[0], left : left + drawn.shape[1]]
    alpha = drawn[..., 3:].astype(np.float32) * (strength / 255)
    part[:] = (part * (1 - alpha) + drawn[..., :3] * alpha + 0.5).astype(np.uint8)
