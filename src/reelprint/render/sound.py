"""The sound track of a plan as ffmpeg filter graphs: one pass to measure, one to make it.

1. ``measure_graph`` joins the pieces and treats them, and ends in ffmpeg's BS.1770 meter.
2. ``gain_for`` turns the measured loudness into one linear gain (the fader in the chain and the limiter are all
   that changes dynamics).
3. ``final_graph`` is the same sound with that gain and a true-peak limiter. It ends in the same meter, so the run that
   makes the file also says how loud it became.
4. Where the limiter took loudness away (quiet, spiky footage to a loud target), ``corrected_gain_db`` gives the gain
   for one more run. Two corrections are enough: the loss is a smooth function of the gain.

Everything is counted in samples at 48 kHz, stereo; the result has exactly ``total_samples(plan)`` of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from reelprint.core.errors import PlanError, ProcessFailed
from reelprint.core.plan import AudioChain, AudioPlan, EditPlan, FaderKey
from reelprint.render.pieces import RATE_HZ, exact_length, joined_pieces, samples

BASS_SHELF_HZ, SHELF_Q = 180.0, 0.7
PRESENCE_HZ, PRESENCE_OCTAVES = 3200.0, 1.3
HIGHEST_GAIN_DB = 45.0
TOLERANCE_LU = 0.3
_LIMITER_HIGHEST_LOSS_DB = 12.0
# Down from four times the rate and through an encoder, peaks come back a little; this is what they may.
_CEILING_MARGIN_DB = 0.2


@dataclass(frozen=True)
class Loudness:
    """What ffmpeg's ebur128 filter says at the end. ``integrated_lufs`` is None when everything was gated out."""

    integrated_lufs: float | None
    range_lu: float
    true_peak_dbtp: float


def total_samples(plan: EditPlan) -> int:
    """Samples per channel of the finished sound: the picture's length, rounded to the nearest sample."""
    return samples(Fraction(plan.output.frame_count) / plan.output.rate)


def measure_graph(plan: EditPlan, *, source: str = "0:a:0", first_frame_s: float = 0.0) -> str:
    """Graph from ``[source]`` to ``[measured]``; run it to the null muxer and give stderr to ``parse_measurement``.

    ``first_frame_s``: when the source's first picture is shown on ffmpeg's clock (which starts with the earliest
    stream).
    Raises PlanError for a plan without sound.
    """
    return f"{_treated(plan, source, first_frame_s)},{_METER}[measured]"


def final_graph(plan: EditPlan, gain_db: float, *, source: str = "0:a:0", first_frame_s: float = 0.0) -> str:
    """Graph from ``[source]`` to ``[sound]``: the treated sound with a gain, limited to the plan's true-peak ceiling.

    It also ends in the meter, so stderr tells the result's loudness. Raises PlanError for a plan without sound.
    """
    chain = _audio(plan).chain
    count = total_samples(plan)
    # Limiting at four times the rate is limiting the true peak (BS.1770-4 annex 2). The limiter looks 5 ms ahead and
    # takes that delay back itself (latency); its own make-up gain is off (level).
    limit = 10.0 ** ((chain.true_peak_dbtp - _CEILING_MARGIN_DB) / 20.0)
    return (
        f"{_treated(plan, source, first_frame_s)},volume={gain_db:.4f}dB:precision=double,"
        f"aresample={4 * RATE_HZ},alimiter=limit={limit:.6f}:attack=5:release=80:level=false:latency=true,"
        f"aresample={RATE_HZ},{exact_length(count)},{_METER},aformat=sample_fmts=fltp[sound]"
    )


def gain_for(chain: AudioChain, measured: Loudness) -> float:
    """The gain in dB that brings the measured sound to the chain's target.

    0 without a target or for silence; at most +45 dB: 30 for the footage (the plan asks for no more) and 15 that a
    fader can take away.
    """
    if chain.target_lufs is None or measured.integrated_lufs is None:
        return 0.0
    return min(HIGHEST_GAIN_DB, chain.target_lufs - measured.integrated_lufs)


def corrected_gain_db(chain: AudioChain, gain_db: float, measured: Loudness, result: Loudness) -> float | None:
    """The gain for another run, or None when the result is within 0.3 LU of the target or no gain would help.

    ``measured`` is the sound before gain and limiter, ``result`` the one after them. The limiter's loss grows with
    the gain, so the missing loudness is scaled by how much of the last gain arrived; at most 12 dB more than the
    plain gain.
    """
    if chain.target_lufs is None or measured.integrated_lufs is None or result.integrated_lufs is None:
        return None
    plain = gain_for(chain, measured)
    missing = measured.integrated_lufs + plain - result.integrated_lufs
    if abs(missing) <= TOLERANCE_LU:
        return None
    loss = measured.integrated_lufs + gain_db - result.integrated_lufs
    # the more the limiter already takes, the less of each further decibel arrives
    stretch = 1.0 + min(2.0, max(0.0, loss) / 4.0)
    wanted = min(gain_db + missing * stretch, plain + _LIMITER_HIGHEST_LOSS_DB)
    return wanted if abs(wanted - gain_db) > 0.05 else None


def parse_measurement(stderr: str) -> Loudness:
    """Read the summary of the last ebur128 filter in ffmpeg's log (level info). Raises ProcessFailed without one."""
    summary = stderr.rpartition("Summary:")[2]
    found = {
        name: re.search(pattern, summary)
        for name, pattern in (
            ("integrated", r"I:\s+(\S+) LUFS"),
            ("range", r"LRA:\s+(\S+) LU\b"),
            ("peak", r"Peak:\s+(\S+) dBFS"),
        )
    }
    values = {name: float(match.group(1)) for name, match in found.items() if match is not None}
    if not stderr.count("Summary:") or len(values) != len(found):
        raise ProcessFailed("The sound could not be measured.", detail=stderr[-2000:])
    # -70 is the meter's absolute gate: nothing was over it
    integrated = values["integrated"] if values["integrated"] > -70.0 else None
    return Loudness(integrated, values["range"], max(values["peak"], -200.0))


_METER = "ebur128=peak=true:framelog=quiet"


def _audio(plan: EditPlan) -> AudioPlan:
    if plan.audio is None:
        raise PlanError("The plan has no sound.")
    return plan.audio


def _treated(plan: EditPlan, source: str, first_frame_s: float) -> str:
    """Pieces joined, then the chain, at exactly the plan's length; ends without a label."""
    audio = _audio(plan)
    filters = [*_chain(audio.chain), exact_length(total_samples(plan))]
    return joined_pieces(audio.pieces, source, first_frame_s) + ",".join(filters)


def _chain(chain: AudioChain) -> list[str]:
    """High-pass, bass shelf, presence bell, fader: each only if it does something."""
    filters = []
    if chain.highpass_hz is not None:
        filters.append(f"highpass=f={chain.highpass_hz:g}:poles=2")
    if chain.bass_gain_db:
        filters.append(f"lowshelf=g={chain.bass_gain_db:g}:f={BASS_SHELF_HZ:g}:width_type=q:w={SHELF_Q:g}")
    if chain.presence_gain_db:
        bell = f"f={PRESENCE_HZ:g}:width_type=o:w={PRESENCE_OCTAVES:g}"
        filters.append(f"equalizer={bell}:g={chain.presence_gain_db:g}")
    if chain.fader:
        # one gain for each 10 ms; a step is at most a tenth of a decibel, which is not heard
        filters.append(f"asetnsamples=n={RATE_HZ // 100}:p=0")
        filters.append(f"volume=volume='{_fader_expression(chain.fader)}':eval=frame:precision=double")
        filters.append(f"asetnsamples=n={RATE_HZ}:p=0")
    return filters


def _fader_expression(keys: Sequence[FaderKey]) -> str:
    """Linear gain as an ffmpeg expression of ``t``: a binary tree, so that hundreds of keys stay cheap."""

    def tree(first: int, last: int) -> str:
        """Between the keys ``first`` and ``last``."""
        if last - first == 1:
            start, end = keys[first], keys[last]
            slope = (end.gain_db - start.gain_db) / (end.time_s - start.time_s)
            return f"{start.gain_db:.2f}{slope:+.4f}*(t-{start.time_s:.2f})"
        middle = (first + last) // 2
        return f"if(lt(t,{keys[middle].time_s:.2f}),{tree(first, middle)},{tree(middle, last)})"

    if len(keys) == 1:
        return f"pow(10,{keys[0].gain_db / 20.0:.5f})"
    return f"pow(10,({tree(0, len(keys) - 1)})/20)"
