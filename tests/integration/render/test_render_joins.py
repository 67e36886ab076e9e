"""Transitions have exactly the frames of the plan, and nothing after them is late."""

from __future__ import annotations

import subprocess

import imageio_ffmpeg
import pytest

from reelprint.core.plan import Join, OutputSpec
from reelprint.core.shots import Direction, Easing, TransitionType
from reelprint.render.graph import Graph
from reelprint.render.joins import recount, render_join

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
OUTPUT = OutputSpec(width=64, height=36, frame_rate="30/1", frame_count=100)
KINDS: tuple[tuple[TransitionType, Direction | None], ...] = (
    ("dissolve", None), ("fade", "black"), ("fade", "white"), ("wipe", "down"), ("slide", "left"), ("whip", "up"),
    ("zoom", "in"), ("zoom", "out"),
)  # fmt: skip


def hashes(join: Join) -> list[str]:
    """Checksums of the joined frames: grey that tells its frame number on both sides, darker on the outgoing one."""
    graph = Graph()
    sides = [
        graph.chain(f"[{number}:v]", f"trim=end_frame={join.frames}", "format=yuv420p", *recount(OUTPUT))
        for number in (0, 1)
    ]
    pad = render_join(graph, join, *sides, OUTPUT)
    greys = [f"color=s=64x36:r=30,geq=lum='{base}+2*N':cb=128:cr=128" for base in (20, 140)]
    argv = [FFMPEG, "-v", "error", "-f", "lavfi", "-i", greys[0], "-f", "lavfi", "-i", greys[1], "-filter_complex",
            graph.text(), "-map", pad, "-fps_mode", "passthrough", "-f", "framemd5", "-"]  # fmt: skip
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.rpartition(",")[2].strip() for line in told if not line.startswith("#")]


@pytest.mark.parametrize(("kind", "direction"), KINDS)
@pytest.mark.parametrize("easing", ["linear", "ease-in", "ease-out", "ease-in-out"])
@pytest.mark.parametrize("frames", [2, 7, 20])
def test_a_join_has_its_frames(kind: TransitionType, direction: Direction | None, easing: Easing, frames: int) -> None:
    seen = hashes(Join(type=kind, frames=frames, easing=easing, direction=direction))
    assert len(seen) == frames


def test_the_incoming_side_of_a_zoom_is_in_time() -> None:
    frames = 20
    seen = hashes(Join(type="zoom", frames=frames, direction="in"))
    argv = [FFMPEG, "-v", "error", "-f", "lavfi", "-i", "color=s=64x36:r=30,geq=lum='140+2*N':cb=128:cr=128",
            "-frames:v", str(frames), "-pix_fmt", "yuv420p", "-f", "framemd5", "-"]  # fmt: skip
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    # Its mix is over at its end: the last frame is the incoming side's own, that of its very time.
    assert seen[-1] == told[-1].rpartition(",")[2].strip()
