"""The graphs are run by the real ffmpeg: clicks planted at known samples have to come out where the plan says."""

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import imageio_ffmpeg
import numpy as np
import pytest

from reelprint.core.errors import PlanError, ProcessFailed
from reelprint.core.plan import AudioChain, AudioPiece, AudioPlan, EditPlan, FaderKey, OutputSpec
from reelprint.render.pieces import samples
from reelprint.render.sound import (
    Loudness,
    corrected_gain_db,
    final_graph,
    gain_for,
    measure_graph,
    parse_measurement,
    total_samples,
)
from tests.sounds import RATE_HZ, noise, pink, sine

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
PLAIN = AudioChain()


def plan(pieces: list[AudioPiece], frames: int, rate: str = "30/1", chain: AudioChain = PLAIN) -> EditPlan:
    output = OutputSpec(width=2, height=2, frame_rate=rate, frame_count=frames)
    return cast(EditPlan, SimpleNamespace(audio=AudioPlan(pieces=tuple(pieces), chain=chain), output=output))


def write(path: Path, sound: np.ndarray, channels: int = 1) -> Path:
    command = [FFMPEG, "-v", "error", "-y", "-f", "f32le", "-ar", "48000", "-ac", str(channels), "-i", "-"]
    subprocess.run([*command, "-c:a", "pcm_f32le", path], input=sound.astype(np.float32).tobytes(), check=True)
    return path


def run(source: Path, graph: str, label: str) -> tuple[np.ndarray, str]:
    script = source.with_suffix(".graph")
    script.write_text(graph)
    command = [FFMPEG, "-hide_banner", "-nostats", "-i", source, "-/filter_complex", script, "-map", f"[{label}]"]
    done = subprocess.run([*command, "-f", "f32le", "-"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-1500:]
    return np.frombuffer(done.stdout, np.float32).reshape(-1, 2), done.stderr.decode()


def rendered(source: Path, edit: EditPlan) -> tuple[np.ndarray, Loudness, int]:
    assert edit.audio is not None
    measured = parse_measurement(run(source, measure_graph(edit), "measured")[1])
    gain = gain_for(edit.audio.chain, measured)
    runs, better = 0, gain
    while better is not None and runs < 3:
        gain, runs = better, runs + 1
        sound, log = run(source, final_graph(edit, gain), "sound")
        better = corrected_gain_db(edit.audio.chain, gain, measured, parse_measurement(log))
    return sound, parse_measurement(log), runs


@pytest.fixture(scope="module")
def clicks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    random = np.random.default_rng(7)
    at = np.sort(random.choice(200, 60, replace=False)) * 4800 + random.integers(100, 4000, 60)
    sound = noise(20.0, -70)
    sound[at] = 0.5
    return write(tmp_path_factory.mktemp("sound") / "clicks.wav", sound), at


def test_pieces_land_on_their_sample(clicks: tuple[Path, np.ndarray]):
    source, at = clicks
    random = np.random.default_rng(8)
    pieces, time = [], 0.3
    for _ in range(24):
        length, start = float(random.uniform(0.2, 1.2)), float(random.uniform(0, 18.5))
        pieces.append(
            AudioPiece(start_s=time, source_start_s=start, duration_s=length, fade_in_s=0.01, fade_out_s=0.02)
        )
        time += length + float(random.choice([0.0, 0.0, -0.08, 0.25]))
    edit = plan(pieces, int(time * 30) + 20, "30000/1001")
    sound, _ = run(source, final_graph(edit, 0.0), "sound")
    assert len(sound) == total_samples(edit)
    checked = 0
    for piece in pieces:
        inside = at / RATE_HZ - piece.source_start_s
        for offset in inside[(inside > 0.02) & (inside < piece.duration_s - 0.03)]:
            expected = samples(piece.start_s + float(offset))
            window = np.abs(sound[expected - 200 : expected + 200, 0])
            assert abs(int(window.argmax()) - 200) <= 2
            assert window.max() > 0.2
            checked += 1
    assert checked > 20


@pytest.mark.parametrize(("frames", "rate"), [(1, "24/1"), (100, "24000/1001"), (601, "30000/1001"), (1000, "60/1")])
def test_the_length_is_exact_even_past_the_sources_end(clicks: tuple[Path, np.ndarray], frames: int, rate: str):
    source, _ = clicks
    pieces = [
        AudioPiece(start_s=0, source_start_s=10, duration_s=8),
        AudioPiece(start_s=8, source_start_s=25, duration_s=2),
    ]
    edit = plan(pieces, frames, rate)
    sound, _ = run(source, final_graph(edit, 0.0), "sound")
    seconds = edit.output.frame_count / edit.output.rate
    assert abs(len(sound) - float(seconds * RATE_HZ)) <= 1
    assert np.abs(sound[10 * RATE_HZ :]).max(initial=0.0) < 1e-6


def test_three_hundred_pieces(clicks: tuple[Path, np.ndarray]):
    source, _ = clicks
    pieces = [
        AudioPiece(start_s=n * 0.05, source_start_s=n * 0.065, duration_s=0.05, fade_in_s=0.002, fade_out_s=0.002)
        for n in range(300)
    ]
    edit = plan(pieces, 450)
    assert len(run(source, final_graph(edit, 0.0), "sound")[0]) == 15 * RATE_HZ


def test_late_sound_stays_late(tmp_path: Path):
    film = tmp_path / "late.mov"
    click = "aevalsrc='if(lt(mod(t,1),0.0005),0.9,0)':s=44100:d=4"
    picture = "color=s=64x64:r=30:d=5"
    subprocess.run(
        [FFMPEG, "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-itsoffset", "0.5", "-f", "lavfi", "-i", click,
         "-c:a", "pcm_s16le", film], check=True)  # fmt: skip
    edit = plan([AudioPiece(start_s=0, source_start_s=0.2, duration_s=3)], 90)
    sound, _ = run(film, final_graph(edit, 0.0), "sound")
    onset = np.flatnonzero(np.abs(sound[:, 0]) > 0.1)
    assert onset[0] / RATE_HZ == pytest.approx(0.3, abs=0.001)
    assert len(sound) == 3 * RATE_HZ


@pytest.mark.parametrize("target", [-14.0, -23.0])
@pytest.mark.parametrize("level", [-50.0, -20.0])
def test_loudness_hits_the_target_under_the_ceiling(tmp_path: Path, target: float, level: float):
    sound = pink(12.0, level)
    sound[:: RATE_HZ // 2] += 10 ** (level / 20) * 12  # high crest: the limiter has to work
    source = write(tmp_path / "pink.wav", sound)
    chain = AudioChain(
        highpass_hz=35,
        bass_gain_db=3,
        fader=(FaderKey(time_s=0, gain_db=-3), FaderKey(time_s=12, gain_db=3)),
        target_lufs=target,
    )
    _, result, runs = rendered(source, plan([AudioPiece(start_s=0, source_start_s=0, duration_s=12)], 360, chain=chain))
    assert result.integrated_lufs == pytest.approx(target, abs=0.5)
    assert result.true_peak_dbtp <= -0.9
    assert runs <= 3


@pytest.mark.parametrize("starts", [[(0.0, 0.0, 12.0)], [(0.0, 7.5, 12.0)], [(0.0, 5.0, 4.0), (4.0, 1.0, 8.0)]])
def test_the_fader_moves_in_straight_lines_between_its_keys(tmp_path: Path, starts: list[tuple[float, float, float]]):
    source = write(tmp_path / "tone.wav", sine(1000, 20, -20))
    pieces = [AudioPiece(start_s=at, source_start_s=source_at, duration_s=length) for at, source_at, length in starts]
    keys = [(0.5, 0.0), (2.0, -9.0), (5.25, 6.0), (5.75, 6.0), (11.0, -3.0)]
    chain = AudioChain(fader=tuple(FaderKey(time_s=time, gain_db=gain) for time, gain in keys))
    edit = plan(pieces, 360, chain=chain)
    sound, _ = run(source, final_graph(edit, 0.0), "sound")
    rms = np.sqrt(np.mean(sound[: 12 * RATE_HZ, 0].reshape(-1, RATE_HZ // 20) ** 2, axis=1))
    middle = (np.arange(len(rms)) + 0.5) / 20
    inside = (middle > 0.6) & (middle < 10.9)
    change = 20 * np.log10(rms) - np.interp(middle, *zip(*keys, strict=True))
    assert np.ptp(change[inside]) < 0.2


def test_near_silence_is_not_blown_up(tmp_path: Path):
    source = write(tmp_path / "hiss.wav", pink(6.0, -68))
    chain = AudioChain(target_lufs=-14)
    _, result, _ = rendered(source, plan([AudioPiece(start_s=0, source_start_s=0, duration_s=6)], 180, chain=chain))
    assert result.integrated_lufs is not None
    assert result.integrated_lufs < -20


def test_digital_silence_has_no_gain(tmp_path: Path):
    source = write(tmp_path / "silent.wav", np.zeros(RATE_HZ * 2))
    edit = plan([AudioPiece(start_s=0, source_start_s=0, duration_s=2)], 60, chain=AudioChain(target_lufs=-14))
    sound, result, runs = rendered(source, edit)
    assert (result.integrated_lufs, runs) == (None, 1)
    assert not sound.any()


def test_errors_say_what_is_wrong():
    with pytest.raises(ProcessFailed):
        parse_measurement("Conversion failed!")
    with pytest.raises(PlanError):
        measure_graph(cast(EditPlan, SimpleNamespace(audio=None)))
    with pytest.raises(PlanError):
        measure_graph(plan([AudioPiece(start_s=0, source_start_s=0, duration_s=1e-6)], 30))
