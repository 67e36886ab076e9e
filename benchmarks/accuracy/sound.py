"""How right the sound analyzers are: loudness against ffmpeg's ebur128, beats and tempo against exact truth.

    python benchmarks/accuracy/sound.py [--pieces 60] [--footage ../shared/footage] [--music FOLDER]

Synthetic pieces use odd seeds only; the tempo model was fitted on even ones. FOLDER: real music with a ``tempi.tsv``.
An octave error counts as an error. F-measure within 70 ms.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from scipy.signal import resample_poly

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from rhythms import Rhythm, rhythm  # noqa: E402

from reelprint.adapters.models.voice import OmniSoundClassifier  # noqa: E402
from reelprint.analyze.beats import BeatAnalyzer  # noqa: E402
from reelprint.analyze.evidence import Evidence, Known  # noqa: E402
from reelprint.analyze.loudness import LoudnessAnalyzer  # noqa: E402
from reelprint.analyze.speech import SpeechAnalyzer  # noqa: E402
from reelprint.core.sound import MusicMeasure  # noqa: E402
from tests.sounds import memory_sound  # noqa: E402

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
SPEECH = SpeechAnalyzer(OmniSoundClassifier())
TOLERANCE_S, TEMPO_TOLERANCE = 0.07, 0.04


def analyse(evidence: Evidence) -> tuple[Known, float]:
    """All three measurements, and the processor time they took per minute of sound."""
    start = time.process_time()
    known = Known(loudness=LoudnessAnalyzer().measure(evidence, Known(), lambda _: None))
    known = Known(loudness=known.loudness, speech=SPEECH.measure(evidence, known, lambda _: None))
    music = BeatAnalyzer().measure(evidence, known, lambda _: None)
    cost = (time.process_time() - start) / evidence.duration_s * 60
    return Known(loudness=known.loudness, speech=known.speech, music=music), cost


def decoded(path: Path, channels: int = 2) -> Evidence:
    """A file's sound as evidence."""

    def pcm(rate_hz: int, count: int) -> np.ndarray:
        command = [
            FFMPEG,
            "-v",
            "error",
            "-i",
            str(path),
            "-vn",
            "-f",
            "f32le",
            "-ac",
            str(count),
            "-ar",
            str(rate_hz),
            "-",
        ]
        data = subprocess.run(command, capture_output=True, check=True).stdout
        return np.frombuffer(data, np.float32).reshape(-1, count)

    return memory_sound(pcm(48_000, channels), pcm(16_000, 1))


def ffmpeg_log(*arguments: str) -> str:
    """What ffmpeg says on stderr."""
    command = [FFMPEG, "-hide_banner", "-nostats", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


def f_measure(found: Iterable[float], truth: Iterable[float]) -> float:
    """Harmonic mean of precision and recall, one to one, within 70 ms."""
    left, wanted = sorted(found), sorted(truth)
    total, hits = len(left) + len(wanted), 0
    for beat in wanted:
        near = [one for one in left if abs(one - beat) <= TOLERANCE_S]
        if near:
            left.remove(min(near, key=lambda one: abs(one - beat)))
            hits += 1
    return 2 * hits / total if total else 1.0


def tempo_right(music: MusicMeasure, tempo_bpm: float) -> bool:
    return music.tempo_bpm is not None and abs(music.tempo_bpm / tempo_bpm - 1) <= TEMPO_TOLERANCE


def of(piece: Rhythm) -> Evidence:
    return memory_sound(piece.sound[:, None], resample_poly(piece.sound, 1, 3).astype(np.float32)[:, None])


def loudness_table(files: list[Path]) -> None:
    print("\nloudness against ffmpeg ebur128 (integrated LU, range LU, true peak dB)")
    for path in files:
        info = subprocess.run(
            [FFMPEG, "-hide_banner", "-i", str(path)], capture_output=True, text=True, check=False
        ).stderr
        layout = re.search(r"Audio:.*?Hz, (\w+)", info)
        if layout is None:
            continue
        measured = LoudnessAnalyzer().measure(decoded(path, 1 if layout[1] == "mono" else 2), Known(), lambda _: None)
        summary = ffmpeg_log("-i", str(path), "-vn", "-af", "aresample=48000,ebur128=peak=true", "-f", "null", "-")
        log = summary.split("Summary")[-1]
        if measured is None:
            print(f"  {path.name:44.44s} silent")
            continue
        values = [re.search(one, log) for one in (r"I:\s+(\S+) LUFS", r"LRA:\s+(\S+) LU\b", r"Peak:\s+(\S+) dBFS")]
        ours = (measured.integrated_lufs, measured.range_lu, measured.true_peak_dbtp)
        errors = [own - float(match[1]) for own, match in zip(ours, values, strict=True) if match]
        print(f"  {path.name:44.44s} {measured.integrated_lufs:7.2f}   " + " ".join(f"{one:+6.2f}" for one in errors))


def synthetic_table(pieces: int) -> None:
    print(f"\nsynthetic music, {pieces} random pieces of 24 s and fixed tempi")
    rows = [rhythm(2 * number + 100_001) for number in range(pieces)]
    _tempo_rows("random", rows)
    for tempo in (60, 70, 80, 97, 110, 128, 140, 160, 174, 180):
        _tempo_rows(
            f"{tempo} BPM", [rhythm(2 * number + 200_001 + tempo * 100, tempo_bpm=tempo) for number in range(6)]
        )


def _tempo_rows(label: str, rows: list[Rhythm]) -> None:
    right, scores, errors_ms, wrong, costs = [], [], [], [], []
    for row in rows:
        known, cost = analyse(of(row))
        music = known.music
        assert music is not None
        beats = np.array([beat.time_s for beat in music.beats])
        right.append(tempo_right(music, row.tempo_bpm))
        scores.append(f_measure(beats, row.beats_s))
        costs.append(cost)
        if right[-1]:
            nearest = row.beats_s[np.abs(row.beats_s[:, None] - beats).argmin(0)]
            errors_ms.append(np.median(beats - nearest) * 1000)
        else:
            wrong.append(f"{row.name} {row.tempo_bpm:.0f}->{music.tempo_bpm}")
    print(
        f"  {label:10s} tempo right {np.mean(right):.2f}  F {np.mean(scores):.3f} (min {min(scores):.2f})  "
        f"beat bias {np.mean(errors_ms) if errors_ms else 0:+.1f} ms  {np.mean(costs):.2f} s/min  {'; '.join(wrong)}"
    )


def null_table(footage: Path) -> None:
    print("\nno music: share of 20 s pieces whose tempo is null")
    random = np.random.default_rng(99)
    count = 48_000 * 20
    time_s = np.arange(count) / 48_000
    noises = {
        "white noise": [random.normal(size=count) * level for level in (0.003, 0.03, 0.2)],
        "brown noise": [_brown(random, count) for _ in range(3)],
        "gusts": [_brown(random, count) * (1 + np.sin(2 * np.pi * time_s * rate)) / 2 for rate in (0.1, 0.3)],
        "hum": [0.1 * np.sin(2 * np.pi * 50 * time_s) + 0.03 * np.sin(2 * np.pi * 150 * time_s)],
        "silence": [np.zeros(count)],
    }
    for name, sounds in noises.items():
        evidences = [memory_sound(one.astype(np.float32)[:, None], _down(one)) for one in sounds]
        nulls = [_tempo(one) is None for one in evidences]
        print(f"  {name:14s} {np.mean(nulls):.2f} of {len(nulls)}")
    nulls = []
    voices = [*sorted((footage / "speech").glob("*.mp3")), footage / "speech" / "jfk.flac"]
    for path in [*voices, footage / "grid_multi_talk_30s.mp4", footage / "grid_two_person_30s.mp4"]:
        if path.exists():
            samples = _mono(path)
            pieces = [samples[at : at + count] for at in range(0, len(samples) - count // 2, count // 2)]
            nulls += [_tempo(memory_sound(one[:, None], _down(one))) is None for one in pieces]
    if nulls:
        print(f"  {'speech':14s} {np.mean(nulls):.2f} of {len(nulls)}")
    voice = _mono(footage / "speech" / "sonnet_p001.mp3") if (footage / "speech").exists() else None
    for music_db in (0, -6, -12, -18) if voice is not None else ():
        right, shares = [], []
        for number in range(8):
            piece = rhythm(2 * number + 300_001)
            gain = 10 ** (music_db / 20) * np.sqrt(np.mean(voice**2) / np.mean(piece.sound**2))
            mix = (voice[: len(piece.sound)] + gain * piece.sound[: len(voice)]) * 0.5
            known, _ = analyse(memory_sound(mix[:, None].astype(np.float32), _down(mix)))
            assert known.music is not None and known.speech is not None
            right.append(tempo_right(known.music, piece.tempo_bpm))
            shares.append(known.speech.music_share)
        print(f"  music {music_db:+d} dB to speech: tempo right {np.mean(right):.2f}, heard {np.mean(shares):.2f}")


def _brown(random: np.random.Generator, count: int) -> np.ndarray:
    walk = np.cumsum(random.normal(size=count))
    walk -= np.convolve(walk, np.ones(4800) / 4800, mode="same")
    return 0.1 * walk / np.abs(walk).max()


def _mono(path: Path) -> np.ndarray:
    sound = decoded(path, 1).sound
    assert sound is not None
    return sound.master.read(0, sound.master.count)[:, 0]


def _down(samples: np.ndarray) -> np.ndarray:
    return resample_poly(samples, 1, 3).astype(np.float32)[:, None]


def _tempo(evidence: Evidence) -> float | None:
    music = analyse(evidence)[0].music
    return None if music is None else music.tempo_bpm


def real_table(footage: Path, music: Path | None) -> None:
    print("\nreal music")
    truths = [(path, 60.0 / np.median(np.diff(times)), times) for path, times in _exact(footage)]
    named = {"energetic_electronic_2.opus": 150, "happy_electronic_1.opus": 123, "tender_acoustic_2.opus": 90}
    truths += [(footage / "music" / name, tempo, None) for name, tempo in named.items()]
    if music is not None:
        rows = [line.split("\t") for line in (music / "tempi.tsv").read_text().splitlines()]
        truths += [(music / name, float(tempo), None) for name, tempo in rows]
    right = []
    for path, tempo, times in truths:
        if not path.exists():
            continue
        found = analyse(decoded(path, 1))[0].music
        assert found is not None
        right.append(tempo_right(found, tempo))
        score = "" if times is None else f"F {f_measure([one.time_s for one in found.beats], times):.3f}"
        mark = "" if right[-1] else "WRONG"
        print(f"  {path.name:36s} {tempo:6.1f} -> {found.tempo_bpm} ({found.tempo_confidence:.2f}) {score} {mark}")
    print(f"  tempo right: {np.mean(right):.2f} of {len(right)}" if right else "  no footage")


def _exact(footage: Path) -> list[tuple[Path, list[float]]]:
    found = [
        (path.with_name(path.name.replace(".beats.json", ".flac")), json.loads(path.read_text())["beats"])
        for path in sorted((footage / "music").glob("*.beats.json"))
    ]
    edl = footage / "edit_dev_9x16.edl.json"
    if edl.exists():
        found.append((footage / "edit_dev_9x16.mp4", json.loads(edl.read_text())["beats"]["times"]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pieces", type=int, default=60)
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--music", type=Path)
    options = parser.parse_args()
    suffixes = {".mp4", ".webm", ".opus", ".ogg", ".flac", ".mp3", ".wav"}
    loudness_table([one for one in sorted(options.footage.rglob("*")) if one.suffix in suffixes])
    real_table(options.footage, options.music)
    synthetic_table(options.pieces)
    null_table(options.footage)


if __name__ == "__main__":
    main()
