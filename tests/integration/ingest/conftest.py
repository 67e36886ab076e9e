"""A site, films to put on it, and a fetcher that may reach this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from reelprint.adapters.media.ffmpeg import Ffmpeg
from reelprint.adapters.net.addresses import parse_networks
from reelprint.adapters.net.fetch import UrlFetcher
from reelprint.adapters.net.guarded import Resolver
from reelprint.adapters.process import Limits
from reelprint.core.progress import CancelToken
from reelprint.engine.ports import Fetched
from tests.integration.ingest.site import Site, serving
from tests.media import Lab

LOOPBACK = "127.0.0.0/8"


@dataclass
class Bench:
    """Fetches into an empty folder. ``seen``: what was told of the progress."""

    folder: Path
    cancel: CancelToken = field(default_factory=CancelToken)
    seen: list[tuple[int, int | None]] = field(default_factory=list)

    def fetch(
        self,
        url: str,
        *,
        allow: str = LOOPBACK,
        max_bytes: int = 50_000_000,
        time_limit_s: float = 60.0,
        resolve: Resolver | None = None,
    ) -> Fetched:
        fetcher = UrlFetcher(
            Ffmpeg(None, Limits(time_s=60)),
            allow=parse_networks(allow),
            max_bytes=max_bytes,
            time_limit_s=time_limit_s,
            resolve=resolve,
        )
        return fetcher.fetch(url, self.folder, lambda done, total: self.seen.append((done, total)), self.cancel)

    def left(self) -> Sequence[str]:
        """What is in the folder."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as running:
        yield running


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    folder = tmp_path / "folder"
    folder.mkdir()
    return Bench(folder)


@pytest.fixture(scope="session")
def film(lab: Lab) -> Path:
    """A small mp4: three seconds, picture and sound."""
    args = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "30", "-pix_fmt", "yuv420p", "-c:a", "aac", "-g", "30")
    return lab.keep("ingest.mp4", lambda out: lab.ffmpeg("-i", lab.base, "-vf", "scale=160:90", *args, out))


@pytest.fixture(scope="session")
def streams(lab: Lab, film: Path) -> Callable[[str], Path]:
    """A folder with the film as ``hls`` (one list of MPEG-TS pieces) or ``dash`` (picture and sound apart)."""

    def make(kind: str) -> Path:
        def write(aside: Path) -> None:
            aside.mkdir()
            if kind == "hls":
                rest: tuple[str | Path, ...] = (
                    "-f",
                    "hls",
                    "-hls_time",
                    "1",
                    "-hls_playlist_type",
                    "vod",
                    aside / "list.m3u8",
                )
            else:
                rest = ("-f", "dash", "-seg_duration", "1", aside / "list.mpd")
            lab.ffmpeg("-i", film, "-map", "0", "-c", "copy", *rest)

        return lab.keep(f"ingest_{kind}", write)

    return make
