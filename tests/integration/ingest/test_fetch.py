"""Films from URLs: where they are found, and how they arrive."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from reelprint.adapters.media.probe import probe
from reelprint.core.errors import FetchFailed, UnsupportedFormat
from tests.integration.ingest.conftest import Bench
from tests.integration.ingest.site import Site, breaking, failing, giving, leading_to, page, unmeasured

VIDEO_PAGE = "<html><head><title>{title}</title></head><body><video src='{src}'></video></body></html>"


def test_a_direct_link_gives_its_very_bytes(bench: Bench, site: Site, film: Path) -> None:
    site.replies["/films/my%20holiday.mp4"] = giving(film)
    fetched = bench.fetch(site.url("/films/my%20holiday.mp4"))
    assert fetched.path.read_bytes() == film.read_bytes()
    assert fetched.title == "my holiday"
    assert fetched.filename == "my holiday.mp4"
    assert bench.left() == [fetched.path.name]
    size = film.stat().st_size
    assert bench.seen[-1] == (size, size)
    assert [done for done, _ in bench.seen] == sorted(done for done, _ in bench.seen)
    assert all(total == size for _, total in bench.seen)


@pytest.mark.parametrize("kind", ["application/octet-stream", "video/mp4", "binary/nonsense"])
def test_content_decides_and_not_the_name(bench: Bench, site: Site, film: Path, kind: str) -> None:
    site.replies["/get.php"] = giving(film, kind)
    fetched = bench.fetch(site.url("/get.php?id=7"))
    assert fetched.path.suffix == ".mp4"
    assert probe(fetched.path).video.width == 160


def test_a_page_with_a_video_element(bench: Bench, site: Site, film: Path) -> None:
    title = "Zwei&#8232;Zeilen \u202eund / ein Strich" + " lang" * 60
    site.replies["/watch"] = page(VIDEO_PAGE.format(title=title, src="/media/film.mp4"))
    site.replies["/media/film.mp4"] = giving(film)
    fetched = bench.fetch(site.url("/watch"))
    assert fetched.path.read_bytes() == film.read_bytes()
    assert fetched.title.startswith("Zwei Zeilen und / ein Strich lang")
    assert len(fetched.title) <= 200
    assert "/" not in fetched.filename
    assert fetched.filename.endswith(".mp4")


def test_a_redirect_is_followed(bench: Bench, site: Site, film: Path) -> None:
    site.replies["/short"] = leading_to(site.url("/long.mp4", "localhost"))
    site.replies["/long.mp4"] = giving(film)
    assert bench.fetch(site.url("/short")).path.read_bytes() == film.read_bytes()


def test_redirects_without_end(bench: Bench, site: Site) -> None:
    site.replies["/round.mp4"] = leading_to("/round.mp4")
    with pytest.raises(FetchFailed, match="redirected without end"):
        bench.fetch(site.url("/round.mp4"))


def test_pieces_of_an_hls_list_become_a_film(
    bench: Bench, site: Site, film: Path, streams: Callable[[str], Path]
) -> None:
    for path in streams("hls").iterdir():
        kind = "application/vnd.apple.mpegurl" if path.suffix == ".m3u8" else "video/mp2t"
        site.replies[f"/hls/{path.name}"] = giving(path, kind)
    fetched = bench.fetch(site.url("/hls/list.m3u8"))
    _same_film(fetched.path, film)
    assert bench.left() == [fetched.path.name]


def test_picture_and_sound_that_come_apart_are_put_together(
    bench: Bench, site: Site, film: Path, streams: Callable[[str], Path]
) -> None:
    for path in streams("dash").iterdir():
        kind = "application/dash+xml" if path.suffix == ".mpd" else "video/mp4"
        site.replies[f"/dash/{path.name}"] = giving(path, kind)
    fetched = bench.fetch(site.url("/dash/list.mpd"))
    _same_film(fetched.path, film)
    assert bench.left() == [fetched.path.name]


def test_picture_and_sound_as_two_files(bench: Bench, site: Site, film: Path, streams: Callable[[str], Path]) -> None:
    """What YouTube gives above 360 lines: a list that names one whole file for each."""
    folder = streams("dash")
    names = {"video": "", "audio": ""}
    for place, kind in enumerate(names):
        pieces = [folder / f"init-stream{place}.m4s", *sorted(folder.glob(f"chunk-stream{place}-*"))]
        names[kind] = f"/apart/{kind}.mp4"
        site.replies[names[kind]] = giving(b"".join(piece.read_bytes() for piece in pieces))
    sets = "".join(
        f'<AdaptationSet contentType="{kind}" mimeType="{kind}/mp4"><Representation id="{kind}" bandwidth="99000" '
        f'codecs="{codec}" {size}><BaseURL>{names[kind]}</BaseURL></Representation></AdaptationSet>'
        for kind, codec, size in (("video", "avc1.42c00b", 'width="160" height="90"'), ("audio", "mp4a.40.2", ""))
    )
    about = 'xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT3S"'
    mpd = f'<?xml version="1.0"?><MPD {about}><Period>{sets}</Period></MPD>'
    site.replies["/apart.mpd"] = giving(mpd.encode(), "application/dash+xml")
    _same_film(bench.fetch(site.url("/apart.mpd")).path, film)


def test_a_live_stream_is_no_film(bench: Bench, site: Site, streams: Callable[[str], Path]) -> None:
    folder = streams("hls")
    text = (folder / "list.m3u8").read_text().replace("#EXT-X-ENDLIST", "").replace("#EXT-X-PLAYLIST-TYPE:VOD", "")
    site.replies["/live.m3u8"] = giving(text.encode(), "application/vnd.apple.mpegurl")
    with pytest.raises(FetchFailed, match="live"):
        bench.fetch(site.url("/live.m3u8"))
    assert bench.left() == []


def test_an_encrypted_list_without_what_decrypts_it(bench: Bench, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from yt_dlp.dependencies import Cryptodome

    monkeypatch.setattr(Cryptodome, "AES", None, raising=False)
    key = '#EXT-X-KEY:METHOD=AES-128,URI="/key"'
    text = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n{key}\n#EXTINF:1,\n/s.ts\n#EXT-X-ENDLIST\n"
    site.replies["/list.m3u8"] = giving(text.encode(), "application/vnd.apple.mpegurl")
    with pytest.raises(FetchFailed, match="pycryptodomex"):
        bench.fetch(site.url("/list.m3u8"))
    assert "/s.ts" not in [path for path, _ in site.asked]


def test_a_broken_connection_is_taken_up_where_it_broke(bench: Bench, site: Site, film: Path) -> None:
    data = film.read_bytes()
    # The first request only looks at what there is; it is broken too.
    site.replies["/film.mp4"] = breaking(data, times=3, after=len(data) // 3)
    assert bench.fetch(site.url("/film.mp4")).path.read_bytes() == data
    starts = [asked for _, asked in site.asked if asked]
    assert starts, "it was read from its start again"


def test_a_server_that_always_breaks_off(bench: Bench, site: Site, film: Path) -> None:
    data = film.read_bytes()
    site.replies["/film.mp4"] = breaking(data, times=1000, after=100)
    with pytest.raises(FetchFailed, match="connection broke"):
        bench.fetch(site.url("/film.mp4"))
    assert len(site.asked) < 20
    assert bench.left() == []


@pytest.mark.parametrize("status", [404, 403, 410, 500])
def test_an_http_error_is_told_in_one_line(bench: Bench, site: Site, status: int) -> None:
    site.replies["/gone.mp4"] = failing(status)
    with pytest.raises(FetchFailed) as told:
        bench.fetch(site.url("/gone.mp4"))
    assert f"the server answers {status}" in told.value.message
    _clean(told.value.message)
    assert bench.left() == []


def test_a_page_without_a_film(bench: Bench, site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    site.replies["/text"] = page("<html><head><title>News</title></head><body><p>Nothing here.</p></body></html>")
    with pytest.raises(FetchFailed, match="no film was found") as told:
        bench.fetch(site.url("/text"))
    _clean(told.value.message)
    assert capfd.readouterr() == ("", "")


def test_what_is_neither_page_nor_film(bench: Bench, site: Site) -> None:
    site.replies["/data.bin"] = giving(b"PK\x03\x04" + bytes(5000), "application/zip")
    with pytest.raises(UnsupportedFormat, match="not a film"):
        bench.fetch(site.url("/data.bin"))
    assert bench.left() == []


def test_sound_alone_is_no_film(bench: Bench, site: Site) -> None:
    site.replies["/song.mp3"] = giving(b"ID3" + bytes(5000), "audio/mpeg")
    with pytest.raises(FetchFailed, match="no picture"):
        bench.fetch(site.url("/song.mp3"))


def test_a_page_with_two_films_is_ambiguous(bench: Bench, site: Site, film: Path) -> None:
    two = "<video src='/a.mp4'></video><video src='/b.mp4'></video>"
    site.replies["/watch"] = page(f"<html><title>Two</title><body>{two}</body></html>")
    site.replies["/a.mp4"] = site.replies["/b.mp4"] = giving(film)
    with pytest.raises(FetchFailed, match="several films"):
        bench.fetch(site.url("/watch"))
    assert bench.left() == []


def test_a_feed_with_one_film_is_that_film(bench: Bench, site: Site, film: Path) -> None:
    item = f"<item><title>Folge 1</title><enclosure url='{site.url('/one.mp4')}' type='video/mp4'/></item>"
    feed = f"<?xml version='1.0'?><rss version='2.0'><channel><title>Cast</title>{item}</channel></rss>"
    site.replies["/feed"] = giving(feed.encode(), "application/rss+xml")
    site.replies["/one.mp4"] = giving(film)
    fetched = bench.fetch(site.url("/feed"))
    assert fetched.path.read_bytes() == film.read_bytes()
    assert fetched.title == "Folge 1"


def test_an_answer_without_a_length(bench: Bench, site: Site, film: Path) -> None:
    site.replies["/film.mp4"] = unmeasured(film.read_bytes())
    fetched = bench.fetch(site.url("/film.mp4"))
    assert hashlib.sha256(fetched.path.read_bytes()).digest() == hashlib.sha256(film.read_bytes()).digest()


def _same_film(path: Path, film: Path) -> None:
    """The same streams in another container: as long, as large, with the same packets of picture."""
    found, given = probe(path), probe(film)
    assert (found.video.width, found.video.height, found.video.codec) == (160, 90, "h264")
    assert found.audio is not None
    assert found.audio.codec == "aac"
    assert found.video.duration_s == pytest.approx(given.video.duration_s, abs=0.05)
    assert found.video.frame_rate == given.video.frame_rate
    assert abs(found.video.start_s) < 0.1


def _clean(message: str) -> None:
    assert "\n" not in message
    assert "\x1b" not in message
    assert "yt-dlp" not in message
    assert "report" not in message
