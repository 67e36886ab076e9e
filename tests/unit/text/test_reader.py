"""The real models on planted type and on real footage."""

from pathlib import Path

import numpy as np
import pytest

from reelprint.adapters.media.decode import decode_film
from reelprint.adapters.media.probe import probe
from reelprint.adapters.models.text import RapidTextReader
from reelprint.analyze.evidence import Known
from reelprint.analyze.text import TextAnalyzer, TextScout
from tests.unit.text.type import noise, set_type

TRAILER = Path(__file__).resolve().parents[3] / "examples" / "bbb_trailer_33s.webm"


@pytest.fixture(scope="module")
def reader() -> RapidTextReader:
    return RapidTextReader()


def test_reads_what_was_set(reader: RapidTextReader) -> None:
    picture, ink = set_type(noise(540, 960), "Quiet Morning", 300, 400, 48)
    (box,) = reader.find(picture)
    left, top, right, bottom = box.bounds
    assert left <= ink[0] + 4
    assert right >= ink[2] - 4
    assert top < ink[1] + 8
    assert bottom > ink[3] - 12
    assert abs(box.tilt_deg) < 3
    (reading,) = reader.read(picture, [box])
    assert reading.text.replace(" ", "") == "QuietMorning"
    assert reading.score > 0.9


def test_finding_after_reading_still_finds(reader: RapidTextReader) -> None:
    picture, _ = set_type(noise(540, 960), "Quiet Morning", 300, 400, 48)
    boxes = reader.find(picture)
    reader.read(picture, boxes)
    assert reader.find(picture) == boxes


def test_an_empty_picture_has_no_text(reader: RapidTextReader) -> None:
    assert reader.find(np.zeros((270, 480, 3), np.uint8)) == []
    assert reader.read(np.zeros((270, 480, 3), np.uint8), []) == []


@pytest.mark.footage
def test_titles_of_a_real_trailer(reader: RapidTextReader, tmp_path: Path) -> None:
    with decode_film(TRAILER, probe(TRAILER), tmp_path, TextScout()) as evidence:
        found = TextAnalyzer(reader).measure(evidence, Known(), lambda _share: None)
    texts = {text.content.upper(): text for text in found.overlays}
    assert {"ONE BIG RABBIT", "THREE RODENTS", "AND ONE GIANT PAYBACK", "GET READY", "COMING SOON"} <= set(texts)
    assert not found.captions.present
    rabbit = texts["ONE BIG RABBIT"]
    assert abs(rabbit.start_s - 165 / 25) < 0.3
    assert abs(rabbit.end_s - 227 / 25) < 0.3
    assert len(texts) <= 9
