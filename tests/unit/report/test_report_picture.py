import io
import random
from collections.abc import Sequence
from itertools import combinations
from xml.etree import ElementTree

import pytest
from PIL import Image

from reelprint.core.compare import Closure, FieldClosure
from reelprint.core.style import StyleJSON
from reelprint.core.thumbnail import Thumbnail
from reelprint.render.report import Side, closure_svg, report_svg
from reelprint.render.report.metrics import text_width
from reelprint.style.extract import style_of
from reelprint.style.fields import FIELDS
from reelprint.style.presets import preset
from tests.style_samples import CREATED, changed, cut, gradual, sample_analysis, sample_look

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script> & \"'\x00\x1b\u202eevil\ud800 <image href='file:///etc/passwd'/>"


def picture(time_s: float, size: tuple[int, int] = (64, 36)) -> Thumbnail:
    out = io.BytesIO()
    Image.new("RGB", size, (int(time_s * 37) % 255, 90, 160)).save(out, "JPEG")
    return Thumbnail(time_s, out.getvalue(), *size)


def boxes(svg: str) -> list[tuple[str, float, float, float, float]]:
    """(text, left, top, right, bottom) of every text: cap height above the baseline, descender below."""
    found = []
    for item in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        text, size = item.text or "", float(item.attrib["font-size"])
        width = text_width(
            text,
            size,
            600 if item.attrib["font-weight"] == "600" else 400,
            float(item.attrib.get("letter-spacing", 0)),
        )
        x, y = float(item.attrib["x"]), float(item.attrib["y"])
        left = x - width * {"start": 0, "middle": 0.5, "end": 1}[item.attrib.get("text-anchor", "start")]
        found.append((text, left, y - 0.76 * size, left + width, y + 0.2 * size))
    return found


def check_layout(svg: str) -> None:
    root = ElementTree.fromstring(svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert width == 1600
    assert 900 < height < 2600
    texts = boxes(svg)
    for text, left, top, right, bottom in texts:
        assert left >= 60 and right <= width - 60 and top >= 0 and bottom <= height, text
        assert bottom - top > 0.95 * 13, text
    for one, other in combinations(texts, 2):
        apart = one[3] <= other[1] or other[3] <= one[1] or one[4] <= other[2] or other[4] <= one[2]
        assert apart, (one[0], other[0])


def many_shots(count: int, duration_s: float) -> StyleJSON:
    chance = random.Random(3)
    times = [(place + chance.uniform(0.3, 0.7)) * duration_s / count for place in range(1, count)]
    kinds = ("dissolve", "fade", "wipe", "slide", "zoom", "whip")
    boundaries = [
        gradual(kinds[place % 6], time, min(0.5, duration_s / 9000)) if place % 7 == 0 else cut(time)
        for place, time in enumerate(times)
    ]
    look = sample_look()
    beats = [0.5 * place for place in range(int(duration_s * 2))]
    return style_of(sample_analysis(boundaries, duration_s, looks=[look] * count, beats_s=beats), CREATED)


def overlays(*contents: str) -> list[dict[str, object]]:
    return [
        {"content": text, "font": "serif", "size": 40.0, "color": "#ffffff", "position": "center"} for text in contents
    ]


def cases() -> dict[str, tuple[StyleJSON, Sequence[Thumbnail], str]]:
    plain = style_of(sample_analysis(beats_s=[0.5 * place for place in range(120)]), CREATED)
    captions = {"captions": {"present": True, "position": "bottom-center", "color": "#ffffff", "size_px": 40.0}}
    return {
        "plain": (plain, [picture(2.0 * place) for place in range(30)], "A film"),
        "one shot, silent, a second": (
            style_of(sample_analysis([], 1.0, silent=True), CREATED),
            [picture(0.5)],
            "Second",
        ),
        "300 shots": (many_shots(300, 60.0), [picture(place / 5) for place in range(300)], "Many"),
        "two hours, 5000 shots": (many_shots(5000, 7200.0), [picture(place) for place in range(40)], "Long"),
        "vertical": (
            changed(plain, captions, aspect_ratio="9:16", use_subtitles=True, music_genre="drum and bass"),
            [picture(place, (36, 64)) for place in range(20)],
            "Vertical",
        ),
        "three vertical": (changed(plain, aspect_ratio="9:16"), [picture(place, (36, 64)) for place in range(3)], "V"),
        "square": (changed(plain, aspect_ratio="1:1"), [picture(place, (40, 40)) for place in range(7)], "Square"),
        "no pictures": (plain, [], ""),
        "preset": (preset("punchy-social"), [], "punchy-social"),
        "long title": (plain, [picture(1)], "The unbearably long title of a film that goes on " * 8),
        "no spaces": (plain, [picture(1)], "W" * 400),
        "other scripts": (plain, [picture(1)], "四月の物語、とても長い題名の映画について" * 6 + " 🎬 السلام"),
        "extreme numbers": (
            changed(
                plain,
                {"loudness": {"integrated_lufs": -120.456, "range_lu": 99.9, "true_peak_dbtp": -100.25}},
                cut_frequency=123456.0,
                tempo_bpm=99999.0,
                motion_intensity=100.0,
                zoom_usage=100.0,
                text_overlays=overlays(*["x" * 500] * 2000),
                color_grade=dict.fromkeys(
                    ("temperature", "tint", "saturation", "contrast", "highlights", "shadows"), -100.0
                ),
                audio_style={
                    "normalization_level": 1.0,
                    "compression_ratio": 20.0,
                    "bass_boost": 100.0,
                    "enhance_speech": True,
                },
            ),
            [picture(place * 1000) for place in range(12)],
            "Extreme",
        ),
    }


CASES = cases()


@pytest.mark.parametrize("name", CASES)
def test_the_picture_is_well_formed_and_no_text_touches_another(name: str) -> None:
    style, thumbnails, title = CASES[name]
    svg = report_svg(style, thumbnails, title, credit="(CC) Blender Foundation, an open movie project " * 3)
    check_layout(svg)
    assert len(svg) < 400_000
    assert "NaN" not in svg and "nan" not in svg.split("base64")[0]


def test_the_picture_shows_what_the_style_says() -> None:
    style, thumbnails, _ = CASES["plain"]
    texts = {text for text, *_ in boxes(report_svg(style, thumbnails, "A film"))}
    assert {"A film", "29.0", "2.0", "40", "120", "−16.0", "+12", "cut", "100 %"} <= texts
    assert "30 shots, 29.0 cuts a minute, 100 % of them on a beat" in texts


def test_thumbnails_are_embedded_and_nothing_else_is_fetched() -> None:
    style, thumbnails, _ = CASES["plain"]
    root = ElementTree.fromstring(report_svg(style, thumbnails, "A film"))
    images = list(root.iter(f"{SVG}image"))
    assert len(images) == 12
    assert all(image.attrib["href"].startswith("data:image/jpeg;base64,/9j/") for image in images)
    times = [text for text, *_ in boxes(report_svg(style, thumbnails, "A film")) if text in {"0:02", "0:58", "0:57"}]
    assert "0:02" in times  # the first and last parts of the film are both there


def test_hostile_text_stays_text() -> None:
    style = changed(
        CASES["plain"][0],
        {"provenance": {"reelprint_version": "0.1.0", "filename": HOSTILE.replace("\ud800", "")}},
        text_overlays=overlays(HOSTILE.replace("\ud800", "")),
        music_genre=HOSTILE.replace("\ud800", ""),
    )
    svg = report_svg(style, [picture(1)], HOSTILE, credit=HOSTILE)
    svg.encode()
    check_layout(svg)
    root = ElementTree.fromstring(svg)
    tags = {item.tag.removeprefix(SVG) for item in root.iter()}
    assert "script" not in tags
    assert all("file:" not in image.attrib["href"] for image in root.iter(f"{SVG}image"))
    assert "\u202e" not in svg


def test_a_thumbnail_must_be_a_jpeg() -> None:
    with pytest.raises(ValueError, match="not a JPEG"):
        report_svg(CASES["plain"][0], [Thumbnail(0.0, b"<svg/>", 1, 1)], "t")


def sample_closure(before: float, after: float) -> Closure:
    fields = {
        field.name: FieldClosure(before=round(place / len(FIELDS), 2), after=round(1 - place / len(FIELDS), 2))
        for place, field in enumerate(FIELDS)
    }
    return Closure(before=before, after=after, closed=1 - after / before, fields=fields)


@pytest.mark.parametrize("name", CASES)
def test_the_closure_picture_has_three_films_and_every_field(name: str) -> None:
    style, thumbnails, title = CASES[name]
    other, pictures, _ = CASES["plain"]
    closure = sample_closure(0.4, 0.1)
    svg = closure_svg(
        Side(style, thumbnails, title or "x"),
        Side(other, pictures, HOSTILE),
        Side(style, pictures, "out.mp4"),
        closure,
        title,
    )
    check_layout(svg)
    texts = [text for text, *_ in boxes(svg)]
    assert {"Template", "Footage", "Result", "75%", "0.40 → 0.10"} <= set(texts)
    assert "Cut frequency" in texts
    assert sum(text.endswith("→") for text in texts) == len(FIELDS)


def test_an_edit_that_led_away_is_not_flattered() -> None:
    style, pictures, _ = CASES["plain"]
    side = Side(style, pictures, "film")
    texts = [text for text, *_ in boxes(closure_svg(side, side, side, sample_closure(0.1, 0.3), "t"))]
    assert "Farther than before" in texts
    assert "0%" in texts


def test_identical_styles_say_so() -> None:
    style, pictures, _ = CASES["plain"]
    side = Side(style, pictures, "film")
    same = Closure(before=0, after=0, closed=1, fields={"look": FieldClosure(before=0, after=0)})
    svg = closure_svg(side, side, side, same, "t")
    check_layout(svg)
    assert any("like the template already" in text for text, *_ in boxes(svg))
