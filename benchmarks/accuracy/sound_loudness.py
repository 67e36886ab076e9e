"""Loudness, range and true peak against ffmpeg's ebur128 (EBU R 128) on the same files."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from charts import Axis, Dot, draw_scatter
from figures import Figure
from sound_pieces import FFMPEG

from reelprint.adapters.media.decode import decode_film
from reelprint.adapters.media.probe import probe
from reelprint.analyze.evidence import Evidence, Known
from reelprint.analyze.loudness import LoudnessAnalyzer
from tests.sounds import memory_sound

#: Channel layouts and rates of the made films; 4 s and very quiet ones are added.
LAYOUTS = ("mono", "stereo", "5.1", "7.1")
RATES_HZ = (44_100, 48_000, 96_000)
METER = {
    "loudness": r"I:\s+(\S+) LUFS",
    "range": r"LRA:\s+(\S+) LU\b",
    "true peak": r"Peak:\s+(\S+) dBFS",
}


@dataclass(frozen=True)
class Metered:
    """What both say of one film, by the names of METER."""

    film: str
    made: bool
    ours: dict[str, float]
    theirs: dict[str, float]

    def apart(self, name: str) -> float:
        """Ours minus theirs; 0 where ebur128 does not say."""
        return self.ours[name] - self.theirs[name] if name in self.theirs else 0.0


def decoded(path: Path, channels: int = 2) -> Evidence:
    """A file's sound as evidence."""
    command = [FFMPEG, "-v", "error", "-i", str(path), "-vn", "-f", "f32le", "-ac", str(channels), "-ar", "48000", "-"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    return memory_sound(np.frombuffer(data, np.float32).reshape(-1, channels))


def loudness_figures(footage: Path, scratch: Path, pictures: Path | None) -> list[Figure]:
    """Largest distance from ebur128 on the file itself, over layouts, rates, short and quiet sounds."""
    files = [path for path in sorted(footage.rglob("*")) if path.suffix in {".mp4", ".webm"}]
    films = [_film(footage, scratch, layout, rate) for layout in LAYOUTS for rate in RATES_HZ]
    films += [_film(footage, scratch, "stereo", 48_000, seconds, gain) for seconds, gain in ((4, 0), (30, -38))]
    found = [one for film in [*files, *films] if (one := _metered(film, scratch, made=film in films)) is not None]
    if pictures is not None:
        _draw(found, pictures / "loudness.png")
    worst = {name: max(abs(one.apart(name)) for one in found) for name in METER}
    note = "mono, stereo, 5.1, 7.1 at 44.1, 48, 96 kHz, short, quiet, shared films; largest distance"
    return [
        Figure("loudness against ebur128", worst["loudness"], 0.3, at_most=True, unit="LU", cases=len(found),
               note=note),
        Figure("loudness range against ebur128", worst["range"], unit="LU", cases=len(found), note="largest distance"),
        Figure("true peak against ebur128", worst["true peak"], unit="dB", cases=len(found), note="largest distance"),
    ]  # fmt: skip


def _metered(film: Path, scratch: Path, *, made: bool) -> Metered | None:
    """None for a film without sound, or too quiet for any loudness."""
    command = [FFMPEG, "-nostats", "-i", str(film), "-vn", "-af", "ebur128=peak=true", "-f", "null", "-"]
    log = subprocess.run(command, capture_output=True, text=True, check=False).stderr.rpartition("Summary")[2]
    said = {name: float(match[1]) for name, pattern in METER.items() if (match := re.search(pattern, log))}
    with decode_film(film, probe(film), scratch) as evidence:
        ours = LoudnessAnalyzer().measure(evidence, Known(), lambda _: None)
    if ours is None or "loudness" not in said:
        return None
    own = {"loudness": ours.integrated_lufs, "range": ours.range_lu, "true peak": ours.true_peak_dbtp}
    return Metered(film.stem, made, own, said)


def _draw(found: list[Metered], target: Path) -> None:
    """Distance from ebur128 over its loudness; the worst film is named, and the one in the middle."""
    order = sorted(found, key=lambda one: abs(one.apart("loudness")))
    named = {order[-1].film: "worst: ", order[len(order) // 2].film: "typical: "}
    groups: dict[str, list[Dot]] = {"shared films": [], "made films": []}
    for one in found:
        label = f"{named[one.film]}{one.film}" if one.film in named else ""
        groups["made films" if one.made else "shared films"].append(
            Dot(one.theirs["loudness"], one.apart("loudness"), label)
        )
    loudness, apart = Axis("ebur128, LUFS", -60, 0), Axis("ours minus ebur128, LU (goal: within 0.3)", -0.3, 0.3)
    draw_scatter("Integrated loudness against ffmpeg's ebur128", groups, loudness, apart, target)


def _film(footage: Path, scratch: Path, layout: str, rate_hz: int, seconds: int = 20, gain_db: float = 0.0) -> Path:
    """Music and speech in different channels, one after the other delayed, losslessly in a film."""
    names = {"mono": 1, "stereo": 2, "5.1": 6, "7.1": 8}
    voice, music = (decoded(footage / path, 1).sound for path in ("speech/sonnet_p001.mp3", "music/sonicpi_97bpm.flac"))
    assert voice is not None
    assert music is not None
    length = 48_000 * seconds
    first, second = (one.master.read(0, length)[:, 0] for one in (voice, music))
    channels = [np.roll((first, second)[n % 2], 4_800 * n) * (0.9 - 0.08 * n) for n in range(names[layout])]
    sound = np.stack(channels, axis=1) * 10 ** (gain_db / 20)
    film = scratch / f"loud-{layout}-{rate_hz}-{seconds}-{gain_db:g}.mkv"
    command = [
        FFMPEG, "-v", "error", "-y", "-f", "lavfi", "-i", f"color=s=32x32:r=25:d={seconds}", "-f", "f32le",
        "-ar", "48000", "-channel_layout", layout, "-i", "-", "-c:v", "libx264", "-c:a", "flac", "-ar", str(rate_hz),
        "-shortest", str(film),
    ]  # fmt: skip
    subprocess.run(command, input=sound.astype(np.float32).tobytes(), check=True)
    return film
