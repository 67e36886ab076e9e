"""Small films, and the engine's tools, whose models are loaded once."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from reelprint.bootstrap.engine import wire
from reelprint.engine.ports import Tools
from reelprint.settings import load_settings
from tests.integration.stages.bench import Bench
from tests.media import Lab

_X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest")


@pytest.fixture(scope="session")
def tools(data_dir: Path) -> Tools:
    """One chunk at a time, so that it is known which ones are finished when the second begins."""
    return dataclasses.replace(wire(load_settings()), workers=1)


@pytest.fixture
def bench(tools: Tools, tmp_path: Path) -> Bench:
    return Bench(tools, tmp_path)


@pytest.fixture(scope="session")
def film(lab: Lab) -> Path:
    """Four seconds of pictures that change, with one cut and sound, 320x180 at 24 a second."""
    return lab.keep("stages_film.mp4", lambda out: _film(lab, out, "mandelbrot", "gradients=speed=0.05:seed=3", 220))


@pytest.fixture(scope="session")
def template(lab: Lab) -> Path:
    """Two other seconds with a cut."""
    return lab.keep("stages_template.mp4", lambda out: _film(lab, out, "cellauto=rule=110", "mandelbrot", 330, 1))


@pytest.fixture(scope="session")
def damaged(lab: Lab, film: Path) -> Path:
    """A film that was cut off."""

    def half(out: Path) -> None:
        out.write_bytes(film.read_bytes()[: film.stat().st_size // 2])

    return lab.keep("stages_damaged.mp4", half)


def _film(lab: Lab, out: Path, first: str, second: str, tone_hz: int, shot_s: int = 2) -> None:
    sources: list[str] = []
    for name in (first, second):
        joint = ":" if "=" in name else "="
        sources += ["-f", "lavfi", "-t", str(shot_s), "-i", f"{name}{joint}size=320x180:rate=24"]
    lab.ffmpeg(
        *sources,
        *("-f", "lavfi", "-t", str(2 * shot_s), "-i", f"sine=frequency={tone_hz}:sample_rate=48000"),
        *("-filter_complex", "[0:v]format=yuv420p,setsar=1[a];[1:v]format=yuv420p,setsar=1[b];[a][b]concat=n=2[v]"),
        *("-map", "[v]", "-map", "2:a", *_X264, out),
    )
