"""What people are told when yt-dlp fails: the site's reason, and nothing for users of another program."""

from __future__ import annotations

import errno

import pytest
from yt_dlp.utils import DownloadError, ExtractorError, GeoRestrictedError, UnsupportedError

from reelprint.adapters.net.fetch_errors import translated

LOGIN = "Sign in to confirm you're not a bot. Use --cookies-from-browser or --cookies for the authentication. See  https://x"


def wrapped(cause: Exception) -> DownloadError:
    """As yt-dlp's main class hands it on."""
    try:
        raise cause
    except Exception as error:
        return DownloadError(f"\x1b[0;31mERROR:\x1b[0m {error}", (type(error), error, error.__traceback__))


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (UnsupportedError("http://films.example/"), "no film was found at the URL"),
        (GeoRestrictedError("Not here"), "the site does not give this film to the place where Reelprint runs"),
        (
            ExtractorError(LOGIN, expected=True, video_id="abc", ie="youtube"),
            "the site gives no film: Sign in to confirm you're not a bot.",
        ),
        (
            ExtractorError("Video unavailable\nThis video is private", expected=True),
            "the site gives no film: Video unavailable This video is private",
        ),
        (ExtractorError("Unable to extract title"), "the site gives nothing that is understood"),
        (KeyError("formats"), "the site gives nothing that is understood"),
        (DownloadError("ERROR: [download] Got error: HTTP Error 503: Busy. Giving up after 5 retries"),
         "the server answers 503: Busy"),
        (DownloadError("[download] Got error: 3 bytes read, 9 more expected. Giving up after 5 retries"),
         "the connection broke and could not be taken up again"),
    ],
)  # fmt: skip
def test_one_clear_line(cause: Exception, told: str) -> None:
    for error in (cause, wrapped(cause)):
        failure = translated(error, "")
        assert failure.message == told
        assert failure.code == "FETCH_FAILED"
        assert "\x1b" not in failure.detail


def test_a_long_reason_is_cut() -> None:
    failure = translated(ExtractorError("word " * 500, expected=True), "")
    assert len(failure.message) < 400
    assert failure.message.endswith("…")


def test_a_full_disk_is_not_blamed_on_the_site() -> None:
    behind = OSError(errno.ENOSPC, "No space left on device", "/data/scratch/film.part")
    error = DownloadError("unable to write data: [Errno 28] No space left on device")
    error.__cause__ = behind
    with pytest.raises(OSError, match="No space left on device") as told:
        translated(error, "")
    assert told.value.filename is None
