"""Accuracy of text in pictures: planted type on real footage, and the hand-labelled films.

    python benchmarks/accuracy/text.py [--seed 7] [--films 6] [--fonts DIR ...]

Found: a text that shares time and place with a planted one and at least half its letters. Characters right: 1 - edit
distance / length. Figures of position, colour (each channel within 40), size (within 20 %), family, start and end
(within 0.25 s) are shares of the found texts. Footage comes from ../shared/footage; a film that is absent is named.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2
from plant_text import Planted, family_of, fits, plan, plant

from reelprint.adapters.media.decode import decode_film
from reelprint.adapters.media.probe import probe
from reelprint.adapters.models.text import RapidTextReader
from reelprint.analyze.evidence import Known
from reelprint.analyze.text import TextAnalyzer, TextScout
from reelprint.core.text import TextMeasure, TextOverlay

FOOTAGE = Path(__file__).resolve().parents[3] / "shared" / "footage"
SOURCES = (
    ("bbb_000-090s_720p.mp4", 61.0), ("tos_battle_70s.webm", 13.0), ("sonnets_talk_158s.mp4", 20.0),
    ("bbb_000-090s_720p.mp4", 30.0), ("raw/intel_car-detection.mp4", 2.0), ("tos_battle_70s.webm", 37.0),
)  # fmt: skip
TEXT_FREE = ("tos_battle_70s.webm", "sonnets_talk_158s.mp4", "grid_multi_talk_30s.mp4", "nasa_13s.mp4")


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


def score(items: Sequence[Planted], found: TextMeasure, sums: Counter[str]) -> list[str]:
    """Add one film to the sums; returns lines on what went wrong."""
    texts = [*found.overlays, *found.caption_lines]
    notes: list[str] = []
    used: set[int] = set()
    for item in items:
        sums["texts"] += 1
        sums["letters"] += len(letters(item.text))
        match = partner(item, texts)
        if match is None:
            sums["letters wrong"] += len(letters(item.text))
            notes.append(f"  not found: {item}")
            continue
        used.add(id(match))
        sums["found"] += 1
        wrong = edit_distance(letters(item.text), letters(match.content))
        sums["letters wrong"] += wrong
        if wrong:
            notes.append(f"  letters: {item.text!r} in {Path(item.font).name} read as {match.content!r}")
        checks = {
            "position": match.position == item.position,
            "color": max(abs(a - b) for a, b in zip(channels(match.color), channels(item.color), strict=True)) <= 40,
            "size": abs(match.size_px / item.size_px - 1) <= 0.2,
            "family": match.font == item.family,
            "start": abs(match.start_s - item.start_s - item.fade_s / 2) <= 0.25,
            "end": abs(match.end_s - item.end_s + item.fade_s / 2) <= 0.25,
            "flag": (match in found.caption_lines) == item.caption,
        }
        sums[f"family {item.family}"] += 1
        sums[f"family {item.family} right"] += checks["family"]
        for name, right in checks.items():
            sums[name] += right
            if not right:
                notes.append(f"  {name}: {Path(item.font).name} {item}\n      got {match}")
    extra = [text for text in texts if id(text) not in used]
    sums["extra"] += len(extra)
    notes += [f"  extra: {text}" for text in extra]
    return notes


def report(sums: Counter[str]) -> None:
    """The table of the planted films."""
    found = max(1, sums["found"])
    print(f"\nplanted texts          {sums['texts']}")
    print(f"found                  {sums['found'] / max(1, sums['texts']):7.1%}")
    print(f"characters right       {1 - sums['letters wrong'] / max(1, sums['letters']):7.1%}")
    for name in ("position", "color", "size", "family", "start", "end", "flag"):
        print(f"{name:22} {sums[name] / found:7.1%}")
    for family in ("sans-serif", "serif", "monospace", "script"):
        if sums[f"family {family}"]:
            share = sums[f"family {family} right"] / sums[f"family {family}"]
            print(f"  family {family:13} {share:7.1%} of {sums[f'family {family}']}")
    print(f"texts that are not there {sums['extra']}")


def labelled(name: str, reader: RapidTextReader, scratch: Path) -> None:
    """One film with texts labelled by hand."""
    truth_path = next(iter(sorted(FOOTAGE.glob(f"{Path(name).stem}.*.json"))), None)
    truth = json.loads(truth_path.read_text()) if truth_path else {}
    found, cost = measure(FOOTAGE / name, reader, scratch)
    texts = [*found.overlays, *found.caption_lines]
    print(f"\n{name}: {cost}; captions {found.captions.present}")
    for item in truth.get("text", ()):
        start, end = (float(str(item[key]).lstrip("~")) / truth["fps"] for key in ("start", "end"))
        wanted = letters(item["text"]).casefold()
        near = [text for text in texts if min(text.end_s, end) > max(text.start_s, start)]
        best = min(near, key=lambda text: edit_distance(wanted, letters(text.content).casefold()), default=None)
        if best is None:
            print(f"  MISSED {item['text']!r} {start:.2f}-{end:.2f}")
            continue
        texts.remove(best)
        print(
            f"  {item['text']!r} {start:.2f}-{end:.2f} -> {best.content!r} {best.start_s:.2f}-{best.end_s:.2f} "
            f"{best.font} {best.size_px:.0f} px {best.color} {best.position}"
        )
    for text in texts:
        print(f"  EXTRA {text.content!r} {text.start_s:.2f}-{text.end_s:.2f} score {text.confidence}")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--films", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--fonts", type=Path, nargs="*", default=[Path("/usr/share/fonts")])
    parser.add_argument("--planted-only", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    found_fonts = sorted(
        str(path) for folder in options.fonts for kind in ("ttf", "otf", "woff") for path in folder.rglob(f"*.{kind}")
    )
    fonts = [font for font in found_fonts if family_of(font)]
    rng = random.Random(options.seed)
    reader = RapidTextReader()
    sums: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for index in range(options.films):
            name, start_s = SOURCES[index % len(SOURCES)]
            if not (FOOTAGE / name).is_file():
                print(f"absent: {name}")
                continue
            kind = ("titles", "captions", "titles")[index % 3]
            items = [item for item in plan(rng, fonts, options.seconds, kind) if fits(item, 1280)]
            target = scratch / "planted.mp4"
            plant(FOOTAGE / name, start_s, options.seconds, items, target)
            found, cost = measure(target, reader, scratch)
            print(f"{name} {kind}: {cost}")
            print("\n".join(score(items, found, sums)), flush=True)
        report(sums)
        if not options.planted_only:
            for name in ("bbb_trailer_33s.webm", "bbb_000-090s_720p.mp4", "edit_dev_9x16.mp4", *TEXT_FREE):
                if (FOOTAGE / name).is_file():
                    labelled(name, reader, scratch)


if __name__ == "__main__":
    main()
