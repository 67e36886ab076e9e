"""Sounds with known properties, and evidence that holds nothing but sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from reelprint.analyze.evidence import F32, Evidence, Sound
from tests.evidence import MemorySamples, memory_evidence

RATE_HZ = 48_000


def memory_sound(master: F32, mono: F32 | None = None) -> Evidence:
    """Evidence of a black film with this sound: (n, 1 or 2) at 48 kHz and (n, 1) at 16 kHz, made from it if absent."""
    if mono is None:
        mono = resample_poly(master.mean(axis=1), 1, 3).astype(np.float32)[:, None]
    black = memory_evidence(np.zeros((2, 16, 16, 3), np.uint8), 1.0)
    sound = Sound(MemorySamples(master.astype(np.float32), RATE_HZ), MemorySamples(mono, 16_000))
    return replace(black, duration_s=len(master) / RATE_HZ, sound=sound)


def sine(frequency_hz: float, seconds: float, dbfs: float, channels: int = 1) -> F32:
    """A sine whose peak has that level."""
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave = 10 ** (dbfs / 20) * np.sin(2 * np.pi * frequency_hz * time)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def noise(seconds: float, rms_dbfs: float, seed: int = 0) -> F32:
    """White noise in one channel."""
    samples = np.random.default_rng(seed).normal(size=(round(seconds * RATE_HZ), 1))
    return (10 ** (rms_dbfs / 20) * samples).astype(np.float32)


def pink(seconds: float, rms_dbfs: float, seed: int = 0) -> F32:
    """Pink noise in one channel, shaped in the frequency domain."""
    count = round(seconds * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=count))
    frequency = np.maximum(np.fft.rfftfreq(count, 1 / RATE_HZ), 20.0)
    wave = np.fft.irfft(spectrum / np.sqrt(frequency), count)
    return (10 ** (rms_dbfs / 20) * wave / wave.std()).astype(np.float32)[:, None]


def hit(frequency_hz: float, seconds: float, decay: float) -> NDArray[np.float64]:
    """A struck tone."""
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return np.sin(2 * np.pi * frequency_hz * time) * np.exp(-time * decay)


def drums(tempo_bpm: float, seconds: float, start_s: float = 0.4, seed: int = 0) -> tuple[F32, NDArray[np.float64]]:
    """A backbeat (kick 1 and 3, snare 2 and 4, hi-hat on eighths) in one channel, and its beat times."""
    random = np.random.default_rng(seed)
    track = np.zeros(round((seconds + 1) * RATE_HZ))
    crash = np.diff(random.normal(size=4801)) * np.exp(-np.arange(4800) / 700)
    rattle = random.normal(size=9600) * np.exp(-np.arange(9600) / 2000)

    def play(at_s: float, sound: NDArray[np.float64]) -> None:
        first = round(at_s * RATE_HZ)
        track[first : first + len(sound)] += sound

    beats = np.arange(start_s, seconds - 0.5, 60.0 / tempo_bpm)
    for number, beat in enumerate(beats):
        play(beat, 0.8 * hit(60, 0.3, 14) if number % 2 == 0 else 0.25 * rattle)
        play(beat, 0.05 * crash)
        play(beat + 30.0 / tempo_bpm, 0.05 * crash)
    track += random.normal(size=len(track)) * 1e-4
    return track[: round(seconds * RATE_HZ), None].astype(np.float32), beats
