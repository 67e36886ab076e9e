"""A second opinion on boundaries, by a network that was trained on edited films (``JoinScorer``).

Our own models say what kind of transition there is and from where to where; what they take for one, and is none, is
mostly a camera that whips or shakes. The network tells these apart, but it loses wipes and slides and knows no kinds:
so it may refuse what it would have seen, and speak up for what our models were nearly sure of. It is slower than
everything else here, so it is asked only about stretches in which there is something to decide.
"""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np

from reelprint.analyze.evidence import F32, U8, ProxyShelf
from reelprint.analyze.shots.cuts import Cut
from reelprint.analyze.shots.windows import Found

#: Width and height of what the network sees.
WIDTH, HEIGHT = 48, 27
#: Frames that it sees at once, and those in the middle whose answers count.
STRETCH, _ASKED = 100, 50
#: A cut of ours that is less than certain goes where the network sees next to nothing.
_CERTAIN, _NOTHING = 0.99, 0.15
#: Confidence that a transition needs, usually and where the network sees one.
USUAL, _SUPPORTED = 0.3, 0.15
_SEEN = 0.5
#: Kinds that the network does not lose, so that its silence means something.
_KNOWN = ("dissolve", "fade", "whip", "zoom")
#: What a moving camera is taken for, however sure our models are.
_CAMERA = ("whip", "zoom")
#: A cut in the midst of one of these, and nothing else far and wide: there is only the cut.
_SMOOTH = ("dissolve", "zoom")
_CUT_SEEN, _STIRRED, _ABRUPT_FRAMES = 0.6, 0.3, 2


class JoinScorer(Protocol):
    """Tells how likely a frame is the last before a boundary, and how likely it is part of one."""

    def score(self, frames: U8) -> tuple[F32, F32]:
        """Two times (STRETCH,) 0..1 from (STRETCH, HEIGHT, WIDTH, 3) RGB."""


class Opinion:
    """The network's answers on one film, given when they are first needed."""

    def __init__(self, scorer: JoinScorer, proxies: ProxyShelf) -> None:
        self._scorer = scorer
        self._proxies = proxies
        #: Both answers on every frame, NaN where the network has not been asked.
        self._answers = np.full((2, proxies.count), np.nan, np.float32)

    def denies_cut(self, cut: Cut) -> bool:
        """Whether a hard cut is to be dropped."""
        return cut.confidence < _CERTAIN and self._cut(cut.frame) < _NOTHING

    def denies(self, item: Found, cuts: list[Cut]) -> bool:
        """Whether a gradual transition (at frames of the film) is to be dropped."""
        inside = [cut for cut in cuts if item.start - 1 <= cut.frame <= item.end + 1]
        if not self._in_doubt(item, inside):
            return item.confidence < USUAL
        seen = float(self._heard(item.start - 2, item.end + 2)[1].max(initial=0.0))
        if seen < _NOTHING:
            return True
        if item.confidence < (_SUPPORTED if seen > _SEEN else USUAL):
            return True
        return item.type in _SMOOTH and any(self._abrupt(cut) for cut in inside)

    @staticmethod
    def _in_doubt(item: Found, inside: list[Cut]) -> bool:
        """Whether the network's answer may change anything: giving it takes half as long as all the rest."""
        if item.type not in _KNOWN or item.confidence < _SUPPORTED:
            return False
        return item.type in _CAMERA or bool(inside) or item.confidence < _CERTAIN

    def denies_blur(self, cut: Cut, camera: list[Found]) -> bool:
        """Whether a cut is only the blur of a camera that whips: it lies in a whip that was denied, and is not seen."""
        inside = any(item.start - 1 <= cut.frame <= item.end + 1 for item in camera)
        return inside and self._cut(cut.frame) < _NOTHING

    def _cut(self, frame: int) -> float:
        return float(self._heard(frame - 2, frame + 1)[0].max(initial=0.0))

    def _abrupt(self, cut: Cut) -> bool:
        """Whether the network sees this cut and nothing around it."""
        before = self._heard(cut.frame - _ABRUPT_FRAMES - 1, cut.frame)[1][::-1] > _STIRRED
        after = self._heard(cut.frame, cut.frame + _ABRUPT_FRAMES + 1)[1] > _STIRRED
        stirred = sum(int(np.cumprod(side).sum()) for side in (before, after))
        return self._cut(cut.frame) > _CUT_SEEN and stirred <= _ABRUPT_FRAMES

    def _heard(self, start: int, stop: int) -> F32:
        """(2, n): both answers on the frames from ``start`` to ``stop`` that there are."""
        start, stop = max(0, start), min(stop, self._proxies.count)
        while start < stop:
            unheard = start + np.flatnonzero(np.isnan(self._answers[0, start:stop]))
            if not len(unheard):
                break
            # Spare frames go to both sides: what is asked next is mostly near.
            spare = max(0, _ASKED - int(unheard[-1] - unheard[0]) - 1)
            self._ask(min(max(0, int(unheard[0]) - spare // 2), max(0, self._proxies.count - _ASKED)))
        return self._answers[:, start:stop]

    def _ask(self, first: int) -> None:
        """Fill in the answers on the _ASKED frames from ``first`` on."""
        margin = (STRETCH - _ASKED) // 2
        low, high = max(0, first - margin), min(self._proxies.count, first - margin + STRETCH)
        # Before the first and after the last frame these stand still.
        wanted = np.clip(np.arange(STRETCH) + first - margin, low, high - 1) - low
        answers = np.stack(self._scorer.score(small_frames(self._proxies, low, high)[wanted]))
        here = self._answers[:, first : first + _ASKED]
        here[:] = np.where(np.isnan(here), answers[:, margin : margin + here.shape[1]], here)


def small_frames(proxies: ProxyShelf, start: int, stop: int) -> U8:
    """(n, HEIGHT, WIDTH, 3) RGB of proxies, whatever their shape (ITU-R BT.709, full range)."""
    out = np.empty((stop - start, HEIGHT, WIDTH, 3), np.uint8)
    pairs = zip(proxies.luma(start, stop), proxies.chroma(start, stop), strict=True)
    for at, (luma, chroma) in enumerate(pairs):
        y = cv2.resize(luma, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32)
        c = cv2.resize(chroma, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32) - 128
        cb, cr = c[..., 0], c[..., 1]
        rgb = np.stack([y + 1.5748 * cr, y - 0.1873 * cb - 0.4681 * cr, y + 1.8556 * cb], -1)
        out[at] = np.clip(rgb + 0.5, 0, 255)
    return out
