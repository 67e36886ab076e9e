"""Captions in a restyled film: from the command line and from a style job."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.conftest import Cli
from tests.media import Lab
from tests.service import Service, running
from tests.talk import Piece, talk_film


@pytest.fixture(scope="module")
def talk(lab: Lab) -> Path:
    """Twelve seconds of a reader, with pauses that "match" may trim."""
    if not lab.real:
        pytest.skip("nobody speaks without ../shared/footage")
    return lab.keep("twelve.mp4", lambda out: talk_film([Piece("sonnets_talk_158s.mp4", 12.0, 4.0)], out))


def plan_of(said: dict[str, Any]) -> dict[str, Any]:
    found = json.loads(Path(said["plan"]).read_text())
    assert isinstance(found, dict)
    return found


def lit_share(path: Path, start_s: float, end_s: float) -> float:
    """Share of nearly white pixels in the lower third while a card is up."""
    with av.open(str(path)) as film:
        shares = [
            float((frame.to_ndarray(format="gray")[frame.height * 2 // 3 :] > 235).mean())
            for frame in film.decode(video=0)
            if frame.time is not None and start_s + 0.1 < frame.time < end_s - 0.1
        ]
    return float(np.median(shares))


def test_what_is_said_is_burned_in(cli: Cli, talk: Path, tmp_path: Path) -> None:
    out = tmp_path / "film.mp4"
    done = cli("apply", talk, "--preset", "warm-film", "--quality", "draft", "--json", "--captions", "-o", out)
    assert done.returncode == 0, done.stderr
    plan = plan_of(json.loads(done.stdout))
    cards = plan["captions"]["cards"]
    words = " ".join(word["text"] for card in cards for row in card["rows"] for word in row).lower()
    assert "memory" in words
    length_s = plan["output"]["frame_count"] / 24
    assert all(0 <= card["start_s"] < card["end_s"] <= length_s + 1 for card in cards)
    longest = max(cards, key=lambda card: card["end_s"] - card["start_s"])
    span = (longest["start_s"], longest["end_s"])
    assert lit_share(out, *span) > lit_share(talk, *span) + 0.002


def test_a_film_in_which_nobody_speaks_says_so(cli: Cli, lab: Lab, tmp_path: Path) -> None:
    options = ("--preset", "noir", "--quality", "draft", "--captions", "--json")
    done = cli("apply", lab.odd("silent"), *options, "-o", tmp_path / "film.mp4")
    assert done.returncode == 0, done.stderr
    plan = plan_of(json.loads(done.stdout))
    assert plan["captions"] is None
    assert "no captions: nobody speaks" in plan["notes"]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running("--workers", "1") as started:
        yield started


def test_a_style_job_burns_captions_in(service: Service, talk: Path, tmp_path: Path) -> None:
    footage = service.upload(talk)
    config = {"preset": "warm-film", "quality": "draft", "captions": True}
    captioned = service.finish(service.submit(video_id=footage, config=config))
    assert captioned.last["status"] == "completed", captioned.last
    bare = service.finish(service.submit(video_id=footage, config=config | {"captions": False}))
    films = [service.download(seen.job_id, tmp_path / f"{number}.mp4") for number, seen in enumerate((captioned, bare))]
    assert lit_share(films[0], 1.0, 10.0) > lit_share(films[1], 1.0, 10.0) + 0.002
