"""Fit analyze/beats/tempo_model.py: which candidate period is the beat (softmax regression, maximum likelihood, L2).

    python tools/fit_tempo_model.py [--pieces 1000] [--music FOLDER] [--folds 7]

Synthetic pieces come from benchmarks/accuracy/rhythms.py (even seeds only: the odd ones are for judging). FOLDER may
hold real music with a ``tempi.tsv`` (file name, tab, BPM); it is cut and stretched by 6 % for variety, and judged by
cross-validation over the tracks. Needs about half a second a piece.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import av
import numpy as np
from scipy.optimize import minimize
from scipy.signal import resample_poly

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks" / "accuracy"))

from rhythms import rhythm  # noqa: E402

from reelprint.analyze.beats.onsets import OnsetDetector, OnsetStrength  # noqa: E402
from reelprint.analyze.beats.periodicity import Periodicity  # noqa: E402
from reelprint.analyze.beats.tempo import candidate_periods, tempo_features  # noqa: E402

RIGHT = 0.04
RIDGE = 2.0
REAL_WEIGHT = 4.0


class Example:
    """Candidates of one piece, what the model sees of them, and which are right."""

    def __init__(self, onsets: OnsetStrength, tempo_bpm: float, weight: float = 1.0) -> None:
        periodicity = Periodicity(onsets)
        periods = candidate_periods(periodicity)
        self.seen = np.stack([tempo_features(periodicity, period) for period in periods])
        self.right = np.abs(np.log(6000.0 / periods / tempo_bpm)) < RIGHT
        self.weight = weight


def strengths(samples: np.ndarray) -> OnsetStrength:
    """Onsets of (n,) 16 kHz samples at about the level the analyzer uses (-18 LUFS)."""
    detector = OnsetDetector()
    detector.feed((samples * (0.12 / np.sqrt(np.mean(samples**2)))).astype(np.float32))
    return detector.finish()


def stretched(onsets: OnsetStrength, speed: float) -> OnsetStrength:
    """The same onsets played faster (speed > 1) or slower."""
    length = onsets.frames
    at = np.arange(0, length - 1, speed)
    return OnsetStrength(
        *(np.stack([np.interp(at, np.arange(length), line) for line in lines]) for lines in (onsets.bands, onsets.rise))
    )


def synthetic_examples(seed: int) -> list[Example]:
    """A piece as it is and up to 18 % slower or faster, so that 60 and 180 BPM are not the edge of what was seen."""
    piece = rhythm(seed)
    onsets = strengths(resample_poly(piece.sound, 1, 3))
    speed = float(np.clip(np.random.default_rng(seed).uniform(0.82, 1.18), 54 / piece.tempo_bpm, 190 / piece.tempo_bpm))
    return [Example(onsets, piece.tempo_bpm), Example(stretched(onsets, speed), piece.tempo_bpm * speed)]


def variants(onsets: OnsetStrength, tempo_bpm: float) -> list[Example]:
    """A real track whole, in halves, and 6 % slower and faster."""
    length = onsets.frames
    result = [Example(onsets, tempo_bpm, REAL_WEIGHT)]
    for start, stop in ((0, length // 2), (length // 4, 3 * length // 4), (length // 2, length)):
        result.append(Example(onsets.cut(start, stop), tempo_bpm, REAL_WEIGHT))
    result += [Example(stretched(onsets, speed), tempo_bpm * speed, REAL_WEIGHT) for speed in (0.94, 1.06)]
    return result


def fit(examples: list[Example]) -> np.ndarray:
    """Weights that make the right candidates likeliest."""
    scale = np.concatenate([one.seen for one in examples]).std(axis=0) + 1e-6
    usable = [one for one in examples if one.right.any()]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = RIDGE * weights @ weights, 2 * RIDGE * weights
        for one in usable:
            seen = one.seen / scale
            score = seen @ weights
            chance = np.exp(score - score.max())
            chance /= chance.sum()
            right = chance[one.right].sum() + 1e-12
            value -= one.weight * np.log(right)
            slope -= one.weight * (np.where(one.right, chance, 0.0) / right - chance) @ seen
        return float(value), slope

    start = np.zeros(examples[0].seen.shape[1])
    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x / scale


def share_right(examples: list[Example], weights: np.ndarray) -> float:
    """Share of pieces whose likeliest candidate is right."""
    return float(np.mean([one.right[np.argmax(one.seen @ weights)] for one in examples]))


def real_tracks(folder: Path) -> list[list[Example]]:
    """Examples of each track that tempi.tsv names."""
    tracks = []
    for line in (folder / "tempi.tsv").read_text().splitlines():
        name, tempo = line.split("\t")
        with av.open(str(folder / name)) as container:
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=16_000)
            frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
        tracks.append(variants(strengths(np.concatenate([one.to_ndarray()[0] for one in frames])), float(tempo)))
    return tracks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pieces", type=int, default=1000)
    parser.add_argument("--music", type=Path)
    parser.add_argument("--folds", type=int, default=7)
    options = parser.parse_args()
    synthetic = []
    for number in range(options.pieces):
        synthetic += synthetic_examples(2 * number)
    tracks = real_tracks(options.music) if options.music else []
    held = len(synthetic) // 4
    first = fit(synthetic[held:] + [one for track in tracks for one in track])
    print(f"synthetic, held out: {share_right(synthetic[:held], first):.3f}")
    if tracks:
        right = []
        for fold in range(options.folds):
            others = [one for number, track in enumerate(tracks) if number % options.folds != fold for one in track]
            weights = fit(synthetic + others)
            right += [share_right(track[:1], weights) for track in tracks[fold :: options.folds]]
        print(f"real tracks, cross-validated: {np.mean(right):.3f} of {len(tracks)}")
    weights = fit(synthetic + [one for track in tracks for one in track])
    lines = "\n".join(
        "    " + " ".join(f"{value:.4f}," for value in weights[start : start + 11])
        for start in range(0, len(weights), 11)
    )
    target = ROOT / "src" / "reelprint" / "analyze" / "beats" / "tempo_model.py"
    target.write_text(
        '"""Weights of the tempo model, in the order of ``tempo.tempo_features``. '
        'Made by tools/fit_tempo_model.py."""\n\n'
        f"WEIGHTS = (\n{lines}\n)  # fmt: skip\n"
    )
    print(f"wrote {target}")


if __name__ == "__main__":
    main()
