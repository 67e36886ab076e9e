"""Counting of boundaries: cuts match within one frame, gradual transitions by overlap (TRECVID 2001-2007)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from plant_shots_joins import Event

TYPES = ("cut", "dissolve", "fade black", "fade white", "wipe", "slide", "zoom", "whip")


def name_of(kind: str, direction: str | None) -> str:
    return f"fade {direction}" if kind == "fade" else kind


@dataclass
class Tally:
    """Counts over films."""

    n: Counter[str] = field(default_factory=Counter)
    durations: list[int] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(
        self,
        got: Sequence[Event],
        truth: Sequence[Event],
        disturbances: Sequence[tuple[str, int, int]] = (),
        *,
        typed: bool = True,
        label: str = "",
    ) -> None:
        """One film. ``typed``: the detector says what is a cut and what is gradual, and is held to it.

        For a detector that does not (PySceneDetect), whatever lies in a gradual transition finds it and is not false.
        """
        used: set[int] = set()
        strange = [item for item in truth if item.type == "strange"]
        truth = [item for item in truth if item.type != "strange"]

        def fits(item: Event, event: Event) -> bool:
            if event.type == "cut":
                return item.type == "cut" and abs(item.start - event.start) <= 1
            if not typed:
                return item.start <= event.end and item.end >= event.start
            return item.type != "cut" and item.start < event.end and item.end > event.start

        for event in truth:
            gradual = event.type != "cut"
            true = name_of(event.type, event.direction)
            self.n["gradual" if gradual else "cuts"] += 1
            self.n[f"true {true}"] += 1
            hits = [index for index, item in enumerate(got) if index not in used and fits(item, event)]
            if not hits:
                self.misses.append(f"{label} missed {event}")
                continue
            index = max(hits, key=lambda i: min(got[i].end, event.end) - max(got[i].start, event.start))
            item = got[index]
            used.add(index)
            if not typed:
                used.update(hits)
            self.n["gradual found" if gradual else "cuts found"] += 1
            called = name_of(item.type, item.direction)
            self.n[f"right {true}"] += called == true
            if gradual and called != true:
                self.misses.append(f"{label} taken for {called} {item.start}-{item.end}: {event}")
            if gradual:
                self._gradual(item, event, label)
        for event in strange:
            hits = [index for index, item in enumerate(got) if item.start <= event.end and item.end >= event.start]
            self.n["strange"] += 1
            self.n["strange found"] += bool(hits)
            used.update(hits)
        for index, item in enumerate(got):
            if index in used:
                self.n[f"called {name_of(item.type, item.direction)}"] += item.type != "cut" or index in used
                continue
            self.n[f"called {name_of(item.type, item.direction)}"] += 1
            self.n["false cuts" if item.type == "cut" else "false gradual"] += 1
            near = [name for name, start, end in disturbances if start - 1 <= item.end and item.start <= end + 1]
            inside = any(item.start <= event.end and item.end >= event.start for event in truth)
            self.n["false at disturbances"] += bool(near) and not inside
            for name in near[:1]:
                self.n[f"false at {name}"] += not inside
            self.misses.append(f"{label} false {item} {near} {'inside a transition' if inside else ''}")

    def _gradual(self, item: Event, event: Event, label: str) -> None:
        if event.easing is None:
            return
        error = (item.end - item.start) - (event.end - event.start)
        self.durations.append(abs(error))
        if abs(error) > 6:
            self.misses.append(f"{label} length {item.start}-{item.end} {item.type} {item.easing}: {event}")
        if event.end - event.start >= 12:
            self.n["eased"] += 1
            self.n["easing right"] += item.easing == event.easing
            kind = f"easing {event.type}"
            self.n[f"{kind} all"] += 1
            self.n[f"{kind} right"] += item.easing == event.easing
            if item.easing != event.easing:
                self.misses.append(f"{label} easing {item.easing} {item.start}-{item.end}: {event}")

    def cut_f1(self) -> float:
        return self._f1(self.n["cuts found"], self.n["cuts"], self.n["false cuts"])

    def gradual_f1(self) -> float:
        return self._f1(self.n["gradual found"], self.n["gradual"], self.n["false gradual"])

    def type_f1(self) -> float:
        """Mean over the types that occur."""
        n = self.n
        shares = [
            self._f1(
                self.n[f"right {kind}"], self.n[f"true {kind}"], self.n[f"called {kind}"] - self.n[f"right {kind}"]
            )
            for kind in TYPES
            if n[f"true {kind}"]
        ]
        return float(np.mean(shares)) if shares else 1.0

    def duration_error(self) -> float:
        return float(np.mean(self.durations)) if self.durations else 0.0

    def easing_share(self) -> float:
        return self.n["easing right"] / max(self.n["eased"], 1)

    def false_per_minute(self) -> float:
        """False boundaries of any kind at a disturbance, per minute of film."""
        return self.n["false at disturbances"] / max(self.seconds / 60, 1e-9)

    @staticmethod
    def _f1(hits: int, wanted: int, false: int) -> float:
        return 2 * hits / max(hits + wanted + false, 1)
