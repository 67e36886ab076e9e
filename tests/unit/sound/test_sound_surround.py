"""Sound of more than two channels, through the real decoder, against ffmpeg's ebur128 on the file itself."""

import re
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from reelprint.adapters.media.decode import decode_film
from reelprint.adapters.media.probe import probe
from reelprint.analyze.bs1770 import SURROUND_WEIGHT, channel_weights
from reelprint.analyze.evidence import Known
from reelprint.analyze.loudness import LoudnessAnalyzer
from reelprint.core.sound import LoudnessMeasure
from tests.sounds import pink

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
SECONDS = 8


def film(path: Path, layout: str, levels_db: list[float], rate_hz: int) -> Path:
    """Noise of its own in each channel, its level rising by 8 dB half way; the loudest is not in front."""
    sound = np.concatenate([pink(SECONDS, level, seed) for seed, level in enumerate(levels_db)], axis=1)
    sound[: len(sound) // 2] *= 0.4
    picture = ["-f", "lavfi", "-i", f"color=s=32x32:r=25:d={SECONDS}"]
    raw = ["-f", "f32le", "-ar", "48000", "-channel_layout", layout, "-i", "-"]
    codec = ["-c:v", "libx264", "-c:a", "flac", "-ar", str(rate_hz), "-shortest"]
    command = [FFMPEG, "-v", "error", "-y", *picture, *raw, *codec, str(path)]
    subprocess.run(command, input=sound.astype(np.float32).tobytes(), check=True)
    return path


def measured(path: Path, scratch: Path) -> LoudnessMeasure:
    with decode_film(path, probe(path), scratch) as evidence:
        found = LoudnessAnalyzer().measure(evidence, Known(), lambda _: None)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("layout", "levels_db", "rate_hz"),
    [
        ("5.1", [-40, -40, -30, -12, -20, -22], 48_000),
        ("5.1(side)", [-30, -30, -24, -30, -28, -22], 44_100),
        ("7.1", [-30, -30, -24, -15, -28, -22, -20, -35], 96_000),
        ("quad", [-50, -50, -30, -26], 48_000),
        ("stereo", [-20, -40], 96_000),
        ("mono", [-20], 44_100),
    ],
)
def test_loudness_is_that_of_the_original_channels(tmp_path: Path, layout: str, levels_db: list[float], rate_hz: int):
    path = film(tmp_path / "film.mkv", layout, levels_db, rate_hz)
    meter = ["-vn", "-af", "ebur128=peak=true", "-f", "null", "-"]
    said = subprocess.run([FFMPEG, "-nostats", "-i", str(path), *meter], capture_output=True, text=True, check=True)
    summary = said.stderr.rpartition("Summary")[2]
    expected = re.search(r"I:\s+(\S+) LUFS", summary)
    peak = re.search(r"Peak:\s+(\S+) dBFS", summary)
    assert expected is not None
    assert peak is not None
    found = measured(path, tmp_path)
    assert found.integrated_lufs == pytest.approx(float(expected[1]), abs=0.15)
    assert found.true_peak_dbtp == pytest.approx(float(peak[1]), abs=0.4)


def test_weights_by_the_channels_names():
    weights = channel_weights(["FL", "FR", "FC", "LFE", "BL", "SR"])
    assert weights == (1.0, 1.0, 1.0, 0.0, SURROUND_WEIGHT, SURROUND_WEIGHT)
