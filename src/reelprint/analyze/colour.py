"""The colour of a film: its look, the look of every shot, its sliders and its palette."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.evidence import Evidence, Known, Tick
from reelprint.colour.look import FILM_CLOUD, SHOT_CLOUD, measure_look, picks
from reelprint.colour.oklab import oklab_of_rgb, rgb_of_oklab
from reelprint.colour.sliders import sliders_of
from reelprint.core.analysis import ActivePicture
from reelprint.core.colour import ColourMeasure, Look, Swatch
from reelprint.core.shots import Shot, ShotList

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

_PIXELS_PER_SAMPLE = 1000
_SAMPLES_PER_SHOT = 16
_FILM_PIXELS = 120_000
#: Points of all shots' clouds together: a tall window on a wide film sees a third of them.
_FILM_POINTS = 4096
_PALETTE = 6
#: A card: at least this share of the pixels within one cell of Oklab; darker grounds may be a night scene.
_FLAT_SHARE, _FLAT_CELL, _DARK = 0.6, 0.04, 0.2


class ColourAnalyzer:
    """Measures looks in Oklab on samples spread evenly over the shots.

    Bars (``known.picture``) are cut off; samples inside fades, dissolves and other gradual transitions are left out
    as long as the shot has others, and so are graphic cards (titles on a flat ground): a grade is what was done to
    pictures. Every shot counts in the film's look by its length without cards.
    """

    name = "colour"
    version = 5

    def measure(self, evidence: Evidence, known: Known, tick: Tick) -> ColourMeasure:
        """Measure; needs known.picture and known.shots. Raises ValueError without them."""
        if known.picture is None or known.shots is None:
            raise ValueError("colour is measured after picture and shots")
        shots = known.shots.shots
        usable = _outside_transitions(evidence.samples.times_s, known.shots)
        looks: list[Look] = []
        places: list[tuple[tuple[float, float], ...]] = []
        pools: list[F32] = []
        seconds: list[float] = []
        share = max(64, _FILM_PIXELS // len(shots))
        # Few shots get finer clouds: what the windows show of them together is what a grade is solved on.
        cloud_size = max(SHOT_CLOUD, _FILM_POINTS // 2 ** (len(shots) - 1).bit_length())
        for number, shot in enumerate(shots):
            pixels, pictures = _without_cards(self._pixels(evidence, shot, known.picture, usable))
            lab = pixels[:, :3]
            looks.append(measure_look(lab, weight_s=shot.duration_s, cloud_size=cloud_size))
            places.append(
                tuple((round(float(x), 3), round(float(y), 3)) for x, y in pixels[picks(lab, cloud_size), 3:])
            )
            pools.append(lab[:: max(1, len(lab) // share)])
            seconds.append(shot.duration_s * pictures)
            tick((number + 1) / len(shots))
        # A film of nothing but cards is measured on its cards.
        film = _weighted(pools, seconds if any(seconds) else [shot.duration_s for shot in shots])
        look = measure_look(film, weight_s=sum(shot.duration_s for shot in shots), cloud_size=FILM_CLOUD)
        return ColourMeasure(
            sliders=sliders_of(look),
            look=look,
            shot_looks=tuple(looks),
            shot_places=tuple(places),
            palette=palette_of(film[:: len(film) // 8000 + 1]),
        )

    def _pixels(self, evidence: Evidence, shot: Shot, picture: ActivePicture, usable: NDArray[np.bool_]) -> list[F32]:
        frames = evidence.samples.frames
        inside = (frames >= shot.start_frame) & (frames < shot.end_frame)
        chosen = np.flatnonzero(inside & usable)
        if not len(chosen):
            chosen = np.flatnonzero(inside)
        if not len(chosen):
            return [_proxy_pixels(evidence, (shot.start_frame + shot.end_frame) // 2, picture)]
        if len(chosen) > _SAMPLES_PER_SHOT:
            chosen = chosen[np.linspace(0, len(chosen) - 1, _SAMPLES_PER_SHOT).round().astype(np.int64)]
        return [_thin(evidence.samples.rgb(int(at)), picture) for at in chosen]


def _without_cards(samples: list[F32]) -> tuple[F32, float]:
    """The pixels of the samples that are pictures, and their share; all pixels and 0 when every sample is a card."""
    pictures = [pixels for pixels in samples if not _is_card(pixels[:, :3])]
    return np.concatenate(pictures or samples), len(pictures) / len(samples)


def _is_card(lab: F32) -> bool:
    """Whether most of the picture is one flat colour that is not darkness, as behind titles."""
    cells = np.floor(lab / _FLAT_CELL).astype(np.int64) @ np.array([1, 1000, 1_000_000])
    _, first, counts = np.unique(cells, return_index=True, return_counts=True)
    most = int(counts.argmax())
    return bool(counts[most] >= _FLAT_SHARE * len(lab) and lab[first[most], 0] > _DARK)


def _outside_transitions(times_s: NDArray[np.float64], shots: ShotList) -> NDArray[np.bool_]:
    usable = np.ones(len(times_s), bool)
    for item in shots.transitions:
        if item.end_s > item.start_s:
            usable &= ~((times_s >= item.start_s) & (times_s < item.end_s))
    return usable


def _active(shape: tuple[int, ...], picture: ActivePicture) -> tuple[int, int, int, int]:
    """top, bottom, left, right of the picture inside bars, for a frame of this (height, width)."""
    height, width = shape[:2]
    # Two rows inside the bars' edges, where scaling and compression mix both.
    margin_y = 2 if picture.height < 1 and height > 40 else 0
    margin_x = 2 if picture.width < 1 and width > 40 else 0
    top, left = round(picture.y * height) + margin_y, round(picture.x * width) + margin_x
    bottom = max(top + 1, round((picture.y + picture.height) * height) - margin_y)
    right = max(left + 1, round((picture.x + picture.width) * width) - margin_x)
    return top, min(bottom, height), left, min(right, width)


def _thin(rgb: U8, picture: ActivePicture) -> F32:
    """(n, 5): Oklab of about _PIXELS_PER_SAMPLE pixels inside the bars, and where they are as shares of the frame."""
    top, bottom, left, right = _active(rgb.shape, picture)
    step = max(1, int(np.sqrt((bottom - top) * (right - left) / _PIXELS_PER_SAMPLE)))
    rows, columns = np.arange(top + step // 2, bottom, step), np.arange(left + step // 2, right, step)
    lab = oklab_of_rgb(rgb[rows[:, None], columns[None]].reshape(-1, 3))
    x, y = np.meshgrid((columns + 0.5) / rgb.shape[1], (rows + 0.5) / rgb.shape[0])
    return np.concatenate([lab, np.stack([x.ravel(), y.ravel()], -1)], 1).astype(np.float32)


def _proxy_pixels(evidence: Evidence, frame: int, picture: ActivePicture) -> F32:
    """Pixels of one proxy, for a shot between two samples. Full-range BT.709 YCbCr (ITU-R BT.709)."""
    frame = min(frame, evidence.proxies.count - 1)
    chroma = evidence.proxies.chroma(frame, frame + 1)[0].astype(np.float32) - 128
    luma = evidence.proxies.luma(frame, frame + 1)[0].astype(np.float32)
    luma = luma[: chroma.shape[0] * 2 : 2, : chroma.shape[1] * 2 : 2]
    cb, cr = chroma[..., 0], chroma[..., 1]
    rgb = np.stack([luma + 1.5748 * cr, luma - 0.1873 * cb - 0.4681 * cr, luma + 1.8556 * cb], -1)
    return _thin(np.clip(rgb + 0.5, 0, 255).astype(np.uint8), picture)


def _weighted(pools: list[F32], seconds: list[float]) -> F32:
    """One pool in which every shot has pixels in proportion to its length."""
    total = sum(seconds)
    budget = min(_FILM_PIXELS, sum(len(pool) for pool in pools))
    parts = []
    for pool, length in zip(pools, seconds, strict=True):
        count = round(budget * length / total)
        parts.append(pool[(np.arange(count) * len(pool)) // count])
    return np.concatenate(parts)


def palette_of(lab: F32) -> tuple[Swatch, ...]:
    """Up to six colours and their shares, most frequent first.

    k-means in Oklab (Lloyd 1982), started at the farthest points from those already chosen (Gonzalez 1985), so that
    a small strong colour gets its swatch; the same pixels give the same palette.
    """
    centres = [lab.mean(0)]
    distance = ((lab - centres[0]) ** 2).sum(1)
    centres = []
    for _ in range(_PALETTE):
        # The 99.5 % point instead of the farthest: one odd pixel is no colour of the film.
        far = np.argpartition(distance, int(0.995 * (len(lab) - 1)))[int(0.995 * (len(lab) - 1))]
        centres.append(lab[far])
        gap = ((lab - lab[far]) ** 2).sum(1)
        distance = gap if len(centres) == 1 else np.minimum(distance, gap)
        if distance.max() < 1e-4:
            break
    table = np.array(centres)
    for _ in range(10):
        nearest = ((lab[:, None] - table[None]) ** 2).sum(2).argmin(1)
        counts = np.bincount(nearest, minlength=len(table))
        sums = np.stack([np.bincount(nearest, lab[:, k], len(table)) for k in range(3)], 1)
        table = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], table)
    codes = np.round(rgb_of_oklab(table) * 255).astype(int)
    shares: dict[str, float] = {}
    for code, count in zip(codes, counts, strict=True):
        if count:
            color = "#{:02x}{:02x}{:02x}".format(*code)
            shares[color] = shares.get(color, 0.0) + count / len(lab)
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Swatch(color=color, share=round(min(1.0, share), 4)) for color, share in ordered)
