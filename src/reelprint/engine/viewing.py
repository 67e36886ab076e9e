"""One film being watched: what is known of it grows part by part, its frames are decoded once, when first needed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

from reelprint.analyze.evidence import Analyzer, Evidence, Known, Tick
from reelprint.core.analysis import Analysis, Timing
from reelprint.core.media import MediaInfo
from reelprint.core.motion import FocusTrack
from reelprint.core.shots import Shot
from reelprint.core.time import rate_text, snap_rate
from reelprint.engine.findings import DECODE, FOR_EDITING, FOR_STYLE, FocusFindings, Part, VideoFindings, deciding
from reelprint.engine.ports import Film, Tools

_MAX_THUMBNAILS = 24


class Viewing:
    """A film, its findings so far, and its evidence while that is open.

    One thread learns and keeps; any thread may ``decode`` (once) and ``measure``. Close it, or leave its ``with``.
    """

    def __init__(self, media: MediaInfo, path: Callable[[], Path], tools: Tools, wanted: tuple[Part, ...]) -> None:
        """``path`` says where the film is; it is asked when frames are needed, which may be never."""
        self.media, self.wanted = media, wanted
        self._path, self._tools = path, tools
        self._stack = ExitStack()
        self._evidence: Evidence | None = None
        self._found: dict[str, Any] = {}
        self._kept: set[Part] = set()
        self._versions = {DECODE: tools.reader.version} | {one.name: one.version for one in tools.analyzers}

    def __enter__(self) -> Viewing:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        """Whether its frames are at hand."""
        return self._evidence is not None

    @property
    def known(self) -> Known:
        """What analyzers may build on."""
        return dataclasses.replace(
            Known(), **{field.name: self._found.get(field.name) for field in dataclasses.fields(Known)}
        )

    def recall(self, parts: Collection[Part]) -> list[Analyzer]:
        """Read what is kept of these parts; return the analyzers that the rest of them needs."""
        missing: list[str] = []
        for part in self.wanted:
            if part not in parts or part in self._kept:
                continue
            kept = self._tools.cache.load(self.media.content_hash, part, deciding(part, self._versions))
            if kept is None:
                missing.extend(name for name in part.analyzers() if name not in self._found)
            else:
                self._found |= {name: getattr(kept, name) for name in part.model_fields}
                self._kept.add(part)
        return [analyzer for analyzer in self._tools.analyzers if analyzer.name in missing]

    def decode(self, moved: Callable[[int, int], None]) -> None:
        """Put the film on shelves; ``moved(done, expected)`` gets frame counts and may raise Cancelled."""
        with self._tools.stopwatch.step("decode"), ExitStack() as stack:
            scratch = stack.enter_context(self._tools.scratch.folder("watch"))
            reader = self._tools.reader
            self._evidence = stack.enter_context(reader.decode(self._path(), self.media, scratch, moved))
            self._stack = stack.pop_all()

    def measure(self, analyzer: Analyzer, known: Known, tick: Tick) -> Any:
        """Run one analyzer on the open film."""
        if self._evidence is None:
            raise RuntimeError(f"{analyzer.name} needs frames, and the film is not open")
        with self._tools.stopwatch.step(f"analyzer {analyzer.name}"):
            return analyzer.measure(self._evidence, known, tick)

    def learn(self, name: str, finding: Any) -> None:
        """Take in what an analyzer found."""
        self._found[name] = finding

    def keep(self) -> None:
        """Keep every part that is complete and not kept yet."""
        for part in self.wanted:
            if part in self._kept or not all(name in self._found for name in part.analyzers()):
                continue
            if part is VideoFindings and self._evidence is not None:
                self._found["timing"] = _timing(self._evidence)
                moments = _moments(self._found["shots"].shots)
                self._found["thumbnails"] = self._tools.reader.thumbnails(self._evidence, moments)
            findings = part(**{name: self._found[name] for name in part.model_fields})
            self._tools.cache.store(self.media.content_hash, deciding(part, self._versions), findings)
            self._kept.add(part)

    def finding(self, name: str) -> Any:
        """What was found by an analyzer whose part is known."""
        return self._found[name]

    def film(self, media: MediaInfo | None = None) -> Film:
        """Everything, once all wanted parts are known. ``media``: the same bytes under another name."""
        names = {name for part in self.wanted if part in FOR_EDITING for name in part.analyzers()}
        values = {name: self._found[name] for part in FOR_STYLE for name in part.analyzers()}
        wants_focus = FocusFindings in self.wanted
        analysis = Analysis(
            media=media or self.media,
            timing=self._found["timing"],
            focus=self._found["focus"] if wants_focus else FocusTrack(),
            analyzers={name: one for name, one in self._versions.items() if name == DECODE or name in names},
            **values,
        )
        return Film(analysis=analysis, thumbnails=self._found["thumbnails"])

    def close(self) -> None:
        """Give the frames back."""
        self._evidence = None
        self._stack.close()


def _timing(evidence: Evidence) -> Timing:
    count = len(evidence.times_s)
    exact = Fraction(count) / Fraction(evidence.duration_s).limit_denominator(1_000_000)
    return Timing(
        frame_count=count,
        frame_rate=rate_text(snap_rate(exact.limit_denominator(100_000))),
        duration_s=evidence.duration_s,
        decode_errors=evidence.decode_errors,
    )


def _moments(shots: tuple[Shot, ...]) -> list[float]:
    """The middles of up to 24 shots, spread evenly over the film; more of a film with few shots."""
    if len(shots) >= _MAX_THUMBNAILS:
        step = len(shots) / _MAX_THUMBNAILS
        shots = tuple(shots[int(step * index)] for index in range(_MAX_THUMBNAILS))
        return [(shot.start_s + shot.end_s) / 2 for shot in shots]
    each = max(1, _MAX_THUMBNAILS // (2 * len(shots)))
    return [shot.start_s + shot.duration_s * (index + 0.5) / each for shot in shots for index in range(each)]
