from __future__ import annotations

import numpy as np
import pytest

from reelprint.colour.hdr import SDR_WHITE_NITS, hdr_lut, hlg_light, pq_light, pq_signal, sdr_of_hdr, tone_map


def test_reference_levels_of_bt2100_and_bt2408() -> None:
    assert hlg_light(np.full(3, 0.75)).mean() == pytest.approx(203, rel=0.02)
    assert pq_light(np.full(3, 0.58)).mean() == pytest.approx(203, rel=0.02)
    assert pq_light(pq_signal(np.array([0.1, 100.0, 4000.0]))) == pytest.approx([0.1, 100, 4000], rel=1e-6)


def test_tone_map_is_monotone_and_keeps_the_dark() -> None:
    light = np.linspace(0, 1200, 5000)
    mapped = tone_map(light)
    assert np.diff(mapped).min() > -1e-9
    assert mapped.max() <= SDR_WHITE_NITS + 1e-6
    assert tone_map(np.array([20.0]))[0] == pytest.approx(20, rel=0.01)


@pytest.mark.parametrize("transfer", ["hlg", "pq"])
def test_greys_stay_grey_and_white_comes_out_bright(transfer: str) -> None:
    lut = hdr_lut(transfer)
    grey = lut[np.arange(33), np.arange(33), np.arange(33)]
    assert np.ptp(grey, axis=1).max() < 0.01
    assert np.diff(grey.mean(1)).min() > -1e-4
    assert grey[0].max() < 0.01
    white = sdr_of_hdr(np.full(3, 0.75 if transfer == "hlg" else 0.58), transfer)
    assert 0.8 < white.mean() < 0.97
