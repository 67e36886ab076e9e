"""Films whose every frame carries its own number, and the means to render a plan and read the numbers back."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from reelprint.adapters.media.probe import probe
from reelprint.core.media import MediaInfo
from reelprint.core.plan import Crop, CropKey, EditPlan, Join, OutputSpec, Segment
from reelprint.render.chunks import plan_chunks
from reelprint.render.grade import lut_texts
from reelprint.render.join import concat_text, mux_argv
from reelprint.render.video import chunk_argv

U8 = NDArray[np.uint8]
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
WIDTH, HEIGHT = 160, 90
_BITS, _CELL = 9, 16
WHOLE = Crop(x=0, y=0, width=1, height=1)
STILL = (CropKey(frame=0, crop=WHOLE),)


def ffmpeg(*args: str | Path, data: bytes = b"") -> bytes:
    """Run ffmpeg; anything on stderr is a failure."""
    argv = [FFMPEG, "-hide_banner", "-loglevel", "error", "-y", *(str(arg) for arg in args)]
    done = subprocess.run(argv, input=data, capture_output=True, check=False, timeout=120)
    if done.returncode or done.stderr:
        raise AssertionError(f"{' '.join(argv)[:4000]}\n{done.stderr.decode()[-2000:]}")
    return done.stdout


def numbered(path: Path, rate: str, frames: int, *filters: str, extra: Sequence[str] = ()) -> Path:
    """A film of ``frames`` frames; frame i shows i as bright and dark cells."""
    pictures = np.full((frames, HEIGHT, WIDTH), 90, np.uint8)
    for bit in range(_BITS):
        on = (np.arange(frames) >> bit) & 1
        pictures[:, 30:60, 8 + bit * _CELL : 8 + (bit + 1) * _CELL] = np.where(on, 210, 40)[:, None, None]
    raw = ("-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}", "-r", rate, "-i", "-")
    chain = ("-vf", ",".join(filters)) if filters else ()
    code = ("-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "40", *extra)
    ffmpeg(*raw, *chain, *code, path, data=pictures.tobytes())
    return path


def numbers(luma: U8) -> list[int]:
    """The numbers on (n, HEIGHT, WIDTH) pictures."""
    cells = [luma[:, 35:55, 12 + bit * _CELL : 20 + bit * _CELL].mean((1, 2)) > 125 for bit in range(_BITS)]
    return [int(value) for value in sum(cell.astype(int) << bit for bit, cell in enumerate(cells))]


def edit(
    media: MediaInfo,
    segments: Sequence[dict[str, Any]],
    joins: Sequence[Join] | None = None,
    *,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    rate: str = "30/1",
    **fields: Any,
) -> EditPlan:
    """A checked plan: segments are placed one after another, overlapping by their joins; cuts by default."""
    joins = [Join()] * (len(segments) - 1) if joins is None else list(joins)
    placed, at = [], 0
    for number, given in enumerate(segments):
        start = at - (joins[number - 1].frames if number else 0)
        placed.append(Segment(**{"source_shot": 0, "crop": STILL, "grade": 0, "start_frame": start, **given}))
        at = placed[-1].end_frame
    spec = {key: fields.pop(key) for key in ("quality", "container") if key in fields}
    return EditPlan(
        seed=0,
        pacing="keep",
        source_hash=media.content_hash,
        # Plans may be told a longer film than there is: containers do that.
        source_duration_s=media.video.duration_s + 5,
        output=OutputSpec(
            width=size[0], height=size[1], frame_rate=rate, frame_count=at, **{"quality": "draft", **spec}
        ),
        segments=tuple(placed),
        joins=tuple(joins),
        grades=fields.pop("grades", ((),)),
        **fields,
    ).check()


def _argvs(plan: EditPlan, media: MediaInfo, source: Path, folder: Path, target: int) -> list[tuple[list[str], Path]]:
    folder.mkdir(exist_ok=True)
    for name, text in lut_texts(plan, media).items():
        (folder / name).write_text(text)
    made = []
    for chunk in plan_chunks(plan, media, target):
        out = folder / f"{chunk.key}.part"
        made.append((chunk_argv(FFMPEG, plan, media, chunk, str(source), str(folder), str(out)), out))
    return made


def frames(plan: EditPlan, source: Path, folder: Path, *, target: int = 10**9) -> U8:
    """The plan's frames without an encoder in between: (n, height * 3 // 2, width), Y, U, V after one another."""
    parts = []
    for argv, _ in _argvs(plan, probe(source), source, folder, target):
        start, end = argv.index("-copyts"), argv.index("-fps_mode") + 2
        parts.append(ffmpeg(*argv[start:end], "-f", "rawvideo", "-"))
    size = plan.output
    return np.frombuffer(b"".join(parts), np.uint8).reshape(-1, size.height * 3 // 2, size.width)


def film(plan: EditPlan, source: Path, folder: Path, *, target: int = 300) -> Path:
    """Render the plan to a file, without sound."""
    paths = []
    for argv, out in _argvs(plan, probe(source), source, folder, target):
        subprocess.run(argv, check=True, capture_output=True, timeout=120, env={**os.environ})
        paths.append(str(out))
    listing, out = folder / "chunks.txt", folder / f"film.{plan.output.container}"
    listing.write_text(concat_text(paths))
    subprocess.run(mux_argv(FFMPEG, str(listing), None, str(out), plan), check=True, capture_output=True, timeout=120)
    return out


def decoded(path: Path, size: tuple[int, int], *filters: str, frames: int | None = None) -> U8:
    """Every stored frame of a film: (n, height * 3 // 2, width)."""
    chain = ("-vf", ",".join(filters)) if filters else ()
    some = ("-frames:v", str(frames)) if frames else ()
    raw = ffmpeg(
        "-i", path, "-an", *some, *chain, "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"
    )
    return np.frombuffer(raw, np.uint8).reshape(-1, size[1] * 3 // 2, size[0])


def psnr(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Peak signal to noise ratio of two byte arrays, dB; 99 when equal."""
    error = float(np.mean((first.astype(float) - second.astype(float)) ** 2))
    return 99.0 if error == 0 else 10 * float(np.log10(255**2 / error))
