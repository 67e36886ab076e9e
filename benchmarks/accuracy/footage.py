"""Extract every labelled film of ../shared/footage and print figures against its ground truth.

Cuts are matched within +-1 frame, gradual transitions by overlap, as PySceneDetect's benchmark does it.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from reelprint.bootstrap.engine import wire
from reelprint.core.progress import CancelToken, Silent
from reelprint.core.style import StyleJSON
from reelprint.engine.extract import extract
from reelprint.settings import load_settings

FOOTAGE = Path(__file__).parents[3] / "shared" / "footage"
FILMS = ("tos_battle_70s.webm", "bbb_trailer_33s.webm", "bbb_000-090s_720p.mp4", "edit_dev_9x16.mp4", "nasa_13s.mp4",
         "grid_multi_talk_30s.mp4")  # fmt: skip
#: (music, tempo it was made or written to); the .opus tempi stand in their licence page.
MUSIC = {
    "sonicpi_120bpm.flac": 120.0,
    "sonicpi_97bpm.flac": 97.0,
    "happy_electronic_1.opus": 123.0,
    "energetic_electronic_2.opus": 150.0,
    "tender_acoustic_2.opus": 90.0,
}


@dataclass
class Truth:
    cuts: list[int]
    gradual: list[tuple[int, int, str]]
    uncertain: set[int]


def truth_of(film: Path) -> Truth | None:
    label = film.with_suffix(".gt.json")
    if label.exists():
        data = json.loads(label.read_text())
        cuts = data.get("hard_cuts", data.get("jump_cuts_frames"))
        if cuts is None:
            return None
        gradual = [(item["start"], item["end"], item["type"]) for item in data.get("gradual", [])]
        return Truth(cuts, gradual, set(data.get("uncertain", [])))
    label = film.with_suffix(".edl.json")
    data = json.loads(label.read_text())
    cuts, gradual = [], []
    for shot in data["shots"][1:]:
        change = shot.get("trans_in")
        if change is None:
            cuts.append(shot["start"])
        else:
            half = change["frames"] // 2
            # The list does not say whether the transition lies before or around the boundary: allow both.
            gradual.append((shot["start"] - half, shot["start"] + change["frames"], change["type"]))
    return Truth(cuts, gradual, set())


def score(style: StyleJSON, truth: Truth, fps: float) -> dict[str, object]:
    found = [item for item in style.details.transitions if item.edge is None]
    cuts = [round(item.start_s * fps) for item in found if item.type == "cut"]
    cuts = [cut for cut in cuts if not any(abs(cut - frame) <= 1 for frame in truth.uncertain)]
    wanted = [cut for cut in truth.cuts if cut not in truth.uncertain]
    hits = [cut for cut in wanted if any(abs(cut - other) <= 1 for other in cuts)]
    false = [cut for cut in cuts if not any(abs(cut - other) <= 1 for other in wanted)]
    missed = [cut for cut in wanted if cut not in hits]
    f1 = 2 * len(hits) / max(1, len(wanted) + len(cuts))
    gradual = [item for item in style.details.transitions if item.type != "cut"]
    matched, typed = 0, 0
    for start, end, kind in truth.gradual:
        over = [item for item in gradual if item.start_s * fps < end and item.end_s * fps > start]
        matched += bool(over)
        typed += any(item.type == _kind(kind) for item in over)
    extra = sum(
        not any(item.start_s * fps < end and item.end_s * fps > start for start, end, _ in truth.gradual)
        for item in gradual
    )
    return {
        "cut_f1": f1, "missed": missed, "false": false,
        "gradual": f"{matched}/{len(truth.gradual)}", "types": f"{typed}/{len(truth.gradual)}", "extra_gradual": extra,
    }  # fmt: skip


def beat_score(label: Path, found: Sequence[float]) -> str:
    beats = [beat for beat in json.loads(label.read_text())["beats"] if beat < 30]
    hits = sum(any(abs(beat - other) <= 0.07 for other in found) for beat in beats)
    return f"{2 * hits / max(1, len(beats) + len(found)):.3f}"


def _kind(label: str) -> str:
    """``flash_white`` and ``fade_in_black`` are fades, ``slide_up`` is a slide."""
    word = label.partition("_")[0]
    return "fade" if word == "flash" else word


def over_picture(music: Path, folder: Path) -> Path:
    film = folder / f"{music.stem}.mp4"
    picture = FOOTAGE / "nasa_13s.mp4"
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-stream_loop", "-1", "-i", picture, "-i", music,
         "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", "-b:a", "192k", "-t", "30", film],
        check=True,
    )  # fmt: skip
    return film


def main() -> None:
    if not FOOTAGE.exists():
        raise SystemExit(f"no footage at {FOOTAGE}: this benchmark needs the labelled films")
    tools = wire(load_settings())
    heads = ("film", "shots", "hard-cut F1", "missed", "false", "gradual found", "types right", "extra gradual")
    print(f"| {' | '.join(heads)} | tempo | LUFS | confidence |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for name in FILMS:
        style = extract(FOOTAGE / name, tools, Silent(), CancelToken()).style
        StyleJSON.model_validate_json(style.to_json())
        fps = len_frames(style)
        truth = truth_of(FOOTAGE / name)
        row = score(style, truth, fps) if truth else {}
        loud = style.details.loudness
        print(
            f"| {name} | {len(style.details.shots)} | {row['cut_f1']:.3f} | {row['missed']} | {row['false']} | "
            f"{row['gradual']} | {row['types']} | {row['extra_gradual']} | {style.tempo_bpm or 'none'} | "
            f"{loud.integrated_lufs if loud else 'none'} | {style.extraction_confidence:.2f} |"
        )
    print("\n| music bed | true tempo | measured | error | beats F (70 ms) |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, bpm in MUSIC.items():
            music = FOOTAGE / "music" / name
            style = extract(over_picture(music, Path(folder)), tools, Silent(), CancelToken()).style
            label = music.with_suffix(".beats.json")
            f = beat_score(label, style.details.beats_s) if label.exists() else "not labelled"
            tempo = style.tempo_bpm
            error = "no tempo" if tempo is None else f"{100 * (tempo / bpm - 1):+.1f} %"
            print(f"| {name} | {bpm} | {tempo} | {error} | {f} |")


def len_frames(style: StyleJSON) -> float:
    shots = style.details.shots
    return shots[-1].end_frame / shots[-1].end_s


if __name__ == "__main__":
    main()
