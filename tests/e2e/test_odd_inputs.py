"""Films as phones and cameras write them go in, a film as planned comes out: measured on the result itself."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.conftest import Cli
from tests.media import ODD, Lab

ASPECTS = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0}

#: Odd film -> preset and further options; together they ask for every aspect, rate, container and pacing.
CASES: dict[str, tuple[str, ...]] = {
    "vfr": ("--preset", "punchy-social"),
    "rotated_90": ("--preset", "warm-film", "--aspect-ratio", "9:16"),
    "rotated_270": ("--preset", "noir", "--aspect-ratio", "1:1", "--frame-rate", "60"),
    "hlg": ("--preset", "cool-clean", "--aspect-ratio", "16:9"),
    "pq": ("--preset", "warm-film", "--pacing", "keep"),
    "silent": ("--preset", "music-video", "--target-duration", "2"),
    "one_second": ("--preset", "punchy-social"),
    "odd_size": ("--preset", "documentary", "--aspect-ratio", "16:9"),
    "multi_stream": ("--preset", "cool-clean", "--target-duration", "1.5"),
    "anamorphic": ("--preset", "slow-pastel", "--aspect-ratio", "16:9"),
    "slow_rate": ("--preset", "warm-film", "--frame-rate", "30"),
    "late_sound": ("--preset", "documentary", "--pacing", "keep"),
}


def looked_at(path: Path) -> tuple[list[float], np.ndarray, tuple[int, int], float | None]:
    """(frame times, mean luma picture, displayed size, seconds of sound or None) of a finished film."""
    with av.open(str(path)) as film:
        video = film.streams.video[0]
        times, pictures = [], []
        size = (video.width, video.height)
        assert video.codec_context.pix_fmt == "yuv420p"
        for frame in film.decode(video):
            times.append(float(frame.pts * frame.time_base))
            pictures.append(frame.to_ndarray(format="gray")[::4, ::4].astype(np.float32))
    with av.open(str(path)) as film:
        if not film.streams.audio:
            return times, np.mean(pictures, axis=0), size, None
        sound_s = sum(frame.samples / frame.sample_rate for frame in film.decode(audio=0))
    return times, np.mean(pictures, axis=0), size, sound_s


@pytest.mark.parametrize("name", CASES)
def test_an_odd_film_is_restyled(lab: Lab, cli: Cli, name: str, tmp_path: Path) -> None:
    odd, options, out = ODD[name], CASES[name], tmp_path / "film.mp4"
    done = cli("apply", lab.odd(name), *options, "--quality", "draft", "-o", out, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    plan = json.loads(Path(said["plan"]).read_text())
    assert all(Path(said[key]).stat().st_size for key in ("output", "style", "plan", "timeline", "look", "report"))

    rate = Fraction(plan["output"]["frame_rate"])
    times, luma, size, sound_s = looked_at(out)
    wanted_s = (
        float(options[options.index("--target-duration") + 1]) if "--target-duration" in options else odd.duration_s
    )
    assert len(times) == plan["output"]["frame_count"] == said["frames"]
    assert abs(len(times) / rate - wanted_s) <= 1.05 / rate
    assert np.allclose(np.diff(times), float(1 / rate), atol=2e-3), "constant frame rate"
    assert size == (plan["output"]["width"], plan["output"]["height"])
    if "--aspect-ratio" in options:
        aspect = options[options.index("--aspect-ratio") + 1]
        assert size[0] / size[1] == pytest.approx(ASPECTS[aspect], rel=0.01)
    if "--frame-rate" in options:
        assert rate == int(options[options.index("--frame-rate") + 1])
    # The base is light above and dark below: sideways both are alike, upside down the sign turns.
    quarter = len(luma) // 4
    assert luma[:quarter].mean() - luma[-quarter:].mean() > 15, "upright"
    assert (sound_s is not None) == (odd.channels > 0)
    if sound_s is not None:
        assert abs(sound_s - len(times) / rate) < 0.1


@pytest.mark.parametrize("name", ["mono", "surround", "avi", "webm", "interlaced", "rotated_180"])
def test_an_odd_film_is_measured(lab: Lab, cli: Cli, name: str) -> None:
    done = cli("extract", lab.odd(name), "--json")
    assert done.returncode == 0, done.stderr
    style = json.loads(done.stdout)
    assert style["version"] == "1.0"
    assert style["source_duration_seconds"] == pytest.approx(ODD[name].duration_s, abs=0.2)
    assert style["aspect_ratio"] == "16:9"
    assert style["extraction_confidence"] < 0.85, "three seconds are too little to be sure"
    assert (style["details"]["loudness"] is not None) == (ODD[name].channels > 0)
