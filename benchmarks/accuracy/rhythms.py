"""Synthetic music with exact beats: a step sequencer with drums, bass, chords, swing, fills, drift and mixes.

Everything follows from the seed. Sound is mono float32 at 48 kHz. Used to tune (even seeds) and to judge (odd seeds)
the beat tracker; no sample or recording is involved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
RATE_HZ = 48_000

# fmt: off
# One bar of steps per instrument; strengths 0..9. "tempo" is where the pattern is at home, "beat" how many steps a beat
# has (4 if not said: 16 steps are a bar of four quarters; 3 is a shuffle or a compound metre).
PATTERNS: dict[str, dict[str, object]] = {
    "rock": {"tempo": (60, 180), "kick": "9000000090000000", "snare": "0000900000009000", "hat": "6050605060506050"},
    "rock_busy": {"tempo": (60, 140), "kick": "9000000690600000",
        "snare": "0000900000009000", "hat": "6050605060506050"},
    "rock_16": {"tempo": (60, 110), "kick": "9000009090000000", "snare": "0000900000009000", "hat": "6353635363536353"},
    "rock_quarter": {"tempo": (100, 180), "kick": "9000000090000000",
        "snare": "0000900000009000", "hat": "6000600060006000"},
    "house": {"tempo": (110, 150), "kick": "9000900090009000", "snare": "0000700000007000", "hat": "0060006000600060"},
    "techno": {"tempo": (110, 160), "kick": "9000900090009000", "hat": "3363336333633363"},
    "disco": {"tempo": (100, 140), "kick": "9000900090009000", "snare": "0000900000009000", "hat": "4363436343634363"},
    "hiphop": {"tempo": (70, 105), "kick": "9000000600900000", "snare": "0000900000009000", "hat": "6060606060606060"},
    "boombap": {"tempo": (70, 100), "kick": "9090000000960000", "snare": "0000900000009003", "hat": "6060606060606060"},
    "dnb": {"tempo": (160, 180), "kick": "9000000000900000", "snare": "0000900000009000", "hat": "6060606060606060"},
    "dnb_busy": {"tempo": (160, 180), "kick": "9000000000900000",
        "snare": "0000900300309000", "hat": "6050605060506050"},
    "funk": {"tempo": (85, 120), "kick": "9030006000900600", "snare": "0000900300309000", "hat": "6363636363636363"},
    "reggaeton": {"tempo": (85, 105), "kick": "9000900090009000",
        "snare": "0006006000060060", "hat": "4040404040404040"},
    "bossa": {"tempo": (110, 150), "kick": "9000006090000060", "rim": "7007000700700070", "hat": "4444444444444444"},
    "waltz": {"tempo": (80, 180), "kick": "900000000000", "snare": "000060006000", "hat": "500050005000"},
    "sparse": {"tempo": (60, 120), "kick": "9000000000000000", "snare": "0000000070000000", "hat": "4000400040004000"},
    "shaker": {"tempo": (70, 130), "kick": "9000000090000000", "hat": "5353535353535353"},
    "march": {"tempo": (90, 140), "kick": "9000000090000000", "snare": "0000700700007777"},
    "strum": {"tempo": (65, 140), "chord": "9000605009506050"},
    "strum_simple": {"tempo": (65, 130), "chord": "9000700080007050"},
    "arpeggio_8": {"tempo": (60, 130), "pluck": "9050605070506050"},
    "arpeggio_16": {"tempo": (60, 100), "pluck": "9353635373536353"},
    "piano_quarters": {"tempo": (70, 150), "chord": "9000600070006000"},
    "ballad": {"tempo": (60, 90), "chord": "9000000070000000", "pluck": "9050605070506050", "rim": "0000500000005000"},
    # without drums, soft attacks, other metres, and the ends of the tempo range
    "trap_half": {"tempo": (60, 90), "kick": "9000000000600090", "clap": "0000000090000000", "hat": "5353535353535565"},
    "one_drop": {"tempo": (62, 90), "kick": "0000000090000000", "rim": "0000000070000000",
        "chord": "0060006000600060", "hat": "5050505050505050"},
    "ska": {"tempo": (110, 175), "kick": "9000000090000000", "snare": "0000900000009000", "chord": "0070007000700070"},
    "samba": {"tempo": (90, 135), "kick": "9006900690069006", "rim": "7070077070700770", "shaker": "6356635663566356"},
    "afrobeat": {"tempo": (95, 130), "kick": "9000006000900000", "rim": "7007007000707000", "hat": "5050505050505050"},
    "trance": {"tempo": (125, 150), "kick": "9000900090009000", "pluck": "0777077707770777", "hat": "0060006000600060"},
    "metal": {"tempo": (90, 190), "kick": "9696969696969696", "snare": "0000900000009000", "chord": "9000600090600060"},
    "punk": {"tempo": (150, 190), "kick": "9000009090000000", "snare": "0000900000009000", "hat": "7070707070707070",
        "chord": "7070707070707070"},
    "train_beat": {"tempo": (85, 125), "kick": "9000900090009000", "snare": "3363336333633363"},
    "half_time_rock": {"tempo": (60, 85), "kick": "9000000000900000",
        "snare": "0000000090000000", "hat": "6000600060006000"},
    "slow_steady": {"tempo": (55, 75), "kick": "9000000090000000",
        "snare": "0000900000009000", "hat": "6050605060506050"},
    "claps": {"tempo": (70, 140), "kick": "9000900090009000", "clap": "0000900000009000"},
    "lofi": {"tempo": (60, 90), "kick": "9000000690600000", "snare": "0000700000007000", "hat": "5040504050405040",
        "strings": "9000000060000000"},
    "shuffle": {"tempo": (70, 140), "beat": 3, "kick": "900000900000", "snare": "000900000900", "ride": "604604604604"},
    "swing_ride": {"tempo": (100, 190), "beat": 3, "ride": "700604700604", "hat": "000600000600",
        "kick": "500500500500"},
    "six_eight": {"tempo": (55, 90), "beat": 3, "kick": "900000900000", "snare": "000900000900", "hat": "644644644644"},
    "six_eight_pluck": {"tempo": (55, 85), "beat": 3, "pluck": "955655955655"},
    "five_four": {"tempo": (80, 170), "kick": "90000090000090000000",
        "snare": "00009000000000009000", "hat": "60506050605060506050"},
    "waltz_pluck": {"tempo": (75, 170), "pluck": "900060006000"},
    "strings_quarters": {"tempo": (60, 120), "strings": "9000600080006000"},
    "pads_and_pulse": {"tempo": (70, 140), "strings": "9000000000000000", "pluck": "7000700070007000"},
    "piano_8": {"tempo": (60, 120), "chord": "9050605090506050"},
    "ostinato_16": {"tempo": (70, 125), "pluck": "9464846494648464", "strings": "9000000000000000"},
    "metronome": {"tempo": (55, 190), "rim": "9000600060006000"},
}
# fmt: on


_SETTINGS = {"tempo", "beat"}


@dataclass(frozen=True)
class Rhythm:
    """A piece and its truth."""

    name: str
    sound: F32
    beats_s: F64
    tempo_bpm: float


def rhythm(seed: int, *, seconds: float = 24.0, tempo_bpm: float | None = None, name: str | None = None) -> Rhythm:
    """A random piece; ``tempo_bpm`` and ``name`` fix what they name. The tempo of a third drifts by up to 2 %."""
    rng = np.random.default_rng(seed)
    names = [
        key
        for key, value in PATTERNS.items()
        if tempo_bpm is None or value["tempo"][0] <= tempo_bpm <= value["tempo"][1]  # type: ignore[index]
    ]
    chosen = name or str(rng.choice(names))
    pattern = PATTERNS[chosen]
    low, high = pattern["tempo"]  # type: ignore[misc]
    tempo = float(tempo_bpm or rng.uniform(low, high))
    drift = rng.uniform(-0.02, 0.02) if rng.random() < 0.33 else 0.0
    swing = rng.uniform(0.08, 0.3) if rng.random() < 0.25 and "_16" not in chosen and "beat" not in pattern else 0.0
    lead_in = rng.uniform(0.05, 1.5)
    # position in beats is the integral of a tempo that goes linearly from (1 - drift) to (1 + drift)
    clock = np.arange(0.0, seconds, 0.001)
    position = np.cumsum(tempo / 60.0 * (1 + drift * (2 * clock / seconds - 1))) * 0.001
    per_beat = int(str(pattern.get("beat", 4)))
    steps = max(len(str(value)) for key, value in pattern.items() if key not in _SETTINGS)
    mixer = _Mixer(seconds + 3.0, rng)
    chords = rng.choice([40, 43, 45, 47, 48, 50, 52], size=4)
    bass_line = not {"chord", "pluck", "strings"} & pattern.keys() and rng.random() < 0.6
    fills = rng.random() < 0.4
    human_s = rng.uniform(0.0, 0.008)
    beats = []
    total_steps = int(position[-1] * per_beat)
    for step in range(total_steps):
        in_bar, bar = step % steps, step // steps
        late = swing / 4 if in_bar % 4 == 2 else (swing / 8 if in_bar % 2 else 0.0)
        at = lead_in + float(np.interp(step / per_beat + late, position, clock))
        exact = lead_in + float(np.interp(step / per_beat, position, clock))
        if step % per_beat == 0 and exact < seconds:
            beats.append(exact)
        fill = fills and bar % 4 == 3 and in_bar >= steps - per_beat
        for instrument, line in pattern.items():
            strength = 0 if instrument in _SETTINGS else int(str(line)[in_bar])
            if fill and instrument == "snare":
                strength = 6
            if strength:
                when = at + rng.normal(0.0, human_s)
                mixer.play(instrument, when, strength / 9 * rng.uniform(0.85, 1.0), int(chords[bar % 4]), in_bar)
        if bass_line and in_bar % per_beat == 0 and rng.random() < 0.8:
            mixer.play("bass", at, 0.6, int(chords[bar % 4]) - 12, in_bar)
        if in_bar == 0 and mixer.pad_level and bar % 2 == 0:
            mixer.pad(at, 2 * steps / per_beat * 60.0 / tempo, int(chords[bar % 4]))
    return Rhythm(chosen, mixer.mixed(seconds), np.array(beats), tempo)


class _Mixer:
    """Renders instruments into one track."""

    def __init__(self, seconds: float, rng: np.random.Generator) -> None:
        self._rng = rng
        self._track = np.zeros(int(seconds * RATE_HZ))
        self._gain = {name: 10 ** (rng.uniform(-8, 2) / 20) for name in ("snare", "hat", "rim", "bass", "clap")}
        self._gain["ride"] = self._gain["shaker"] = 0.3
        self._gain["hat"] *= 0.35
        self._kick_hz = rng.uniform(45, 70)
        self._snare_hz = rng.uniform(160, 240)
        self._decay = rng.uniform(0.7, 1.4)
        self.pad_level = float(rng.uniform(0.05, 0.25)) if rng.random() < 0.5 else 0.0
        self._noise = 10 ** (rng.uniform(-75, -45) / 20)

    def play(self, instrument: str, at_s: float, strength: float, note: int, step: int) -> None:
        sound = self._voice(instrument, note, step) * strength * self._gain.get(instrument, 0.8)
        self._add(at_s, sound)

    def pad(self, at_s: float, seconds: float, note: int) -> None:
        t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
        tone = sum(np.sin(2 * np.pi * _hz(note + 12 + k) * t + k) for k in (0, 4, 7))
        vibrato = 1 + 0.2 * np.sin(2 * np.pi * 5.0 * t)
        edge = np.minimum(1.0, np.minimum(t, t[-1] - t) / 0.4)
        self._add(at_s, self.pad_level * tone * vibrato * edge / 3)

    def mixed(self, seconds: float) -> F32:
        sound = self._track[: int(seconds * RATE_HZ)]
        sound = sound + self._rng.normal(size=len(sound)) * self._noise
        result: F32 = (0.7 * sound / np.abs(sound).max()).astype(np.float32)
        return result

    def _add(self, at_s: float, sound: F64) -> None:
        start = max(0, round(at_s * RATE_HZ))
        end = min(len(self._track), start + len(sound))
        if end > start:
            self._track[start:end] += sound[: end - start]

    def _voice(self, instrument: str, note: int, step: int) -> F64:
        rng, decay = self._rng, self._decay
        if instrument == "kick":
            t = _time(0.35)
            phase = 2 * np.pi * (self._kick_hz * t + 4.0 * (1 - np.exp(-t * 35)))
            return np.sin(phase) * np.exp(-t * 12 / decay) + 0.2 * rng.normal(size=len(t)) * np.exp(-t * 300)
        if instrument == "snare":
            t = _time(0.25)
            noise = sosfilt(_SNARE_BAND, rng.normal(size=len(t)))
            return 0.8 * noise * np.exp(-t * 18 / decay) + 0.5 * np.sin(2 * np.pi * self._snare_hz * t) * np.exp(
                -t * 25
            )
        if instrument == "hat":
            t = _time(0.08)
            return sosfilt(_HAT_BAND, rng.normal(size=len(t))) * np.exp(-t * 60 / decay)
        if instrument == "clap":
            t = _time(0.15)
            bursts = sum(np.where(t >= late, np.exp(-(t - late) * 200), 0.0) for late in (0.0, 0.008, 0.016))
            return sosfilt(_SNARE_BAND, rng.normal(size=len(t))) * (0.6 * bursts + 0.4 * np.exp(-t * 25))
        if instrument in ("ride", "shaker"):
            t = _time(0.3 if instrument == "ride" else 0.06)
            ring = np.sin(2 * np.pi * 5200 * t + np.sin(2 * np.pi * 813 * t)) if instrument == "ride" else 0.0
            noise = sosfilt(_HAT_BAND, rng.normal(size=len(t)))
            return (
                (0.7 * noise + 0.3 * ring)
                * np.exp(-t * (12 if instrument == "ride" else 45))
                * np.minimum(1, t / 0.004)
            )
        if instrument == "strings":
            t = _time(0.9)
            tone = sum(np.sin(2 * np.pi * _hz(note + 12 + k) * h * t) / h for k in (0, 4, 7) for h in (1, 2, 3, 4))
            return 0.25 * np.asarray(tone) * np.minimum(1, t / 0.06) * np.minimum(1, (t[-1] - t) / 0.4)
        if instrument == "rim":
            t = _time(0.05)
            return np.sin(2 * np.pi * 1700 * t) * np.exp(-t * 120)
        if instrument == "bass":
            t = _time(0.4)
            return np.sign(np.sin(2 * np.pi * _hz(note) * t)) * 0.4 * np.exp(-t * 5) * np.minimum(1, t / 0.005)
        t = _time(1.2)
        picked = (0, 4, 7) if instrument == "chord" else ((0, 7, 12, 16, 19, 16, 12, 7)[step // 2 % 8],)
        tone = np.zeros(len(t))
        for offset in picked:
            for harmonic in range(1, 6):
                pitch = _hz(note + 12 + offset) * harmonic
                tone += np.sin(2 * np.pi * pitch * t) / harmonic**1.5 * np.exp(-t * (3 + harmonic) / decay)
        return 0.5 * tone * np.minimum(1, t / 0.004) / len(picked)


def _hz(note: int) -> float:
    return 440.0 * 2 ** ((note - 69) / 12)


def _time(seconds: float) -> F64:
    return np.arange(int(seconds * RATE_HZ)) / RATE_HZ


_SNARE_BAND = butter(2, (400, 9000), "bandpass", fs=RATE_HZ, output="sos")
_HAT_BAND = butter(2, 7000, "highpass", fs=RATE_HZ, output="sos")
