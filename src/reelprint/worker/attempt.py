"""One attempt at a job, seen from the worker: a child process does the work, and what it says goes into the job's row.

The row is asked with every heartbeat whether it still belongs to this attempt. When it does not (the job was
cancelled, or given to another worker because this one was thought dead) the child is ended and nothing more is said.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Literal

import structlog
from pydantic import TypeAdapter

from reelprint.adapters.process import Child
from reelprint.bootstrap.language import asked_from
from reelprint.bootstrap.service import Service
from reelprint.core.clips import LanguageModelAsked
from reelprint.core.errors import NotFound, ProcessFailed, Unavailable
from reelprint.core.jobs import (
    ClipDone,
    CostKnown,
    Job,
    JobError,
    MustEnd,
    RunDone,
    RunFailed,
    RunLog,
    RunMessage,
    RunSpec,
    Source,
    StageBegan,
    StageMoved,
    StageStored,
)
from reelprint.core.progress import Stage, percent_at
from reelprint.worker.exits import AGAIN
from reelprint.worker.tidying import tidy

#: ``sick``: this worker cannot work; the job was handed back.
Ending = Literal["ended", "fenced", "handed back", "lost", "sick"]

#: How often the row is asked whether the job is still ours: a part of the 2 s in which a cancelled job has to stop.
_BEAT_S = 0.4
#: How long a child may take to end by itself; then it is killed, and its encoders with it.
_GRACE_S = 1.0
#: What has to end by a time may take this much longer to say so itself.
_TO_SAY_S = 5.0
#: A storage that does not answer is no fault of the job's: it is tried again, with pauses (``main``), up to here.
_MOST_ATTEMPTS = 100
#: What the child has no business to know: it reads files of strangers.
_SECRET = ("DATABASE_URL", "WEBHOOK_SECRET", "LLM_API_KEY")
_PREFIX = "REELPRINT_"
_MESSAGES: TypeAdapter[RunMessage] = TypeAdapter(RunMessage)

log = structlog.get_logger(__name__)


class Attempt:
    """Runs one attempt to one of its endings."""

    def __init__(self, job: Job, service: Service, stop: asyncio.Event) -> None:
        """``stop``: set when this worker is to end; the job is then handed back."""
        self._job, self._service, self._stop = job, service, stop
        self._scratch = service.settings.data_dir / "scratch" / f"job-{os.getpid()}-{job.job_id}-{job.attempt}"
        self._lines: asyncio.Queue[str | int] = asyncio.Queue()
        self._child: Child | None = None
        self._told: tuple[Stage, int] | None = None
        self._must_end: tuple[float, str] | None = None

    async def run(self) -> Ending:
        """Start the child, follow it to its end, clean up after it."""
        log.info("attempt started", task=self._job.task)
        ending: Ending = "lost"
        try:
            spec = await self._spec()
            self._scratch.mkdir(parents=True, exist_ok=True)
            self._start(spec)
            ending = await self._follow()
        except NotFound as error:
            ending = await self._fail(JobError(stage=self._job.current_stage, message=error.message))
        except Unavailable as error:
            # Nobody can be told. Heartbeats have stopped, so another worker takes over when the database is back.
            log.warning("attempt given up", reason=error.message)
        except (ProcessFailed, OSError) as error:
            # This machine cannot start it (no memory, a full disk): the job is not to blame.
            log.error("cannot work here", reason=str(error))
            await self._hand_back()
            ending = "sick"
        finally:
            await asyncio.to_thread(self._end_child)
            await asyncio.to_thread(shutil.rmtree, self._scratch, ignore_errors=True)
        await self._tidy()
        log.info("attempt ended", ending=ending)
        return ending

    async def _spec(self) -> RunSpec:
        """Raises NotFound when a film of the job is gone."""
        job = self._job
        return RunSpec(
            job_id=job.job_id,
            attempt=job.attempt,
            task=job.task,
            footage=await self._source(job.video_id),
            template=await self._source(job.template_video_id),
            style=job.style,
            config=job.config,
            clips=job.clips,
            clips_done=tuple(clip.pick.clip_id for clip in job.clips_done),
            language_model=await self._language_model(),
            scratch=str(self._scratch),
        )

    async def _language_model(self) -> LanguageModelAsked | None:
        """The model for picks and texts of clips: the request's own Gemini, else the one of the settings."""
        if self._job.kind != "clips":
            return None
        secrets = await self._service.db.secrets.of_job(self._job.job_id)
        return asked_from(self._service.settings, secrets.gemini_key)

    async def _source(self, video_id: str | None) -> Source | None:
        if video_id is None:
            return None
        video = await self._service.db.videos.get(self._job.owner, video_id)
        return Source(key=video.key, filename=video.filename)

    def _start(self, spec: RunSpec) -> None:
        # From the thread of the event loop: the kernel kills the child when the thread that started it ends.
        loop = asyncio.get_running_loop()

        def on_line(line: str) -> None:
            loop.call_soon_threadsafe(self._lines.put_nowait, line)

        def on_exit(code: int) -> None:
            loop.call_soon_threadsafe(self._lines.put_nowait, code)

        argv = [sys.executable, "-m", "reelprint.worker.run"]
        self._child = Child(argv, stdin=spec.to_json(), on_line=on_line, on_exit=on_exit, env=_environment(os.environ))

    async def _follow(self) -> Ending:
        job, attempts = self._job, self._service.db.attempts
        beat_at = time.monotonic()
        while True:
            line: str | int | None = None
            with suppress(TimeoutError):
                line = await asyncio.wait_for(self._lines.get(), max(0.01, beat_at - time.monotonic()))
            if self._stop.is_set():
                await asyncio.to_thread(self._end_child)
                return await self._hand_back()
            # By the clock, not when nothing is heard: a child that talks all the time is to be cancelled too.
            if time.monotonic() >= beat_at:
                if not await attempts.beat(job.job_id, job.attempt):
                    return "fenced"
                beat_at = time.monotonic() + _BEAT_S
            if self._must_end is not None and time.monotonic() > self._must_end[0]:
                await asyncio.to_thread(self._end_child)
                message = f"{self._must_end[1]} took too long"
                stage = self._told[0] if self._told is not None else job.current_stage
                return await self._fail(JobError(stage=stage, message=message))
            if isinstance(line, int):
                return await self._ended_without_a_word(line)
            if line is not None:
                ending = await self._hear(_MESSAGES.validate_json(line))
                if ending is not None:
                    return ending

    async def _hear(self, message: RunMessage) -> Ending | None:
        """Put a message into the job's row; an ending when it was the last, or the row is not ours any more."""
        job, attempts = self._job, self._service.db.attempts
        mine = True
        match message:
            case StageBegan(stage=stage):
                mine = await self._advance(stage, 0.0)
            case StageMoved(stage=stage, share=share):
                mine = await self._advance(stage, share)
            case StageStored(stage=stage, seconds=seconds, style=style):
                mine = await attempts.stored(job.job_id, job.attempt, stage, seconds, style)
            case RunLog(line=line):
                mine = await attempts.log(job.job_id, job.attempt, line)
            case ClipDone(clip=clip):
                mine = await attempts.clip(job.job_id, job.attempt, clip)
            case CostKnown(cost=cost):
                mine = await attempts.cost(job.job_id, job.attempt, cost)
            case MustEnd(what=what, within_s=within_s):
                limit_s = None if within_s is None else time.monotonic() + within_s + _TO_SAY_S
                self._must_end = None if limit_s is None else (limit_s, what)
            case RunDone(style=style, output=output):
                whole = await attempts.complete(job.job_id, job.attempt, style, output)
                return "ended" if whole else "fenced"
            case RunFailed(stage=stage, message=text, code=code):
                log.warning("job failed", stage=stage, code=code, reason=text)
                return await self._fail(JobError(stage=stage, message=text))
        return None if mine else "fenced"

    async def _advance(self, stage: Stage, share: float) -> bool:
        percent = percent_at(stage, share)
        if self._told == (stage, percent):
            return True
        self._told = (stage, percent)
        return await self._service.db.attempts.advance(self._job.job_id, self._job.attempt, stage, percent)

    async def _fail(self, error: JobError) -> Ending:
        return "ended" if await self._service.db.attempts.fail(self._job.job_id, self._job.attempt, error) else "fenced"

    async def _lose(self, reason: str) -> Ending:
        log.warning("attempt lost", reason=reason)
        lost = await self._service.db.attempts.lose(self._job.job_id, self._job.attempt, reason)
        return "lost" if lost else "fenced"

    async def _ended_without_a_word(self, code: int) -> Ending:
        """The child is gone and has told neither success nor failure."""
        if code != AGAIN:
            return await self._lose(_how(code))
        if self._job.attempt >= _MOST_ATTEMPTS:
            return await self._fail(JobError(stage=self._job.current_stage, message="the storage does not answer"))
        await self._hand_back()
        return "sick"

    async def _hand_back(self) -> Ending:
        back = await self._service.db.attempts.hand_back(self._job.job_id, self._job.attempt)
        return "handed back" if back else "fenced"

    def _end_child(self) -> None:
        if self._child is not None and self._child.poll() is None:
            self._child.terminate(_GRACE_S)

    async def _tidy(self) -> None:
        """Remove from storage what nobody needs any more; what cannot be removed now is left to the retention."""
        try:
            await tidy(self._service, self._job.job_id, self._job.attempt)
        except Unavailable as error:
            log.warning("left for later", what=f"work/{self._job.job_id}", reason=error.message)


def _how(code: int) -> str:
    if code < 0:
        return f"worker lost: its child process was killed by signal {-code}"
    return f"worker lost: its child process ended with exit code {code} and without a result"


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    # Settings are read whatever the case of their names.
    return {name: value for name, value in ours.items() if name.upper().removeprefix(_PREFIX) not in _SECRET}
