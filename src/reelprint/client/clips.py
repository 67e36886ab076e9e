"""The clips family of the API: a long film in, short ones out."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from reelprint.client.download import OnBytes, download
from reelprint.client.models import ClipsQueued, ClipsStatus
from reelprint.client.sending import send_film
from reelprint.client.transport import Transport
from reelprint.core.clips import ClipOptions
from reelprint.core.errors import DocumentError

OnStatus = Callable[[ClipsStatus], None]


def _ignore(*_told: object) -> None:
    """Nobody wants to know."""


class ClipsClient:
    """Clips jobs of a server; ``Client.clips``. They are jobs as well, and ``Client.cancel``, ``events`` and others
    take their ids. Methods raise ApiError and NoServer.
    """

    def __init__(self, transport: Transport) -> None:
        self._api, self._server = transport.below("/api"), transport.below("")

    def process(
        self,
        film: Path | str,
        *,
        options: ClipOptions | Mapping[str, Any] | None = None,
        style_id: str | None = None,
        webhook_url: str | None = None,
        webhook_secret: str | None = None,
        gemini_key: str | None = None,
        idempotency_key: str | None = None,
        on_bytes: OnBytes = _ignore,
    ) -> ClipsQueued:
        """Make a job: of a file (Path), which is sent, or of a URL (str), which the server fetches.

        The same ``idempotency_key`` with the same request is the same job for 24 hours; without one a new key is made,
        so that a request that has to be repeated makes one job. Raises VideoNotFound and DocumentError for a bad file.
        """
        given = options.model_dump(exclude_unset=True) if isinstance(options, ClipOptions) else dict(options or {})
        if style_id is not None:
            given["style_id"] = style_id
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        if gemini_key is not None:
            if not gemini_key.isascii() or not gemini_key.isprintable() or not gemini_key.strip():
                raise DocumentError("the Gemini key is not one: it has to be printable ASCII", detail="gemini_key")
            headers["X-Gemini-Key"] = gemini_key.strip()
        hook = {"webhook_url": webhook_url, "webhook_secret": webhook_secret}
        fields = {name: value for name, value in hook.items() if value is not None}
        if isinstance(film, str):
            body = {"url": film, **fields} | ({"options": given} if given else {})
            return ClipsQueued.of(self._api.ask("POST", "/process", repeatable=True, json=body, headers=headers))
        if given:
            fields["options"] = json.dumps(given)
        return ClipsQueued.of(
            send_film(self._api, "/process", film, fields, on_bytes, repeatable=True, headers=headers)
        )

    def status(self, job_id: str, *, patience_s: float | None = None) -> ClipsStatus:
        """Status, log and clips so far."""
        return ClipsStatus.of(self._api.ask("GET", f"/status/{quote(job_id, safe='')}", patience_s=patience_s))

    def watch(
        self, job_id: str, on_status: OnStatus = _ignore, *, poll_s: float = 2.0, patience_s: float = 120.0
    ) -> ClipsStatus:
        """Wait for a job to end, asking every ``poll_s``; what is heard on the way goes to ``on_status``. A server that
        restarts is waited for ``patience_s``; NoServer after that.
        """
        while True:
            found = self.status(job_id, patience_s=patience_s)
            on_status(found)
            if found.ended:
                return found
            time.sleep(poll_s)

    def download(self, url: str, path: Path, *, on_bytes: OnBytes = _ignore, patience_s: float = 60.0) -> Path:
        """Fetch a file of a clip by its URL in the status (``/videos/...``) to ``path``: whole or not at all. Raises
        OutputError when it cannot be written, DocumentError for another URL.
        """
        if not url.startswith("/videos/"):
            raise DocumentError("a clip's address starts with /videos/", detail="url")
        download(self._server, url, path, on_bytes, patience_s=patience_s)
        return path
