"""A second look at what could be a zoom: its first and last frames compared with each other.

Over a single step a subject that leans forward and a background that rests differ by less than tracking tolerates, so
one similarity seems to fit both and a little scale is left over, step after step. Over the whole stretch the two are
pixels apart, and the one that fills the picture wins.
"""

from __future__ import annotations

import math
from itertools import pairwise

from reelprint.analyze.motion.path import ActiveLuma, MotionPath
from reelprint.analyze.motion.tracking import pair_motion

#: Log scale over which a zoom is measured at once: 4 px at the border of a 160 px wide proxy.
WINDOW = 0.05
#: Part of the scale change that the second look must see.
MIN_SEEN = 0.4
#: Support from which the second look is the better measurement. Below, things at different distances disagree.
GOOD_SUPPORT = 0.5


class SecondLook:
    """Measures stretches of a path again over longer distances in time."""

    def __init__(self, luma: ActiveLuma, path: MotionPath) -> None:
        self._luma, self._path = luma, path

    def __call__(self, first: int, stop: int, amount: float) -> float:
        """Log scale over the steps [first, stop), which is ``amount`` by their sum; 0 when that is not seen again."""
        count = min(stop - first, max(1, int(abs(amount) / WINDOW)))
        marks = [first + round(index * (stop - first) / count) for index in range(count + 1)]
        seen, certain = 0.0, True
        for begin, end in pairwise(marks):
            frames = self._path.frames[begin], self._path.frames[end]
            motion = pair_motion(*(self._luma.frame(int(frame)) for frame in frames))
            if motion is None:
                # A pan went on too far to compare the two pictures: the steps alone speak for this part.
                seen += float(self._path.log_scale[begin:end].sum())
                certain = False
            else:
                seen += math.log(motion.camera.scale)
                certain = certain and motion.support >= GOOD_SUPPORT
        if seen / amount < MIN_SEEN:
            return 0.0
        return seen if certain else amount
