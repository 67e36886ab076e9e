"""One attempt inside its child process: tools wired, the job run, and its ending put into words."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import structlog
from pydantic import ValidationError

from reelprint.adapters.logs import configure
from reelprint.bootstrap.engine import wire
from reelprint.bootstrap.storage import storage
from reelprint.core.errors import Cancelled, ReelprintError, Unavailable
from reelprint.core.jobs import RunFailed, RunMessage, RunSpec, StageBegan
from reelprint.core.progress import CancelToken, Stage
from reelprint.engine.stages import run_job
from reelprint.settings import load_settings
from reelprint.worker.exits import AGAIN, CANCELLED, TOLD

log = structlog.get_logger(__name__)


def undertake(text: bytes, write: Callable[[str], None], cancel: CancelToken) -> int:
    """Run the job of a RunSpec; ``write`` gets the messages. Returns the exit code of the process."""
    try:
        spec = RunSpec.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        message = f"the job cannot be read: {place}: {first['msg']}"
        write(RunFailed(code=ReelprintError.code, message=message).to_json())
        return TOLD
    stage: Stage | None = None

    def tell(message: RunMessage) -> None:
        nonlocal stage
        if isinstance(message, StageBegan):
            stage = message.stage
        write(message.to_json())

    try:
        settings = load_settings()
        configure("job", level=settings.log_level, folder=settings.data_dir / "log")
        structlog.contextvars.bind_contextvars(job_id=spec.job_id, attempt=spec.attempt)
        shelf = storage(settings)
        tools = wire(settings, shelf=shelf, scratch=Path(spec.scratch) / "work")
        run_job(spec, shelf, tools, tell, cancel)
        log.info("job done", seconds={name: round(took, 3) for name, took in tools.stopwatch.seconds.items()})
    except Cancelled as error:
        log.info("job stopped", stage=stage, reason=error.message)
        return CANCELLED
    except Unavailable as error:
        log.warning("storage failed", stage=stage, reason=error.detail)
        return AGAIN
    except Exception as error:
        if cancel.cancelled:
            # Whatever broke, broke because it was stopped.
            log.info("job stopped", stage=stage, reason=str(error))
            return CANCELLED
        tell(_failure(error, stage, spec))
    return TOLD


def _failure(error: Exception, stage: Stage | None, spec: RunSpec) -> RunFailed:
    """What a client is told; the log has the rest."""
    match error:
        case ReelprintError():
            log.warning("job failed", stage=stage, code=error.code, detail=error.detail)
            return RunFailed(stage=stage, code=error.code, message=one_line(error.message, spec.scratch))
        case OSError():
            # A full disk, say. Where it is says nothing to a client.
            log.error("job failed", stage=stage, exc_info=error)
            return RunFailed(stage=stage, code=ReelprintError.code, message=error.strerror or type(error).__name__)
        case _:
            log.error("job failed by a defect", stage=stage, exc_info=error)
            return RunFailed(stage=stage, code=ReelprintError.code, message=defect(error))


def one_line(message: str, scratch: str) -> str:
    """A message for a client: one line, without our folders."""
    return " ".join(message.replace(scratch, "").split())


def defect(error: Exception) -> str:
    """Our own mistake in one line: what and where; the log has the rest."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"internal error, please report it: {type(error).__name__}{where}"
