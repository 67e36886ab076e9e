"""Template films of known, strongly different styles, and plain footage to be edited in them; all from a seed.

    python benchmarks/accuracy/templates.py FOLDER [--seed N] [--count N]

Each template is cut from real takes with numpy, OpenCV and plain ffmpeg, by a hand that knows nothing of Reelprint's
renderer (``template_recipes``: the styles, ``template_joins``: grades and transitions, ``template_takes``: the
material). What was done stands beside each film (``.truth.json``). A film that is there already is not made again.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
from dataclasses import asdict
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from template_joins import join, moved
from template_recipes import RECIPE, SIZES, Recipe, draw, hold
from template_takes import SHARED, STRETCHES, U8, ffmpeg, read

FONT = Path(__file__).parents[2] / "src/reelprint/adapters/media/fonts/Inter-SemiBold.ttf"
FOOTAGE_S = 15.0
FOOTAGE_LONG_SIDE_PX = 640


def make(folder: Path, seed: int, count: int = 12) -> list[Path]:
    """Template films 0 .. ``count`` of a seed."""
    folder.mkdir(parents=True, exist_ok=True)
    films = []
    for number in range(count):
        film = folder / f"template-r{RECIPE}-s{seed}-{number:02d}.mp4"
        if not film.exists():
            _produce(draw(seed, number), film, np.random.default_rng([seed, number, RECIPE, 2]))
        films.append(film)
    return films


def footage(folder: Path, seed: int, count: int = 4) -> list[Path]:
    """Plain excerpts: surveillance, talk, animation, action and on; another seed starts elsewhere."""
    folder.mkdir(parents=True, exist_ok=True)
    films = []
    for number in range(count):
        source, first_s, last_s, kind = STRETCHES[number % len(STRETCHES)]
        start_s = float(np.random.default_rng([seed, number, RECIPE, 3]).uniform(first_s, last_s))
        film = folder / f"footage-r{RECIPE}-s{seed}-{number:02d}-{kind}.mp4"
        if not film.exists():
            part = film.with_suffix(".part.mp4")
            size = f"scale=w='min({FOOTAGE_LONG_SIDE_PX},iw)':h=-2"
            ffmpeg("-ss", f"{start_s:.3f}", "-i", SHARED / source, "-t", str(FOOTAGE_S), "-vf", size, "-c:v", "libx264",
                   "-preset", "veryfast", "-crf", "18", "-c:a", "aac", "-b:a", "160k", part)  # fmt: skip
            _write_truth(film, {"source": source, "start_s": start_s, "kind": kind})
            part.rename(film)
        films.append(film)
    return films


def _write_truth(film: Path, truth: object) -> None:
    film.with_suffix(".truth.json").write_text(json.dumps(truth, indent=1))


def _produce(recipe: Recipe, film: Path, rng: np.random.Generator) -> None:
    width, height = SIZES[recipe.shape]
    frames = sum(recipe.shots)
    with tempfile.TemporaryDirectory(dir=film.parent) as name:
        sound, part = Path(name) / "sound.wav", Path(name) / "film.mp4"
        heard = _sound(recipe, frames / recipe.fps, sound, float(rng.uniform(1, 20)))
        argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-threads", "1", "-f", "rawvideo", "-pix_fmt",
                "bgr24", "-s", f"{width}x{height}", "-r", str(recipe.fps), "-i", "-", "-i", str(sound),
                "-vf", "scale=out_color_matrix=bt709:out_range=tv", "-colorspace", "bt709", "-color_primaries", "bt709",
                "-color_trc", "bt709", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p",
                "-c:a", "aac", "-b:a", "160k", str(part)]  # fmt: skip
        with subprocess.Popen(argv, stdin=subprocess.PIPE) as encoder:
            assert encoder.stdin is not None
            for frame in _pictures(recipe, rng):
                encoder.stdin.write(frame.tobytes())
            encoder.stdin.close()
        if encoder.returncode:
            raise RuntimeError(f"ffmpeg could not write {film}")
        _write_truth(film, {**asdict(recipe), **heard, "boundaries": _boundaries(recipe)})
        part.rename(film)


def _boundaries(recipe: Recipe) -> list[dict[str, object]]:
    """First mixed frame and one past the last of every boundary, equal for a cut."""
    ends = np.cumsum(recipe.shots)[:-1]
    return [
        {"type": joint.kind, "start": int(end) - joint.frames // 2, "end": int(end) - joint.frames // 2 + joint.frames,
         "easing": joint.easing, "direction": joint.direction}
        for end, joint in zip(ends, recipe.joints, strict=True)
    ]  # fmt: skip


def _pictures(recipe: Recipe, rng: np.random.Generator) -> list[U8]:
    """All frames of a film: shots that overlap by their transitions, then the title."""
    film: list[U8] = []
    tail: list[U8] = []
    joints = [*recipe.joints, None]
    for number, (length, joint) in enumerate(zip(recipe.shots, joints, strict=True)):
        before = recipe.joints[number - 1] if number else None
        lead_in = before.frames // 2 if before else 0
        mixed = before.frames if before else 0
        lead_out = joint.frames - joint.frames // 2 if joint else 0
        shot = _shot(recipe, number, lead_in + length + lead_out, rng)
        if before and mixed:
            film += [
                join(before.kind, old, new, step, mixed, before.easing, before.direction)
                for step, (old, new) in enumerate(zip(tail, shot[:mixed], strict=True))
            ]
        next_mixed = joint.frames if joint else 0
        body = shot[mixed:]
        tail = body[len(body) - next_mixed :]
        film += body[: len(body) - next_mixed]
    return _titled(film, recipe)


def _shot(recipe: Recipe, number: int, count: int, rng: np.random.Generator) -> list[U8]:
    """``count`` frames of a take, graded and zoomed. The take is entered where it is long enough to last."""
    take = recipe.takes[number]
    held = hold(take, recipe.fps)
    needed = -(-count // held)
    first = int(rng.integers(max(1, take.frames - needed + 1)))
    graded = [recipe.grade.apply(frame) for frame in read(take, first, needed, SIZES[recipe.shape])]
    frames = [graded[place // held] for place in range(count)]
    zoom = recipe.zooms[number]
    if zoom == 1.0:
        return frames
    start, end = (1.0, zoom) if zoom > 1 else (1 / zoom, 1.0)
    steps = np.geomspace(start, end, count)
    return [moved(frame, 0, 0, float(scale)) for frame, scale in zip(frames, steps, strict=True)]


def _titled(film: list[U8], recipe: Recipe) -> list[U8]:
    """A title for the middle half of the film, in the lower third."""
    if not recipe.title:
        return film
    width, height = SIZES[recipe.shape]
    layer = Image.new("L", (width, height))
    font = ImageFont.truetype(str(FONT), round(min(width, height) / 9))
    pen = ImageDraw.Draw(layer)
    pen.text((width / 2, 0.76 * height), recipe.title, fill=255, font=font, anchor="mm")
    cover = np.asarray(layer, np.float32)[..., None] / 255
    ink = np.array(recipe.title_colour[::-1], np.float32)
    first, last = len(film) // 4, 3 * len(film) // 4
    for place in range(first, last):
        film[place] = np.round(film[place] * (1 - cover) + ink * cover).astype(np.uint8)
    return film


def _sound(recipe: Recipe, duration_s: float, path: Path, offset_s: float) -> dict[str, float]:
    """Write the sound; return what was reached, since a limiter keeps very loud sound under its level."""
    beds = []
    if recipe.sound in ("music", "both"):
        beds.append((recipe.music, 0.0))
    if recipe.sound in ("speech", "both"):
        beds.append((recipe.speech, offset_s))
    sources: list[str | Path] = []
    for name, start_s in beds:
        sources += ["-ss", f"{start_s:.2f}", "-t", f"{duration_s:.3f}", "-i", SHARED / name]
    under = "[0:a:0]volume=-14dB[bed];[bed][1:a:0]amix=normalize=0:duration=first," if len(beds) == 2 else "[0:a:0]"
    treated = f"bass=g={recipe.bass_db}:f=110,acompressor=threshold=-28dB:ratio={recipe.squeezed}:attack=5:release=120"
    raw = path.with_name("raw.wav")
    ffmpeg(*sources, "-filter_complex", f"{under}aresample=48000,aformat=channel_layouts=stereo,{treated}[out]",
           "-map", "[out]", "-c:a", "pcm_f32le", raw)  # fmt: skip
    gain_db = recipe.loudness_lufs - measured_lufs(raw)
    ffmpeg("-i", raw, "-af", f"volume={gain_db:.3f}dB,alimiter=limit=0.9:level=0,apad", "-t", f"{duration_s:.3f}",
           "-c:a", "pcm_s16le", path)  # fmt: skip
    return {"integrated_lufs": measured_lufs(path)}


def measured_lufs(path: Path) -> float:
    """Integrated loudness by ffmpeg's ebur128."""
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128", "-f",
            "null", "-"]  # fmt: skip
    said = subprocess.run(argv, check=True, capture_output=True, text=True).stderr
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1])


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--count", type=int, default=12)
    given = arguments.parse_args()
    cv2.setNumThreads(1)
    for film in (*make(given.folder, given.seed, given.count), *footage(given.folder, given.seed)):
        print(film)


if __name__ == "__main__":
    main()
