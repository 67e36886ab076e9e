"""https through the proxy: the certificate is checked against the name, not against the address."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from reelprint.adapters.net.urls import Address
from reelprint.core.errors import FetchFailed
from tests.integration.ingest.conftest import Bench
from tests.integration.ingest.site import Site, giving, serving


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for films.example with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "films.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("films.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture
def safe_site(certificate: Path) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(context) as site:
        yield site


async def here(_host: str, _port: int) -> Sequence[Address]:
    return [ipaddress.ip_address("127.0.0.1")]


def test_a_film_over_https(
    bench: Bench, safe_site: Site, film: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    safe_site.replies["/a.mp4"] = giving(film)
    fetched = bench.fetch(safe_site.url("/a.mp4", "films.example", "https"), resolve=here)
    assert fetched.path.read_bytes() == film.read_bytes()
    with pytest.raises(FetchFailed, match="certificate"):
        bench.fetch(safe_site.url("/a.mp4", "other.example", "https"), resolve=here)


def test_a_certificate_that_nobody_knows(bench: Bench, safe_site: Site, film: Path) -> None:
    safe_site.replies["/a.mp4"] = giving(film)
    with pytest.raises(FetchFailed, match="certificate"):
        bench.fetch(safe_site.url("/a.mp4", "films.example", "https"), resolve=here)
    assert safe_site.asked == []
