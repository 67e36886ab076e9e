"""Where a fetch must not lead, whoever leads it there."""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import pytest

from reelprint.adapters.net.addresses import parse_networks
from reelprint.adapters.net.fetch_rules import check_fetchable
from reelprint.adapters.net.urls import Address
from reelprint.core.errors import AddressRefused, DocumentError, FetchFailed
from tests.integration.ingest.conftest import LOOPBACK, Bench
from tests.integration.ingest.site import Site, giving, leading_to, page

PRIVATE = [
    "http://127.0.0.1/a.mp4",
    "http://127.1/a.mp4",
    "http://0x7f000001/a.mp4",
    "http://2130706433/a.mp4",
    "http://0177.0.0.1/a.mp4",
    "http://[::1]/a.mp4",
    "http://[::ffff:127.0.0.1]/a.mp4",
    "http://[64:ff9b::7f00:1]/a.mp4",
    "http://169.254.169.254/latest/meta-data",
    "https://10.0.0.8/a.mp4",
    "http://localhost/a.mp4",
    "http://0.0.0.0/a.mp4",
    "http://224.0.0.1/a.mp4",
    "http://93.184.215.14:22/a.mp4",
    "http://example.com:6379/a.mp4",
]
BAD = [
    "file:///etc/passwd",
    "ftp://example.com/a.mp4",
    "ytsearch:cats",
    "example.com/a.mp4",
    "http://",
    "http://user:secret@example.com/a.mp4",
    "http://example.com/a b.mp4",
    "http://example.com:99999/",
    "http://[::1",
    "",
    "http://example.com/" + "a" * 3000,
]


@pytest.mark.parametrize("url", PRIVATE)
def test_a_literal_private_address_is_refused_before_any_connection(bench: Bench, url: str) -> None:
    with pytest.raises(AddressRefused, match=r"^url: "):
        check_fetchable(url)
    with pytest.raises(AddressRefused):
        bench.fetch(url, allow="")
    assert bench.left() == []


@pytest.mark.parametrize("url", BAD)
def test_what_is_no_web_address(bench: Bench, url: str) -> None:
    with pytest.raises(DocumentError, match=r"^url: "):
        check_fetchable(url)
    with pytest.raises(DocumentError):
        bench.fetch(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a.mp4",
        "http://example.com:443/x?y=z#t=3",
        "https://bücher.example/ü.mp4",
        "http://93.184.215.14/",
    ],
)
def test_a_public_address_is_fetched_from(url: str) -> None:
    check_fetchable(url)


def test_an_allowed_network_is_open_on_every_port() -> None:
    allow = parse_networks("127.0.0.0/8, 10.1.0.0/16")
    check_fetchable("http://127.0.0.1:8123/a.mp4", allow)
    check_fetchable("http://localhost:8123/a.mp4", allow)
    check_fetchable("http://10.1.2.3:9000/", allow)
    for url in ("http://10.2.0.1/", "http://93.184.215.14:9000/"):
        with pytest.raises(AddressRefused):
            check_fetchable(url, allow)


def _to(address: str) -> object:
    async def resolve(_host: str, _port: int) -> Sequence[Address]:
        return [ipaddress.ip_address(address)]

    return resolve


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
def test_a_name_that_leads_to_a_private_address(bench: Bench, address: str) -> None:
    with pytest.raises(AddressRefused, match="must not be reached"):
        bench.fetch("http://films.example/a.mp4", allow="", resolve=_to(address))
    with pytest.raises(AddressRefused, match="must not be reached"):
        bench.fetch("https://films.example/a.mp4", allow="", resolve=_to(address))
    assert bench.left() == []


def test_a_name_that_leads_to_an_allowed_address(bench: Bench, site: Site, film: Path) -> None:
    site.replies["/a.mp4"] = giving(film)
    fetched = bench.fetch(site.url("/a.mp4", "films.example"), resolve=_to("127.0.0.1"))
    assert fetched.path.read_bytes() == film.read_bytes()
    assert site.heads[0]["Host"] == f"films.example:{site.port}"


def test_a_port_of_a_public_address_that_is_not_the_webs(bench: Bench) -> None:
    with pytest.raises(AddressRefused, match="port 6379"):
        bench.fetch("http://films.example:6379/a.mp4", resolve=_to("93.184.215.14"))


def test_a_name_that_changes_its_mind_changes_nothing(bench: Bench, site: Site, film: Path) -> None:
    """Looked up once for each connection, and connected to what was looked up."""
    answers = iter(["127.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.1"])
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> Sequence[Address]:
        asked.append(host)
        return [ipaddress.ip_address(next(answers))]

    site.replies["/a.mp4"] = giving(film)
    with pytest.raises(AddressRefused):
        bench.fetch(site.url("/a.mp4", "films.example"), resolve=resolve)
    assert len(site.asked) == 1
    assert len(asked) == 2


@pytest.mark.parametrize("target", ["http://10.0.0.1/a.mp4", "http://0x7f.1/a.mp4", "http://169.254.169.254/"])
def test_a_redirect_to_a_private_address(bench: Bench, site: Site, target: str) -> None:
    site.replies["/a.mp4"] = leading_to(target)
    with pytest.raises(AddressRefused):
        bench.fetch(site.url("/a.mp4"))


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/a.mp4"])
def test_a_redirect_out_of_the_web(bench: Bench, site: Site, target: str) -> None:
    site.replies["/a.mp4"] = leading_to(target)
    with pytest.raises((AddressRefused, FetchFailed)):
        bench.fetch(site.url("/a.mp4"))
    assert bench.left() == []


@pytest.mark.parametrize("target", ["http://10.0.0.1/s.ts", "file:///etc/passwd", "http://[::1]:1/s.ts"])
def test_a_list_whose_pieces_are_elsewhere(bench: Bench, site: Site, target: str) -> None:
    text = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{target}\n#EXT-X-ENDLIST\n"
    site.replies["/list.m3u8"] = giving(text.encode(), "application/vnd.apple.mpegurl")
    with pytest.raises(AddressRefused):
        bench.fetch(site.url("/list.m3u8"))
    assert bench.left() == []


def test_a_header_that_is_a_file_here(bench: Bench, site: Site, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"0123456789abcdef")
    header = f'#EXT-X-MAP:URI="{secret.as_uri()}"'
    text = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n{header}\n#EXTINF:1,\n/s.ts\n#EXT-X-ENDLIST\n"
    site.replies["/list.m3u8"] = giving(text.encode(), "application/vnd.apple.mpegurl")
    site.replies["/s.ts"] = giving(bytes(1600), "video/mp2t")
    with pytest.raises(AddressRefused):
        bench.fetch(site.url("/list.m3u8"))


def test_a_page_cannot_choose_the_proxy(bench: Bench, site: Site, film: Path) -> None:
    """yt-dlp hands data from one of its parts to the next in a URL's fragment, which a page can write too."""
    smuggled = quote(json.dumps({"http_headers": {"Ytdl-Request-Proxy": "__noproxy__"}, "referer": "http://x/"}))
    site.replies["/watch"] = page(f"<html><title>x</title><video src='/a.mp4#__youtubedl_smuggle={smuggled}'></video>")
    site.replies["/a.mp4"] = giving(film)
    bench.fetch(site.url("/watch"))
    assert all(head.get("Connection") == "close" for head in site.heads), "a request went around the proxy"
    assert not any("proxy" in name.lower() for head in site.heads for name in head)


def test_the_environment_is_not_asked(
    bench: Bench, site: Site, film: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Proxies, exceptions from them, netrc, and yt-dlp's own folders: none of them counts."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret")
    (tmp_path / "config" / "yt-dlp").mkdir(parents=True)
    (tmp_path / "config" / "yt-dlp" / "config").write_text(f"--exec 'touch {tmp_path / 'loaded'}'\n")
    plugin = tmp_path / "config" / "yt-dlp" / "plugins" / "p" / "yt_dlp_plugins" / "extractor"
    plugin.mkdir(parents=True)
    (plugin / "own.py").write_text(f"open({str(tmp_path / 'loaded')!r}, 'w')")
    site.replies["/a.mp4"] = giving(film)
    bench.fetch(site.url("/a.mp4"))
    assert all(head.get("Connection") == "close" for head in site.heads), "a request went around the proxy"
    assert not any("Authorization" in head for head in site.heads)
    assert not (tmp_path / "loaded").exists()
    assert not (tmp_path / "cache").exists()


def test_nothing_goes_around_the_proxy(bench: Bench, site: Site, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An extractor that opens a connection, looks a name up or starts a program by itself: the system says no."""
    from yt_dlp.extractor.generic import GenericIE

    refused: list[type[Exception]] = []

    def extract(self: GenericIE, url: str) -> dict[str, str]:
        for attempt in (
            lambda: socket.create_connection(("127.0.0.1", site.port)),
            lambda: socket.getaddrinfo("films.example", 80),
            lambda: subprocess.run(["true"], check=True),
            lambda: os.system("true"),
        ):
            try:
                attempt()
            except OSError as error:
                refused.append(type(error))
        return {"id": "x", "title": "x", "url": url, "ext": "mp4"}

    monkeypatch.setattr(GenericIE, "_real_extract", extract)
    site.replies["/a.mp4"] = giving(film)
    bench.fetch(site.url("/a.mp4"))
    assert refused == [PermissionError] * 4
    with socket.create_connection(("127.0.0.1", site.port)):
        pass  # outside of a fetch nothing is confined


def test_an_unknown_host(bench: Bench) -> None:
    async def nobody(_host: str, _port: int) -> Sequence[Address]:
        raise socket.gaierror(-2, "Name or service not known")

    for scheme in ("http", "https"):
        with pytest.raises(FetchFailed, match=r"films\.example cannot be found"):
            bench.fetch(f"{scheme}://films.example/a.mp4", resolve=nobody)


def test_a_port_where_nobody_listens(bench: Bench, site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(FetchFailed, match="no connection to"):
        bench.fetch(f"http://127.0.0.1:{port}/a.mp4", allow=LOOPBACK)
