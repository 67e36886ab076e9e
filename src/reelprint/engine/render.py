"""Carrying out a plan: chunks side by side, the sound meanwhile, then one join without re-encoding."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, Protocol

from reelprint.core.errors import PlanError
from reelprint.core.media import MediaInfo
from reelprint.core.plan import AudioChain, EditPlan
from reelprint.core.progress import CancelToken, Progress, Reporter, Stage
from reelprint.engine.ports import Tools
from reelprint.render.captions.ass import ass_text, script_name
from reelprint.render.chunks import RENDERER_VERSION, Chunk, plan_chunks
from reelprint.render.grade import lookup, lut_texts
from reelprint.render.join import concat_text, mux_argv
from reelprint.render.sound import corrected_gain_db, gain_for, parse_measurement
from reelprint.render.soundtrack import SUFFIX, measure_argv, sound_argv
from reelprint.render.video import chunk_argv

#: How often the sound is written again to come closer to its target loudness.
_CORRECTIONS = 2


class Keeper(Protocol):
    """Keeps finished pieces of a rendering beyond this process, under the names of their files."""

    def bring(self, path: Path) -> bool:
        """Put the piece of that name at ``path``; False when it is not kept."""

    def keep(self, path: Path) -> None:
        """Keep a piece, whole."""


class KeepNothing:
    """A Keeper for work that nobody takes up again."""

    def bring(self, path: Path) -> bool:  # noqa: ARG002 - see Keeper
        return False

    def keep(self, path: Path) -> None:
        """Leave it where it is."""


def render(
    plan: EditPlan, media: MediaInfo, source: Path, out: Path, tools: Tools, reporter: Reporter, cancel: CancelToken
) -> None:
    """Write the film of ``plan`` to ``out``, whole or not at all. Raises ProcessFailed, OutputError, Cancelled."""
    with tools.scratch.folder("render") as folder:
        Rendering(plan, media, source, folder, tools, reporter, cancel).run(out)


class Rendering:
    """One plan being carried out in a folder; pieces (chunks, sound) that ``keeper`` has are not made again."""

    def __init__(
        self,
        plan: EditPlan,
        media: MediaInfo,
        source: Path,
        folder: Path,
        tools: Tools,
        reporter: Reporter,
        cancel: CancelToken,
        keeper: Keeper | None = None,
    ) -> None:
        self._keeper = keeper or KeepNothing()
        self._plan, self._media, self._source, self._folder = plan, media, source.absolute(), folder
        self._tools, self._reporter, self._cancel = tools, reporter, cancel
        self._lock = threading.Lock()
        self._frames: dict[str, int] = {}

    def run(self, out: Path) -> None:
        """Encode what is missing, then join."""
        bake_grades(self._plan, self._media, self._cancel)
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
        if not self._keeper.bring(path):
            aside = path.with_name(f"new-{path.name}")
            binary, folder, fonts = self._tools.encoder.binary, str(self._folder), str(self._tools.fonts)
            self._write_captions(chunk)
            self._ffmpeg(
                chunk_argv(
                    binary, self._plan, self._media, chunk, str(self._source), folder, str(aside), fonts_dir=fonts
                ),
                chunk,
            )
            # One frame too many or too few, and sound and every later cut would be off: better no film than that.
            written = self._frames.get(chunk.key, 0)
            if written != chunk.frames:
                raise PlanError(f"chunk {chunk.index} came out with {written} frames instead of {chunk.frames}")
            aside.replace(path)
            self._keeper.keep(path)
        self._count(chunk.key, chunk.frames)
        return path

    def _write_captions(self, chunk: Chunk) -> None:
        track = self._plan.captions
        script = None if track is None else ass_text(track, self._plan, chunk.start_frame, chunk.end_frame)
        if script is not None:
            (self._folder / script_name(chunk.key)).write_text(script, encoding="utf-8")

    def _sound(self) -> Path | None:
        if self._plan.audio is None:
            return None
        path = self._folder / f"{sound_key(self._plan)}{SUFFIX[self._plan.output.container]}"
        if not self._keeper.bring(path):
            with self._tools.stopwatch.step("sound"):
                self._render_sound(path)
            self._keeper.keep(path)
        return path

    def _render_sound(self, path: Path) -> None:
        """Measure, write, and write again when the limiter took too much loudness away."""
        plan, media, source = self._plan, self._media, str(self._source)
        binary = self._tools.encoder.binary
        chain = plan.audio.chain if plan.audio is not None else AudioChain()
        measured = parse_measurement(self._ffmpeg(measure_argv(binary, plan, media, source)))
        gain_db: float | None = gain_for(chain, measured)
        for _ in range(1 + _CORRECTIONS):
            if gain_db is None:
                break
            result = parse_measurement(self._ffmpeg(sound_argv(binary, plan, media, source, gain_db, str(path))))
            gain_db = corrected_gain_db(chain, gain_db, measured, result)

    def _ffmpeg(self, argv: list[str], chunk: Chunk | None = None) -> str:
        watch = None if chunk is None else lambda frames: self._count(chunk.key, frames)
        return self._tools.encoder.run(argv, self._cancel, watch)

    def _count(self, name: str, frames: int) -> None:
        with self._lock:
            self._frames[name] = max(frames, self._frames.get(name, 0))
            done = min(sum(self._frames.values()), self._plan.output.frame_count)
        self._reporter.report(Progress(Stage.RENDERING, done, self._plan.output.frame_count, "frames"))


def bake_grades(
    plan: EditPlan, media: MediaInfo, cancel: CancelToken, moved: Callable[[float], None] | None = None
) -> None:
    """Bake the grade of every take (0.13 s each), so that ``lut_texts`` and ``chunk_argv`` find it in memory.

    ``moved`` gets the share that is done. Raises Cancelled.
    """
    for number, transfers in enumerate(plan.grades, start=1):
        cancel.check()
        lookup(transfers, media.video.transfer)
        if moved is not None:
            moved(number / len(plan.grades))


def sound_key(plan: EditPlan) -> str:
    """SHA-256 over all that decides the sound track's file."""
    recipe = {
        "renderer": RENDERER_VERSION,
        "source": plan.source_hash,
        "audio": plan.audio.model_dump(mode="json") if plan.audio is not None else None,
        "output": plan.output.model_dump(mode="json", include={"frame_count", "frame_rate", "container", "quality"}),
    }
    text = json.dumps(recipe, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sound-{hashlib.sha256(text.encode()).hexdigest()}"
