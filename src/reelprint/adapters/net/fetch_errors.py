"""What yt-dlp complains about, in one line for a person.

Its own messages are for people at its command line: colours, options to try, where to report bugs.
"""

from __future__ import annotations

import errno
import os
import re
import unicodedata
from collections.abc import Iterator

from yt_dlp.networking.exceptions import CertificateVerifyError, HTTPError, ProxyError, TransportError
from yt_dlp.utils import DownloadError, ExtractorError, GeoRestrictedError, UnsupportedError

from reelprint.core.errors import FetchFailed

_LONGEST = 300
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_PREFIX = re.compile(r"^(ERROR:\s*)?(\[[^\]]+\]\s*)?(Got error:\s*)?")
#: From here on a message is advice for another program, or inner names of this one.
_ADVICE = re.compile(
    r"(;\s*)?(please report this issue|\(caused by|use --|see\s+https?:|try again with|try using|confirm you are on"
    r"|you may want to|giving up after|pass --|add --|set --|--[a-z]{3})",
    re.IGNORECASE,
)
#: Its downloader gives up with a text only: what went wrong last.
_GIVEN_UP = re.compile(r"Got error: (HTTP Error (?P<answer>\d+: .*?)\.)?")
_ATTEMPTS = 12


#: Trouble of this machine that no site is to blame for.
_OURS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE})


def translated(error: Exception, trouble: str) -> FetchFailed:
    """What any exception of yt-dlp means. ``trouble``: the last connection that did not come about, or nothing.

    Raises the OSError that is behind it when this machine is to blame (a full disk).
    """
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, OSError) and cause.errno in _OURS:
            raise OSError(cause.errno, os.strerror(cause.errno)) from error
    return FetchFailed(_line(causes, trouble), detail=_plain(str(error))[:2000] or repr(error))


def _line(causes: list[BaseException], trouble: str) -> str:
    for cause in causes:
        if isinstance(cause, UnsupportedError):
            return "no film was found at the URL"
        if isinstance(cause, GeoRestrictedError):
            return "the site does not give this film to the place where Reelprint runs"
        if isinstance(cause, HTTPError) and cause.redirect_loop:
            return "the URL is redirected without end"
        if isinstance(cause, CertificateVerifyError):
            return "the site's certificate cannot be trusted"
    if trouble and any(isinstance(cause, TransportError) or _of_proxy(cause) for cause in causes):
        return trouble
    for cause in causes:
        if isinstance(cause, HTTPError):
            return f"the server answers {cause.status} {_plain(str(cause.reason or ''))}".strip()
        given_up = _GIVEN_UP.search(_plain(str(cause)))
        if given_up and given_up["answer"]:
            return f"the server answers {given_up['answer']}"
        if given_up or isinstance(cause, TransportError):
            return "the connection broke and could not be taken up again"
    said = _said(causes)
    return f"the site gives no film: {said}" if said else "the site gives nothing that is understood"


def _said(causes: list[BaseException]) -> str:
    """The site's own reason, without what surrounds it; nothing where yt-dlp itself is at a loss."""
    inner = [cause for cause in causes if not isinstance(cause, DownloadError)]
    if inner:
        text = next((str(one.orig_msg) for one in inner if isinstance(one, ExtractorError) and one.expected), "")
    else:
        text = str(causes[0])
    if "Requested format is not available" in text:
        return "there is no picture, or none in a form that can be fetched"
    text = _PREFIX.sub("", _plain(text))
    found = _ADVICE.search(text)
    text = (text[: found.start()] if found else text).strip(" ,;:")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _of_proxy(cause: BaseException) -> bool:
    return isinstance(cause, ProxyError) or (isinstance(cause, HTTPError) and cause.status == 502)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and all that led to it, as far as anybody kept them."""
    waiting: list[BaseException | None] = [error]
    seen: list[BaseException] = []
    while waiting and len(seen) < _ATTEMPTS:
        cause = waiting.pop(0)
        if cause is None or any(cause is other for other in seen):
            continue
        seen.append(cause)
        yield cause
        kept = getattr(cause, "exc_info", None) or (None, None)
        waiting += [kept[1], getattr(cause, "cause", None), cause.__cause__, cause.__context__]


def _plain(text: str) -> str:
    text = _COLOURS.sub("", text)
    text = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in text)
    return " ".join(text.split())
