"""The styles of the template films: what is done to each is drawn from a seed.

Every property takes each of its levels once in twelve films, in an order of its own, so that templates differ strongly.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from template_joins import Grade
from template_takes import TAKES, Take

#: Part of every file name: raise it when the same seed gives other films.
RECIPE = 1
LEVELS = 12
GRADES: tuple[Grade, ...] = (
    Grade((1.15, 1.0, 0.82), (0.02, 0, -0.02), (0.95, 1.0, 1.1), 1.15),  # warm
    Grade((0.82, 1.0, 1.2), (-0.02, 0, 0.02), (1.1, 1.0, 0.95), 0.95),  # cool
    Grade((1.2, 1.02, 0.95), (-0.06, 0.0, 0.03), (1.0, 0.95, 1.0), 1.3),  # teal and orange
    Grade((0.72, 0.72, 0.74), (0.14, 0.13, 0.14), (0.95, 0.95, 0.95), 0.6),  # faded
    Grade((1.3, 1.3, 1.3), (-0.12, -0.12, -0.12), (1.0, 1.0, 1.0), 0.05),  # black and white, hard
    Grade((1.35, 1.35, 1.35), (-0.1, -0.1, -0.1), (1.05, 1.05, 1.05), 1.5),  # loud
    Grade((0.9, 1.12, 0.88), (-0.02, 0.02, -0.02), (1.05, 0.95, 1.1), 0.85),  # green
    Grade((1.1, 0.88, 1.12), (0.02, -0.01, 0.03), (0.95, 1.05, 0.92), 1.1),  # magenta
    Grade((1.1, 1.1, 1.1), (0.1, 0.1, 0.1), (0.7, 0.7, 0.72), 0.9),  # bright
    Grade((0.75, 0.75, 0.8), (-0.03, -0.03, -0.02), (1.25, 1.25, 1.15), 0.8),  # dark
    Grade((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 1.0),  # as it was
    Grade((1.08, 0.98, 0.75), (0.06, 0.04, 0.02), (0.9, 0.95, 1.15), 0.55),  # sepia
)
MEDIAN_SHOT_S = tuple(float(value) for value in np.geomspace(0.5, 4.5, LEVELS))
SHAPES = ("16:9", "9:16", "1:1")
SIZES = {"16:9": (512, 288), "9:16": (288, 512), "1:1": (360, 360)}
RATES = (24, 30, 60)
#: Kind and share of the boundaries that it joins; the rest are cuts.
MIXES: tuple[tuple[str, float], ...] = (
    ("cut", 1.0), ("dissolve", 1.0), ("wipe", 0.7), ("cut", 1.0), ("fade", 0.8), ("slide", 0.8),
    ("zoom", 0.8), ("whip", 0.7), ("dissolve", 0.5), ("cut", 1.0), ("slide", 0.4), ("fade", 0.4),
)  # fmt: skip
DURATIONS_S = tuple(float(value) for value in np.geomspace(0.2, 1.0, LEVELS))
LOUDNESS_LUFS = tuple(float(value) for value in np.linspace(-30, -10, LEVELS))
ZOOMED_SHARES = (0.0, 0.0, 0.0, 0.0, 0.4, 0.4, 0.7, 0.7, 1.0, 1.0, 0.0, 0.4)
BASS_DB = (-8.0, -4.0, 0.0, 0.0, 0.0, 0.0, 4.0, 8.0, 12.0, 0.0, -4.0, 6.0)
SQUEEZED = (1.0, 1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 8.0, 1.0, 2.0, 1.0, 4.0)
MUSIC: tuple[tuple[str, float], ...] = (
    ("music/sonicpi_120bpm.flac", 120.0), ("music/sonicpi_97bpm.flac", 97.0), ("music/happy_electronic_1.opus", 123.0),
    ("music/energetic_electronic_2.opus", 150.0), ("music/tender_acoustic_2.opus", 90.0),
)  # fmt: skip
SPEECH = ("speech/sonnet_p001.mp3", "speech/sonnet_p002.mp3", "speech/sonnet_p003.mp3")
SOUNDS = ("music", "music", "music", "music", "music", "speech", "speech", "both", "both", "music", "both", "speech")
TITLES = ("", "", "SUMMER DROP", "", "ONE MORE DAY", "", "FIELD NOTES", "", "AFTER DARK", "", "", "ROUND TWO")
TITLE_COLOURS = ((255, 255, 255), (255, 220, 0), (255, 60, 60), (0, 230, 255))


@dataclass(frozen=True)
class Joint:
    """The boundary after a shot; ``frames`` is 0 for a cut."""

    kind: str
    frames: int
    easing: str
    direction: str


@dataclass(frozen=True)
class Recipe:
    """All that is done to make one template."""

    shape: str
    fps: int
    grade: Grade
    shots: tuple[int, ...]
    joints: tuple[Joint, ...]
    zooms: tuple[float, ...]
    takes: tuple[Take, ...]
    sound: str
    music: str
    speech: str
    tempo_bpm: float | None
    on_beat: bool
    loudness_lufs: float
    bass_db: float
    squeezed: float
    title: str
    title_colour: tuple[int, int, int]


def draw(seed: int, number: int) -> Recipe:
    """Recipe ``number`` of a seed. Twelve in a row take every level of every property once, in shuffled orders."""
    orders = np.random.default_rng([seed, number // LEVELS, RECIPE])
    place = {name: int(orders.permutation(LEVELS)[number % LEVELS]) for name in
             ("grade", "rhythm", "mix", "duration", "shape", "rate", "loudness", "zoom", "bass", "squeeze", "sound",
              "music", "title", "kind")}  # fmt: skip
    rng = np.random.default_rng([seed, number, RECIPE, 1])
    fps = RATES[place["rate"] % len(RATES)]
    music, tempo = MUSIC[place["music"] % len(MUSIC)]
    sound = SOUNDS[place["sound"]]
    on_beat = sound == "music" and music.endswith(".flac")  # only their first beat is known: at 0
    shots = _rhythm(rng, MEDIAN_SHOT_S[place["rhythm"]], fps, tempo if on_beat else None)
    joints = _joints(rng, MIXES[place["mix"]], DURATIONS_S[place["duration"]], shots, fps)
    zoomed = ZOOMED_SHARES[place["zoom"]]
    zooms = tuple(
        float(rng.choice([1.2, 1.35, 1 / 1.25])) if rng.random() < zoomed and shot >= fps else 1.0 for shot in shots
    )
    return Recipe(
        shape=SHAPES[place["shape"] % len(SHAPES)],
        fps=fps,
        grade=GRADES[place["grade"]],
        shots=shots,
        joints=joints,
        zooms=zooms,
        takes=_cast(rng, _lengths_shown(shots, joints), fps, place["kind"]),
        sound=sound,
        music=music,
        speech=SPEECH[number % len(SPEECH)],
        tempo_bpm=tempo if sound != "speech" else None,
        on_beat=on_beat,
        loudness_lufs=LOUDNESS_LUFS[place["loudness"]],
        bass_db=BASS_DB[place["bass"]],
        squeezed=SQUEEZED[place["squeeze"]],
        title=TITLES[place["title"]],
        title_colour=TITLE_COLOURS[place["title"] % len(TITLE_COLOURS)],
    )


def _rhythm(rng: np.random.Generator, median_s: float, fps: int, tempo_bpm: float | None) -> tuple[int, ...]:
    """Shot lengths in frames, log-normal about the median, 10 to 15 s in all; boundaries on beats when told."""
    total_s, spread = float(rng.uniform(10.5, 14.5)), float(rng.uniform(0.15, 0.7))
    ends: list[float] = []
    while not ends or ends[-1] < total_s - 0.6 * median_s:
        ends.append((ends[-1] if ends else 0.0) + max(0.3, median_s * 2 ** float(rng.normal(0, spread))))
    if tempo_bpm is not None:
        beat_s = 60 / tempo_bpm
        ends = sorted({max(1, round(end / beat_s)) * beat_s for end in ends})
    frames = [0, *(round(min(end, 15.0) * fps) for end in ends)]
    return tuple(int(b - a) for a, b in itertools.pairwise(frames) if b - a >= 0.25 * fps)


def _joints(
    rng: np.random.Generator, mix: tuple[str, float], duration_s: float, shots: Sequence[int], fps: int
) -> tuple[Joint, ...]:
    """One kind with one easing and direction joins a share of the boundaries, as an editor's habit would."""
    kind, share = mix
    easing = str(rng.choice(["linear", "ease-in-out", "ease-out"]))
    direction = str(rng.choice(["black", "white"] if kind == "fade" else ["left", "right", "up", "down"]))
    joints = []
    for before, after in itertools.pairwise(shots):
        frames = min(round(duration_s * fps), int(0.6 * min(before, after)))
        joined = kind != "cut" and frames >= 3 and rng.random() < share
        joints.append(Joint(kind, frames, easing, direction) if joined else Joint("cut", 0, "linear", ""))
    return tuple(joints)


def _lengths_shown(shots: Sequence[int], joints: Sequence[Joint]) -> list[int]:
    """Frames of each shot that are seen, with its halves of the transitions on both sides."""
    before = [0, *(joint.frames - joint.frames // 2 for joint in joints)]
    after = [*(joint.frames // 2 for joint in joints), 0]
    return [sum(parts) for parts in zip(before, shots, after, strict=True)]


def _cast(rng: np.random.Generator, shown: Sequence[int], fps: int, lead: int) -> tuple[Take, ...]:
    """Takes for the shots, mostly of one kind of material, never the same one twice running."""
    kinds = sorted({take.kind for take in TAKES})
    cast: list[Take] = []
    for frames in shown:
        enough = [take for take in TAKES if take.frames * hold(take, fps) >= frames and take not in cast[-1:]]
        leading = [take for take in enough if take.kind == kinds[lead % len(kinds)]]
        choice = leading if leading and rng.random() < 0.6 else enough
        cast.append(choice[int(rng.integers(len(choice)))])
    return tuple(cast)


def hold(take: Take, fps: int) -> int:
    """How many frames of the film each frame of a take stands for: an even cadence at any rate."""
    return max(1, round(fps / take.fps))
