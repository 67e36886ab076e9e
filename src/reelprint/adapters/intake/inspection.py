"""Inspect an upload in a process of its own, with limits on time and memory and nothing of ours in its environment."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from reelprint.adapters.process import Limits, run
from reelprint.core.errors import CorruptVideo, MediaError, MediaTooLarge, ProcessFailed, Unavailable, UnsupportedFormat
from reelprint.core.media import MediaInfo
from reelprint.core.progress import CancelToken

_MODULE = "reelprint.adapters.intake.probe"
#: Neither credentials nor addresses: whoever takes over the demuxer finds nothing.
_KEPT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")
_TOO_LARGE = MediaTooLarge.code


@dataclass(frozen=True)
class Inspector:
    """Seconds and MiB of address space that one inspection may take."""

    time_s: float = 60.0
    memory_mb: int = 4096

    def inspect(self, path: Path, cancel: CancelToken | None = None) -> MediaInfo:
        """Measure a film. Blocks.

        Raises UnsupportedFormat, CorruptVideo (also when the process crashed or took too long) or MediaTooLarge;
        Unavailable when no process can be started; Cancelled.
        """
        # -P: the folder we happen to be in holds no modules.
        argv = [sys.executable, "-P", "-m", _MODULE, str(path)]
        env = {name: os.environ[name] for name in _KEPT if name in os.environ}
        limits = Limits(time_s=self.time_s, memory_mb=self.memory_mb)
        try:
            told = run(argv, cancel=cancel or CancelToken(), limits=limits, env=env).stdout
        except ProcessFailed as error:
            if error.message.startswith("cannot start"):
                raise Unavailable("uploads cannot be inspected now", detail=error.message) from error
            raise CorruptVideo(f"{path.name} cannot be inspected", detail=_reason(error)) from error
        try:
            answer = json.loads(told)
            if "media" in answer:
                return MediaInfo.model_validate(answer["media"])
            # Foreign errors name the whole path; where our scratch files are is nobody's business.
            raise _error(**{name: text.replace(str(path), path.name) for name, text in answer["error"].items()})
        except (ValueError, TypeError, KeyError, ValidationError) as error:
            raise CorruptVideo(f"{path.name} cannot be inspected", detail=f"no verdict: {error}") from error


def _reason(error: ProcessFailed) -> str:
    """One line for whoever sent the file: no stack of ours."""
    return error.message.replace(f"{Path(sys.executable).name} ", "its inspection ", 1)


def _error(code: str, message: str, detail: str = "") -> MediaError:
    kinds: dict[str, type[MediaError]] = {UnsupportedFormat.code: UnsupportedFormat, _TOO_LARGE: MediaTooLarge}
    return kinds.get(code, CorruptVideo)(message, detail=detail)
