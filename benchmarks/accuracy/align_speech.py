"""Make speech_words.json: when each word of the known texts is said, by an aligner that is no part of Reelprint.

    pip install pocketsphinx && python benchmarks/accuracy/align_speech.py [--footage ../shared/footage]

Forced alignment: the text is given, only the times are looked for (Hidden Markov models, 10 ms steps). Needed only when
the footage changes. Words that its dictionary lacks are spelled out below.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
_JFK = "and so my fellow americans ask not what your country can do for you ask what you can do for your country"
_SPELLED = {
    "beauty's": "B Y UW T IY Z", "world's": "W ER L D Z", "mother's": "M AH DH ER Z", "light's": "L AY T S",
    "youth's": "Y UW TH S", "riper": "R AY P ER", "feed'st": "F IY D S T", "mak'st": "M EY K S T",
    "niggarding": "N IH G ER D IH NG", "buriest": "B EH R IY AH S T", "churl": "CH ER L", "besiege": "B IH S IY JH",
    "field's": "F IY L D Z", "beauty": "B Y UW T IY", "tatter'd": "T AE T ER D", "thriftless": "TH R IH F T L AH S",
    "deserv'd": "D IH Z ER V D", "couldst": "K UH D S T", "feel'st": "F IY L S T", "viewest": "V Y UW AH S T",
    "renewest": "R IH N UW AH S T", "dost": "D AH S T", "beguile": "B IH G AY L", "unbless": "AH N B L EH S",
    "unear'd": "AH N IH R D", "disdains": "D IH S D EY N Z", "tillage": "T IH L AH JH", "thou": "DH AW",
    "remember'd": "R IH M EH M B ER D",
    "glutton": "G L AH T AH N", "husbandry": "HH AH Z B AH N D R IY", "posterity": "P AA S T EH R AH T IY",
}  # fmt: skip


def sound(path: Path) -> NDArray[np.float32]:
    """A file's sound, 16 kHz mono."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-vn", "-f", "f32le", "-ac", "1"]
    data = subprocess.run([*command, "-ar", "16000", "-"], capture_output=True, check=True).stdout
    return np.frombuffer(data, np.float32)


def aligned(samples: NDArray[np.float32], text: str, offset_s: float) -> list[str]:
    """``word start end`` for every word. Raises SystemExit when the text does not fit."""
    from pocketsphinx import Decoder  # noqa: PLC0415 - not among the project's dependencies

    decoder: Any = Decoder(samprate=16_000, lm=None, bestpath=False, loglevel="ERROR", beam=1e-80, wbeam=1e-60)
    words = re.findall(r"[a-z][a-z']*", text.lower().replace("’", "'").replace("-", " "))
    keys = [word.strip("'") for word in words]
    for key in keys:
        if decoder.lookup_word(key) is None:
            if key not in _SPELLED:
                raise SystemExit(f"spell out {key!r}")
            decoder.add_word(key, _SPELLED[key], False)
    decoder.set_align_text(" ".join(keys))
    decoder.start_utt()
    decoder.process_raw((np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes(), full_utt=True)
    decoder.end_utt()
    found = [
        (re.sub(r"\(\d+\)", "", one.word), one.start_frame / 100, (one.end_frame + 1) / 100)
        for one in decoder.seg() or ()
    ]
    found = [one for one in found if one[0] not in {"<s>", "</s>", "<sil>", "(NULL)"} and not one[0].startswith("[")]
    if [one[0] for one in found] != keys:
        raise SystemExit(f"no alignment for {text[:40]!r}")
    return [
        f"{word} {start + offset_s:.2f} {end + offset_s:.2f}"
        for word, (_, start, end) in zip(words, found, strict=True)
    ]


def known_texts(footage: Path) -> dict[str, list[tuple[str, float, float | None]]]:
    """Text, start and end (seconds) of the parts of every piece whose text is known."""
    texts: dict[str, list[tuple[str, float, float | None]]] = {}
    sonnets = json.loads((footage / "sonnets_talk_158s.gt.json").read_text())["sections"]
    texts["sonnets_talk_158s.mp4"] = [
        (" ".join([number, *one["lines"][1:]]), one["start"], one["end"])
        for number, one in zip(("one", "two", "three"), sonnets, strict=True)
    ]
    for name in ("grid_multi_talk_30s", "grid_two_person_30s"):
        segments = json.loads((footage / f"{name}.gt.json").read_text())["segments"]
        texts[f"{name}.mp4"] = [(one["text"], one["start"], one["end"]) for one in segments]
    for line in (footage / "speech" / "sense_transcription.txt").read_text().splitlines():
        if match := re.match(r"<s> (.*) </s> \((.*)\)", line):
            texts[f"speech/{match[2]}.wav"] = [(match[1], 0.0, None)]
    texts["speech/jfk.flac"] = [(_JFK, 0.0, None)]
    return texts


def main() -> None:
    """Write speech_words.json beside this script."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    footage = parser.parse_args().footage
    pieces = {}
    for name, parts in known_texts(footage).items():
        samples = sound(footage / name)
        words: list[str] = []
        for text, start_s, end_s in parts:
            stop = None if end_s is None else int(end_s * 16_000)
            words += aligned(samples[int(start_s * 16_000) : stop], text, start_s)
        pieces[name] = [" ".join(words[at : at + 8]) for at in range(0, len(words), 8)]
    made_by = "benchmarks/accuracy/align_speech.py: pocketsphinx forced alignment of the known texts; word start end"
    path = Path(__file__).with_name("speech_words.json")
    path.write_text(json.dumps({"made_by": made_by, "pieces": pieces}, indent=1) + "\n")


if __name__ == "__main__":
    main()
