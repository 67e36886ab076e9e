"""How often the speaker's face is inside the upright crop, and how the crop moves.

    python benchmarks/accuracy/reframing.py [FOOTAGE_FOLDER]

Films: grid_two_person_30s.mp4 with its labels, the conversations of plant_turns.py, and a person who walks in and out.
Truth: on every frame the face of the seat whose turn it is, found by CenterFace in that seat's own part of the full
picture (a frame without a find takes the seat's median box); the frame counts when the sound of that turn is no more
than 25 dB under its loudest twentieth. "face in": the whole box inside the crop, or inside one of a split's two.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from footage import FOOTAGE
from numpy.typing import NDArray
from plant_turns import FPS, PIECES, RATE_HZ, Rect, Turn, load_talkers, voices, write

from reelprint.adapters.media.reader import MediaReader
from reelprint.adapters.models.faces import CenterFace
from reelprint.analyze.evidence import Known
from reelprint.analyze.text import TextScout
from reelprint.bootstrap.engine import analyzers
from reelprint.core.analysis import Analysis
from reelprint.core.plan import Crop, EditPlan
from reelprint.core.time import to_frames
from reelprint.engine.viewing import _timing
from reelprint.plan.clip import ClipPlanOptions, plan_clip
from reelprint.render.framing import Framing

F64 = NDArray[np.float64]
Place = Callable[[int, float], Rect]
"""Where a seat is at a time"""
Faces = dict[tuple[int, int], tuple[float, ...]]
"""Box of a face by frame and seat"""
SLACK, LOUD_DB, JUMP = 0.01, 25.0, 0.2
TWO_PERSON = "grid_two_person_30s.mp4"
WALK = "raw/intel_one-by-one-person-detection.mp4"


@dataclass
class Score:
    frames: int = 0
    inside: int = 0
    middle: int = 0
    centred: int = 0
    centred_middle: int = 0


def analysis_of(film: Path) -> Analysis:
    reader = MediaReader(TextScout)
    media = reader.probe(film)
    with tempfile.TemporaryDirectory() as folder, reader.decode(film, media, Path(folder), lambda _a, _b: None) as seen:
        known = Known()
        for analyzer in analyzers():
            known = replace(known, **{analyzer.name: analyzer.measure(seen, known, lambda _share: None)})
        found = {field.name: getattr(known, field.name) for field in fields(Known)}
        return Analysis(media=media, timing=_timing(seen), **found)


def crops_at(plan: EditPlan, frame: int) -> list[Crop]:
    """The windows that frame ``frame`` of the film shows."""
    segment = next(one for one in plan.segments if one.start_frame <= frame < one.end_frame)
    every = [keys for keys in (segment.crop, segment.below) if keys]
    return [Framing(keys, 0, segment.frames).crop_at(frame - segment.start_frame) for keys in every]


def path_of(plan: EditPlan) -> tuple[int, float, float]:
    """Jumps inside shots, fastest move in widths a second, mean change of speed from frame to frame (of moves)."""
    rate = float(plan.output.rate)
    jumps = sum(
        first.source_shot == second.source_shot and first.layout == second.layout == "window"
        for first, second in pairwise(plan.segments)
    )
    speeds: list[float] = []
    shaking: list[float] = []
    for segment in plan.segments:
        framing = Framing(segment.crop, 0, segment.frames)
        places = np.array([framing.crop_at(frame).x for frame in range(segment.frames)])
        moves = np.diff(places) / segment.crop[0].crop.width
        jumps += int((np.abs(moves) > JUMP).sum())
        moves = moves[np.abs(moves) <= JUMP] * rate
        speeds.extend(np.abs(moves))
        shaking.extend(np.abs(np.diff(moves)))
    return jumps, max(speeds, default=0.0), float(np.mean(shaking)) if shaking else 0.0


def faces_of(film: Path, place: Place, talking: Sequence[Sequence[int]]) -> Faces:
    """The box (x, y, width, height as shares of the picture) of each speaker's face on each talking frame."""
    finder = CenterFace()
    found: Faces = {}
    missing: list[tuple[int, int]] = []
    for number, rgb in enumerate(frames_of(film)):
        for seat in talking[number] if number < len(talking) else ():
            x, y, width, height = place(seat, number / FPS)
            boxes = finder.find(np.ascontiguousarray(rgb[y : y + height, x : x + width]))
            if not boxes:
                missing.append((number, seat))
                continue
            left, top, box_w, box_h, _ = boxes[0]
            scale_x, scale_y = width / rgb.shape[1], height / rgb.shape[0]
            corner = (x / rgb.shape[1] + left * scale_x, y / rgb.shape[0] + top * scale_y)
            found[number, seat] = (*corner, box_w * scale_x, box_h * scale_y)
    for number, seat in missing:
        here = place(seat, number / FPS)
        own = [box for (at, other), box in found.items() if other == seat and place(seat, at / FPS) == here]
        if own:
            found[number, seat] = tuple(float(value) for value in np.median(own, axis=0))
    return found


def frames_of(film: Path) -> Iterator[NDArray[np.uint8]]:
    with av.open(str(film)) as source:
        for frame in source.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def sound_of(film: Path) -> F64:
    """(samples,) mono at RATE_HZ."""
    with av.open(str(film)) as source:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
        blocks = [part.to_ndarray()[0] for frame in source.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate(blocks).astype(np.float64)


def talking_frames(sound: F64, turns: Sequence[Turn]) -> list[list[int]]:
    """The seats that are heard on each frame."""
    step = RATE_HZ // FPS
    count = len(sound) // step
    level = 10 * np.log10((sound[: count * step].reshape(count, step) ** 2).mean(axis=1) + 1e-10)
    heard = level > np.percentile(level, 95) - LOUD_DB
    seats: list[list[int]] = []
    for number in range(count):
        own = [turn.seat for turn in turns if turn.start_s <= number / FPS < turn.end_s]
        seats.append(own if heard[number] else [])
    return seats


def score(plan: EditPlan, analysis: Analysis, faces: Faces) -> Score:
    video = analysis.media.video
    width = video.height / video.width * plan.output.width / plan.output.height
    centre = Crop(x=(1 - width) / 2, y=0, width=width, height=1)
    result = Score()
    for (number, _), box in faces.items():
        frame = min(plan.output.frame_count - 1, to_frames(number / FPS, plan.output.rate))
        crops = crops_at(plan, frame)
        result.frames += 1
        result.inside += any(holds(crop, box) for crop in crops)
        result.middle += any(holds_middle(crop, box) for crop in crops)
        result.centred += holds(centre, box)
        result.centred_middle += holds_middle(centre, box)
    return result


def holds(crop: Crop, box: Sequence[float]) -> bool:
    x, y, width, height = box
    across = crop.x - SLACK <= x and x + width <= crop.x + crop.width + SLACK
    return across and crop.y - SLACK <= y and y + height <= crop.y + crop.height + SLACK


def holds_middle(crop: Crop, box: Sequence[float]) -> bool:
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return crop.x <= x <= crop.x + crop.width and crop.y <= y <= crop.y + crop.height


def row(name: str, film: Path, place: Place, turns: Sequence[Turn], clean: F64 | None = None) -> None:
    analysis = analysis_of(film)
    plan = plan_clip(analysis, 0.0, analysis.timing.duration_s, ClipPlanOptions(shape="vertical"))
    jumps, speed, shaking = path_of(plan)
    layouts = "+".join(sorted({segment.layout for segment in plan.segments}))
    if not turns:
        print(f"| {name} | {layouts} | | | | | | {jumps} | {speed:.2f} | {shaking:.3f} |")
        return
    talking = talking_frames(sound_of(film) if clean is None else clean, turns)
    got = score(plan, analysis, faces_of(film, place, talking))
    shares = (got.inside, got.middle, got.centred, got.centred_middle)
    cells = " | ".join(f"{100 * share / max(1, got.frames):.1f} %" for share in shares)
    print(f"| {name} | {layouts} | {got.frames} | {cells} | {jumps} | {speed:.2f} | {shaking:.3f} |", flush=True)


def main(folder: Path) -> None:
    print(
        "| film | layout | speaking frames | face in | its middle | face in, centre crop | its middle "
        "| jumps | fastest move, widths/s | change of speed |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    label = (folder / TWO_PERSON).with_suffix(".gt.json")
    row(TWO_PERSON, folder / TWO_PERSON, lambda seat, _: (640 * seat, 0, 640, 720), labelled(label))
    talkers = load_talkers(folder / "grid_multi_talk_30s.mp4")
    with tempfile.TemporaryDirectory() as lab:
        for piece in PIECES:
            film = write(piece, talkers, Path(lab))
            clean = voices(replace(piece, noise_db=None), talkers).astype(np.float64)
            row(piece.name, film, piece.place, piece.turns, clean)
    row("walking in and out", folder / WALK, lambda _seat, _at: (0, 0, 1, 1), ())


def labelled(path: Path) -> list[Turn]:
    data = json.loads(path.read_text())
    return [Turn(item["start"], item["end"], "LR".index(item["speaker"])) for item in data["segments"]]


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOOTAGE)
