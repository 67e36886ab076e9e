"""How right the sound analyzers are: loudness against ffmpeg's ebur128, beats and tempo against exact truth.

    python benchmarks/accuracy/sound.py [--seed 0] [--pieces 40] [--footage FOLDER] [--music FOLDER]
        [--json PATH] [--pictures FOLDER]

FOLDER: more real music with a ``tempi.tsv`` (file name, tab, BPM). An octave error counts as an error; F-measure within
70 ms. librosa (``beat_track``) hears the same pieces when the peers' environment is there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from figures import Figure, report  # noqa: E402
from sound_loudness import decoded, loudness_figures  # noqa: E402
from sound_pictures import draw_beats  # noqa: E402
from sound_pieces import Piece, encoded, noises, planted, stretched, under_speech, voices  # noqa: E402

from reelprint.adapters.media.decode import decode_film  # noqa: E402
from reelprint.adapters.media.probe import probe  # noqa: E402
from reelprint.adapters.models.voice import OmniSoundClassifier  # noqa: E402
from reelprint.analyze.beats import BeatAnalyzer  # noqa: E402
from reelprint.analyze.evidence import Evidence, Known  # noqa: E402
from reelprint.analyze.loudness import LoudnessAnalyzer  # noqa: E402
from reelprint.analyze.speech import SpeechAnalyzer  # noqa: E402
from reelprint.core.sound import MusicMeasure  # noqa: E402
from tests.sounds import memory_sound  # noqa: E402

PEERS = ROOT / ".peers" / "bin" / "python"
SPEECH = SpeechAnalyzer(OmniSoundClassifier())
TOLERANCE_S, TEMPO_TOLERANCE = 0.07, 0.04


def analyse(evidence: Evidence) -> Known:
    """Loudness, speech and music, each built on the one before."""
    known = Known(loudness=LoudnessAnalyzer().measure(evidence, Known(), lambda _: None))
    known = Known(loudness=known.loudness, speech=SPEECH.measure(evidence, known, lambda _: None))
    music = BeatAnalyzer().measure(evidence, known, lambda _: None)
    return Known(loudness=known.loudness, speech=known.speech, music=music)


def heard(piece: Piece, scratch: Path) -> MusicMeasure:
    """What the analyzers say of a piece."""
    if piece.film is not None:
        with decode_film(piece.film, probe(piece.film), scratch) as evidence:
            music = analyse(evidence).music
    else:
        music = analyse(of(piece.samples)).music
    assert music is not None
    return music


def of(samples: np.ndarray) -> Evidence:
    """(n,) samples at 48 kHz as evidence."""
    return memory_sound(samples[:, None], resample_poly(samples, 1, 3).astype(np.float32)[:, None])


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


def right_tempo(found_bpm: float | None, tempo_bpm: float) -> bool:
    """Within 4 %; the octave counts."""
    return found_bpm is not None and abs(found_bpm / tempo_bpm - 1) <= TEMPO_TOLERANCE


def librosa_says(pieces: list[Piece], scratch: Path) -> dict[str, dict[str, object]]:
    """Tempo and beats by name, from the peers' environment; nothing without it."""
    if not PEERS.exists():
        print("librosa is not compared: there is no .peers environment (make peers)")
        return {}
    given, taken = scratch / "pieces.npz", scratch / "librosa.json"
    named = {_key(piece): resample_poly(piece.samples, 147, 320).astype(np.float32) for piece in pieces}
    np.savez(given, **named)  # type: ignore[arg-type]
    script = Path(__file__).with_name("peers_sound.py")
    subprocess.run([str(PEERS), str(script), str(given), str(taken)], check=True)
    found: dict[str, dict[str, object]] = json.loads(taken.read_text())
    return found


def _key(piece: Piece) -> str:
    return f"{piece.group} {piece.name}".replace("/", "_")


def music_figures(pieces: list[Piece], scratch: Path, pictures: Path | None) -> list[Figure]:
    """Tempo and F-measure for each group and for all; ``pictures``: folder for music.png."""
    judged: list[tuple[float, Piece, MusicMeasure]] = []
    peers = librosa_says(pieces, scratch)
    rows: dict[str, list[tuple[bool, float | None, bool | None, float | None]]] = defaultdict(list)
    for piece in pieces:
        music = heard(piece, scratch)
        beats = None
        if piece.beats_s is not None:
            beats = f_measure([beat.time_s for beat in music.beats], piece.beats_s)
            judged.append((beats, piece, music))
        said = peers.get(_key(piece))
        theirs, their_beats = None, None
        if said is not None:
            theirs = right_tempo(float(str(said["tempo_bpm"])), piece.tempo_bpm)
            if piece.beats_s is not None:
                their_beats = f_measure(list(said["beats_s"]), piece.beats_s)  # type: ignore[call-overload]
        row = (right_tempo(music.tempo_bpm, piece.tempo_bpm), beats, theirs, their_beats)
        if not row[0]:
            print(
                f"  tempo of {piece.group}: {piece.name} is {piece.tempo_bpm:.1f}, heard {music.tempo_bpm}", flush=True
            )
        rows[piece.group].append(row)
    if pictures is not None:
        judged.sort(key=lambda one: one[0])
        shown = (("Typical success", judged[len(judged) // 2]), ("Worst failure", judged[0]))
        draw_beats([(label, piece, music) for label, (_, piece, music) in shown], pictures / "music.png")
    found = [_tempo_figure(group, of_group) for group, of_group in rows.items()]
    everything = list(chain.from_iterable(rows.values()))
    found.append(_tempo_figure("all music", everything, goal=0.9))
    scored = [row for row in everything if row[1] is not None]
    theirs = [row[3] for row in scored if row[3] is not None]
    peer = {"librosa": float(np.mean(theirs))} if theirs else {}
    found.append(Figure("beats F-measure, +-70 ms", float(np.mean([row[1] for row in scored])), 0.9, peers=peer,
                        cases=len(scored), note="all music with known beats"))  # fmt: skip
    return found


def _tempo_figure(
    group: str, rows: list[tuple[bool, float | None, bool | None, float | None]], goal: float | None = None
) -> Figure:
    theirs = [row[2] for row in rows if row[2] is not None]
    scores = [row[1] for row in rows if row[1] is not None]
    note = f"F {np.mean(scores):.3f}" if scores else ""
    peers = {"librosa": float(np.mean(theirs))} if theirs else {}
    return Figure(f"tempo within 4 %: {group}", float(np.mean([row[0] for row in rows])), goal, peers=peers,
                  cases=len(rows), note=note)  # fmt: skip


def null_figures(seed: int, footage: Path) -> list[Figure]:
    """Share of pieces without music whose tempo is null."""
    count = 48_000 * 20
    pieces = dict(noises(seed))
    for path in voices(footage):
        samples = decoded(path, 1).sound
        assert samples is not None
        whole = samples.master.read(0, samples.master.count)[:, 0]
        for start in range(0, max(1, len(whole) - count // 2), count // 2):
            pieces[f"speech {path.stem} {start}"] = whole[start : start + count]
    null = {name: analyse(of(one)).music for name, one in pieces.items()}
    wrong = [name for name, music in null.items() if music is not None and music.tempo_bpm is not None]
    note = f"wrong: {', '.join(wrong)}" if wrong else ""
    return [
        Figure("null tempo on silence, speech, noise", 1 - len(wrong) / len(null), 0.95, cases=len(null), note=note)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pieces", type=int, default=40)
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--music", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args()
    start = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        found = loudness_figures(options.footage, scratch, options.pictures)
        found += null_figures(options.seed, options.footage)
        pieces = [
            *planted(options.seed, options.pieces),
            *stretched(options.footage, options.music),
            *under_speech(options.seed, options.footage),
            *encoded(options.seed, scratch),
        ]
        found += music_figures(pieces, scratch, options.pictures)
    print(f"{time.process_time() - start:.0f} s of one core without librosa")
    report(found, options.json)


if __name__ == "__main__":
    main()
