"""The network may refuse what it would have seen, and speaks up for what was nearly sure."""

from __future__ import annotations

import numpy as np
import pytest

from reelprint.adapters.models.carried import carried_session
from reelprint.adapters.models.transnet import MODEL_SHA256, TransNet, likeness
from reelprint.analyze.evidence import F32, U8, ProxyShelf
from reelprint.analyze.shots.cuts import Cut
from reelprint.analyze.shots.second_opinion import HEIGHT, STRETCH, WIDTH, Opinion
from reelprint.analyze.shots.windows import Found
from reelprint.core.errors import ModelMissing
from reelprint.core.shots import TransitionType
from tests.evidence import memory_evidence


def found(kind: TransitionType, confidence: float, start: int = 40, end: int = 60) -> Found:
    return Found(kind, start, end, "linear", None, confidence, 0.0)


class Answers:
    """A JoinScorer that knows its answers: frame n of the film is a picture of the value n."""

    def __init__(self, single: F32, every: F32) -> None:
        self.answers = np.stack([single, every])
        self.asked = 0

    def score(self, frames: U8) -> tuple[F32, F32]:
        self.asked += 1
        single, every = self.answers[:, frames[:, 0, 0, 1]]
        return single, every


def opinion(marks: dict[int, float] | None = None, stirred: tuple[int, int] | None = None) -> Opinion:
    """120 frames: ``marks`` in both answers, and a stretch in which every frame is part of a boundary."""
    single, every = np.zeros(120, np.float32), np.zeros(120, np.float32)
    for frame, value in (marks or {}).items():
        single[frame] = every[frame] = value
    if stirred is not None:
        every[slice(*stirred)] = 0.9
    return Opinion(Answers(single, every), numbered())


def numbered() -> ProxyShelf:
    frames = np.broadcast_to(np.arange(120, dtype=np.uint8)[:, None, None, None], (120, 30, 40, 3))
    return memory_evidence(np.ascontiguousarray(frames), 25).proxies


def test_an_uncertain_cut_needs_to_be_seen_by_the_network() -> None:
    assert opinion().denies_cut(Cut(50, 0.8))
    assert not opinion({49: 0.5}).denies_cut(Cut(50, 0.8))
    assert not opinion().denies_cut(Cut(50, 1.0))


def test_a_whip_that_the_network_does_not_see_is_a_camera() -> None:
    assert opinion().denies(found("whip", 0.8), [])
    assert not opinion(stirred=(45, 50)).denies(found("whip", 0.8), [])


def test_the_blur_of_a_camera_leaves_no_cut_behind() -> None:
    whip, cut = found("whip", 0.8), Cut(50, 1.0)
    assert opinion().denies_blur(cut, [whip])
    assert not opinion().denies_blur(cut, [])
    assert not opinion({49: 0.8}).denies_blur(cut, [whip])


def test_silence_on_wipes_and_slides_means_nothing() -> None:
    assert not opinion().denies(found("wipe", 0.4), [])
    assert not opinion().denies(found("slide", 0.4), [])


def test_what_was_nearly_sure_is_kept_where_the_network_agrees() -> None:
    assert not opinion(stirred=(42, 58)).denies(found("dissolve", 0.2), [])
    assert opinion({50: 0.4}).denies(found("dissolve", 0.2), [])


def test_a_cut_with_nothing_around_it_is_no_zoom() -> None:
    cut = Cut(50, 1.0)
    assert opinion({49: 0.9}).denies(found("zoom", 0.8), [cut])
    assert not opinion({49: 0.9}, stirred=(44, 56)).denies(found("zoom", 0.8), [cut])
    assert not opinion({49: 0.9}).denies(found("wipe", 0.8), [cut])


def test_the_network_finds_a_cut_between_two_scenes() -> None:
    rng = np.random.default_rng(4)
    scenes = [rng.integers(20, 235, (HEIGHT // 3, WIDTH // 3, 3)).repeat(3, 0).repeat(3, 1) for _ in range(2)]
    frames = np.stack([scenes[number >= 47] for number in range(STRETCH)])
    frames = np.clip(frames + rng.normal(0, 2, frames.shape), 0, 255).astype(np.uint8)
    single, every = TransNet().score(frames)
    assert single.shape == every.shape == (STRETCH,)
    assert single[45:48].max() > 0.5
    assert np.delete(single, range(40, 55)).max() < 0.2


def test_only_stretches_in_doubt_are_asked_about_and_once() -> None:
    scorer = Answers(*np.zeros((2, 120), np.float32))
    doubtful = Opinion(scorer, numbered())
    assert not doubtful.denies_cut(Cut(20, 1.0))
    assert scorer.asked == 0
    for frame in (10, 20, 30):
        assert doubtful.denies_cut(Cut(frame, 0.7))
    assert scorer.asked == 1
    assert doubtful.denies_cut(Cut(119, 0.7))
    assert scorer.asked == 2


def test_likeness_is_one_with_itself_and_zero_outside() -> None:
    frames = np.random.default_rng(1).integers(0, 255, (100, HEIGHT, WIDTH, 3), np.uint8)
    table = likeness(frames)
    assert np.allclose(table[:, 50], 1)
    assert table[0, :50].max() == 0
    assert table[99, 51:].max() == 0


def test_an_altered_model_is_refused() -> None:
    with pytest.raises(ModelMissing, match=r"transnetv2\.onnx is damaged"):
        carried_session("transnetv2.onnx", "0" * 64, 1)
    with pytest.raises(ModelMissing, match=r"none\.onnx is not installed"):
        carried_session("none.onnx", MODEL_SHA256, 1)
