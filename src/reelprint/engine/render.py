"""Carrying out a plan: chunks side by side, the sound meanwhile, then one join without re-encoding."""

from __future__ import annotations

import os
import threading
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from reelprint.core.media import MediaInfo
from reelprint.core.plan import AudioChain, EditPlan
from reelprint.core.progress import CancelToken, Progress, Reporter, Stage
from reelprint.engine.ports import Tools
from reelprint.render.chunks import Chunk, plan_chunks
from reelprint.render.grade import lut_texts
from reelprint.render.join import concat_text, mux_argv
from reelprint.render.sound import corrected_gain_db, gain_for, parse_measurement
from reelprint.render.soundtrack import SUFFIX, measure_argv, sound_argv
from reelprint.render.video import chunk_argv

#: How often the sound is written again to come closer to its target loudness.
_CORRECTIONS = 2


def render(
    plan: EditPlan, media: MediaInfo, source: Path, out: Path, tools: Tools, reporter: Reporter, cancel: CancelToken
) -> None:
    """Write the film of ``plan`` to ``out``, whole or not at all. Raises ProcessFailed, OutputError, Cancelled."""
    with tools.scratch.folder("render") as folder:
        Rendering(plan, media, source, folder, tools, reporter, cancel).run(out)


class Rendering:
    """One plan being carried out in a folder; chunks that the folder already holds are not encoded again."""

    def __init__(
        self,
        plan: EditPlan,
        media: MediaInfo,
        source: Path,
        folder: Path,
        tools: Tools,
        reporter: Reporter,
        cancel: CancelToken,
    ) -> None:
        self._plan, self._media, self._source, self._folder = plan, media, source.absolute(), folder
        self._tools, self._reporter, self._cancel = tools, reporter, cancel
        self._lock = threading.Lock()
        self._frames: dict[str, int] = {}

    def run(self, out: Path) -> None:
        """Encode what is missing, then join."""
        for name, text in lut_texts(self._plan, self._media).items():
            (self._folder / name).write_text(text)
        chunks = plan_chunks(self._plan, self._media)
        with ThreadPoolExecutor(max_workers=self._tools.workers, thread_name_prefix="render") as pool:
            sound = pool.submit(self._sound)
            videos = [pool.submit(self._chunk, chunk) for chunk in chunks]
            jobs: list[Future[Any]] = [sound, *videos]
            finished, waiting = wait(jobs, return_when=FIRST_EXCEPTION)
            for job in waiting:
                job.cancel()
            for job in jobs:
                if job in finished:
                    job.result()  # what went wrong first, before a job that was never started says "cancelled"
            paths = [job.result() for job in videos]
            audio = sound.result()
        with self._tools.stopwatch.step("join"):
            self._join(paths, audio, out)

    def _join(self, paths: list[Path], audio: Path | None, out: Path) -> None:
        listing = self._folder / "chunks.txt"
        listing.write_bytes(os.fsencode(concat_text([str(path) for path in paths])))
        self._ffmpeg(
            mux_argv(
                self._tools.encoder.binary, str(listing), str(audio) if audio else None, str(out.absolute()), self._plan
            )
        )

    def _chunk(self, chunk: Chunk) -> Path:
        path = self._folder / f"{chunk.key}.mp4"
        if not path.exists():
            aside = path.with_name(f"new-{path.name}")
            argv = chunk_argv(
                self._tools.encoder.binary,
                self._plan,
                self._media,
                chunk,
                str(self._source),
                str(self._folder),
                str(aside),
            )
            self._ffmpeg(argv, chunk)
            aside.replace(path)
        self._count(chunk.key, chunk.frames)
        return path

    def _sound(self) -> Path | None:
        if self._plan.audio is None:
            return None
        with self._tools.stopwatch.step("sound"):
            return self._rendered_sound()

    def _rendered_sound(self) -> Path:
        """Measure, write, and write again when the limiter took too much loudness away."""
        plan, media, source = self._plan, self._media, str(self._source)
        binary, path = self._tools.encoder.binary, self._folder / f"sound{SUFFIX[plan.output.container]}"
        chain = plan.audio.chain if plan.audio is not None else AudioChain()
        measured = parse_measurement(self._ffmpeg(measure_argv(binary, plan, media, source)))
        gain_db: float | None = gain_for(chain, measured)
        for _ in range(1 + _CORRECTIONS):
            if gain_db is None:
                break
            result = parse_measurement(self._ffmpeg(sound_argv(binary, plan, media, source, gain_db, str(path))))
            gain_db = corrected_gain_db(chain, gain_db, measured, result)
        return path

    def _ffmpeg(self, argv: list[str], chunk: Chunk | None = None) -> str:
        watch = None if chunk is None else lambda frames: self._count(chunk.key, frames)
        return self._tools.encoder.run(argv, self._cancel, watch)

    def _count(self, name: str, frames: int) -> None:
        with self._lock:
            self._frames[name] = max(frames, self._frames.get(name, 0))
            done = min(sum(self._frames.values()), self._plan.output.frame_count)
        self._reporter.report(Progress(Stage.RENDERING, done, self._plan.output.frame_count, "frames"))
