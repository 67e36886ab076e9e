"""How much of a template's sound comes back from a film rendered after it, for ordered pairs of real sounds.

    python benchmarks/accuracy/sound_closure.py [--pairs 36] [--seed 0] [--footage FOLDER] [--json PATH]

For every pair (template, footage): ``plan_audio_chain`` -> the sound alone through the render's own ffmpeg graphs ->
measured again. No picture is rendered, so a pair costs about two seconds. Judged on the odd pieces of 24 s of every
file and on the second half of short ones; the chain was made on the others. Which pairs are drawn follows from the
seed. Whether a voice speaks is taken from the footage: no gain changes it.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from figures import Figure, report  # noqa: E402
from sound import analyse, decoded  # noqa: E402
from sound_pieces import FFMPEG  # noqa: E402

from reelprint.analyze.evidence import Known  # noqa: E402
from reelprint.analyze.loudness import LoudnessAnalyzer  # noqa: E402
from reelprint.core.analysis import Analysis  # noqa: E402
from reelprint.core.plan import AudioPiece, AudioPlan, EditPlan, OutputSpec  # noqa: E402
from reelprint.core.style import LoudnessDetail, StyleDetails, StyleJSON  # noqa: E402
from reelprint.plan.sound import plan_audio_chain  # noqa: E402
from reelprint.render.sound import (  # noqa: E402
    corrected_gain_db,
    final_graph,
    gain_for,
    measure_graph,
    parse_measurement,
)
from reelprint.style.fields import audio_distance, by_difference  # noqa: E402
from reelprint.style.sound import audio_style  # noqa: E402
from tests.sounds import memory_sound  # noqa: E402

EXCERPT_S = 24.0
SUFFIXES = {".mp4", ".webm", ".opus", ".ogg", ".flac", ".mp3"}
FRAMES_PER_S = 30


@dataclass(frozen=True)
class Excerpt:
    """(n, 2) samples at 48 kHz, what is measured of them, and the style that follows."""

    name: str
    samples: np.ndarray
    known: Known
    style: StyleJSON


def style_of(known: Known) -> StyleJSON:
    """As ``style.extract`` makes it, the sound's part alone."""
    assert known.speech is not None
    loudness = known.loudness
    detail = None
    if loudness is not None:
        detail = LoudnessDetail(
            integrated_lufs=loudness.integrated_lufs,
            range_lu=loudness.range_lu,
            true_peak_dbtp=loudness.true_peak_dbtp,
        )
    audio = audio_style(loudness, known.speech)
    return cast(StyleJSON, SimpleNamespace(audio_style=audio, details=StyleDetails(loudness=detail)))


def excerpts(footage: Path, parity: int) -> list[Excerpt]:
    """Every file's sound in pieces of 24 s; pieces of even number for tuning, of odd number (or the last) to judge."""
    found = []
    for path in sorted(footage.rglob("*")):
        if path.suffix not in SUFFIXES:
            continue
        try:
            sound = decoded(path).sound
        except subprocess.CalledProcessError:
            continue  # no sound stream
        assert sound is not None
        samples = sound.master.read(0, sound.master.count)
        size = round(EXCERPT_S * 48_000)
        pieces = [samples[start : start + size] for start in range(0, len(samples), size)]
        pieces = [piece for piece in pieces if len(piece) >= size // 2]
        if len(pieces) == 1:
            # cut in two halves, so that what is judged was never heard while the chain was made
            pieces = np.array_split(pieces[0], 2)
        for number, piece in list(enumerate(pieces))[parity:4:2]:
            known = analyse(memory_sound(piece))
            if known.loudness is not None:
                found.append(Excerpt(f"{path.stem}:{number}", piece, known, style_of(known)))
    return found


def rendered(template: StyleJSON, footage: Excerpt, folder: Path) -> np.ndarray:
    """(n, 2) the footage's sound after the template's style, as the engine makes it."""
    seconds = len(footage.samples) / 48_000
    source = folder / "source.wav"
    write = [FFMPEG, "-v", "error", "-y", "-f", "f32le", "-ar", "48000", "-ac", "2", "-i", "-", "-c:a", "pcm_f32le"]
    subprocess.run([*write, str(source)], input=footage.samples.astype(np.float32).tobytes(), check=True)
    film = cast(Analysis, SimpleNamespace(loudness=footage.known.loudness, speech=footage.known.speech))
    piece = AudioPiece(start_s=0.0, source_start_s=0.0, duration_s=seconds)
    output = OutputSpec(width=2, height=2, frame_rate=f"{FRAMES_PER_S}/1", frame_count=int(seconds * FRAMES_PER_S))
    chain = plan_audio_chain(template, film, [piece])
    plan = cast(EditPlan, SimpleNamespace(audio=AudioPlan(pieces=(piece,), chain=chain), output=output))

    def run(graph: str, label: str) -> tuple[bytes, str]:
        done = subprocess.run(
            [FFMPEG, "-hide_banner", "-nostats", "-i", str(source), "-filter_complex", graph, "-map", f"[{label}]",
             "-f", "f32le", "-"], capture_output=True, check=False)  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr.decode()[-1500:])
        return done.stdout, done.stderr.decode()

    measured = parse_measurement(run(measure_graph(plan), "measured")[1])
    gain: float | None = gain_for(chain, measured)
    data = b""
    for _ in range(3):
        if gain is None:
            break
        data, log = run(final_graph(plan, gain), "sound")
        gain = corrected_gain_db(chain, gain, measured, parse_measurement(log))
    return np.frombuffer(data, np.float32).reshape(-1, 2)


def measured(samples: np.ndarray, footage: Excerpt) -> StyleJSON:
    """The style of a rendered sound."""
    loudness = LoudnessAnalyzer().measure(memory_sound(samples), Known(), lambda _: None)
    return style_of(Known(loudness=loudness, speech=footage.known.speech))


def distances(a: StyleJSON, b: StyleJSON) -> dict[str, float]:
    """Raw differences of each number, and the style fields' own distances."""
    one, other = a.details.loudness, b.details.loudness
    assert one is not None
    assert other is not None
    lufs, range_lu = one.integrated_lufs - other.integrated_lufs, one.range_lu - other.range_lu
    first, second = a.audio_style, b.audio_style
    return {
        "integrated_lufs": by_difference(6.0)(one.integrated_lufs, other.integrated_lufs),
        "loudness_range_lu": by_difference(6.0)(one.range_lu, other.range_lu),
        "audio_style": audio_distance(first, second),
        "loudness, LU": abs(lufs),
        "range, LU": abs(range_lu),
        "compression ratio, octaves": abs(math.log2(first.compression_ratio / second.compression_ratio)),
        "bass boost, points": abs(first.bass_boost - second.bass_boost),
        "speech lifted, differs": float(first.enhance_speech != second.enhance_speech),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=36)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    pieces = excerpts(options.footage, parity=1)
    pairs = list(permutations(range(len(pieces)), 2))
    np.random.default_rng(options.seed).shuffle(pairs)
    before, after = [], []
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for template, footage in ((pieces[a], pieces[b]) for a, b in pairs[: options.pairs]):
            style = measured(rendered(template.style, footage, Path(folder)), footage)
            before.append(distances(template.style, footage.style))
            after.append(distances(template.style, style))
            assert style.details.loudness is not None
            peaks.append(style.details.loudness.true_peak_dbtp)
    found = []
    for name in before[0]:
        old, new = (np.array([row[name] for row in rows]) for rows in (before, after))
        closed = 1 - new.sum() / old.sum()
        field = "," not in name
        note = f"mean {old.mean():.3g} before, {new.mean():.3g} after"
        if field:
            found.append(Figure(f"{name}: closer than before", float(np.mean(new <= old)), 0.9, cases=len(old)))
        found.append(
            Figure(f"{name}: distance closed", float(closed), 0.8 if field else None, cases=len(old), note=note)
        )
    found.append(Figure("highest true peak", max(peaks), -1.0, at_most=True, unit="dBTP", cases=len(peaks)))
    report(found, options.json)


if __name__ == "__main__":
    main()
