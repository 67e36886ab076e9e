"""A ten-minute talk through ``/api/process``: what a client sees, and the time beside the bare cost, in one run.

    PYTHONPATH=. python benchmarks/speed/clips.py [FILM] [--clips 5]

Without FILM the ten minutes are put together of the talk pieces in ../shared/footage (tests/talk.py). Printed: the
logs, when each clip could be had, and the wall time of the job beside

- transcription alone: the same speech model and settings on the film's sound, in a process of its own;
- encoding alone: ffmpeg cutting, scaling and encoding the same stretches at the same size with the same settings.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import imageio_ffmpeg

from reelprint.core.plan import OutputSpec
from reelprint.render.encode import encode_settings
from tests.e2e.clips_flow import download
from tests.service import Service, running
from tests.talk import TEN_MINUTES, talk_film

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()

_LISTEN = """
import sys, wave
import numpy as np
from reelprint.bootstrap.engine import transcriber
from reelprint.settings import load_settings


class Shelf:
    rate_hz, channels = 16_000, 1

    def __init__(self, path):
        with wave.open(path) as sound:
            data = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
        self._samples = data.astype(np.float32)[:, None] / 32768
        self.count = len(data)

    def read(self, start, stop):
        return self._samples[start:stop]

    def blocks(self, seconds):
        step = int(seconds * self.rate_hz)
        return (self.read(at, at + step) for at in range(0, self.count, step))


print(len(transcriber(load_settings()).transcribe(Shelf(sys.argv[1]), None, lambda share: None).words))
"""


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("film", nargs="?", type=Path)
    arguments.add_argument("--clips", type=int, default=5)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="reelprint-bench-") as name:
        folder = Path(name)
        film = given.film or talk_film(TEN_MINUTES, folder / "ten-minutes.mp4")
        with running("--workers", "1") as service:
            clips, took_s = through_the_service(service, film, given.clips)
            sizes = [download(service, clip["video_url"], folder / "clip.mp4").stat().st_size for clip in clips]
        listening_s = bare_transcription(film, folder)
        encoding_s = bare_encoding(film, folder, clips)
    length_s = film_seconds(film) if given.film else sum(piece.length_s for piece in TEN_MINUTES)
    bare_s = listening_s + encoding_s
    print(f"\n{len(clips)} clips, {sum(sizes) / 1e6:.1f} MB")
    print(f"job                    {took_s:7.1f} s   {took_s / length_s:.2f} x the film's {length_s:.0f} s")
    print(f"bare transcription     {listening_s:7.1f} s")
    print(f"bare encoding          {encoding_s:7.1f} s")
    print(f"job against both       {took_s / bare_s:7.2f} x")


def through_the_service(service: Service, film: Path, count: int) -> tuple[list[dict[str, Any]], float]:
    """Upload, poll twice a second, print what is new; the clips and the seconds from the start to the end."""
    with film.open("rb") as file:
        answer = service.http.post("/api/process", files={"file": (film.name, file)}, data={"target_clips": count})
    answer.raise_for_status()
    job_id, start = answer.json()["job_id"], time.perf_counter()
    lines = clips = 0
    while True:
        status = service.http.get(f"/api/status/{job_id}").json()
        at = f"{time.perf_counter() - start:7.1f} s"
        for line in status["logs"][lines:]:
            print(f"{at}  {line}")
        found = [] if status["result"] is None else status["result"]["clips"]
        for clip in found[clips:]:
            span = f"{clip['start']:.1f} to {clip['end']:.1f} s"
            print(f"{at}    {clip['clip_id']}: {clip['virality_score']}, {span}, {clip['title']}")
        lines, clips = len(status["logs"]), len(found)
        if status["status"] not in ("queued", "processing"):
            return found, time.perf_counter() - start
        time.sleep(0.5)


def bare_transcription(film: Path, folder: Path) -> float:
    """Seconds of the speech model alone, loading it included."""
    sound = folder / "sound.wav"
    subprocess.run([FFMPEG, "-v", "error", "-y", "-i", film, "-vn", "-ac", "1", "-ar", "16000", sound], check=True)
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", _LISTEN, sound], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def bare_encoding(film: Path, folder: Path, clips: list[dict[str, Any]]) -> float:
    """Seconds of ffmpeg on the same stretches: crop to the shape, scale, encode."""
    start = time.perf_counter()
    for clip in clips:
        width, height = clip["width"], clip["height"]
        fill = f"scale={width}:{height}:force_original_aspect_ratio=increase,crop={width}:{height}"
        output = OutputSpec(width=width, height=height, frame_rate="25/1", frame_count=1)
        subprocess.run(
            [FFMPEG, "-v", "error", "-y", "-ss", str(clip["start"]), "-t", str(clip["end"] - clip["start"]), "-i", film,
             "-vf", fill, *encode_settings(output), "-c:a", "aac", folder / "bare.mp4"],
            check=True,
        )  # fmt: skip
    return time.perf_counter() - start


def film_seconds(film: Path) -> float:
    """The length in the container's header."""
    counted = subprocess.run([FFMPEG, "-i", film], capture_output=True, text=True, check=False).stderr
    hours, minutes, seconds = counted.split("Duration: ")[1].split(",")[0].split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


if __name__ == "__main__":
    main()
