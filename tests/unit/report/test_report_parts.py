from importlib import resources
from itertools import pairwise

import pytest
from PIL import ImageFont

from reelprint.core.thumbnail import Thumbnail
from reelprint.render.report.canvas import Box, clean, number
from reelprint.render.report.metrics import ASCII, LATIN, MARKS, Weight, ellipsize, text_width, wrap
from reelprint.render.report.mix_panel import bin_counts
from reelprint.render.report.thumbnails import Sheet, sheet_cells, spread
from reelprint.render.report.timeline import heat, merged
from reelprint.render.report.wording import amount, clock, frame_rate, signed
from reelprint.style.extract import style_of
from tests.style_samples import CREATED, changed, cut, sample_analysis, shot_list

JPEG = b"\xff\xd8\xff"


@pytest.mark.parametrize(("weight", "file"), [(400, "Inter-Regular.ttf"), (600, "Inter-SemiBold.ttf")])
def test_widths_are_those_of_the_shipped_font(weight: Weight, file: str) -> None:
    path = resources.files("reelprint.adapters.media").joinpath("fonts", file)
    font = ImageFont.truetype(str(path), 1000, layout_engine=ImageFont.Layout.BASIC)
    for character in ASCII + LATIN + MARKS:
        assert text_width(character, 1000, weight) == pytest.approx(font.getlength(character), abs=1), character


def test_ellipsize_keeps_as_much_as_fits() -> None:
    text = "The quick brown fox jumps over the lazy dog"
    for width in range(20, 400, 7):
        short = ellipsize(text, width, 16)
        assert text_width(short, 16) <= max(width, text_width("…", 16))
    assert ellipsize(text, 1000, 16) == text


def test_wrap_breaks_at_spaces_and_ends_in_an_ellipsis() -> None:
    lines = wrap("one two three four five six seven eight nine ten", 120, 20, 400, 2)
    assert len(lines) == 2
    assert lines[0].startswith("one two") and not lines[0].endswith(" ")
    assert lines[1].endswith("…")
    assert wrap("short", 500, 20, 400, 2) == ["short"]
    assert wrap("", 500, 20, 400, 2) == []
    assert all(text_width(line, 20) <= 121 for line in wrap("x" * 300, 120, 20, 400, 3))


def test_clean_leaves_one_printable_line() -> None:
    assert clean("a\n\tb\x00\u202e\ud800c  d") == "a bc d"


def test_numbers_are_short() -> None:
    assert [number(value) for value in (1.0, 0.126, -0.001, 100.0, 10.5)] == ["1", "0.13", "0", "100", "10.5"]


def test_wording() -> None:
    assert [clock(value) for value in (0, 59.6, 61, 3599.7, 7325)] == ["0:00", "1:00", "1:01", "1:00:00", "2:02:05"]
    assert clock(4.46, precise=True) == "4.5 s"
    assert [amount(value) for value in (0, 0.416, 3.14, 142.4)] == ["0", "0.42", "3.1", "142"]
    assert [signed(value) for value in (12.4, -8, 0.4, -0.4)] == ["+12", "−8", "0", "0"]


@pytest.mark.parametrize(("measured", "said"), [("25/1", "25 fps"), ("24000/1001", "23.976 fps"), (None, "24 fps")])
def test_the_rate_said_is_the_measured_one(measured: str | None, said: str) -> None:
    style = changed(style_of(sample_analysis(), CREATED), {"frame_rate_exact": measured})
    assert frame_rate(style) == said


def test_spread_takes_evenly_and_in_order() -> None:
    many = [Thumbnail(float(time), JPEG, 4, 3) for time in reversed(range(100))]
    chosen = [item.time_s for item in spread(many, 4)]
    assert chosen == [12.0, 37.0, 62.0, 87.0]
    assert len(spread(many[:3], 9)) == 3


@pytest.mark.parametrize("available", [1, 2, 5, 6, 7, 11, 12, 300])
@pytest.mark.parametrize("shape", [16 / 9, 9 / 16, 1.0])
def test_sheets_stay_inside_and_full(available: int, shape: float) -> None:
    area = Box(72, 100, 1456, 0)
    cells = sheet_cells(area, shape, available, Sheet(6, 2, 272))
    assert len(cells) == (available if available < 6 else 6 if available < 12 else 12)
    for cell in cells:
        assert area.x - 1e-6 <= cell.x and cell.right <= area.right + 1e-6
        assert cell.width / cell.height == pytest.approx(shape)
        assert cell.height <= 272 + 1e-6


def test_merged_shots_cover_the_film_without_gaps() -> None:
    shots = shot_list([cut(place / 10) for place in range(1, 600)], 60.0).shots
    pieces = merged(shots, 0.35)
    assert pieces[0][0] == 0 and pieces[-1][1] == 60.0
    assert all(one[1] == other[0] for one, other in pairwise(pieces))
    assert all(end - start >= 0.35 for start, end, _ in pieces[:-1])
    assert all(length == pytest.approx(0.1) for *_, length in pieces)


def test_heat_runs_from_hot_to_cold() -> None:
    assert heat(0.01) == heat(0.5) != heat(2) != heat(16) == heat(900)


def test_shot_length_bins_have_half_open_edges() -> None:
    assert bin_counts([0.49, 0.5, 1.0, 15.9, 16.0, 500]) == [1, 1, 1, 0, 0, 1, 2]
