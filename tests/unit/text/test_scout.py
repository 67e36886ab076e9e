"""What the scout keeps of planted films of samples."""

import numpy as np

from reelprint.analyze.text.scout import TextScout
from tests.unit.text.type import noise, set_type


def kept(samples: list[np.ndarray]) -> list[int]:
    scout = TextScout()
    return [index for index, sample in enumerate(samples) if scout.wants(sample, index * 0.25, index * 6)]


def scenery(index: int) -> np.ndarray:
    """A soft picture that slides by."""
    return np.roll(noise(180, 320, seed=4), 5 * index, axis=1)


def test_every_caption_is_caught() -> None:
    words = ["morning river", "quiet stone", "golden light", "never again", "simple story", "bright future"]
    samples = [set_type(scenery(n), words[n // 5], 90, 150, 14)[0] for n in range(5 * len(words))]
    assert {index // 5 for index in kept(samples)} == set(range(len(words)))
    assert len(kept(samples)) <= 2 * len(words)


def test_a_text_that_stays_is_kept_once_or_twice() -> None:
    samples = [set_type(scenery(n), "STAYS HERE", 90, 80, 24)[0] if n > 4 else scenery(n) for n in range(40)]
    assert 1 <= len(kept(samples)) <= 5


def test_a_still_picture_is_not_kept_again() -> None:
    assert len(kept([noise(180, 320)] * 400)) <= 1


def test_hours_without_text_keep_little() -> None:
    samples = [scenery(n) for n in range(240)]
    scout = TextScout()
    early = sum(scout.wants(sample, n * 0.25, n) for n, sample in enumerate(samples))
    late = sum(scout.wants(sample, 3600 + n * 0.25, n) for n, sample in enumerate(samples))
    assert early <= 20
    assert late <= 3
