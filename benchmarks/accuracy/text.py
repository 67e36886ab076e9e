"""Accuracy of text in pictures: planted type on real footage, and the hand-labelled films.

    python benchmarks/accuracy/text.py [--seed 7] [--films 9] [--fonts DIR ...] [--json PATH] [--pictures DIR]

Each planted film has a size (480 to 1080 lines), a shape (16:9 or 9:16), a compression (crf 18 to 35) and texts of
random face, size, colour, backing and place. Found: a text that shares time and place with a planted one and at least
half its letters. Characters right: 1 - edit distance / length, over all planted letters. Position, colour (each channel
within 40), size (within 20 %), family, start and end (within 0.25 s), captions flag are shares of the found texts.
Footage comes from ../shared/footage; a film that is absent is named.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from figures import Figure, report
from panels import draw_panels
from plant_text import Format, Planted, family_of, plan, plant, random_format, usable

from reelprint.adapters.media.decode import decode_film
from reelprint.adapters.media.probe import probe
from reelprint.adapters.models.text import RapidTextReader
from reelprint.analyze.evidence import U8, Known
from reelprint.analyze.text import TextAnalyzer, TextScout
from reelprint.core.text import TextMeasure, TextOverlay

ROOT = Path(__file__).resolve().parents[2]
FOOTAGE = ROOT.parent / "shared" / "footage"
#: Faces that any Debian has, and those carried for titles and captions. More: ``--fonts``.
FONTS = (Path("/usr/share/fonts"), ROOT / "src" / "reelprint" / "adapters" / "media" / "fonts")
#: Stretches without text of their own.
SOURCES = (
    ("bbb_000-090s_720p.mp4", 60.0), ("tos_battle_70s.webm", 13.0), ("sonnets_talk_158s.mp4", 20.0),
    ("bbb_000-090s_720p.mp4", 30.0), ("raw/intel_car-detection.mp4", 2.0), ("tos_battle_70s.webm", 37.0),
    ("grid_two_person_30s.mp4", 4.0), ("nasa_13s.mp4", 0.5), ("bbb_000-090s_720p.mp4", 74.0),
)  # fmt: skip
LABELLED = ("bbb_trailer_33s.webm", "bbb_000-090s_720p.mp4", "edit_dev_9x16.mp4")
TEXT_FREE = ("tos_battle_70s.webm", "sonnets_talk_158s.mp4", "grid_multi_talk_30s.mp4", "nasa_13s.mp4")
#: Films whose licence lets a picture of them be shown.
SHOWABLE = ("bbb", "tos", "nasa", "grid", "raw/intel")
KINDS = ("titles", "captions", "titles")
CHECKS = ("position", "color", "size", "family", "start", "end", "flag")


@dataclass
class Example:
    """One planted text for the picture: how wrong it was read, and what there was to see."""

    wrong: float
    planted: str
    read: str
    still: U8


@dataclass
class Score:
    """Sums over all films."""

    sums: Counter[str] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)

    def share(self, name: str, of: str) -> float:
        """Per cent."""
        return 100.0 * self.sums[name] / max(1, self.sums[of])


def measure(path: Path, reader: RapidTextReader, scratch: Path) -> tuple[TextMeasure, str]:
    """The texts of a film, and what they cost."""
    with decode_film(path, probe(path), scratch, TextScout()) as evidence:
        start = time.process_time()
        found = TextAnalyzer(reader).measure(evidence, Known(), lambda _done: None)
        seconds = time.process_time() - start
        minutes = evidence.duration_s / 60
        count = len(evidence.stills.frames)
    return found, f"{count} stills ({count / minutes:.0f}/min), {seconds:.1f} CPU s ({seconds / minutes:.1f} s/min)"


def edit_distance(a: str, b: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


def letters(text: str) -> str:
    """Without spaces: the recogniser is not asked where words end."""
    return "".join(text.split())


def partner(item: Planted, texts: Sequence[TextOverlay]) -> TextOverlay | None:
    """The measured text that is this planted one."""
    wanted = letters(item.text)

    def wrong(text: TextOverlay) -> float:
        return edit_distance(wanted.casefold(), letters(text.content).casefold()) / len(wanted)

    near = [text for text in texts if min(text.end_s, item.end_s) - max(text.start_s, item.start_s) > 0.1]
    best = min(near, key=wrong, default=None)
    return best if best is not None and wrong(best) <= 0.5 else None


def channels(color: str) -> tuple[int, ...]:
    """#rrggbb to numbers."""
    return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))


def judge(items: Sequence[Planted], found: TextMeasure, film: Format, score: Score) -> list[str]:
    """Add one film to the sums; returns lines on what went wrong."""
    texts = [*found.overlays, *found.caption_lines]
    notes: list[str] = []
    used: set[int] = set()
    sums = score.sums
    for item in items:
        group = "large" if film.short >= 720 else "small"
        count = len(letters(item.text))
        sums.update({"texts": 1, "letters": count, f"texts {group}": 1, f"letters {group}": count})
        match = partner(item, texts)
        wrong = count if match is None else edit_distance(letters(item.text), letters(match.content))
        sums.update({"letters right": count - min(count, wrong), f"letters right {group}": count - min(count, wrong)})
        if match is None:
            notes.append(f"  not found: {item}")
            continue
        used.add(id(match))
        sums.update({"found": 1, f"found {group}": 1})
        if wrong:
            notes.append(f"  letters: {item.text!r} in {Path(item.look.font).name} read as {match.content!r}")
        for name, right in checks(item, match, found).items():
            sums[name] += right
            if not right:
                notes.append(f"  {name}: {Path(item.look.font).name} {item}\n      got {match}")
        sums[f"family {item.look.family}"] += 1
        sums[f"family {item.look.family} right"] += match.font == item.look.family
    extra = [text for text in texts if id(text) not in used]
    sums["extra"] += len(extra)
    captions = any(item.caption for item in items)
    sums.update({"films": 1, "captions right": found.captions.present == captions})
    return notes + [f"  extra: {text}" for text in extra]


def checks(item: Planted, match: TextOverlay, found: TextMeasure) -> dict[str, bool]:
    """What is right about a found text."""
    apart = (abs(a - b) for a, b in zip(channels(match.color), channels(item.look.color), strict=True))
    return {
        "position": match.position == item.position,
        "color": max(apart) <= 40,
        "size": abs(match.size_px / item.size_px - 1) <= 0.2,
        "family": match.font == item.look.family,
        "start": abs(match.start_s - item.start_s - item.fade_s / 2) <= 0.25,
        "end": abs(match.end_s - item.end_s + item.fade_s / 2) <= 0.25,
        "flag": any(match is line for line in found.caption_lines) == item.caption,
    }


def rows(score: Score) -> list[Figure]:
    """The figures of the planted films."""
    sums = score.sums
    texts, found = sums["texts"], sums["found"]
    result = [
        Figure("planted text found", score.share("found", "texts"), 95, unit="%", cases=texts, note="480-1080 lines"),
    ]
    for group, what, goal in (("large", "720 lines or more", 95), ("small", "480 lines", None)):
        right = score.share(f"letters right {group}", f"letters {group}")
        result.append(Figure(f"characters right, {what}", right, goal, unit="%", cases=sums[f"letters {group}"]))
    for name, what, goal in (
        ("position", "text position right", 90), ("color", "text colour right", 90),
        ("flag", "caption or overlay right", 95), ("size", "text size within 20 %", None),
        ("start", "text start within 0.25 s", None), ("end", "text end within 0.25 s", None),
        ("family", "font family right", None),
    ):  # fmt: skip
        result.append(Figure(what, score.share(name, "found"), goal, unit="%", cases=found, note="of the found texts"))
    captions = score.share("captions right", "films")
    result.append(Figure("captions flag of the film right", captions, 95, unit="%", cases=sums["films"]))
    result.append(Figure("false texts on planted films", sums["extra"], at_most=True, cases=sums["films"]))
    return result


def labelled(name: str, reader: RapidTextReader, scratch: Path) -> tuple[int, int, int]:
    """One film with texts labelled by hand: texts, found, false."""
    truth_path = next(iter(sorted(FOOTAGE.glob(f"{Path(name).stem}.*.json"))), None)
    truth = json.loads(truth_path.read_text()) if truth_path else {}
    found, cost = measure(FOOTAGE / name, reader, scratch)
    texts = [*found.overlays, *found.caption_lines]
    print(f"\n{name}: {cost}; captions {found.captions.present}")
    wanted_texts, hits = truth.get("text", ()), 0
    for item in wanted_texts:
        start, end = (float(str(item[key]).lstrip("~")) / truth["fps"] for key in ("start", "end"))
        wanted = letters(item["text"]).casefold()
        near = [text for text in texts if min(text.end_s, end) > max(text.start_s, start)]
        best = min(near, key=lambda text: edit_distance(wanted, letters(text.content).casefold()), default=None)
        # A label may name one line of a text that has more.
        read = letters(best.content).casefold() if best is not None else ""
        if best is None or (wanted not in read and edit_distance(wanted, read) > 0.5 * len(wanted)):
            print(f"  MISSED {item['text']!r} {start:.2f}-{end:.2f}")
            continue
        texts.remove(best)
        hits += 1
        print(f"  {item['text']!r} {start:.2f}-{end:.2f} -> {best.content!r} {best.start_s:.2f}-{best.end_s:.2f}")
    for text in texts:
        print(f"  EXTRA {text.content!r} {text.start_s:.2f}-{text.end_s:.2f} score {text.confidence}")
    return len(wanted_texts), hits, len(texts)


def planted_films(options: argparse.Namespace, reader: RapidTextReader, scratch: Path) -> Score:
    """Plant, measure and judge."""
    fonts = sorted(
        str(path) for folder in options.fonts for kind in ("ttf", "otf", "woff") for path in folder.rglob(f"*.{kind}")
    )
    fonts = [font for font in fonts if family_of(font) and usable(font)]
    rng = random.Random(options.seed)
    score = Score()
    for index in range(options.films):
        name, start_s = SOURCES[(index + options.seed) % len(SOURCES)]
        kind, film = KINDS[index % len(KINDS)], random_format(rng)
        items = plan(rng, fonts, film, options.seconds, kind)
        if not (FOOTAGE / name).is_file():
            print(f"absent: {name}")
            continue
        target = scratch / "planted.mp4"
        plant(FOOTAGE / name, start_s, options.seconds, items, film, target)
        found, cost = measure(target, reader, scratch)
        print(f"{name} {kind} {film}: {cost}")
        print("\n".join(judge(items, found, film, score)), flush=True)
        if options.pictures and name.startswith(SHOWABLE):
            score.examples += examples(items, found, target)
    return score


def examples(items: Sequence[Planted], found: TextMeasure, path: Path) -> list[Example]:
    """Every planted text with the frame at its middle."""
    texts = [*found.overlays, *found.caption_lines]
    reader = cv2.VideoCapture(str(path))
    result = []
    for item in items:
        reader.set(cv2.CAP_PROP_POS_MSEC, 500 * (item.start_s + item.end_s))
        match, (there, still) = partner(item, texts), reader.read()
        if there:
            read = match.content if match else "(not found)"
            wrong = edit_distance(letters(item.text), letters(read)) / len(letters(item.text)) if match else 1.0
            result.append(Example(wrong, item.text, read, np.asarray(still[..., ::-1])))
    reader.release()
    return result


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--films", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--fonts", type=Path, nargs="*", default=list(FONTS))
    parser.add_argument("--planted-only", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    reader = RapidTextReader(threads=1)
    with tempfile.TemporaryDirectory() as folder:
        score = planted_films(options, reader, Path(folder))
        figures = rows(score)
        if not options.planted_only:
            films = [name for name in (*LABELLED, *TEXT_FREE) if (FOOTAGE / name).is_file()]
            counts = {name: labelled(name, reader, Path(folder)) for name in films}
            wanted, hits = (sum(item[part] for item in counts.values()) for part in (0, 1))
            free = [counts[name][2] for name in films if name in TEXT_FREE]
            figures.append(Figure("hand-labelled texts found", 100 * hits / max(1, wanted), 95, unit="%", cases=wanted))
            figures.append(Figure("false texts on films without text", sum(free), 0, at_most=True, cases=len(free)))
    if options.pictures and score.examples:
        ranked = sorted(score.examples, key=lambda item: item.wrong)
        shown = (("typical", ranked[len(ranked) // 3]), ("worst", ranked[-1]))
        panels = [(f"{what}: planted {item.planted!r}\nread {item.read!r}", item.still) for what, item in shown]
        draw_panels(panels, options.pictures / "text.png")
    report(figures, options.json)


if __name__ == "__main__":
    main()
