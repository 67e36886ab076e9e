"""Frames: exactly as many as planned, the right ones, the same however a plan is cut into chunks."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from reelprint.adapters.media.probe import probe
from reelprint.core.plan import EditPlan, Join
from tests.integration.render.films import HEIGHT, WIDTH, decoded, edit, film, frames, numbered, numbers

SOURCES = {
    "10": ("10", 60), "12.5": ("25/2", 75), "23.976": ("24000/1001", 140), "24": ("24", 140), "25": ("25", 150),
    "29.97": ("30000/1001", 180), "60": ("60", 360),
}  # fmt: skip
VFR = "settb=1/90000,setpts='N*3000+900*sin(N*1.7)+if(gt(N,60),9000,0)'"


def _source(name: str, folder: Path) -> Path:
    if name == "vfr":
        extra = ("-fps_mode", "passthrough", "-enc_time_base", "1/90000")
        return numbered(folder / "vfr.mp4", "30", 180, VFR, extra=extra)
    if name == "late.mkv":
        return numbered(folder / "late.mkv", "24000/1001", 140, extra=("-output_ts_offset", "3.5"))
    rate, count = SOURCES[name]
    return numbered(folder / f"{name}.mp4", rate, count)


def _plan(source: Path, rate: str) -> EditPlan:
    """A long piece, one with held ends and a dissolve, one that the film is too short for, one before all others."""
    media = probe(source)
    return edit(
        media,
        [
            {"frames": 70, "source_start_s": 0.0},
            {"frames": 40, "source_start_s": 1.0, "head_hold": 4, "tail_hold": 3},
            {"frames": 25, "source_start_s": media.video.duration_s - 0.3},
            {"frames": 12, "source_start_s": 0.5},
        ],
        [Join(), Join(type="dissolve", frames=8), Join()],
        rate=rate,
    )


@pytest.mark.parametrize("name", [*SOURCES, "vfr", "late.mkv"])
@pytest.mark.parametrize("rate", ["24/1", "30000/1001", "60/1"])
def test_every_segment_yields_exactly_its_frames(name: str, rate: str, tmp_path: Path) -> None:
    source = _source(name, tmp_path)
    plan = _plan(source, rate)
    seen = numbers(frames(plan, source, tmp_path / "work")[:, :HEIGHT])
    assert len(seen) == plan.output.frame_count
    if name != "vfr":
        # The frame on screen in the middle of the output frame, give or take the rounding of exact halves.
        per_frame = float(probe(source).video.rate / Fraction(rate))
        assert all(abs(number - (at * per_frame + per_frame / 2 - 0.5)) <= 1 for at, number in enumerate(seen[:70]))
    assert len(set(seen[70:75])) == 1, "the head is held"
    assert len(set(seen[-20:-13])) == 1, "the last frame stands when the source ends"


@pytest.mark.parametrize("name", ["23.976", "24", "25", "29.97", "60", "late.mkv"])
def test_chunks_show_the_same_frames_as_one_piece(name: str, tmp_path: Path) -> None:
    source = _source(name, tmp_path)
    plan = _plan(source, "30/1")
    whole = frames(plan, source, tmp_path / "whole")
    assert (frames(plan, source, tmp_path / "parts", target=25) == whole).all()


def test_equal_rates_at_the_worst_phase_neither_repeat_nor_lose_a_frame(tmp_path: Path) -> None:
    source = numbered(tmp_path / "ms.mkv", "30000/1001", 150)  # Matroska rounds time stamps to milliseconds
    half_frame_s = float(Fraction(1001, 60000))
    plan = edit(probe(source), [{"frames": 100, "source_start_s": 1.0 + half_frame_s}], rate="30000/1001")
    seen = numbers(frames(plan, source, tmp_path / "work")[:, :HEIGHT])
    assert seen == list(range(seen[0], seen[0] + 100))


@pytest.mark.parametrize("container", ["mp4", "mov", "webm"])
def test_the_joined_film_has_a_constant_rate_and_every_frame(container: str, tmp_path: Path) -> None:
    source = _source("29.97", tmp_path)
    segments = [{"frames": 20, "source_start_s": start / 10} for start in range(9)]
    plan = edit(probe(source), segments, rate="24000/1001", container=container)
    out = film(plan, source, tmp_path / "work", target=20)
    with av.open(str(out)) as opened:
        video = opened.streams.video[0]
        stamps = sorted(packet.pts for packet in opened.demux(video) if packet.pts is not None)
        base = video.time_base
    assert len(stamps) == 180
    assert base is not None
    steps = {Fraction(after - before) * base for before, after in pairwise(stamps)}
    if container == "webm":  # whole milliseconds
        assert all(abs(step - Fraction(1001, 24000)) <= Fraction(1, 1000) for step in steps)
    else:
        assert steps == {Fraction(1001, 24000)}
        assert stamps[0] == 0


def test_the_same_plan_gives_the_same_decoded_frames(tmp_path: Path) -> None:
    source = _source("25", tmp_path)
    plan = _plan(source, "30/1")
    first, second = (film(plan, source, tmp_path / name, target=60) for name in ("a", "b"))
    assert (decoded(first, (WIDTH, HEIGHT)) == decoded(second, (WIDTH, HEIGHT))).all()
    assert len(decoded(first, (WIDTH, HEIGHT))) == plan.output.frame_count
