"""Logs: one JSON object a line, on stderr and in a file of its own for each process, without secrets."""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from reelprint.adapters.locks import FileLock
from reelprint.adapters.secrets import hide_fields, hide_in_text

_FILE_BYTES = 10 * 1024 * 1024
_OLD_FILES = 4
_MOST_TWINS = 99

#: Libraries that tell every request or every queue entry; heard at DEBUG only.
_TALKATIVE = ("uvicorn.access", "httpx", "httpcore", "procrastinate", "alembic", "multipart", "asyncio")

#: Locks on the names of our log files, held as long as the process lives.
_names: list[FileLock] = []


def configure(name: str, *, level: str = "INFO", folder: Path | None = None) -> None:
    """Send structlog's and the standard library's logs to stderr and to ``folder/<name>.log``.

    Of several processes with one name the second writes ``<name>-2.log`` and so on, since two cannot rotate one file.
    ``level`` is DEBUG, INFO, WARNING or ERROR. Values bound with ``structlog.contextvars.bind_contextvars``
    (request_id, job_id, attempt) are in every line, the standard library's too. uvicorn has to be run with
    ``log_config=None``, else it takes its own lines back. Raises OSError when the folder cannot be written.
    """
    told: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*told, structlog.stdlib.ExtraAdder()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _Line(name)],
    )
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if folder is not None:
        handlers.append(_rotating(_own_file(folder, name)))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    root.setLevel(level)
    for talker in _TALKATIVE:
        logging.getLogger(talker).setLevel(logging.NOTSET if level == "DEBUG" else logging.WARNING)
    logging.captureWarnings(True)
    # A full disk or a closed terminal must not turn each line into a traceback of its own.
    logging.raiseExceptions = False
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *told, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    sys.excepthook = _uncaught
    threading.excepthook = lambda end: _uncaught(end.exc_type, end.exc_value, end.exc_traceback)


class LineFile:
    """Somewhere to put another program's lines: a file that is rotated by size."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._handler = _rotating(path)
        self._handler.setFormatter(logging.Formatter("%(message)s"))
        self._closed = False

    def __call__(self, line: str) -> None:
        # A handler opens its file again for a line that comes after its end.
        if not self._closed:
            self._handler.handle(logging.LogRecord("lines", logging.INFO, "", 0, hide_in_text(line), None, None))

    def close(self) -> None:
        """Nothing more is to come; lines that come all the same are lost."""
        self._closed = True
        self._handler.close()


class _Line:
    """The last processor: the line as it is written."""

    def __init__(self, service: str) -> None:
        self._start = {"service": service, "pid": os.getpid()}

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> str:
        # uvicorn's second wording of the same message, with colours for a terminal.
        event.pop("color_message", None)
        first = {name: event.pop(name, None) for name in ("timestamp", "level", "event")}
        line = {**first, **self._start, **event}
        return hide_in_text(json.dumps(hide_fields(line), default=str, ensure_ascii=False))


def _rotating(path: Path) -> logging.Handler:
    return logging.handlers.RotatingFileHandler(
        path, maxBytes=_FILE_BYTES, backupCount=_OLD_FILES, encoding="utf-8", errors="backslashreplace"
    )


def _own_file(folder: Path, name: str) -> Path:
    """A log file that no other living process writes."""
    for number in range(1, _MOST_TWINS + 1):
        stem = name if number == 1 else f"{name}-{number}"
        lock = FileLock(folder / f".{stem}.lock")
        if lock.try_lock():
            _names.append(lock)
            return folder / f"{stem}.log"
    raise OSError(f"{folder} has {_MOST_TWINS} logs named {name} in use")


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> Any:
    if error is None or issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error or kind(), trace)
        return
    logging.getLogger("reelprint").critical("uncaught error", exc_info=(kind, error, trace))
