"""Says once that the service answers."""

from __future__ import annotations

import http.client
import sys
import threading
import time
from urllib.parse import urlsplit

from reelprint.core.progress import CancelToken

HEALTH = "/api/v1/health"

_PAUSE_S = 0.1
_PATIENCE_S = 30.0


def announce_when_ready(url: str, stop: CancelToken) -> None:
    """Print one line with the URL on stdout as soon as health answers 200 (in a thread, which ends with ``stop``)."""
    threading.Thread(target=_announce, args=(url, stop), daemon=True).start()


def _announce(url: str, stop: CancelToken) -> None:
    while not stop.cancelled:
        if healthy(url):
            sys.stdout.write(f"Reelprint is ready: {url}\n")
            sys.stdout.flush()
            return
        time.sleep(_PAUSE_S)


def healthy(url: str) -> bool:
    """Whether the service at ``url`` can accept work. Waits in line while the API starts."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE_S)
    try:
        connection.request("GET", HEALTH)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
