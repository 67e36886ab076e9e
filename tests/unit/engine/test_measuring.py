"""Steps on several films: in order where one needs another, side by side where not, each kept when it is complete."""

from __future__ import annotations

import dataclasses
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reelprint.adapters.storage.films import ShelvedFilmCache
from reelprint.analyze.evidence import Evidence, Known, Tick
from reelprint.core.analysis import Analysis
from reelprint.core.errors import Cancelled, CorruptVideo
from reelprint.core.progress import CancelToken
from reelprint.engine.findings import FOR_EDITING, FOR_STYLE, NEEDS, AudioFindings, MotionFindings, VideoFindings
from reelprint.engine.measuring import Step, carry_out, missing_steps
from reelprint.engine.ports import Tools
from reelprint.engine.stopwatch import Stopwatch
from reelprint.engine.viewing import Viewing
from tests.factories import footage
from tests.shelf import MemoryShelf

NAMES = ("picture", "shots", "text", "colour", "focus", "motion", "loudness", "speech", "music")


class Journal:
    """Who works on what, and who did at the same time."""

    def __init__(self) -> None:
        self.ended: list[tuple[str, str]] = []
        self.together: set[frozenset[tuple[str, str]]] = set()
        self._now: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def work(self, name: str, film: str) -> None:
        with self._lock:
            self._now.add((name, film))
            self.together.add(frozenset(self._now))
        time.sleep(0.01)
        with self._lock:
            self._now.remove((name, film))
            self.ended.append((name, film))


class Measurer:
    """Fills in what a ready-made Analysis says, and checks that it was given what it needs."""

    version = 1

    def __init__(self, name: str, journal: Journal, truth: Analysis) -> None:
        self.name, self._journal, self._truth = name, journal, truth

    def measure(self, evidence: Evidence, known: Known, tick: Tick) -> Any:
        for need in NEEDS.get(self.name, frozenset()):
            assert getattr(known, need) is not None, f"{self.name} began without {need}"
        tick(0.5)
        self._journal.work(self.name, evidence.media.content_hash)
        return getattr(self._truth, self.name)


class Reader:
    version = 1

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def decode(self, path: Path, media: Any, _scratch: Path, watch: Any) -> AbstractContextManager[Any]:
        watch(1, 2)
        self._journal.work("decode", media.content_hash)
        evidence: Any = None
        fields = dict.fromkeys((field.name for field in dataclasses.fields(Evidence)), evidence)
        times_s = np.arange(30) / 30
        return nullcontext(
            Evidence(**(fields | {"media": media, "times_s": times_s, "duration_s": 1.0, "decode_errors": 0}))
        )

    def thumbnails(self, _evidence: Any, _times_s: Any) -> Any:
        return ()


class Scratch:
    def folder(self, purpose: str) -> AbstractContextManager[Path]:
        return nullcontext(Path(purpose))


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def tools(journal: Journal) -> Tools:
    nothing: dict[str, Any] = dict.fromkeys(field.name for field in dataclasses.fields(Tools))
    truth = footage(1.0)
    return Tools(
        **nothing
        | {
            "reader": Reader(journal),
            "scratch": Scratch(),
            "workers": 4,
            "stopwatch": Stopwatch(),
            "analyzers": tuple(Measurer(name, journal, truth) for name in NAMES),
            "cache": ShelvedFilmCache(MemoryShelf(), required=True),
        }
    )


def _film(tools: Tools, name: str, parts: Any = FOR_EDITING) -> Viewing:
    media = footage(1.0).media.model_copy(update={"content_hash": name * 64})
    return Viewing(media, lambda: Path(name), tools, parts)


def _unheard(_step: Step, _share: float) -> None:
    """Nobody listens."""


def test_everything_is_measured_once_and_in_an_order_that_works(tools: Tools, journal: Journal) -> None:
    films = [_film(tools, "a"), _film(tools, "b", FOR_STYLE)]
    carry_out(missing_steps(films, FOR_EDITING), tools, CancelToken(), _unheard)
    expected = [("decode", "a" * 64), ("decode", "b" * 64), *((name, "a" * 64) for name in NAMES)]
    expected += [(name, "b" * 64) for name in NAMES if name != "focus"]
    assert sorted(journal.ended) == sorted(expected)
    assert any(len(now) > 1 for now in journal.together), "nothing ran side by side"
    for now in journal.together:
        analyzers = [name for name, _ in now if name != "decode"]
        assert len(analyzers) == len(set(analyzers)), "an analyzer worked on two films at once"
    assert missing_steps(films, FOR_EDITING) == []
    assert films[0].film().analysis.analyzers == dict.fromkeys(("decode", *NAMES), 1)
    assert "focus" not in films[1].film().analysis.analyzers


def test_only_what_is_missing_is_measured(tools: Tools, journal: Journal) -> None:
    with _film(tools, "a") as film:
        carry_out(missing_steps([film], (VideoFindings,)), tools, CancelToken(), _unheard)
        assert {name for name, _ in journal.ended} == {"decode", "picture", "shots", "text", "colour"}
        steps = missing_steps([film], (VideoFindings, AudioFindings))
        assert {step.name for step in steps} == {"loudness", "speech", "music"}, "the film is open: no second decode"
    later = _film(tools, "a")
    names = [step.name for step in missing_steps([later], (VideoFindings, MotionFindings))]
    assert names == ["decode", "motion"], "another process decodes again, and builds on what is kept"


def test_a_newer_analyzer_measures_again_with_those_that_build_on_it(tools: Tools) -> None:
    carry_out(missing_steps([_film(tools, "a")], FOR_EDITING), tools, CancelToken(), _unheard)
    newer = next(one for one in tools.analyzers if one.name == "loudness")
    newer.version = 2  # type: ignore[misc]
    names = {step.name for step in missing_steps([_film(tools, "a")], FOR_EDITING)}
    assert names == {"decode", "loudness", "speech", "music"}


def test_what_was_complete_is_kept_when_a_later_step_fails(tools: Tools, journal: Journal) -> None:
    class Failing(Measurer):
        def measure(self, evidence: Evidence, known: Known, tick: Tick) -> Any:
            # Until it is kept, not only measured: a failure beside it may come in between.
            while "music" in [step.name for step in missing_steps([_film(tools, "a", FOR_STYLE)], FOR_STYLE)]:
                tick(0.1)
            raise CorruptVideo("broken")

    analyzers = tuple(
        Failing(one.name, journal, footage(1.0)) if one.name == "motion" else one for one in tools.analyzers
    )
    broken = dataclasses.replace(tools, analyzers=analyzers)
    with pytest.raises(CorruptVideo, match="broken"):
        carry_out(missing_steps([_film(broken, "a", FOR_STYLE)], FOR_STYLE), broken, CancelToken(), _unheard)
    names = [step.name for step in missing_steps([_film(tools, "a", FOR_STYLE)], FOR_STYLE)]
    assert "motion" in names
    assert "music" not in names


def test_a_stop_ends_all_steps(tools: Tools) -> None:
    cancel = CancelToken()

    def watch(step: Step, _share: float) -> None:
        if step.name == "shots":
            cancel.cancel("enough")

    films = [_film(tools, "a"), _film(tools, "b")]
    with pytest.raises(Cancelled, match="enough"):
        carry_out(missing_steps(films, FOR_EDITING), tools, cancel, watch)
    assert not [one for one in threading.enumerate() if one.name.startswith("analyze")]
