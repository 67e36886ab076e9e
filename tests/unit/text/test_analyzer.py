"""The analyzer on films made in memory, with a reader that knows what was planted."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from reelprint.analyze.evidence import U8, Evidence, Known
from reelprint.analyze.text import TextAnalyzer, TextBox, TextReading, TextScout
from reelprint.analyze.text.track import patch_of, same_pixels
from reelprint.core.text import TextMeasure
from tests.evidence import memory_evidence
from tests.unit.text.type import noise, set_type

FPS = 24
HEIGHT, WIDTH = 360, 640


@dataclass
class KnowingReader:
    """Finds the planted box wherever its white ink is, and counts what it is asked to read."""

    text: str
    reads: int = 0
    finds: int = field(default=0)

    def find(self, rgb: np.ndarray) -> list[TextBox]:
        self.finds += 1
        white = (rgb.min(axis=2) > 235).nonzero()
        if len(white[0]) < 40:
            return []
        top, bottom, left, right = white[0].min() - 4, white[0].max() + 5, white[1].min() - 4, white[1].max() + 5
        return [TextBox(((left, top), (right, top), (right, bottom), (left, bottom)), 0.9)]

    def read(self, rgb: np.ndarray, boxes: Sequence[TextBox]) -> list[TextReading]:
        self.reads += len(boxes)
        return [TextReading(self.text, 0.99) for _ in boxes]


def measure(frames: list[np.ndarray], reader: KnowingReader) -> TextMeasure:
    return TextAnalyzer(reader).measure(film(frames), Known(), lambda _share: None)


def film(frames: list[np.ndarray]) -> Evidence:
    evidence = memory_evidence(np.stack(frames), FPS)
    scout = TextScout()
    samples = evidence.samples
    chosen = [
        index
        for index in range(len(samples.frames))
        if scout.wants(samples.rgb(index), float(samples.times_s[index]), int(samples.frames[index]))
    ]
    from dataclasses import replace

    from tests.evidence import MemoryPictures

    positions = samples.frames[chosen]
    stills = MemoryPictures(positions, samples.times_s[chosen], tuple(frames[frame] for frame in positions))
    return replace(evidence, stills=stills)


def scene(frame: int) -> np.ndarray:
    return np.roll(noise(HEIGHT, WIDTH, seed=9), 3 * frame, axis=1)


def test_overlay_is_timed_placed_and_read_once() -> None:
    start, end = 31, 79
    frames = [
        set_type(scene(n), "Golden Harbour", 40, 300, 36)[0] if start <= n < end else scene(n) for n in range(120)
    ]
    reader = KnowingReader("Golden Harbour")
    (text,) = measure(frames, reader).overlays
    assert text.content == "Golden Harbour"
    assert abs(text.start_s - start / FPS) <= 2 / FPS
    assert abs(text.end_s - end / FPS) <= 2 / FPS
    assert text.position == "bottom-left"
    assert text.color > "#e0e0e0"
    assert 28 <= text.size_px <= 44
    assert reader.reads <= 2


def test_a_sign_that_moves_with_the_scene_is_no_overlay() -> None:
    painted, _ = set_type(noise(HEIGHT, WIDTH, seed=9), "OLD HARBOUR", 60, 150, 36)
    frames = [np.roll(painted, n // 2, axis=1) for n in range(120)]
    reader = KnowingReader("OLD HARBOUR")
    found = measure(frames, reader)
    assert reader.reads > 0
    assert found.overlays == ()


def test_a_film_without_text_has_none() -> None:
    found = measure([scene(n) for n in range(96)], KnowingReader("nothing"))
    assert found == TextMeasure()


def test_weak_readings_are_not_text() -> None:
    class Doubtful(KnowingReader):
        def read(self, rgb: np.ndarray, boxes: Sequence[TextBox]) -> list[TextReading]:
            return [TextReading("S", 0.39) for _ in boxes]

    frames = [set_type(scene(n), "texture", 200, 150, 36)[0] for n in range(72)]
    assert measure(frames, Doubtful("")).overlays == ()


def test_a_box_without_its_letters_is_not_the_same_although_the_panel_behind_is() -> None:
    panel = np.full((200, 600, 3), (28, 32, 40), np.uint8)
    panel[:, 240:] = (90, 200, 250)
    lettered, _ = set_type(panel, "music", 60, 60, 40, "#ff8c1a")
    bounds = (0.0, 0.25, 1.0, 0.55)

    def noisy(picture: U8, seed: int) -> U8:
        noise_of = np.random.default_rng(seed).normal(0, 3, picture.shape)
        return patch_of(np.clip(picture + noise_of, 0, 255).astype(np.uint8), bounds)

    assert same_pixels(noisy(lettered, 1), noisy(lettered, 2))
    assert not same_pixels(noisy(lettered, 1), noisy(panel, 2))
