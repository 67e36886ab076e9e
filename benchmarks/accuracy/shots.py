"""Shot boundaries on labelled and on planted films, beside TransNetV2 and PySceneDetect on the same files.

    python benchmarks/accuracy/shots.py [FOOTAGE_FOLDER] [--seed 1] [--films 5] [--json PATH] [--pictures DIR]

Planted films are real files of many sizes, rates and compressions (plant_shots.py). Odd seeds plant takes on which
nothing was tuned, even seeds the others. The peers run in ``.peers`` (``make peers``).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from figures import Figure, report
from numpy.typing import NDArray
from plant_shots import draw_spec, write_film
from plant_shots_joins import Event
from plant_shots_takes import HELD_OUT, TUNING, load_takes
from shots_pictures import draw_pictures
from shots_score import Tally

from reelprint.adapters.media.decode import decode_film
from reelprint.adapters.media.probe import probe
from reelprint.adapters.models.transnet import TransNet
from reelprint.analyze.evidence import Evidence, Known
from reelprint.analyze.picture import PictureAnalyzer
from reelprint.analyze.shots import ShotAnalyzer

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".peers" / "bin" / "python"
LABELLED = ("tos_battle_70s.webm", "bbb_trailer_33s.webm", "bbb_000-090s_720p.mp4", "nasa_13s.mp4",
            "grid_multi_talk_30s.mp4", "edit_dev_9x16.mp4")  # fmt: skip
TYPES = {"fade_black": ("fade", "black"), "fade_white": ("fade", "white"), "flash_white": ("fade", "white"),
         "wipe_left": ("wipe", "left"), "slide_up": ("slide", "up")}  # fmt: skip
SCORER = TransNet()
NAMES = ("TransNetV2", "adaptive", "content", "histogram")


@dataclass
class Film:
    """A file with its truth, and what was found in it."""

    path: Path
    label: str
    truth: list[Event]
    seconds: float
    planted: bool
    disturbances: list[tuple[str, int, int]] = field(default_factory=list)
    found: list[Event] = field(default_factory=list)


def labels(path: Path) -> list[Event]:
    """Boundaries as labelled; opening and closing fades are left out, they are no boundaries."""
    exact = path.with_suffix(".edl.json")
    data = json.loads((exact if exact.exists() else path.with_suffix(".gt.json")).read_text())
    events = [Event("cut", cut, cut) for cut in data.get("hard_cuts", data.get("jump_cuts_frames", []))]
    for item in data.get("gradual", []):
        if item["type"] != "fade_in_black" and item["end"] < data.get("frames", 1 << 30) - 2:
            kind, direction = TYPES.get(item["type"], (item["type"], None))
            # Ends were seen by eye, give or take 5 frames: no measure for durations and easings.
            events.append(Event(kind, item["start"], item["end"], None, direction))
    return sorted(events, key=lambda event: event.start)


def measured(evidence: Evidence) -> list[Event]:
    """What the analyzer finds, in frames."""
    known = Known(picture=PictureAnalyzer().measure(evidence, Known(), lambda _: None))
    found = ShotAnalyzer(SCORER).measure(evidence, known, lambda _: None)
    clock: NDArray[np.float64] = np.append(evidence.times_s, evidence.duration_s)

    def frame(at_s: float) -> int:
        return int(np.searchsorted(clock, at_s - 1e-6))

    return [Event(item.type, frame(item.start_s), frame(item.end_s), item.easing, item.direction)
            for item in found.boundaries]  # fmt: skip


def films(folder: Path, seed: int, count: int, scratch: Path) -> list[Film]:
    """The labelled films and ``count`` planted ones."""
    found = []
    for name in LABELLED:
        path = folder / name
        found.append(Film(path, name, labels(path), probe(path).duration_s, planted=False))
    takes = load_takes(folder, HELD_OUT if seed % 2 else TUNING, scratch)
    for number in range(count):
        spec = draw_spec(seed, number, 12)
        path = scratch / f"planted-{number}.mp4"
        planted = write_film(takes, spec, path)
        found.append(Film(path, str(spec), planted.events, planted.seconds, True, planted.disturbances))
    return found


def peers(chosen: list[Film], scratch: Path) -> dict[str, list[list[Event]]]:
    """Per peer and film what it finds; empty when the peers are not installed."""
    if not PEERS.exists():
        print("peers not measured: no .peers environment (make peers)")
        return {}
    out = scratch / "peers.json"
    script = Path(__file__).with_name("peers_shots.py")
    subprocess.run([PEERS, script, out, *(film.path for film in chosen)], check=True)
    answers = json.loads(out.read_text())
    return {
        name: [[Event(*item) for item in answers[str(film.path)]["found"][name]] for film in chosen] for name in NAMES
    }


def rows(chosen: list[Film], others: dict[str, list[list[Event]]], title: str) -> tuple[list[Figure], Tally]:
    """Figures over some films."""
    ours = Tally()
    tallies = {name: Tally() for name in others}
    for number, film in enumerate(chosen):
        ours.seconds += film.seconds
        ours.add(film.found, film.truth, film.disturbances, label=film.label)
        for name, tally in tallies.items():
            tally.seconds += film.seconds
            tally.add(others[name][number], film.truth, film.disturbances, typed=False)
    cases = ours.n
    return [
        Figure(f"hard cuts, F1 within 1 frame ({title})", ours.cut_f1(), 0.98, cases=cases["cuts"],
               peers={name: tally.cut_f1() for name, tally in tallies.items()},
               note=f"{cases['cuts found']} found, {cases['false cuts']} false"),
        Figure(f"gradual transitions found, F1 ({title})", ours.gradual_f1(), 0.9, cases=cases["gradual"],
               peers={name: tally.gradual_f1() for name, tally in tallies.items()},
               note=f"{cases['gradual found']} found, {cases['false gradual']} false"),
    ], ours  # fmt: skip


def planted_rows(tally: Tally, others: dict[str, Tally]) -> list[Figure]:
    """Figures that only exact truth allows."""
    n, minutes = tally.n, tally.seconds / 60
    return [
        Figure("false boundaries at disturbances (planted)", tally.false_per_minute(), 0.2, at_most=True, unit="/min",
               peers={name: other.false_per_minute() for name, other in others.items()},
               cases=n["false at disturbances"], note=f"of any kind, in {minutes:.1f} minutes of film"),
        Figure("transition type, macro F1 (planted)", tally.type_f1(), 0.9, cases=n["cuts"] + n["gradual"]),
        Figure("transition duration, mean error (planted)", tally.duration_error(), 2, at_most=True, unit="frames",
               cases=len(tally.durations), note=f"median {np.median(tally.durations or [0]):.0f}"),
        Figure("easing right, 12 frames and more (planted)", tally.easing_share(), 0.8, cases=n["eased"]),
        Figure("kinds outside the seven types found (planted)", n["strange found"] / max(n["strange"], 1),
               cases=n["strange"]),
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--films", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        chosen = films(options.folder, options.seed, options.films, scratch)
        spent_s = 0.0
        for film in chosen:
            with decode_film(film.path, probe(film.path), scratch) as evidence:
                begun = time.process_time()
                film.found = measured(evidence)
                spent_s += time.process_time() - begun
            alone = Tally()
            alone.add(film.found, film.truth, label="  ")
            print(f"{film.label}: cuts {alone.cut_f1():.2f}, gradual {alone.gradual_f1():.2f}", flush=True)
            if options.verbose:
                print("\n".join(alone.misses))
        others = {} if options.no_peers else peers(chosen, scratch)
        figures, _ = rows(chosen, others, "all films")
        planted = [film for film in chosen if film.planted]
        if planted:
            index = [number for number, film in enumerate(chosen) if film.planted]
            theirs = {name: [found[number] for number in index] for name, found in others.items()}
            more, tally = rows(planted, theirs, "planted")
            scored = {name: Tally(seconds=tally.seconds) for name in others}
            for name, other in scored.items():
                for film, found in zip(planted, theirs[name], strict=True):
                    other.add(found, film.truth, film.disturbances, typed=False)
            figures += more + planted_rows(tally, scored)
        minutes = sum(film.seconds for film in chosen) / 60
        figures.append(Figure("processor seconds a minute of film", spent_s / minutes, unit="s"))
        if options.pictures is not None:
            draw_pictures([(film.path, film.label, film.truth, film.found) for film in planted], options.pictures)
        report(figures, options.json)


if __name__ == "__main__":
    main()
