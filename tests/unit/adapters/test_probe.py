"""What files are said to be, against how they were made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reelprint.adapters.media.container import sniff
from reelprint.adapters.media.probe import probe
from reelprint.core.errors import MediaError, VideoNotFound
from tests.bad_media import BAD, Bad, bad_film
from tests.media import ODD, Lab

SUFFIXES = {".mp4": "mp4", ".mov": "mov", ".mkv": "mkv", ".webm": "webm", ".avi": "avi"}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_film_is_measured(lab: Lab, name: str) -> None:
    odd, path = ODD[name], lab.odd(name)
    info = probe(path)
    assert sniff(path) == info.container == SUFFIXES[odd.suffix]
    assert (info.video.width, info.video.height) == odd.size
    assert info.video.rotation_deg == odd.rotation_deg
    assert info.video.variable_frame_rate == odd.vfr
    assert info.video.transfer == odd.transfer
    assert info.video.bit_depth == (8 if odd.transfer == "sdr" else 10)
    assert (info.audio.channels if info.audio else 0) == odd.channels
    assert info.duration_s == pytest.approx(odd.duration_s, abs=0.2)
    assert info.size_bytes == path.stat().st_size


def test_the_default_streams_are_used(lab: Lab) -> None:
    """Not the small decoy before the film, and not the first language."""
    info = probe(lab.odd("multi_stream"))
    assert info.video.index == 1
    assert info.audio is not None
    assert info.audio.index == 3
    assert info.audio.sample_rate_hz == 48000


def test_container_is_by_content_not_by_name(lab: Lab, tmp_path: Path) -> None:
    disguised = tmp_path / "holiday.mp4"
    disguised.write_bytes(lab.odd("webm").read_bytes())
    assert sniff(disguised) == "webm"


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_film_is_refused_with_its_code(lab: Lab, bad: Bad) -> None:
    with pytest.raises(MediaError) as caught:
        probe(bad_film(lab, bad))
    assert caught.value.code == bad.code
    assert bad.says in caught.value.message
    assert "\n" not in caught.value.message


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(VideoNotFound, match="no such file"):
        probe(tmp_path / "nothing.mp4")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9, 0.999])
@pytest.mark.parametrize("name", ["avi", "webm", "mono", "silent", "pq"])
def test_any_cut_off_film_is_refused(lab: Lab, tmp_path: Path, name: str, share: float) -> None:
    """By its own lengths, before a demuxer has guessed at the rest."""
    whole = lab.odd(name).read_bytes()
    path = tmp_path / f"cut{ODD[name].suffix}"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(MediaError):
        probe(path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    for path in (tmp_path / "pipe.mp4", Path("/dev/zero"), tmp_path):
        with pytest.raises(VideoNotFound, match="not a file"):
            probe(path)


def test_any_file_name_will_do(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FFmpeg must not take the start of a name for a protocol, and a label is text whatever the bytes."""
    monkeypatch.chdir(tmp_path)
    for name in ("a:b.mp4", "-y.mp4", "%d 'x'\n.mp4", os.fsdecode(b"\xff.mp4")):
        path = Path(name)
        path.write_bytes(lab.base.read_bytes())
        assert probe(path).filename.encode().decode()


def test_an_unknown_codec_is_told(lab: Lab, tmp_path: Path) -> None:
    odd = tmp_path / "odd.mp4"
    odd.write_bytes(lab.odd("rotated_90").read_bytes().replace(b"avc1", b"zzzz"))
    with pytest.raises(MediaError, match="codec is not known"):
        probe(odd)
