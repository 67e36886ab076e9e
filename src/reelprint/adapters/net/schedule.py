"""When a webhook that failed is sent again: eleven attempts in about 24 hours."""

from __future__ import annotations

import random

GAPS_S = (5.0, 30.0, 120.0, 480.0, 1800.0, 3600.0, 7200.0, 14_400.0, 25_200.0, 32_400.0)
ATTEMPTS = len(GAPS_S) + 1
_JITTER = 0.1
"""A share of the gap, to both sides. Neighbours differ by more than a quarter, so gaps grow whatever is drawn."""


def gap_s(number: int, seed: str) -> float | None:
    """Seconds from the failure of attempt ``number`` (from 1) to the next one, or None when it was the last.

    The same seed (the delivery) draws the same gaps, so who asks twice gets one answer, while deliveries that failed
    together do not come back together. An attempt after the last one was asked for by redelivery and begins anew.
    """
    index = (number - 1) % ATTEMPTS
    if index == len(GAPS_S):
        return None
    drawn = random.Random(f"{seed}/{number}").uniform(-_JITTER, _JITTER)
    return GAPS_S[index] * (1 + drawn)
