import io

import pytest
from PIL import Image

from reelprint.adapters.media.raster import beyond_inter, svg_to_png
from reelprint.core.errors import OutputError
from reelprint.render.report import report_svg
from reelprint.style.presets import preset


def text_svg(family: str, weight: int, text: str = "Hamburgefonstiv") -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="60">'
        f'<text x="5" y="40" font-size="30" font-weight="{weight}" font-family="{family}">{text}</text></svg>'
    )


def ink(png: bytes) -> int:
    alpha = Image.open(io.BytesIO(png)).getchannel("A")
    return sum(alpha.histogram()[128:])


def test_a_report_is_drawn_at_the_width_asked_for() -> None:
    png = svg_to_png(report_svg(preset("noir"), [], "noir"), 800)
    picture = Image.open(io.BytesIO(png))
    assert picture.format == "PNG"
    assert picture.width == 800
    assert picture.convert("RGB").getpixel((20, 200)) == (10, 12, 16)


def test_both_weights_are_really_there() -> None:
    regular, bold = (ink(svg_to_png(text_svg("Inter, system-ui, sans-serif", weight), 300)) for weight in (400, 600))
    assert regular > 500
    assert bold > 1.1 * regular


def test_other_scripts_ask_for_other_fonts() -> None:
    assert not beyond_inter("Ärger – naïve → Ωμέγα Москва ×")
    assert beyond_inter("四月")
    svg_to_png(text_svg("Inter", 400, "四月 🎬"), 300)


@pytest.mark.parametrize("svg", ["", "<svg", "no picture"])
def test_what_is_no_svg_is_refused(svg: str) -> None:
    with pytest.raises(OutputError):
        svg_to_png(svg, 100)


@pytest.mark.parametrize("width", [0, -5, 100_000])
def test_sizes_beyond_reason_are_refused(width: int) -> None:
    with pytest.raises(OutputError):
        svg_to_png(text_svg("Inter", 400), width)
