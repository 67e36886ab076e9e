"""One decode of odd films: times, frames, upright pictures, colours, and sound in step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from reelprint.adapters.media.decode import decode_film
from reelprint.adapters.media.probe import probe
from reelprint.analyze.evidence import Evidence
from reelprint.core.errors import Cancelled, CorruptVideo
from reelprint.core.media import MediaInfo
from tests.media import ODD, Lab


@contextmanager
def decoded(path: Path, scratch: Path) -> Iterator[Evidence]:
    with decode_film(path, probe(path), scratch) as evidence:
        yield evidence


@pytest.mark.parametrize("name", ODD)
def test_an_odd_film_is_decoded_whole_and_upright(lab: Lab, name: str, tmp_path: Path) -> None:
    odd = ODD[name]
    with decoded(lab.odd(name), tmp_path) as evidence:
        assert len(evidence.times_s) == evidence.proxies.count == odd.frames
        assert evidence.decode_errors == 0
        assert evidence.times_s[0] == 0
        assert np.all(np.diff(evidence.times_s) > 0)
        assert evidence.duration_s == pytest.approx(odd.duration_s, abs=0.05)
        width, height = odd.size
        assert evidence.proxies.width / evidence.proxies.height == pytest.approx(width / height, rel=0.03)
        luma = evidence.proxies.luma(0, evidence.proxies.count).astype(float)
        third = evidence.proxies.height // 3
        # The base is light above and dark below: sideways both are alike, upside down the sign turns.
        assert luma[:, :third].mean() - luma[:, -third:].mean() > 40
        sample = evidence.samples.rgb(0).astype(float)
        assert sample[: len(sample) // 3].mean() - sample[-len(sample) // 3 :].mean() > 40
        assert (evidence.sound is not None) == (odd.channels > 0)
    assert list(tmp_path.iterdir()) == [], "scratch files stay behind"


def test_every_frame_keeps_its_own_time(lab: Lab, tmp_path: Path) -> None:
    """24 frames a second up to 1.5 s, then 60: as planted, to a tenth of a millisecond."""
    planted = np.concatenate([np.arange(36) / 24, 1.5 + np.arange(90) / 60])
    with decoded(lab.odd("vfr"), tmp_path) as evidence:
        assert np.abs(evidence.times_s - planted).max() < 1e-4


@pytest.mark.parametrize("name", ["rotated_90", "rotated_270"])
def test_rotation_is_applied_to_the_picture(lab: Lab, name: str, tmp_path: Path) -> None:
    """The same pixels as in the film that was never turned."""
    crop = ("-vf", "crop=270:270,scale=270:480,setsar=1", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "8")
    upright = lab.keep("upright.mp4", lambda out: lab.ffmpeg("-i", lab.base, *crop, "-an", out))
    with decoded(upright, tmp_path) as plain:
        expected = plain.samples.rgb(2).astype(float)
    with decoded(lab.odd(name), tmp_path) as turned:
        assert np.abs(turned.samples.rgb(2) - expected).mean() < 6


def first_pictures(path: Path, info: MediaInfo, scratch: Path) -> NDArray[np.float64]:
    with decode_film(path, info, scratch) as evidence:
        return np.stack([evidence.samples.rgb(place) for place in range(4)]).astype(np.float64)


def test_hdr_is_mapped_to_what_it_was_made_from(lab: Lab, tmp_path: Path) -> None:
    """One picture sent as HLG and as PQ comes out the same, and as bright as before where it was bright."""
    original = first_pictures(lab.base, probe(lab.base), tmp_path)
    bright = original.mean(axis=-1) > 200
    mapped = {}
    for name in ("hlg", "pq"):
        info = probe(lab.odd(name))
        blind = info.model_copy(update={"video": info.video.model_copy(update={"transfer": "sdr"})})
        mapped[name] = first_pictures(lab.odd(name), info, tmp_path)
        unmapped = first_pictures(lab.odd(name), blind, tmp_path)
        assert abs(mapped[name][bright].mean() - original[bright].mean()) < 35
        assert unmapped[bright].mean() < mapped[name][bright].mean() - 10
        # Test patterns are full of colours at the very edge of the gamut.
        assert np.abs(mapped[name] - original).mean() < (22 if lab.real else 32)
        assert np.corrcoef(mapped[name].ravel(), original.ravel())[0, 1] > (0.98 if lab.real else 0.9)
    assert np.abs(mapped["hlg"] - mapped["pq"]).mean() < (4 if lab.real else 10)


STEP_S = 0.75


def flashes(lab: Lab, name: str, *args: str, sound_from_s: float = 0.0, picture_from_s: float = 0.0) -> Path:
    """A white frame and a click together every 0.75 s; each stream may start late."""
    size, rate = "160x90", 40
    first = round(picture_from_s * rate)
    light = f"color=black:s={size}:r={rate}:d={4 - picture_from_s},format=gray"
    light += f",geq=lum='255*not(mod(N+{first},{round(STEP_S * rate)}))',format=yuv420p"
    clicks = f"0.8*sin(2*PI*1000*t)*lt(mod(t+{sound_from_s}+0.0001,{STEP_S}),0.01)"
    sound = f"aevalsrc=exprs='{clicks}':s=48000:d={4 - sound_from_s}"
    inputs = (("-itsoffset", str(picture_from_s), light), ("-itsoffset", str(sound_from_s), sound))
    lavfi = [word for *shift, source in inputs for word in (*shift, "-f", "lavfi", "-i", source)]
    return lab.keep(name, lambda out: lab.ffmpeg(*lavfi, *args, out))


H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
SYNC = {
    "sync.mp4": ((*H264, "-c:a", "aac"), 0.0, 0.0),
    "sync.mov": ((*H264, "-c:a", "pcm_s16le"), 0.0, 0.0),
    "sync.mkv": ((*H264, "-c:a", "ac3"), 0.0, 0.0),
    "sync.webm": (("-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus"), 0.0, 0.0),
    "sync.avi": (("-c:v", "mpeg4", "-c:a", "libmp3lame"), 0.0, 0.0),
    "sync_late_sound.mp4": ((*H264, "-c:a", "aac"), 1.0, 0.0),
    "sync_late_sound.mkv": ((*H264, "-c:a", "libopus"), 1.0, 0.0),
    "sync_late_picture.mp4": ((*H264, "-c:a", "aac"), 0.0, 0.4),
    "sync_late_picture.mkv": ((*H264, "-c:a", "aac"), 0.0, 0.4),
    "sync_b_frames.mp4": (("-c:v", "libx264", "-preset", "medium", "-bf", "3", "-c:a", "aac"), 0.0, 0.0),
}


@pytest.mark.parametrize("name", SYNC)
def test_sound_is_in_step_with_the_picture(lab: Lab, name: str, tmp_path: Path) -> None:
    """Sample 0 is the time of the first frame, whatever the container's clock and the codec's delay."""
    args, sound_from_s, picture_from_s = SYNC[name]
    path = flashes(lab, name, *args, sound_from_s=sound_from_s, picture_from_s=picture_from_s)
    with decoded(path, tmp_path) as evidence:
        assert evidence.sound is not None
        light = evidence.proxies.luma(0, evidence.proxies.count).mean(axis=(1, 2))
        lit = evidence.times_s[np.flatnonzero((light[1:] > 128) & (light[:-1] < 128)) + 1]
        for shelf in (evidence.sound.master, evidence.sound.mono):
            loud = np.abs(shelf.read(0, shelf.count)).max(axis=1) > 0.2
            heard = np.flatnonzero(loud) / shelf.rate_hz
            starts = heard[np.diff(heard, prepend=-1.0) > 0.3]
            pairs = [(flash, starts[np.abs(starts - flash).argmin()]) for flash in lit if flash > sound_from_s]
            assert len(pairs) >= 3
            assert max(abs(flash - click) for flash, click in pairs) < 0.012
            assert abs(shelf.count / shelf.rate_hz - evidence.duration_s) < 0.2


def test_a_watcher_can_stop_the_decode(lab: Lab, tmp_path: Path) -> None:
    def stop(done: int, _expected: int) -> None:
        if done >= 32:
            raise Cancelled("enough")

    path = lab.odd("silent")
    with pytest.raises(Cancelled), decode_film(path, probe(path), tmp_path, None, stop):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_film_that_lost_its_second_half_is_refused(lab: Lab, tmp_path: Path) -> None:
    """Its header still promises everything; the pictures are overwritten with zeros."""
    data = bytearray(lab.odd("mono").read_bytes())
    half = len(data) // 4
    index = data.index(b"moov")
    data[half : index - 8] = bytes(index - 8 - half)
    broken = tmp_path / "broken.mov"
    broken.write_bytes(data)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with pytest.raises(CorruptVideo), decoded(broken, scratch):
        pass
