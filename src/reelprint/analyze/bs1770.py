"""A loudness meter fed block by block: ITU-R BS.1770-4, EBU Tech 3341 (timing) and EBU Tech 3342 (range).

Only one number per 100 ms is kept, so an hour of sound takes a few hundred kilobytes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

RATE_HZ = 48_000
#: BS.1770-4 tables 1 and 2: the head's high shelf, then the RLB high-pass, at 48 kHz.
K_WEIGHTING: F64 = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)
HOP = RATE_HZ // 10
ABSOLUTE_GATE_LUFS = -70.0
_OFFSET_LU = -0.691  # BS.1770-4: makes a 0 dBFS 997 Hz sine in one channel read -3.01 LUFS


class HopEnergies:
    """Mean square per 100 ms, summed over the channels, of a signal that arrives in blocks of any length.

    The last hop may be incomplete; it counts with the mean of what is there once it is at least half full.
    """

    def __init__(self) -> None:
        self._values: list[F64] = []
        self._rest: F64 = np.zeros(0)

    def feed(self, power: F64) -> None:
        """``power``: (n,) sum of squared samples over the channels."""
        joined = np.concatenate([self._rest, power])
        whole = len(joined) // HOP
        self._values.append(joined[: whole * HOP].reshape(whole, HOP).mean(axis=1))
        self._rest = joined[whole * HOP :]

    def values(self) -> F64:
        """(hops,) mean squares; at least one hop as soon as there was any sample."""
        parts = list(self._values)
        if len(self._rest) >= HOP // 2 or (len(self._rest) and not sum(map(len, parts))):
            parts.append(np.array([self._rest.mean()]))
        return np.concatenate(parts) if parts else np.zeros(0)


#: BS.1770-4 table 3: channels behind or beside the listener; low-frequency effects do not count. Names as ffmpeg's.
SURROUND_WEIGHT = 10.0**0.15
_SURROUND = frozenset({"BL", "BR", "BC", "SL", "SR", "TBL", "TBC", "TBR", "SDL", "SDR", "TSL", "TSR"})
_LOW_FREQUENCY = frozenset({"LFE", "LFE2"})
_FRONT = frozenset({"FL", "FR", "FC", "FLC", "FRC", "WL", "WR", "DL", "DR", "TC", "TFL", "TFC", "TFR"})
CHANNEL_NAMES = _FRONT | _SURROUND | _LOW_FREQUENCY


def channel_weights(names: Sequence[str]) -> tuple[float, ...]:
    """The weight of each channel in loudness, by its name."""
    return tuple(0.0 if name in _LOW_FREQUENCY else SURROUND_WEIGHT if name in _SURROUND else 1.0 for name in names)


class SurroundMeter:
    """Loudness and true peak of a sound of more than two channels, measured while it is decoded.

    The stereo that the rest is measured on is a mix of it, which is not as loud: how much less depends on what the
    channels have in common. Takes blocks as a shelf does and keeps one number per 100 ms.
    """

    rate_hz = RATE_HZ

    def __init__(self, names: Sequence[str]) -> None:
        self.channels, self.count = len(names), 0
        self.loudness = LoudnessMeter(channel_weights(names))
        self.peak = TruePeakMeter(len(names))

    def add(self, block: F32) -> None:
        """Take the next samples, (n, channels)."""
        self.count += len(block)
        self.loudness.feed(block)
        self.peak.feed(block)

    def seal(self) -> None:
        """Nothing follows."""


class LoudnessMeter:
    """K-weights (n, channels) float32 blocks at 48 kHz and answers in LUFS and LU.

    ``weights``: one for each channel (BS.1770-4 table 3): 1 for left, right and centre, see ``channel_weights``.
    """

    def __init__(self, weights: Sequence[float]) -> None:
        self._weights: F64 = np.array(weights)
        self._state = np.zeros((len(K_WEIGHTING), len(weights), 2))
        self._hops = HopEnergies()

    def feed(self, block: F32) -> None:
        """Take the next samples, (n, channels)."""
        weighted, self._state = scipy.signal.sosfilt(K_WEIGHTING, block.T.astype(np.float64), axis=1, zi=self._state)
        self._hops.feed(np.einsum("c,cn,cn->n", self._weights, weighted, weighted))

    def hop_lufs(self) -> F64:
        """Loudness of every 100 ms by itself."""
        return to_lufs(self._hops.values())

    def momentary_lufs(self) -> F64:
        """Loudness of every 400 ms window, one per 100 ms."""
        return to_lufs(_windows(self._hops.values(), 4))

    def integrated_lufs(self) -> float | None:
        """Programme loudness with the absolute (-70 LUFS) and relative (-10 LU) gates; None if all is gated out.

        Shorter sounds than 400 ms are one window.
        """
        energy = _windows(self._hops.values(), 4)
        energy = energy[to_lufs(energy) > ABSOLUTE_GATE_LUFS]
        if not len(energy):
            return None
        gate = to_lufs(energy.mean(keepdims=True))[0] - 10.0
        return float(to_lufs(energy[to_lufs(energy) > gate].mean(keepdims=True))[0])

    def range_lu(self) -> float:
        """Loudness range, EBU Tech 3342: 10th to 95th percentile of the gated (-70 LUFS, -20 LU) short-term loudness.

        0 for less than 3 s of sound above the gate.
        """
        energy = _windows(self._hops.values(), 30)
        energy = energy[to_lufs(energy) > ABSOLUTE_GATE_LUFS]
        if not len(energy):
            return 0.0
        gate = to_lufs(energy.mean(keepdims=True))[0] - 20.0
        loud = to_lufs(energy)
        low, high = np.percentile(loud[loud >= gate], (10, 95), method="nearest")
        return float(high - low)

    def audible_share(self) -> F64:
        """(hops,) bool as float: 1 where the 400 ms around a 100 ms hop pass the absolute gate."""
        hops = self._hops.values()
        around = np.convolve(hops, np.ones(4) / 4, mode="same") if len(hops) >= 4 else hops
        return (to_lufs(around) > ABSOLUTE_GATE_LUFS).astype(np.float64)


def to_lufs(mean_square: F64) -> F64:
    """Loudness of K-weighted mean squares; silence is -200."""
    floor = 10.0 ** ((-200.0 - _OFFSET_LU) / 10.0)
    loudness: F64 = _OFFSET_LU + 10.0 * np.log10(np.maximum(mean_square, floor))
    return loudness


def _windows(hops: F64, length: int) -> F64:
    """Means over ``length`` consecutive hops; a signal shorter than that is one window."""
    if len(hops) < length:
        return hops.mean(keepdims=True) if len(hops) and length <= 4 else np.zeros(0)
    total = np.concatenate([[0.0], np.cumsum(hops)])
    means: F64 = (total[length:] - total[:-length]) / length
    return means


class TruePeakMeter:
    """True peak of (n, channels) blocks at 48 kHz by fourfold oversampling (BS.1770-4 annex 2).

    The interpolator is the recommendation's kind (polyphase FIR), a little longer (4 x 24 taps, Kaiser) for a flat
    pass band up to 20 kHz. A stretch whose sample peak times the filter's largest possible gain stays under the
    maximum found so far cannot hold it, and is skipped: the answer is the same, the cost a twentieth.
    """

    _FACTOR = 4
    _TAPS = 24
    _STRETCH = 1024

    def __init__(self, channels: int) -> None:
        half = self._TAPS * self._FACTOR // 2
        grid = np.arange(-half, half + 1) / self._FACTOR
        kernel = np.sinc(grid) * np.kaiser(2 * half + 1, 7.0)
        # phases[p, k]: weight of input sample k for the output p quarters of a sample after the window's middle
        self._phases: F64 = np.stack([kernel[p : p + self._TAPS * self._FACTOR : self._FACTOR][::-1] for p in range(4)])
        self._phases /= self._phases.sum(axis=1, keepdims=True)
        self._gain = float(np.abs(self._phases).sum(axis=1).max())
        self._tail: F32 = np.zeros((self._TAPS, channels), np.float32)
        self._peak = 0.0

    def feed(self, block: F32) -> None:
        """Take the next samples, (n, channels)."""
        joined = np.concatenate([self._tail, block])
        self._peak = max(self._peak, float(np.abs(block).max(initial=0.0)))
        self._search(joined)
        self._tail = joined[-self._TAPS :]

    def _search(self, joined: F32) -> None:
        count = len(joined) - self._TAPS
        starts = np.arange(0, max(count, 0), self._STRETCH)
        if not len(starts):
            return
        size = np.abs(joined).max(axis=1)
        # a stretch of outputs sees its own samples and one filter length more
        peaks = np.maximum.reduceat(size[: starts[-1] + self._STRETCH], starts)
        peaks = np.maximum(peaks, np.append(peaks[1:], size[starts[-1] :].max()))
        for position in np.argsort(-peaks):
            if peaks[position] * self._gain <= self._peak:
                break
            piece = joined[starts[position] : starts[position] + self._STRETCH + self._TAPS].astype(np.float64)
            windows = np.lib.stride_tricks.sliding_window_view(piece, self._TAPS, axis=0)
            self._peak = max(self._peak, float(np.abs(windows @ self._phases.T).max()))

    def dbtp(self) -> float:
        """Highest true peak so far, dBTP; -200 for digital silence."""
        return 20.0 * math.log10(max(self._peak, 1e-10))
