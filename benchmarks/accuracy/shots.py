"""Shot boundaries on the labelled films and on planted transitions: two tables.

    python benchmarks/accuracy/shots.py [FOOTAGE_FOLDER] [--seeds 101 102 ...] [--tuning] [--verbose]

Cuts match within one frame, gradual transitions by overlap (TRECVID 2001-2007). The planted films are made from takes
that were not used while the analyzer was tuned; ``--tuning`` uses the others.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from plant_transitions import F32, Event, Planted, plant, take_pictures

from reelprint.adapters.media.decode import decode_film
from reelprint.adapters.media.probe import probe
from reelprint.analyze.evidence import Evidence, Known
from reelprint.analyze.shots import ShotAnalyzer
from reelprint.core.analysis import ActivePicture
from reelprint.core.shots import ShotList
from tests.evidence import MemoryProxies, memory_evidence

FILMS = ("tos_battle_70s.webm", "bbb_trailer_33s.webm", "bbb_000-090s_720p.mp4", "nasa_13s.mp4",
         "grid_multi_talk_30s.mp4", "edit_dev_9x16.mp4")  # fmt: skip
KINDS = ("dissolve", "fade", "wipe", "slide", "zoom", "whip")
TYPES = {"fade_black": "fade", "fade_white": "fade", "flash_white": "fade", "wipe_left": "wipe", "slide_up": "slide"}
#: (film, first, one past the last frame) of takes without any boundary.
TUNING = (
    ("tos_battle_70s.webm", 53, 121), ("tos_battle_70s.webm", 222, 308), ("tos_battle_70s.webm", 310, 714),
    ("tos_battle_70s.webm", 789, 871), ("tos_battle_70s.webm", 902, 986), ("tos_battle_70s.webm", 988, 1126),
    ("raw/intel_car-detection.mp4", 0, 376), ("grid_multi_talk_30s.mp4", 1, 74), ("grid_multi_talk_30s.mp4", 76, 149),
    ("bbb_000-090s_720p.mp4", 290, 375), ("bbb_000-090s_720p.mp4", 1150, 1340), ("bbb_000-090s_720p.mp4", 1350, 1450),
    ("bbb_000-090s_720p.mp4", 1820, 1915),
)  # fmt: skip
HELD_OUT = (
    ("bbb_000-090s_720p.mp4", 90, 280), ("bbb_000-090s_720p.mp4", 390, 495), ("bbb_000-090s_720p.mp4", 830, 1140),
    ("bbb_000-090s_720p.mp4", 1460, 1530), ("bbb_000-090s_720p.mp4", 1540, 1660), ("bbb_000-090s_720p.mp4", 1930, 2150),
    ("nasa_13s.mp4", 0, 145), ("nasa_13s.mp4", 242, 389),
    ("raw/intel_one-by-one-person-detection.mp4", 0, 300), ("raw/intel_one-by-one-person-detection.mp4", 301, 700),
    ("grid_two_person_30s.mp4", 1, 224),
)  # fmt: skip


@dataclass
class Tally:
    """Counts over films."""

    n: Counter[str] = field(default_factory=Counter)
    errors: list[int] = field(default_factory=list)

    def add(self, found: ShotList, clock: np.ndarray, truth: list[Event], verbose: bool = False) -> None:
        """Compare one film; ``clock``: (frames + 1,) times of frame boundaries."""
        got = [(i.type, int(np.searchsorted(clock, i.start_s - 1e-6)), int(np.searchsorted(clock, i.end_s - 1e-6)),
                i.easing, i.direction) for i in found.boundaries]  # fmt: skip
        used: set[int] = set()
        for event in truth:
            gradual = event.type != "cut"
            self.n["gradual" if gradual else "cuts"] += 1
            self.n[f"true {event.type}"] += gradual
            hits = [
                (min(item[2], event.end) - max(item[1], event.start), index)
                for index, item in enumerate(got)
                if index not in used
                and (item[0] != "cut") == gradual
                and (item[1] < event.end and item[2] > event.start if gradual else abs(item[1] - event.start) <= 1)
            ]
            if not hits:
                if verbose:
                    print("   missed", event)
                continue
            index = max(hits)[1]
            used.add(index)
            self.n["gradual found" if gradual else "cuts found"] += 1
            if gradual and got[index][0] == event.type:
                self.n[f"right {event.type}"] += 1
                self.n["easing right"] += got[index][3] == event.easing
                self.n["direction right"] += got[index][4] == event.direction
                self.errors.append(abs((got[index][2] - got[index][1]) - (event.end - event.start)))
            elif gradual and verbose:
                print("   taken for", got[index], event)
        for index, item in enumerate(got):
            self.n[f"called {item[0]}"] += 1
            if index not in used:
                self.n["false cuts" if item[0] == "cut" else "false gradual"] += 1
                if verbose:
                    print("   false", item)
        self.n["frames"] += len(clock) - 1

    def f1(self, hits: int, wanted: int, false: int) -> float:
        return 2 * hits / max(2 * hits + (wanted - hits) + false, 1)

    def row(self) -> str:
        n = self.n
        shares = [
            self.f1(n[f"right {k}"], n[f"true {k}"], n[f"called {k}"] - n[f"right {k}"])
            for k in KINDS
            if n[f"true {k}"]
        ]
        macro = f"{np.mean(shares):.3f}" if shares else "-"
        error = f"{np.mean(self.errors):.1f} ({np.mean(np.array(self.errors) <= 2):.0%})" if self.errors else "-"
        gradual = (
            f"{self.f1(n['gradual found'], n['gradual'], n['false gradual']):.3f}"
            if n["gradual"]
            else f"{n['false gradual']} false"
        )
        right = sum(n[f"right {kind}"] for kind in KINDS)
        return (
            f"| {self.f1(n['cuts found'], n['cuts'], n['false cuts']):.3f} | {n['false cuts']} | {gradual} | {macro} | "
            f"{error} | {n['easing right']}/{right} | {n['direction right']}/{right} |"
        )


def labels(folder: Path, name: str) -> list[Event]:
    """Boundaries as labelled; opening and closing fades are left out, they are no boundaries."""
    path = folder / name
    exact = path.with_suffix(".edl.json")
    data = json.loads((exact if exact.exists() else path.with_suffix(".gt.json")).read_text())
    cuts = data.get("hard_cuts", data.get("jump_cuts_frames", []))
    gradual = [
        item
        for item in data.get("gradual", [])
        if item["type"] != "fade_in_black" and item["end"] < data.get("frames", 1 << 30) - 2
    ]
    events = [Event("cut", cut, cut) for cut in cuts]
    events += [Event(TYPES.get(item["type"], item["type"]), item["start"], item["end"]) for item in gradual]
    return sorted(events, key=lambda event: event.start)


def measure(evidence: Evidence) -> tuple[ShotList, float, np.ndarray]:
    """The shots, processor milliseconds per frame, and the clock."""
    begun = time.process_time()
    whole = ActivePicture(x=0, y=0, width=1, height=1, aspect=evidence.proxies.width / evidence.proxies.height)
    found = ShotAnalyzer().measure(evidence, Known(picture=whole), lambda _: None)
    spent = 1000 * (time.process_time() - begun) / evidence.proxies.count
    return found, spent, np.append(evidence.times_s, evidence.duration_s)


def planted_evidence(planted: Planted, fps: float = 25.0) -> Evidence:
    blank = np.zeros((1, 90, 160, 3), np.uint8)
    count = len(planted.luma)
    base = memory_evidence(blank, fps)
    fields = dict(vars(base))
    fields |= {
        "times_s": np.arange(count) / fps, "duration_s": count / fps,
        "proxies": MemoryProxies(planted.luma, planted.chroma),
    }  # fmt: skip
    return Evidence(**fields)


def takes(folder: Path, chosen: tuple[tuple[str, int, int], ...]) -> list[F32]:
    """Planting pictures of the chosen takes."""
    found: list[F32] = []
    for name in dict.fromkeys(item[0] for item in chosen):
        with (
            tempfile.TemporaryDirectory() as scratch,
            decode_film(folder / name, probe(folder / name), Path(scratch)) as film,
        ):
            for _, start, stop in (item for item in chosen if item[0] == name):
                proxies, last = film.proxies, min(stop, film.proxies.count)
                found.append(take_pictures(proxies.luma(start, last), proxies.chroma(start, last)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parents[3] / "shared" / "footage")
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102, 103, 104, 105])
    parser.add_argument("--tuning", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    head = "cut F1 | false cuts | gradual F1 | type macro F1 | duration error, frames (within 2) | easing | direction |"
    print(f"| film | ms/frame | {head}\n|---|---|---|---|---|---|---|---|---|")
    for name in FILMS:
        path, tally = options.folder / name, Tally()
        with tempfile.TemporaryDirectory() as scratch, decode_film(path, probe(path), Path(scratch)) as film:
            found, spent, clock = measure(film)
        tally.add(found, clock, labels(options.folder, name), options.verbose)
        print(f"| {name} | {spent:.2f} {tally.row()}")
    sources, total = takes(options.folder, TUNING if options.tuning else HELD_OUT), Tally()
    for seed in options.seeds:
        planted, tally = plant(sources, seed), Tally()
        found, spent, clock = measure(planted_evidence(planted))
        tally.add(found, clock, planted.events, options.verbose)
        total.add(found, clock, planted.events)
        print(f"| planted, seed {seed} | {spent:.2f} {tally.row()}")
    print(f"| planted, all | {total.row()}")
    for kind in KINDS:
        print(
            f"  {kind}: {total.n[f'right {kind}']} right of {total.n[f'true {kind}']}, "
            f"{total.n[f'called {kind}']} called so"
        )
    print(f"  false cuts per minute: {total.n['false cuts'] / (total.n['frames'] / 25 / 60):.2f}")


if __name__ == "__main__":
    main()
