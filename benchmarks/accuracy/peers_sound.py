"""librosa's tempo and beats of the pieces that sound.py hands over; run by the peers' own Python.

    .peers/bin/python benchmarks/accuracy/peers_sound.py PIECES.npz OUT.json

PIECES.npz: name -> (n,) float32 at 22 050 Hz. OUT.json: name -> {"tempo_bpm": x, "beats_s": [...]}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import librosa
import numpy as np

RATE_HZ = 22_050


def main() -> None:
    pieces = np.load(sys.argv[1])
    found = {}
    for name in pieces.files:
        tempo, beats = librosa.beat.beat_track(y=pieces[name], sr=RATE_HZ, units="time")
        found[name] = {"tempo_bpm": float(np.atleast_1d(tempo)[0]), "beats_s": [float(beat) for beat in beats]}
    Path(sys.argv[2]).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
