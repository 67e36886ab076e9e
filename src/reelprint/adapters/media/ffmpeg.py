"""Encoder: the ffmpeg of the imageio-ffmpeg wheel, or one chosen by setting."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import imageio_ffmpeg

from reelprint.adapters.process import Limits, run
from reelprint.core.errors import ModelMissing, ProcessFailed
from reelprint.core.progress import CancelToken

#: Linux takes arguments of 128 KiB; the sound of an edit of 600 pieces needs more.
_LONGEST_ARGUMENT = 120_000


class Ffmpeg:
    """Runs one ffmpeg binary under limits."""

    def __init__(self, binary: str | None, limits: Limits) -> None:
        """``binary``: a path or a name on PATH; None takes the wheel's. Raises ProcessFailed if it is not there."""
        if binary is None:
            try:
                self._binary = str(imageio_ffmpeg.get_ffmpeg_exe())
            except RuntimeError as error:
                raise ModelMissing(
                    "imageio-ffmpeg carries no ffmpeg for this machine; set FFMPEG_PATH", detail=str(error)
                ) from None
        else:
            found = shutil.which(binary)
            if found is None:
                raise ProcessFailed(f"FFMPEG_PATH names {binary}, which is no program")
            self._binary = str(Path(found))
        self._limits = limits

    @property
    def binary(self) -> str:
        return self._binary

    def run(self, argv: Sequence[str], cancel: CancelToken, on_frames: Callable[[int], None] | None = None) -> str:
        with ExitStack() as stack:
            fitting = _long_graphs_in_files(list(argv), stack)
            return run(fitting, cancel=cancel, limits=self._limits, on_frames=on_frames).stderr

    def ask(self, question: str) -> str:
        """What ffmpeg prints for an option like ``-version`` or ``-filters``."""
        return run([self._binary, "-hide_banner", question], cancel=CancelToken(), limits=self._limits).stdout


def _long_graphs_in_files(argv: list[str], stack: ExitStack) -> list[str]:
    """``argv`` with filter graphs that are too long for an argument in files (ffmpeg 7 and later read them)."""
    for place, option in enumerate(argv[:-1]):
        if option == "-filter_complex" and len(os.fsencode(argv[place + 1])) > _LONGEST_ARGUMENT:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reelprint-")))
            (folder / "graph.txt").write_bytes(os.fsencode(argv[place + 1]))
            argv[place : place + 2] = ["-/filter_complex", str(folder / "graph.txt")]
    return argv
