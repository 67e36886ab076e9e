"""How work that runs side by side ends when one part of it fails."""

from __future__ import annotations

import dataclasses
import threading
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from reelprint.analyze.evidence import Evidence, Known, Tick
from reelprint.core.errors import ProcessFailed
from reelprint.core.progress import CancelToken, Silent
from reelprint.engine.findings import FOR_STYLE
from reelprint.engine.measuring import Step, carry_out
from reelprint.engine.ports import Tools
from reelprint.engine.render import Rendering
from reelprint.engine.stopwatch import Stopwatch
from reelprint.engine.viewing import Viewing
from reelprint.plan.edit import plan_edit
from reelprint.plan.options import PlanOptions
from reelprint.render.chunks import Chunk
from tests.factories import footage, style


def _tools(**parts: Any) -> Tools:
    nothing: dict[str, Any] = dict.fromkeys(field.name for field in dataclasses.fields(Tools))
    return Tools(**(nothing | {"workers": 1, "stopwatch": Stopwatch()} | parts))


def test_a_render_says_what_failed_and_not_what_was_never_started(tmp_path: Path) -> None:
    class Broken(Rendering):
        def _sound(self) -> Path | None:
            raise ProcessFailed("the sound failed")

        def _chunk(self, chunk: Chunk) -> Path:
            return tmp_path / chunk.key

    analysis = footage(120, [30.0, 60.0])
    plan = plan_edit(style(), analysis, PlanOptions())
    rendering = Broken(plan, analysis.media, tmp_path / "f.mp4", tmp_path, _tools(), Silent(), CancelToken())
    with pytest.raises(ProcessFailed, match="the sound failed"):
        rendering.run(tmp_path / "out.mp4")


class _Reader:
    version = 1

    def decode(self, *_: Any) -> AbstractContextManager[Any]:
        return nullcontext(object())


class _Scratch:
    def folder(self, purpose: str) -> AbstractContextManager[Path]:
        return nullcontext(Path(purpose))


def test_one_failed_analyzer_stops_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    started, stopped = threading.Event(), threading.Event()

    class Endless:
        name, version = "loudness", 1

        def measure(self, _evidence: Evidence, _known: Known, tick: Tick) -> None:
            started.set()
            try:
                while not stopped.wait(0.01):
                    tick(0.5)
            finally:
                stopped.set()

    class Failing:
        name, version = "picture", 1

        def measure(self, _evidence: Evidence, _known: Known, _tick: Tick) -> None:
            started.wait(5)
            raise ValueError("broken")

    timer = threading.Timer(5, stopped.set)
    timer.start()
    tools = _tools(analyzers=(Endless(), Failing()), workers=2, reader=_Reader(), scratch=_Scratch())
    film = Viewing(footage().media, lambda: Path("film.mp4"), tools, FOR_STYLE)
    steps = [Step(film, None), *(Step(film, analyzer) for analyzer in tools.analyzers)]
    with film, pytest.raises(ValueError, match="broken"):
        carry_out(steps, tools, CancelToken(), lambda _step, _share: None)
    assert timer.is_alive(), "the other analyzer went on until the test's own deadline"
    timer.cancel()
