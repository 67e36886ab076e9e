"""``reelprint clip``: what comes out of it, measured."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import pytest

from tests.e2e.clips_flow import talk
from tests.media import Lab
from tests.service import frames_hash


def clip(film: Path, out: Path, data_dir: Path, *more: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "reelprint", "clip", str(film), "--out", str(out), "--json", *more]
    environment = {"REELPRINT_DATA_DIR": str(data_dir), "PATH": "/usr/bin:/bin"}
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def made(lab: Lab, data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Two clips of the talking film."""
    out = tmp_path_factory.mktemp("clips")
    done = clip(talk(lab), out, data_dir, "--clips", "2", "--min-seconds", "5", "--max-seconds", "12")
    assert done.returncode == 0, done.stderr
    return out, json.loads(done.stdout)


def test_every_clip_is_a_whole_vertical_film(made: tuple[Path, dict[str, Any]]) -> None:
    out, result = made
    assert len(result["clips"]) == 2
    for clip in result["clips"]:
        with av.open(clip["video_url"]) as film:
            [picture], [sound] = film.streams.video, film.streams.audio
            assert 16 * picture.width == 9 * picture.height
            frames = sum(1 for _ in film.decode(picture))
            length_s = float(frames / picture.average_rate)
            assert sound.codec_context.name == "aac"
        assert length_s == pytest.approx(clip["end"] - clip["start"], abs=0.05)
        assert 5 <= length_s <= 12.05
        assert Path(clip["thumbnail_url"]).read_bytes().startswith(b"\xff\xd8")
    named = {Path(str(clip[name])).name for clip in result["clips"] for name in clip if name.endswith("_url")}
    assert {path.name for path in out.iterdir()} == named - {"None"}


def test_clips_do_not_overlap_and_are_ranked(made: tuple[Path, dict[str, Any]]) -> None:
    _, result = made
    spans = sorted((clip["start"], clip["end"]) for clip in result["clips"])
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    scores = [clip["virality_score"] for clip in result["clips"]]
    assert scores == sorted(scores, reverse=True)
    assert result["cost_analysis"]["total_cost"] == 0
    assert result["cost_analysis"]["gemini_api_calls"] == 0


def test_what_is_said_is_beside_the_clip(made: tuple[Path, dict[str, Any]], lab: Lab) -> None:
    _, result = made
    if not lab.real:
        assert all(clip["srt_url"] is None for clip in result["clips"])
        return
    for clip in result["clips"]:
        assert " --> " in Path(clip["srt_url"]).read_text()
        assert Path(clip["vtt_url"]).read_text().startswith("WEBVTT")


def test_loudness_is_that_of_the_platforms(made: tuple[Path, dict[str, Any]]) -> None:
    _, result = made
    for clip in result["clips"]:
        argv = [
            imageio_ffmpeg.get_ffmpeg_exe(),
            "-nostdin",
            "-i",
            clip["video_url"],
            "-af",
            "ebur128",
            "-f",
            "null",
            "-",
        ]
        told = subprocess.run(argv, capture_output=True, text=True, check=True).stderr
        [*_, lufs] = re.findall(r"I:\s+(-?[0-9.]+) LUFS", told)
        assert float(lufs) == pytest.approx(-14, abs=1.0)


def test_the_same_film_gives_the_same_clips(
    made: tuple[Path, dict[str, Any]], lab: Lab, data_dir: Path, tmp_path: Path
) -> None:
    _, result = made
    more = ("--clips", "2", "--min-seconds", "5", "--max-seconds", "12")
    again = json.loads(clip(talk(lab), tmp_path, data_dir, *more).stdout)
    for first, second in zip(result["clips"], again["clips"], strict=True):
        assert {name: first[name] for name in first if not name.endswith("_url")} == {
            name: second[name] for name in second if not name.endswith("_url")
        }
        assert frames_hash(Path(first["video_url"])) == frames_hash(Path(second["video_url"]))


def test_a_film_without_sound_is_picked_by_its_picture(lab: Lab, data_dir: Path, tmp_path: Path) -> None:
    film = lab.keep("mute.mp4", lambda out: lab.ffmpeg("-stream_loop", "4", "-i", lab.base, "-an", out))
    done = clip(film, tmp_path, data_dir, "--min-seconds", "5", "--max-seconds", "10", "--format", "square")
    assert done.returncode == 0, done.stderr
    [*clips] = json.loads(done.stdout)["clips"]
    assert clips
    for one in clips:
        assert one["srt_url"] is None
        assert one["title"]
        with av.open(one["video_url"]) as made:
            assert made.streams.video[0].width == made.streams.video[0].height
            assert not made.streams.audio


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (("--clips", "16"), "clips"),
        (("--min-seconds", "4"), "min-seconds"),
        (("--max-seconds", "181"), "max-seconds"),
        (("--min-seconds", "30", "--max-seconds", "20"), "max-seconds"),
        (("--format", "round"), "format"),
        (("--caption-style", "comic"), "caption-style"),
        (("--language", "Klingon"), "language"),
    ],
)
def test_wrong_options_are_named(more: tuple[str, ...], named: str, lab: Lab, data_dir: Path, tmp_path: Path) -> None:
    done = clip(lab.base, tmp_path / "out", data_dir, *more)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["detail"] == named
    assert not (tmp_path / "out").exists()


def test_no_film_no_clips(data_dir: Path, tmp_path: Path) -> None:
    done = clip(tmp_path / "missing.mp4", tmp_path / "out", data_dir)
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "VIDEO_NOT_FOUND"


def test_a_file_is_no_folder_for_clips(lab: Lab, data_dir: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    done = clip(lab.base, taken, data_dir)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["detail"] == "out"
    assert taken.read_text() == "mine"
