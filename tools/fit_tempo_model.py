"""Fit analyze/beats/tempo_model.py: which candidate period is the beat (softmax network, maximum likelihood, L2).

    python tools/fit_tempo_model.py [--pieces 420] [--music FOLDER ...] [--speech FILE ...] [--folds 4]

Synthetic pieces come from benchmarks/accuracy/rhythms.py (even seeds only: the odd ones are for judging). A FOLDER
holds real music with a ``tempi.tsv`` (file name, tab, BPM); it is cut into half minutes, stretched by up to 15 % for
variety, and judged by cross-validation over the tracks. The voices of FILE are laid over every second piece, 3 dB under
to 13 dB over the music. Needs about a second a piece.
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
RIDGE = 8.0
UNITS = 16
EXCERPT_FRAMES = 3000


class Example:
    """Candidates of one piece, what the model sees of them, and which are right."""

    def __init__(self, onsets: OnsetStrength, tempo_bpm: float) -> None:
        periodicity = Periodicity(onsets)
        periods = candidate_periods(periodicity)
        self.seen = np.stack([tempo_features(periodicity, period) for period in periods])
        self.right = np.abs(np.log(6000.0 / periods / tempo_bpm)) < RIGHT


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


def variants(onsets: OnsetStrength, tempo_bpm: float, seed: int) -> list[Example]:
    """Half minutes of a real track (beginning, middle, end) as they are, and each twice slower or faster.

    The first three are the track itself: what it is judged by when it was held out.
    """
    random = np.random.default_rng(seed)
    last = max(0, onsets.frames - EXCERPT_FRAMES)
    cuts = [onsets.cut(start, min(onsets.frames, start + EXCERPT_FRAMES)) for start in (0, last // 2, last)]
    result = [Example(cut, tempo_bpm) for cut in cuts]
    for cut in cuts:
        speeds = np.exp(random.uniform(-0.15, 0.15, size=2))
        result += [Example(stretched(cut, float(speed)), tempo_bpm * float(speed)) for speed in speeds]
    return result


def spoken_over(seed: int, voice: np.ndarray) -> Example:
    """A synthetic piece under a stretch of a voice at 16 kHz."""
    piece, random = rhythm(seed), np.random.default_rng(seed)
    music = resample_poly(piece.sound, 1, 3)
    start = int(random.integers(0, max(1, len(voice) - len(music))))
    speech = voice[start : start + len(music)]
    music = music[: len(speech)]
    level = 10 ** (random.uniform(-13, 3) / 20) * np.sqrt(np.mean(speech**2) / np.mean(music**2))
    return Example(strengths(speech + level * music), piece.tempo_bpm)


class Network:
    """``tempo.tempo_scores``: features made alike, a layer of tanh units, and a linear part beside it."""

    def __init__(self, examples: list[Example], seed: int = 0) -> None:
        usable = [one for one in examples if one.right.any()]
        seen = np.concatenate([one.seen for one in usable])
        self.mean, self.spread = seen.mean(axis=0), seen.std(axis=0) + 1e-6
        starts = np.cumsum([0] + [len(one.seen) for one in usable])
        piece = np.repeat(np.arange(len(usable)), np.diff(starts))
        self._fit(
            (seen - self.mean) / self.spread, np.concatenate([one.right for one in usable]), starts[:-1], piece, seed
        )

    def _fit(self, seen: np.ndarray, right: np.ndarray, starts: np.ndarray, piece: np.ndarray, seed: int) -> None:
        """Minus the log likelihood that one of a piece's right candidates is chosen, and its slope."""
        size = seen.shape[1]
        random = np.random.default_rng(seed)
        shapes = ((size, UNITS), (UNITS,), (UNITS,), (size,))
        edges = np.cumsum([np.prod(shape) for shape in shapes])[:-1]

        def parts(weights: np.ndarray) -> list[np.ndarray]:
            return [one.reshape(shape) for one, shape in zip(np.split(weights, edges), shapes, strict=True)]

        def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
            hidden, bias, output, linear = parts(weights)
            units = np.tanh(seen @ hidden + bias)
            score = units @ output + seen @ linear
            chance = np.exp(score - np.maximum.reduceat(score, starts)[piece])
            chance /= np.add.reduceat(chance, starts)[piece]
            hit = np.add.reduceat(np.where(right, chance, 0.0), starts) + 1e-12
            pull = chance - np.where(right, chance, 0.0) / hit[piece]
            below = np.outer(pull, output) * (1.0 - units**2)
            slope = np.concatenate([(seen.T @ below).ravel(), below.sum(axis=0), units.T @ pull, seen.T @ pull])
            return float(RIDGE * weights @ weights - np.log(hit).sum()), slope + 2 * RIDGE * weights

        start = np.concatenate([random.normal(0.0, 0.1, int(np.prod(shape))) for shape in shapes])
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
        self.hidden, self.bias, self.output, self.linear = parts(found)

    def score(self, seen: np.ndarray) -> np.ndarray:
        """(candidates,) log odds up to a constant."""
        alike = (seen - self.mean) / self.spread
        return np.tanh(alike @ self.hidden + self.bias) @ self.output + alike @ self.linear

    def source(self) -> str:
        """The module that the analyzer reads."""
        text = (
            '"""The network of ``tempo.tempo_scores``, features in the order of ``tempo.tempo_features``.\n\n'
            "Made by tools/fit_tempo_model.py from synthetic rhythms (even seeds) and real music of which nothing is\n"
            'carried here: the tool says how to give it.\n"""\n\n# fmt: off\n'
        )
        lines = {"MEAN": self.mean, "SPREAD": self.spread, "HIDDEN_BIAS": self.bias, "OUTPUT": self.output}
        for name, values in (lines | {"LINEAR": self.linear}).items():
            text += f"{name} = (\n{_rows(values)})\n"
        return (
            text + "HIDDEN = (\n" + "".join(f"    (\n{_rows(row)}    ),\n" for row in self.hidden.T) + ")\n# fmt: on\n"
        )


def _rows(values: np.ndarray) -> str:
    return "".join(
        "    " + " ".join(f"{value:.4f}," for value in values[start : start + 12]) + "\n"
        for start in range(0, len(values), 12)
    )


def share_right(examples: list[Example], network: Network) -> float:
    """Share of pieces whose likeliest candidate is right."""
    return float(np.mean([one.right[np.argmax(network.score(one.seen))] for one in examples]))


def decoded(path: Path) -> np.ndarray:
    """(n,) samples at 16 kHz."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=16_000)
        frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    return np.concatenate([one.to_ndarray()[0] for one in frames])


def real_tracks(folder: Path) -> list[list[Example]]:
    """Examples of each track that tempi.tsv names."""
    tracks = []
    for line in (folder / "tempi.tsv").read_text().splitlines():
        name, tempo = line.split("\t")
        sound = decoded(folder / name)
        tracks.append(variants(strengths(sound), float(tempo), len(tracks)))
    return tracks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pieces", type=int, default=420)
    parser.add_argument("--music", type=Path, nargs="*", default=[])
    parser.add_argument("--speech", type=Path, nargs="*", default=[])
    parser.add_argument("--folds", type=int, default=4)
    options = parser.parse_args()
    synthetic = [one for number in range(options.pieces) for one in synthetic_examples(2 * number)]
    voices = [decoded(path) for path in options.speech]
    mixes = range(options.pieces // 2 if voices else 0)
    synthetic += [spoken_over(2 * number + 20_000, voices[number % len(voices)]) for number in mixes]
    tracks = [track for folder in options.music for track in real_tracks(folder)]
    target = ROOT / "src" / "reelprint" / "analyze" / "beats" / "tempo_model.py"
    print(judged_and_fitted(synthetic, tracks, options.folds, target))


def judged_and_fitted(synthetic: list[Example], tracks: list[list[Example]], folds: int, target: Path) -> str:
    """Write the model of everything; the text says how models that had not heard a piece did on it."""
    held = len(synthetic) // 4
    everything = [one for track in tracks for one in track]
    said = [f"synthetic, held out: {share_right(synthetic[:held], Network(synthetic[held:] + everything)):.3f}"]
    if tracks:
        right = []
        for fold in range(folds):
            others = [one for number, track in enumerate(tracks) if number % folds != fold for one in track]
            network = Network(synthetic + others)
            right += [share_right(track[:3], network) for track in tracks[fold::folds]]
        said.append(f"half minutes of real tracks, cross-validated: {np.mean(right):.3f} of {len(tracks)} tracks")
    target.write_text(Network(synthetic + everything).source())
    return "\n".join([*said, f"wrote {target}"])


if __name__ == "__main__":
    main()
