"""Films as cameras, editors and phones really write them, made by script with their truth known.

Every film derives from one short base: an excerpt of the shared footage, or a synthetic picture when that is
absent. The top third of the base is lightened and the bottom third darkened, so that "upright" can be measured.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

#: Where the shared footage is; another folder (or none) can be tried by setting REELPRINT_FOOTAGE.
FOOTAGE = Path(os.environ.get("REELPRINT_FOOTAGE", Path(__file__).resolve().parents[2] / "shared" / "footage"))
BASE_SIZE, BASE_FPS, BASE_S = (480, 270), 30, 3
_UP = "drawbox=h=ih/3:color=white@0.5:t=fill,drawbox=y=2*ih/3:color=black@0.5:t=fill"
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-pix_fmt", "yuv420p")
_AAC = ("-c:a", "aac", "-b:a", "96k")


class Lab:
    """Makes films once per test session, into one folder; several workers may share it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.real = (FOOTAGE / "tos_battle_70s.webm").is_file()

    def ffmpeg(self, *args: str | Path) -> None:
        """Run ffmpeg; a failure carries the end of its stderr."""
        binary = imageio_ffmpeg.get_ffmpeg_exe()
        argv = [binary, "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *(str(item) for item in args)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode:
            raise RuntimeError(f"{' '.join(argv)}\n{done.stderr[-2000:]}")

    def keep(self, name: str, make: Callable[[Path], None]) -> Path:
        """The file ``name``, made when it is not there yet and never seen half-made."""
        path = self.folder / name
        if not path.exists():
            aside = path.with_name(f"new{os.getpid()}-{name}")
            make(aside)
            aside.replace(path)
        return path

    @property
    def base(self) -> Path:
        """480x270, 30 fps, 3 s, stereo 48 kHz: near-lossless H.264 and PCM."""
        return self.keep("base.mkv", self._base)

    def _base(self, out: Path) -> None:
        width, height = BASE_SIZE
        if self.real:
            source: tuple[str | Path, ...] = ("-ss", "12", "-i", FOOTAGE / "tos_battle_70s.webm")
        else:
            source = (
                *("-f", "lavfi", "-i", f"testsrc2=size={width}x{height}:rate={BASE_FPS}"),
                *("-f", "lavfi", "-i", "aevalsrc=0.3*sin(330*2*PI*t)*(1+sin(4*PI*t))/2|0.3*sin(440*2*PI*t):s=48000"),
            )
        fit = f"fps={BASE_FPS},scale={width}:{height}:force_original_aspect_ratio=increase,crop={width}:{height}"
        self.ffmpeg(
            *source, "-vf", f"{fit},{_UP},setsar=1", *_H264[:4], "-crf", "8", "-pix_fmt", "yuv420p",
            *("-c:a", "pcm_s16le", "-ar", "48000", "-ac", "2", "-t", str(BASE_S), out),
        )  # fmt: skip

    def odd(self, name: str) -> Path:
        """One of ODD."""
        film = ODD[name]
        return self.keep(f"{name}{film.suffix}", lambda out: film.make(self, out))


@dataclass(frozen=True)
class Odd:
    """An unusual but good film and what is true of it. ``size`` as displayed; ``channels`` 0 is silent."""

    suffix: str
    make: Callable[[Lab, Path], None]
    size: tuple[int, int] = BASE_SIZE
    frames: int = BASE_FPS * BASE_S
    duration_s: float = float(BASE_S)
    channels: int = 2
    rotation_deg: int = 0
    vfr: bool = False
    transfer: str = "sdr"


def from_base(*args: str) -> Callable[[Lab, Path], None]:
    """A recipe that encodes the base with ``args``."""
    return lambda lab, out: lab.ffmpeg("-i", lab.base, *args, out)


def _rotated(turn: str, shown: int) -> Callable[[Lab, Path], None]:
    """Stored lying on its side, with a display matrix that sets it upright: what a phone held upright writes.

    ``shown``: clockwise turn that the player has to make; ffmpeg's option counts anticlockwise.
    """

    def make(lab: Lab, out: Path) -> None:
        lying = lab.keep(f"lying_{shown}.mp4", lambda path: from_base("-vf", turn, *_H264, *_AAC)(lab, path))
        lab.ffmpeg("-display_rotation:v:0", str(-shown), "-i", lying, "-c", "copy", out)

    return make


def _hdr(transfer: str) -> Callable[[Lab, Path], None]:
    """The base as true HDR: SDR white at 203 cd/m2 (ITU-R BT.2408), BT.2020, 10 bit HEVC."""
    convert = (
        "zscale=min=709:tin=709:pin=709:rin=limited:m=gbr:p=709:t=linear:npl=203,format=gbrpf32le,"
        f"zscale=min=gbr:tin=linear:pin=709:m=2020_ncl:p=2020:t={transfer}:r=limited:npl=203,format=yuv420p10le"
    )
    tags = ("-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc", "-color_range", "tv")
    x265 = ("-c:v", "libx265", "-preset", "ultrafast", "-crf", "16", "-tag:v", "hvc1", "-x265-params", "log-level=none")
    return from_base("-vf", convert, *x265, *tags, *_AAC)


def _multi_stream(lab: Lab, out: Path) -> None:
    """A small decoy picture first, the film second and default; three languages, the second one default; subtitles."""
    words = lab.keep("words.srt", lambda path: _write(path, "1\n00:00:00,500 --> 00:00:02,000\nHello\n"))
    lab.ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc=size=160x120:rate=10:duration={BASE_S}"),
        *("-i", lab.base, "-i", words),
        *("-f", "lavfi", "-i", f"anoisesrc=d={BASE_S}:a=0.02:r=44100"),
        *("-map", "0:v", "-map", "1:v", "-map", "3:a", "-map", "1:a", "-map", "3:a", "-map", "2:s"),
        *("-disposition:v:0", "0", "-disposition:v:1", "default"),
        *("-disposition:a:0", "0", "-disposition:a:1", "default", "-disposition:a:2", "0"),
        *(*_H264, *_AAC, "-c:s", "mov_text", out),
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text)


_VFR = "fps=120,select='if(lt(t,1.4999),not(mod(n,5)),not(mod(n,2)))'"  # 24 a second, then 60
ODD: dict[str, Odd] = {
    "vfr": Odd(
        ".mp4", from_base("-vf", _VFR, "-fps_mode", "passthrough", "-enc_time_base", "1/120000", *_H264, *_AAC),
        frames=36 + 90, vfr=True,
    ),
    "rotated_90": Odd(
        ".mp4", _rotated("crop=270:270,scale=270:480,setsar=1,transpose=cclock", 90),
        size=(270, 480), rotation_deg=90,
    ),
    "rotated_270": Odd(
        ".mov", _rotated("crop=270:270,scale=270:480,setsar=1,transpose=clock", 270),
        size=(270, 480), rotation_deg=270,
    ),
    "rotated_180": Odd(".mp4", _rotated("hflip,vflip", 180), rotation_deg=180),
    "hlg": Odd(".mov", _hdr("arib-std-b67"), transfer="hlg"),
    "pq": Odd(".mkv", _hdr("smpte2084"), transfer="pq"),
    "silent": Odd(".mp4", from_base("-an", *_H264), channels=0),
    "one_second": Odd(".mp4", from_base("-t", "1", *_H264, *_AAC), frames=30, duration_s=1.0),
    "odd_size": Odd(
        ".mp4", from_base("-vf", "crop=360:270,scale=333:251,setsar=1", *_H264[:-1], "yuv444p", *_AAC), size=(333, 251)
    ),
    "multi_stream": Odd(".mp4", _multi_stream),
    "anamorphic": Odd(".mp4", from_base("-vf", "scale=360:270,setsar=4/3", *_H264, *_AAC)),
    "slow_rate": Odd(".mp4", from_base("-r", "12.5", *_H264, *_AAC), frames=39, duration_s=3.12),
    "late_sound": Odd(".mp4", from_base("-af", "atrim=start=1", *_H264, *_AAC)),
    "mono": Odd(".mov", from_base(*_H264, "-ac", "1", "-c:a", "pcm_s16le"), channels=1),
    "surround": Odd(".mkv", from_base(*_H264, "-ac", "6", "-c:a", "ac3"), channels=6),
    "avi": Odd(".avi", from_base("-c:v", "mpeg4", "-q:v", "3", "-c:a", "libmp3lame")),
    "webm": Odd(
        ".webm", from_base("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M",
                           "-c:a", "libopus"),
    ),
    "interlaced": Odd(".mp4", from_base("-vf", "crop=480:264,tinterlace=interleave_top,fieldorder=tff", *_H264,
                                        "-flags", "+ildct+ilme", *_AAC), size=(480, 264), frames=45),
}  # fmt: skip
