"""Size, time and cancel: each ends a fetch soon, says why, and leaves nothing behind."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from reelprint.core.errors import Cancelled, FetchFailed, FileTooLarge
from tests.integration.ingest.conftest import Bench
from tests.integration.ingest.site import Site, breaking, dripping, failing, giving, page, unmeasured, until


def test_the_limit_is_exact_to_the_byte(bench: Bench, site: Site, film: Path) -> None:
    site.replies["/film.mp4"] = giving(film)
    size = film.stat().st_size
    with pytest.raises(FileTooLarge):
        bench.fetch(site.url("/film.mp4"), max_bytes=size - 1)
    assert bench.left() == []
    assert bench.fetch(site.url("/film.mp4"), max_bytes=size).path.stat().st_size == size


def test_a_size_that_is_told_is_believed(bench: Bench, site: Site, film: Path) -> None:
    """Not even a second's worth is read of what is too large by its own account."""
    site.replies["/film.mp4"] = dripping(site, film.read_bytes()[:4000], length=10**9)
    began = time.monotonic()
    with pytest.raises(FileTooLarge):
        bench.fetch(site.url("/film.mp4"), max_bytes=10**8)
    assert time.monotonic() - began < 10
    assert bench.left() == []


def test_a_size_that_is_not_told_is_counted(bench: Bench, site: Site, film: Path) -> None:
    site.replies["/film.mp4"] = unmeasured(film.read_bytes() + bytes(3_000_000))
    with pytest.raises(FileTooLarge):
        bench.fetch(site.url("/film.mp4"), max_bytes=1_000_000)
    assert all(done < 3_000_000 for done, _ in bench.seen)
    assert bench.left() == []


def test_pieces_count_together(bench: Bench, site: Site) -> None:
    names = [f"{number}.ts" for number in range(8)]
    lines = "".join(f"#EXTINF:1,\n{name}\n" for name in names)
    text = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n{lines}#EXT-X-ENDLIST\n"
    site.replies["/list.m3u8"] = giving(text.encode(), "application/vnd.apple.mpegurl")
    site.replies |= {f"/{name}": giving(b"G" + bytes(99_999), "video/mp2t") for name in names}
    with pytest.raises(FileTooLarge):
        bench.fetch(site.url("/list.m3u8"), max_bytes=350_000)
    assert "/7.ts" not in [path for path, _ in site.asked]
    assert bench.left() == []


def test_a_page_without_end_is_no_page(bench: Bench, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reelprint.adapters.net.fetch_library._LARGEST_PAGE_BYTES", 2_000_000)
    site.replies["/page"] = page("<html><body>" + "<p>and so on</p>" * 200_000)
    with pytest.raises(FetchFailed, match="page at that URL is larger"):
        bench.fetch(site.url("/page"))


@pytest.mark.parametrize("length", [None, 10_000_000])
def test_a_body_that_never_ends_meets_the_time_limit(bench: Bench, site: Site, film: Path, length: int | None) -> None:
    """Without a length the cut-off rest would pass for the film's end."""
    site.replies["/film.mp4"] = dripping(site, film.read_bytes(), length=length)
    began = time.monotonic()
    with pytest.raises(FetchFailed, match=r"within 1\.5 s"):
        bench.fetch(site.url("/film.mp4"), time_limit_s=1.5)
    assert time.monotonic() - began < 10
    assert bench.left() == []


def test_a_server_that_says_nothing_meets_the_time_limit(bench: Bench, site: Site) -> None:
    site.replies["/film.mp4"] = lambda _request: site.closing.wait(30) and None
    with pytest.raises(FetchFailed, match="within 1 s"):
        bench.fetch(site.url("/film.mp4"), time_limit_s=1.0)


@pytest.mark.parametrize("where", ["page", "body"])
def test_cancel_in_the_middle(bench: Bench, site: Site, film: Path, where: str) -> None:
    if where == "page":
        site.replies["/film.mp4"] = lambda _request: site.closing.wait(30) and None
    else:
        site.replies["/film.mp4"] = dripping(site, film.read_bytes()[:50_000], length=10_000_000)
    cancelled: list[float] = []

    def stop() -> None:
        until(lambda: bool(bench.seen if where == "body" else site.asked))
        cancelled.append(time.monotonic())
        bench.cancel.cancel("enough")

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(Cancelled, match="enough"):
        bench.fetch(site.url("/film.mp4"))
    assert time.monotonic() - cancelled[0] < 5, "it stops at once; the rest is a busy machine's"
    thread.join()
    assert bench.left() == []


def test_cancel_before_anything(bench: Bench, site: Site) -> None:
    bench.cancel.cancel("never mind")
    with pytest.raises(Cancelled):
        bench.fetch(site.url("/film.mp4"))
    assert site.asked == []


def test_what_was_in_the_folder_stays(bench: Bench, site: Site, film: Path) -> None:
    (bench.folder / "mine.txt").write_text("mine")
    site.replies["/film.mp4"] = breaking(film.read_bytes(), times=1000, after=1000)
    with pytest.raises(FetchFailed):
        bench.fetch(site.url("/film.mp4"))
    site.replies["/film.mp4"] = failing(503)
    with pytest.raises(FetchFailed, match="503"):
        bench.fetch(site.url("/film.mp4"))
    assert bench.left() == ["mine.txt"]
