"""The main job on the demo pair: closer to the template, the same film twice, nothing left when it is stopped."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import imageio_ffmpeg
import opentimelineio as otio
import pytest

from tests.conftest import Cli

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()

EXAMPLES = Path(__file__).parents[2] / "examples"
TEMPLATE = EXAMPLES / "bbb_trailer_33s.webm"


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of the demo footage with two cuts in them."""
    path = tmp_path_factory.mktemp("pair") / "footage.mkv"
    source = EXAMPLES / "tos_battle_36s.webm"
    subprocess.run([FFMPEG, "-v", "error", "-i", source, "-t", "10", "-c", "copy", path], check=True)
    return path


def frame_hashes(path: Path) -> list[str]:
    with av.open(str(path)) as film:
        return [hashlib.md5(frame.to_ndarray().tobytes()).hexdigest() for frame in film.decode(video=0)]


def test_the_result_comes_closer_to_the_template(cli: Cli, footage: Path, tmp_path: Path) -> None:
    out = tmp_path / "film.mp4"
    done = cli("apply", footage, "--like", TEMPLATE, "-o", out, "--quality", "draft", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    closure = said["closure"]
    assert closure["after"] < 0.8 * closure["before"]
    assert closure["closed"] == pytest.approx(1 - closure["after"] / closure["before"], abs=1e-3)
    for field in ("cut_frequency", "color_grade", "look", "integrated_lufs"):
        assert closure["fields"][field]["after"] < closure["fields"][field]["before"], field
    plan = json.loads(Path(said["plan"]).read_text())
    timeline = otio.adapters.read_from_file(said["timeline"])
    seconds = plan["output"]["frame_count"] / 24
    assert timeline.tracks[0].duration().to_seconds() == pytest.approx(seconds, abs=1e-6)
    assert Path(said["look"]).read_text().count("\n") >= 33**3
    style = json.loads(Path(said["style"]).read_text())
    assert style["details"]["closure"] == closure


def test_same_inputs_and_seed_give_the_same_plan_and_frames(cli: Cli, footage: Path, tmp_path: Path) -> None:
    plans, frames = [], []
    for name in ("first", "second"):
        out = tmp_path / f"{name}.mp4"
        given = ("--preset", "punchy-social", "--quality", "draft", "--seed", "7")
        done = cli("apply", footage, *given, "-o", out, "--json")
        assert done.returncode == 0, done.stderr
        plans.append(Path(json.loads(done.stdout)["plan"]).read_bytes())
        frames.append(frame_hashes(out))
    assert plans[0] == plans[1]
    assert frames[0] == frames[1]


def test_a_film_seen_before_is_not_analysed_again(cli: Cli, footage: Path) -> None:
    cli("extract", footage)
    again = cli("extract", footage)
    assert "listening" not in again.stderr
    assert again.returncode == 0


@pytest.mark.parametrize("delay_s", [1.5, 4.0])
def test_an_interrupt_leaves_no_file_and_no_process(
    footage: Path, tmp_path: Path, data_dir: Path, delay_s: float
) -> None:
    out = tmp_path / "out" / "film.mp4"
    out.parent.mkdir()
    fresh = tmp_path / "data"
    command = [sys.executable, "-m", "reelprint", "apply", footage, "--preset", "noir", "-o", out]
    child = subprocess.Popen(
        command, env=os.environ | {"REELPRINT_DATA_DIR": str(fresh)}, stderr=subprocess.PIPE, text=True
    )
    time.sleep(delay_s)
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=20)
    assert child.returncode == 130, told
    assert "Traceback" not in told
    assert list(out.parent.iterdir()) == []
    assert not any((fresh / "scratch").glob("*")) if (fresh / "scratch").exists() else True
    assert str(fresh) not in subprocess.run(["ps", "axww"], capture_output=True, text=True, check=True).stdout
