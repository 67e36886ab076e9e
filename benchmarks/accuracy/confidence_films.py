"""Films for ``confidence.py``: whole ones of a consistent hand, and the ways and grades they are damaged in.

Half of the whole films are stretches as their makers left them, half are montages: takes of one source cut to a
planted rhythm over one piece of music, so that length, number of shots and rhythm vary with the seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from template_takes import SHARED, TAKES, ffmpeg

SHORT_SIDE_PX = 240
#: (source, first and last second that a stretch may start at, its length in seconds).
STRETCHES = (
    ("tos_battle_70s.webm", 0, 40, 28),
    ("bbb_trailer_33s.webm", 0, 8, 24),
    ("bbb_000-090s_720p.mp4", 34, 60, 28),
    ("edit_dev_9x16.mp4", 0, 0, 20),
    ("sonnets_talk_158s.mp4", 0, 125, 30),
    ("grid_two_person_30s.mp4", 0, 5, 24),
)
MONTAGES = ("grid_multi_talk_30s.mp4", "tos_battle_70s.webm", "raw/intel_one-by-one-person-detection.mp4",
            "bbb_000-090s_720p.mp4")  # fmt: skip
#: No film of these was looked at when the constants of ``style.confidence`` were chosen.
HELD_OUT = ("bbb_trailer_33s.webm", "edit_dev_9x16.mp4", "grid_two_person_30s.mp4")
#: Whole films in turn, by their place in STRETCHES ("s") or MONTAGES ("m"). Neighbours, which are mixed, are unalike.
ORDER = ("s0", "m0", "s1", "m1", "s3", "m2", "s2", "s5", "m3", "s4")
MUSIC = ("energetic_electronic_2.opus", "happy_electronic_1.opus", "tender_acoustic_2.opus", "sonicpi_97bpm.flac")
MONTAGE_S = (16.0, 32.0)
TYPICAL_SHOT_S = (0.8, 4.0)

#: Kind of damage: its settings, mild to grave. What they mean: ``damage``.
SHORTER = ("0.5", "0.25", "0.125")
DEGRADED: dict[str, tuple[str, str]] = {
    "starved": ("45", "12"),
    "small": ("96", "48"),
    "blurred": ("3", "10"),
    "noisy": ("25", "70"),
    "frames lost": ("0.5", "0.85"),
    "flickering": ("0.1", "0.3"),
    "silent": ("0.5", "1"),
}
_ENCODE = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-c:a", "aac")
_SHAPE = f"scale=w='if(gt(iw,ih),-2,{SHORT_SIDE_PX})':h='if(gt(iw,ih),{SHORT_SIDE_PX},-2)'"


@dataclass(frozen=True)
class Whole:
    """A film to be damaged."""

    path: Path
    source: str
    duration_s: float
    width: int
    height: int

    @property
    def held_out(self) -> bool:
        return self.source in HELD_OUT


def stretch(place: int, rng: random.Random, out: Path) -> None:
    source, first_s, last_s, length_s = STRETCHES[place]
    start_s = rng.uniform(first_s, last_s)
    ffmpeg("-ss", f"{start_s:.3f}", "-i", SHARED / source, "-t", str(length_s), "-vf", _SHAPE, *_ENCODE, out)


def montage(place: int, rng: random.Random, out: Path) -> None:
    """Takes of one source, log-normal lengths around a typical one, all with one grade, over one piece of music."""
    takes = [take for take in TAKES if take.source == MONTAGES[place]]
    length_s, typical_s = rng.uniform(*MONTAGE_S), rng.uniform(*TYPICAL_SHOT_S)
    inputs: list[str | Path] = []
    chain, count, filled_s = "", 0, 0.0
    while filled_s < length_s:
        take = rng.choice(takes)
        wanted_s = min(take.frames / take.fps, max(0.4, typical_s * rng.lognormvariate(0, 0.4)))
        start_s = take.start / take.fps + rng.uniform(0, take.frames / take.fps - wanted_s)
        inputs += ["-ss", f"{start_s:.3f}", "-t", f"{wanted_s:.3f}", "-i", SHARED / take.source]
        chain += f"[{count}:v]fps=25,{_SHAPE},setsar=1[v{count}];"
        count, filled_s = count + 1, filled_s + wanted_s
    chain += "".join(f"[v{place}]" for place in range(count)) + f"concat=n={count}:v=1:a=0,"
    chain += f"eq=contrast={rng.uniform(0.8, 1.25):.3f}:saturation={rng.uniform(0.5, 1.4):.3f}[v]"
    music = SHARED / "music" / rng.choice(MUSIC)
    ffmpeg(*inputs, "-stream_loop", "-1", "-ss", f"{rng.uniform(0, 10):.2f}", "-i", music, "-filter_complex", chain,
           "-map", "[v]", "-map", f"{count}:a", "-t", f"{filled_s:.3f}", *_ENCODE, out)  # fmt: skip


def make_whole(folder: Path, seed: int, number: int) -> tuple[Path, str]:
    """The whole film ``number`` of a seed, and the source it is from."""
    rng = random.Random(f"{seed}-{number}")
    word = ORDER[number % len(ORDER)]
    place = int(word[1:])
    source = STRETCHES[place][0] if word[0] == "s" else MONTAGES[place]
    out = folder / f"{seed}-{number:02d}-{'stretch' if word[0] == 's' else 'montage'}-{Path(source).stem[:12]}.mp4"
    if not out.exists():
        (stretch if word[0] == "s" else montage)(place, rng, out)
    return out, source


def damage(film: Whole, other: Whole, kind: str, setting: str, seed: int, out: Path) -> None:
    """Write the damaged film.

    "shorter" keeps a share of it, from a place drawn from the seed; "mixed" joins its first half to the second half of
    ``other``; "starved" is encoded at so many bits per 1000 pixels; "small" has so many lines; "silent" loses so much
    of its sound; the rest are settings of ffmpeg's filters.
    """
    rng = random.Random(f"{seed}-{kind}-{setting}")
    sound: tuple[str, ...] = ()
    filters = {
        "small": f"scale=w='if(gt(iw,ih),-2,{setting})':h='if(gt(iw,ih),{setting},-2)'",
        "blurred": f"gblur=sigma={setting}",
        "noisy": f"noise=alls={setting}:allf=t:all_seed={seed}",
        "frames lost": f"select='gt(random({seed % 7}),{setting})+eq(n,0)',setpts=PTS",
        "flickering": f"eq=brightness='{setting}*(2*random({seed % 7})-1)':eval=frame",
    }
    half_s = film.duration_s / 2
    if kind == "shorter":
        kept_s = film.duration_s * float(setting)
        start_s = rng.uniform(0, film.duration_s - kept_s)
        ffmpeg("-ss", f"{start_s:.3f}", "-i", film.path, "-t", f"{kept_s:.3f}", *_ENCODE, out)
    elif kind == "starved":
        rate = f"{max(2, round(film.width * film.height * 24 * float(setting) / 1e6))}k"
        ffmpeg("-i", film.path, "-c:v", "libx264", "-preset", "veryfast", "-b:v", rate, "-maxrate", rate, "-bufsize",
               rate, "-c:a", "copy", out)  # fmt: skip
    elif kind == "mixed":
        shape = (f"scale={film.width}:{film.height}:force_original_aspect_ratio=increase,"
                 f"crop={film.width}:{film.height},setsar=1,fps=25")  # fmt: skip
        plain = "aresample=48000,aformat=channel_layouts=stereo"
        ffmpeg("-t", f"{half_s:.3f}", "-i", film.path, "-ss", f"{other.duration_s / 2:.3f}", "-i", other.path,
               "-filter_complex", f"[0:v]{shape}[a];[1:v]{shape}[b];[0:a]{plain}[c];[1:a]{plain}[d];"
               "[a][c][b][d]concat=n=2:v=1:a=1[v][w]", "-map", "[v]", "-map", "[w]", *_ENCODE, out)  # fmt: skip
    elif kind == "silent":
        kept_s = film.duration_s * (1 - float(setting))
        sound = ("-an",) if kept_s == 0 else ("-af", f"volume=0:enable='gt(t,{kept_s:.3f})'")
        ffmpeg("-i", film.path, "-c:v", "copy", *sound, out)
    else:
        ffmpeg("-i", film.path, "-vf", filters[kind], "-c:v", "libx264", "-preset", "veryfast", "-crf", "22",
               "-c:a", "copy", out)  # fmt: skip
