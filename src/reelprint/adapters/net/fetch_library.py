"""yt-dlp, set up so that it does as little as possible on its own. Importing this file costs half a second.

No configuration files, plugins, cache, cookies, netrc, environment proxies, programs (ffmpeg, aria2, JavaScript
runtimes) or components from elsewhere; nothing is printed; every request is one of http(s) through our proxy.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yt_dlp.globals
from yt_dlp import YoutubeDL
from yt_dlp.downloader import get_suitable_downloader
from yt_dlp.networking import Request
from yt_dlp.networking.exceptions import HTTPError
from yt_dlp.utils import determine_protocol

from reelprint.adapters.net.proxy import FetchProxy
from reelprint.core.errors import AddressRefused, FetchFailed

#: Protocols whose downloaders are in Python and open no connection of their own.
PROTOCOLS = frozenset({"http", "https", "m3u8", "m3u8_native", "http_dash_segments"})
_SCHEMES = ("http", "https", "data")
_LARGEST_PAGE_BYTES = 8 * 1024 * 1024
_PAGE_PIECE_BYTES = 1024 * 1024
_RETRIES = 5
_SOCKET_S = 20.0
#: Reads of these headers by yt-dlp would let a page choose the proxy.
_PROXY_HEADERS = ("Ytdl-Request-Proxy", "Ytdl-socks-proxy")

#: Up to 1080 lines: no clip is larger, and decoding more only costs. H.264 decodes fastest.
_SORT = ["res:1080", "fps:60", "vcodec:h264", "acodec:aac"]
_CHOICE = "bv*{fit}+ba/b{fit}/bv*{fit}/bv*+ba/b/bv*"

Hook = Callable[[dict[str, Any]], None]


class Library(YoutubeDL):  # type: ignore[misc]
    """yt-dlp behind ``proxy``. ``hook`` gets its progress; ``max_bytes``: formats known to be larger come last."""

    def __init__(self, proxy: FetchProxy, hook: Hook, max_bytes: int) -> None:
        _without_plugins()
        self.said = Said()
        self._answers: list[Any] = []
        self._hook = hook
        super().__init__(_options(proxy, self.said, self._choose))
        fit = f"[filesize<?{max_bytes}][filesize_approx<?{max_bytes}]"
        self._selector = self.build_format_selector(_CHOICE.format(fit=fit))

    def urlopen(self, req: Any) -> Any:
        """Open a request: http(s) only, through our proxy whatever the request says, pages of a bounded size.

        Raises AddressRefused for other schemes (a manifest may name ``file:///etc/passwd``).
        """
        request = req if isinstance(req, Request) else Request(req if isinstance(req, str) else req.full_url)
        scheme = urlsplit(request.url).scheme.lower()
        if scheme not in _SCHEMES:
            raise AddressRefused(f"what was found there leads on to a {scheme or 'nameless'}: address")
        request.proxies.clear()
        for name in _PROXY_HEADERS:
            request.headers.pop(name, None)
        try:
            answer = _bounded(super().urlopen(request))
        except HTTPError as error:
            self._keep(error.response)
            raise
        self._keep(answer)
        return answer

    def save(self, info: dict[str, Any], path: Path) -> bool:
        """Download one format; False when it was not to be had. Whatever happens, its file is closed."""
        opened: list[Any] = []
        downloader = get_suitable_downloader(info, self.params)(self, self.params)
        open_file = downloader.sanitize_open

        def kept(filename: str, mode: str) -> Any:
            stream, name = open_file(filename, mode)
            opened[:] = [*(other for other in opened if not other.closed), stream]
            return stream, name

        downloader.sanitize_open = kept
        downloader.add_progress_hook(self._hook)
        try:
            done, _ = downloader.download(str(path), info)
        finally:
            for stream in opened:
                stream.close()
        return bool(done)

    def close(self) -> None:
        """Close every connection."""
        for answer in self._answers:
            answer.close()
        super().close()

    def _keep(self, answer: Any) -> None:
        """Remember to close it: yt-dlp leaves some unread, and so open."""
        self._answers = [*(other for other in self._answers if not other.closed), answer]

    def _choose(self, context: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        usable = [item for item in context["formats"] if determine_protocol(item) in PROTOCOLS]
        if any(item.get("vcodec") != "none" for item in usable):
            # Without any picture the selector would be content with sound.
            yield from self._selector({**context, "formats": usable})


class Said:
    """The logger that yt-dlp is given: nothing is shown, the last complaint is kept."""

    def __init__(self) -> None:
        self.last = ""

    def debug(self, text: str) -> None:
        """What would be on the screen."""
        _log.debug("yt-dlp: %s", text)

    def warning(self, text: str) -> None:
        """What it goes on in spite of."""
        _log.debug("yt-dlp: %s", text)

    def error(self, text: str) -> None:
        """What it stops for."""
        self.last = text or self.last
        _log.debug("yt-dlp: %s", text)


_log = logging.getLogger(__name__)


def _options(proxy: FetchProxy, said: Said, choose: Callable[..., Any]) -> dict[str, Any]:
    def pause_s(n: int) -> float:
        # Where retrying is in vain it ends here, before the pause.
        proxy.check()
        if proxy.refused is not None:
            raise proxy.refused
        return 0.1 * min(1 << n, 8)

    return {
        "proxy": proxy.url,
        "logger": said,
        "quiet": True,
        "noprogress": True,
        "color": "never",
        "warn_when_outdated": False,
        "format": choose,
        "format_sort": _SORT,
        "noplaylist": True,
        # Two are enough to know that it is not one.
        "playlist_items": "1:2",
        "extract_flat": "in_playlist",
        "socket_timeout": _SOCKET_S,
        "retries": _RETRIES,
        "fragment_retries": _RETRIES,
        "extractor_retries": 1,
        "file_access_retries": 1,
        "retry_sleep_functions": {"http": pause_s, "fragment": pause_s, "extractor": pause_s},
        "skip_unavailable_fragments": False,
        "concurrent_fragment_downloads": 1,
        "external_downloader": {"default": "native"},
        "hls_prefer_native": True,
        "ffmpeg_location": "/nonexistent",
        "fixup": "never",
        # Python's own way to trust a company's issuer; its file is absent on most systems, and certifi's counts then.
        "compat_opts": {"no-certifi"} if ssl.get_default_verify_paths().cafile else set(),
        "cachedir": False,
        "usenetrc": False,
        "enable_file_urls": False,
        "js_runtimes": {},
        "remote_components": set(),
        "geo_bypass": False,
        "updatetime": False,
        "_no_ytdl_file": True,
    }


def _without_plugins() -> None:
    yt_dlp.globals.plugin_dirs.value = []
    yt_dlp.globals.all_plugins_loaded.value = True


def _bounded(response: Any) -> Any:
    """``response`` whose reading as a whole stops at a limit: pages and manifests are held in memory."""
    read = response.read

    def limited(amt: int | None = None) -> bytes:
        if amt is not None and amt >= 0:
            return bytes(read(amt))
        pieces: list[bytes] = []
        size = 0
        while piece := read(_PAGE_PIECE_BYTES):
            pieces.append(piece)
            size += len(piece)
            if size > _LARGEST_PAGE_BYTES:
                raise FetchFailed(f"a page at that URL is larger than {_LARGEST_PAGE_BYTES >> 20} MiB")
        return b"".join(pieces)

    response.read = limited
    return response
