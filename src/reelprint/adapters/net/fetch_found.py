"""From a URL to one film's files: what yt-dlp finds there, and its download."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yt_dlp.dependencies import Cryptodome
from yt_dlp.utils import determine_protocol

from reelprint.adapters.net.fetch_confine import confined_to
from reelprint.adapters.net.fetch_errors import translated
from reelprint.adapters.net.fetch_library import PROTOCOLS, Library
from reelprint.adapters.net.proxy import FetchProxy
from reelprint.core.errors import FetchFailed, FileTooLarge, ReelprintError

_DEEPEST = 4
_POLL_S = 0.2
_LIVE = {"is_live", "is_upcoming", "post_live"}

Watch = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Brought:
    """The files of one film: one with picture and sound, or one with each. ``streamed``: put together from pieces."""

    title: str
    paths: tuple[Path, ...]
    streamed: bool


def bring(url: str, folder: Path, proxy: FetchProxy, max_bytes: int, watch: Watch) -> Brought:
    """Find the film at a URL and download it into ``folder``, at most ``max_bytes`` in all.

    Raises FetchFailed, AddressRefused, FileTooLarge, Cancelled.
    """
    counter = _Counter(proxy, max_bytes, watch)
    try:
        with confined_to(proxy.port), closing(Library(proxy, counter.hook, max_bytes)) as library:
            info = _film(library, url)
            paths = tuple(
                _download(library, info, item, folder / f"piece{place}", counter)
                for place, item in enumerate(info.get("requested_formats") or [info])
            )
    except ReelprintError as error:
        # A cut looks like one of many errors; what it was for is what counts.
        proxy.check()
        if proxy.refused is not None and isinstance(error, FetchFailed):
            raise proxy.refused from None
        raise
    except Exception as error:
        proxy.check()
        if proxy.refused is not None:
            raise proxy.refused from None
        raise translated(error, proxy.trouble) from None
    # An answer without a length that was cut looks whole.
    proxy.check()
    return Brought(str(info.get("title") or ""), paths, determine_protocol(info) not in ("http", "https"))


def _film(library: Library, url: str) -> dict[str, Any]:
    """The one film that a URL leads to, its formats chosen."""
    found = library.extract_info(url, download=False)
    for _ in range(_DEEPEST):
        kind = (found or {}).get("_type", "video")
        if not found:
            raise FetchFailed("no film was found at the URL")
        if kind == "video":
            break
        if kind not in ("playlist", "multi_video"):
            found = library.process_ie_result(found, download=False)
            continue
        entries = [entry for entry in found.get("entries") or () if entry]
        if len(entries) != 1:
            raise FetchFailed(
                "the URL leads to several films; give the URL of one" if entries else "no film was found at the URL"
            )
        found = {**entries[0], "title": entries[0].get("title") or found.get("title")}
    else:
        raise FetchFailed("the URL leads from list to list; give the URL of one film")
    if found.get("is_live") or found.get("live_status") in _LIVE:
        raise FetchFailed("the film is live; fetch it when it is over")
    return dict(found)


def _download(library: Library, film: dict[str, Any], chosen: dict[str, Any], path: Path, counter: _Counter) -> Path:
    info = {**film, **chosen}
    for key in ("requested_formats", "formats", "requested_downloads", "section_start", "section_end"):
        info.pop(key, None)
    protocol = determine_protocol(info)
    if protocol not in PROTOCOLS:
        raise FetchFailed(f"the film is offered by {protocol} only, which is not fetched")
    if protocol.startswith("m3u8"):
        _read_playlist(library, info)
    counter.wait_until(info.pop("available_at", None) or 0)
    counter.begin(info)
    if not library.save(info, path) or not path.is_file():
        raise FetchFailed("the film could not be fetched", detail=library.said.last)
    counter.end(path.stat().st_size)
    return path


def _read_playlist(library: Library, info: dict[str, Any]) -> None:
    """Read the list of segments here, since yt-dlp would take what a live stream has at the moment for a film."""
    text = info.get("hls_media_playlist_data")
    if not text:
        answer = library.urlopen(info["url"])
        text = answer.read().decode("utf-8", "replace")
        info["url"], info["hls_media_playlist_data"] = answer.url, text
    if "#EXT-X-ENDLIST" not in text and "#EXT-X-PLAYLIST-TYPE:VOD" not in text:
        raise FetchFailed("the film is live; fetch it when it is over")
    if "METHOD=AES-128" in text and not Cryptodome.AES:
        # yt-dlp's own decryption takes half a minute for a megabyte, and cannot be cancelled meanwhile.
        raise FetchFailed("the film is encrypted (HLS with AES-128), which needs the package pycryptodomex")


class _Counter:
    """Counts bytes over all files of a film, tells how far it is, and stops at the limit."""

    def __init__(self, proxy: FetchProxy, max_bytes: int, watch: Watch) -> None:
        self._proxy, self._max_bytes, self._watch = proxy, max_bytes, watch
        self._before = 0
        self._expected: int | None = None

    def begin(self, info: dict[str, Any]) -> None:
        """A file starts."""
        size = info.get("filesize") or info.get("filesize_approx")
        self._expected = self._before + int(size) if size else None

    def end(self, size: int) -> None:
        """A file is whole. Raises FileTooLarge."""
        self._before += size
        self._limit(self._before)
        self._watch(self._before, self._before)

    def hook(self, status: dict[str, Any]) -> None:
        """What yt-dlp calls. Raises Cancelled, FileTooLarge, FetchFailed."""
        self._proxy.check()
        here = int(status.get("downloaded_bytes") or 0)
        total = status.get("total_bytes")
        self._limit(self._before + max(here, int(total or 0)))
        if total or status.get("total_bytes_estimate"):
            self._expected = self._before + int(total or status["total_bytes_estimate"])
        self._watch(self._before + here, self._expected and max(self._expected, self._before + here))

    def wait_until(self, moment: float) -> None:
        """Some sites give a film's files a few seconds after its page only."""
        while time.time() < moment:
            self._proxy.check()
            time.sleep(_POLL_S)

    def _limit(self, size: int) -> None:
        if size > self._max_bytes:
            raise FileTooLarge(
                f"the film at the URL is over the limit of {self._max_bytes / 2**20:g} MiB",
                detail=f"{size} of {self._max_bytes} bytes",
            )
