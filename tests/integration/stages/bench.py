"""A place to run jobs in: a shelf in memory, real tools that count what they do, attempts that can be made to die."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av

from reelprint.adapters.storage.films import ShelvedFilmCache
from reelprint.adapters.storage.scratch import ScratchFolders
from reelprint.analyze.evidence import Analyzer, Evidence, Known, Tick
from reelprint.core.jobs import (
    JobConfig,
    JobTask,
    RunDone,
    RunLog,
    RunMessage,
    RunSpec,
    Source,
    StageBegan,
    StageMoved,
    StageStored,
)
from reelprint.core.media import MediaInfo
from reelprint.core.progress import CancelToken, Stage, percent_at
from reelprint.core.style import PacingDetail, StyleDetails, StyleJSON
from reelprint.engine.ports import Tools
from reelprint.engine.stages import run_job
from tests.factories import style
from tests.shelf import MemoryShelf

JOB = "job_0123456789ab"
#: Many short shots, so that four seconds are more segments than one chunk takes.
HECTIC: StyleJSON = style(
    150.0,
    frame_rate=24,
    details=StyleDetails(pacing=PacingDetail(shot_lengths_s=(0.4,), median_shot_s=0.4)),
)


class Killed(BaseException):
    """The process was ended here."""


@dataclass
class Log:
    """What the tools of one attempt did, and what was told."""

    decoded: list[str] = field(default_factory=list)
    measured: list[tuple[str, str]] = field(default_factory=list)
    encoded: list[str] = field(default_factory=list)
    messages: list[RunMessage] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)

    def told(self, kind: type[Any]) -> list[Any]:
        return [message for message in self.messages if isinstance(message, kind)]

    @property
    def began(self) -> list[Stage]:
        return [message.stage for message in self.told(StageBegan)]

    @property
    def stored(self) -> list[Stage]:
        return [message.stage for message in self.told(StageStored)]

    @property
    def lines(self) -> list[str]:
        return [message.line for message in self.told(RunLog)]

    @property
    def done(self) -> RunDone:
        (message,) = self.told(RunDone)
        assert self.messages[-1] is message
        found: RunDone = message
        return found

    @property
    def analyzers(self) -> set[str]:
        return {name for name, _ in self.measured}


class Bench:
    """One storage; every attempt gets tools and scratch of its own, as every process would."""

    def __init__(self, tools: Tools, folder: Path) -> None:
        self.shelf = MemoryShelf()
        self._tools, self._folder = tools, folder
        self._attempts = 0

    def upload(self, path: Path, video_id: str, filename: str | None = None) -> Source:
        key = f"videos/{video_id}"
        self.shelf.objects[key] = path.read_bytes()
        return Source(key=key, filename=filename or path.name)

    def spec(self, task: JobTask, *, job_id: str = JOB, **given: Any) -> RunSpec:
        self._attempts += 1
        scratch = self._folder / f"attempt-{self._attempts}"
        scratch.mkdir(parents=True)
        config = given.pop("config", None) or JobConfig(quality="draft")
        return RunSpec(
            job_id=job_id, attempt=self._attempts, task=task, config=config, scratch=str(scratch), **given
        )  # fmt: skip

    def run(
        self,
        spec: RunSpec,
        *,
        die_at: Callable[[RunMessage], bool] | None = None,
        on_chunk: Callable[[int], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> Log:
        """Run an attempt; ``die_at`` a message, or in ``on_chunk`` (called with the number of encodings before)."""
        log, cancel = Log(), cancel or CancelToken()

        def tell(message: RunMessage) -> None:
            log.messages.append(RunMessageText(message))
            log.at_s.append(time.monotonic())
            if die_at is not None and die_at(message):
                raise Killed

        try:
            run_job(spec, self.shelf, self._spied(log, Path(spec.scratch), on_chunk), tell, cancel)
        except Killed:
            assert die_at is not None or on_chunk is not None
        finally:
            check_told(log)
            check_clean(Path(spec.scratch))
        return log

    def _spied(self, log: Log, scratch: Path, on_chunk: Callable[[int], None] | None) -> Tools:
        return dataclasses.replace(
            self._tools,
            reader=SpyReader(self._tools.reader, log),
            cache=ShelvedFilmCache(self.shelf, required=True),
            encoder=SpyEncoder(self._tools.encoder, log, on_chunk),
            analyzers=tuple(SpyAnalyzer(one, log) for one in self._tools.analyzers),
            scratch=ScratchFolders(scratch / "work"),
        )

    def plan(self, job_id: str = JOB) -> bytes:
        return self.shelf.objects[f"work/{job_id}/plan.json"]

    def frames(self, key: str | None) -> list[str]:
        """A hash of every decoded frame of a film in storage."""
        assert key is not None
        path = self._folder / f"seen-{hashlib.md5(key.encode()).hexdigest()}{Path(key).suffix}"
        path.write_bytes(self.shelf.objects[key])
        with av.open(str(path)) as film:
            return [hashlib.md5(frame.to_ndarray().tobytes()).hexdigest() for frame in film.decode(video=0)]


def RunMessageText(message: RunMessage) -> RunMessage:
    """The message as it arrives through a pipe."""
    return type(message).model_validate_json(message.to_json())


def check_told(log: Log) -> None:
    """Stages in order, stored before the next begins; progress never back, within 0..1, at most ten a second."""
    order = list(Stage)
    numbers = [order.index(stage) for stage in log.began]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True
    assert log.stored == log.began[: len(log.stored)]
    percent, moved_s, share, now = 0, 0.0, 0.0, None
    for message, at_s in zip(log.messages, log.at_s, strict=True):
        match message:
            case StageBegan(stage=stage):
                assert now is None, "a stage began before the one before it was stored"
                now, share = stage, 0.0
            case StageMoved(stage=stage):
                assert stage is now
                assert message.share > share
                assert percent_at(stage, message.share) >= percent
                assert at_s - moved_s > 0.08
                share, moved_s, percent = message.share, at_s, percent_at(stage, message.share)
            case StageStored(stage=stage):
                assert stage is now
                now = None
    assert not log.told(RunDone) or now is None


def check_clean(scratch: Path) -> None:
    """Nothing but the films is left, in scratch or among the threads, whichever way an attempt ended."""
    assert [path for path in (scratch / "work").rglob("*") if path.is_file()] == []
    assert not [one.name for one in threading.enumerate() if one.name.startswith(("analyze", "render"))]


class SpyReader:
    def __init__(self, reader: Any, log: Log) -> None:
        self._reader, self._log = reader, log
        self.version = reader.version

    def probe(self, path: Path) -> MediaInfo:
        media: MediaInfo = self._reader.probe(path)
        return media

    def decode(self, path: Path, media: MediaInfo, scratch: Path, watch: Any) -> AbstractContextManager[Evidence]:
        self._log.decoded.append(media.content_hash)
        found: AbstractContextManager[Evidence] = self._reader.decode(path, media, scratch, watch)
        return found

    def thumbnails(self, evidence: Evidence, times_s: Sequence[float]) -> Any:
        return self._reader.thumbnails(evidence, times_s)

    def still(self, path: Path, time_s: float, longest_px: int) -> bytes:
        data: bytes = self._reader.still(path, time_s, longest_px)
        return data


class SpyAnalyzer:
    def __init__(self, analyzer: Analyzer, log: Log) -> None:
        self._analyzer, self._log = analyzer, log
        self.name, self.version = analyzer.name, analyzer.version

    def measure(self, evidence: Evidence, known: Known, tick: Tick) -> Any:
        self._log.measured.append((self.name, evidence.media.content_hash))
        return self._analyzer.measure(evidence, known, tick)


class SpyEncoder:
    """Counts the encodings of chunks and sound by the names of their files."""

    def __init__(self, encoder: Any, log: Log, on_chunk: Callable[[int], None] | None) -> None:
        self._encoder, self._log, self._on_chunk = encoder, log, on_chunk
        self.binary = encoder.binary

    def run(self, argv: Sequence[str], cancel: CancelToken, on_frames: Any = None) -> str:
        if on_frames is not None and self._on_chunk is not None:
            self._on_chunk(len(self._log.encoded))
        told: str = self._encoder.run(argv, cancel, on_frames)
        name = Path(argv[-1]).name
        if on_frames is not None or name.startswith("sound-"):
            self._log.encoded.append(name.removeprefix("new-"))
        return told
