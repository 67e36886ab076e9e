"""Fetcher: films from URLs, by yt-dlp behind a proxy of our own."""

from __future__ import annotations

import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reelprint.adapters.net.addresses import Network
from reelprint.adapters.net.fetch_rules import check_fetchable
from reelprint.adapters.net.fetch_whole import whole_film
from reelprint.core.errors import FileTooLarge
from reelprint.core.progress import CancelToken
from reelprint.engine.ports import Encoder, Fetched

if TYPE_CHECKING:
    from reelprint.adapters.net.guarded import Resolver

#: Pages, manifests, and bytes that come twice after a broken connection.
_SLACK_BYTES = 128 * 1024 * 1024
_LONGEST_TITLE = 200
_BIDI = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


class UrlFetcher:
    """Fetches films of at most ``max_bytes`` in at most ``time_limit_s`` seconds from the web, and from networks in
    ``allow``. ``encoder`` puts picture and sound together where a site gives them apart.
    """

    def __init__(
        self,
        encoder: Encoder,
        *,
        max_bytes: int,
        time_limit_s: float,
        allow: Sequence[Network] = (),
        resolve: Resolver | None = None,
    ) -> None:
        self._encoder, self._allow, self._resolve = encoder, allow, resolve
        self._max_bytes, self.time_limit_s = max_bytes, time_limit_s

    def fetch(self, url: str, folder: Path, watch: Callable[[int, int | None], None], cancel: CancelToken) -> Fetched:
        """As the port says; DocumentError too, for what is no http(s) URL."""
        check_fetchable(url, self._allow)
        cancel.check()
        # yt-dlp and what it needs take half a second to import: only whoever fetches waits for it.
        from reelprint.adapters.net.fetch_found import bring  # noqa: PLC0415
        from reelprint.adapters.net.proxy import FetchProxy  # noqa: PLC0415

        proxy = FetchProxy(
            cancel,
            allow=self._allow,
            max_bytes=2 * self._max_bytes + _SLACK_BYTES,
            time_limit_s=self.time_limit_s,
            resolve=self._resolve,
        )
        with _aside(folder) as aside:
            with proxy:
                brought = bring(url, aside, proxy, self._max_bytes, watch)
            film, container = whole_film(brought.paths, aside, self._encoder, cancel, streamed=brought.streamed)
            if film.stat().st_size > self._max_bytes:
                raise FileTooLarge(f"the film at the URL is over the limit of {self._max_bytes / 2**20:g} MiB")
            path = film.replace(folder / f"fetched.{container}")
        title = _title(brought.title)
        label = title.replace("/", "_").replace("\\", "_")
        return Fetched(path=path, filename=f"{label}.{container}", title=title)


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """A folder inside ``folder`` that is gone afterwards, with all that is left in it."""
    path = Path(tempfile.mkdtemp(prefix="fetching-", dir=folder))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _title(given: str) -> str:
    """A title as one line of visible text, at most 200 characters."""
    kept = "".join(
        " " if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") else char for char in given.translate(_BIDI)
    )
    return " ".join(kept.split())[:_LONGEST_TITLE].strip() or "film"
