"""The client: one method for one thing that the API can do."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from reelprint.client import following
from reelprint.client.clips import ClipsClient
from reelprint.client.download import OnBytes, download
from reelprint.client.following import OnProgress, job_path
from reelprint.client.models import (
    Comparison,
    Health,
    Job,
    JobEvent,
    JobResult,
    Jobs,
    Style,
    Styles,
    Video,
    Videos,
    Webhook,
)
from reelprint.client.sending import send_film
from reelprint.client.transport import Transport
from reelprint.core.errors import DocumentError
from reelprint.core.jobs import JobConfig
from reelprint.core.style import StyleJSON


def _ignore(*_told: object) -> None:
    """Nobody wants to know."""


class Client:
    """A Reelprint server at ``base_url``, used with an API ``key`` when the server has keys.

    Requests that can be repeated without harm are, with growing pauses, while the server cannot be reached or answers
    503, for ``patience_s`` in all; a job is never made twice by that. One answer may take ``timeout_s``. Methods raise
    ApiError when the server says no and NoServer when it does not answer. Close it, or use it in a ``with``.
    """

    def __init__(
        self, base_url: str, key: str | None = None, *, patience_s: float = 10.0, timeout_s: float = 30.0
    ) -> None:
        self._transport = Transport(base_url, key, patience_s=patience_s, timeout_s=timeout_s)
        self.clips = ClipsClient(self._transport)
        """Long films in, short ones out."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def health(self) -> Health:
        """Whether the server accepts work. Raises ApiError (503) when it does not; that is not asked again."""
        answer = self._transport.ask("GET", "/health", patience_s=0)
        return Health.within(answer)

    # Videos

    def upload(
        self,
        path: Path,
        *,
        template_video_id: str | None = None,
        webhook_url: str | None = None,
        on_bytes: OnBytes = _ignore,
    ) -> Video:
        """Send a film. ``on_bytes`` hears how much is sent. Raises VideoNotFound and DocumentError for a bad file."""
        parts = {"template_video_id": template_video_id, "webhook_url": webhook_url}
        fields = {name: value for name, value in parts.items() if value is not None}
        answer = send_film(self._transport, "/videos/upload", path, fields, on_bytes)
        return Video.within(answer)

    def video(self, video_id: str) -> Video:
        """An uploaded film."""
        return Video.within(self._transport.ask("GET", f"/videos/{_id(video_id)}"))

    def videos(self, page: int = 1, page_size: int = 10) -> Videos:
        """A page of one's films, newest first."""
        return Videos.of(self._transport.ask("GET", "/videos", params=_page(page, page_size)))

    def delete_video(self, video_id: str) -> None:
        """Remove a film."""
        self._transport.ask("DELETE", f"/videos/{_id(video_id)}")

    # Jobs

    def create_job(
        self,
        video_id: str | None = None,
        template_video_id: str | None = None,
        *,
        config: JobConfig | Mapping[str, Any] | None = None,
        webhook_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """Make a job. The same ``idempotency_key`` with the same request is the same job for 24 hours; without one a
        new key is made, so that a request that has to be repeated makes one job.
        """
        options = config.model_dump(mode="json", exclude_unset=True) if isinstance(config, JobConfig) else config
        wanted = {
            "video_id": video_id,
            "template_video_id": template_video_id,
            "config": None if options is None else dict(options),
            "webhook_url": webhook_url,
        }
        answer = self._transport.ask(
            "POST",
            "/jobs",
            repeatable=True,
            json={name: value for name, value in wanted.items() if value is not None},
            headers={"Idempotency-Key": idempotency_key or uuid.uuid4().hex},
        )
        return Job.within(answer)

    def job(self, job_id: str) -> Job:
        """Where a job stands."""
        return Job.within(self._transport.ask("GET", job_path(job_id)))

    def jobs(self, page: int = 1, page_size: int = 10, *, status: str | None = None, kind: str | None = None) -> Jobs:
        """A page of one's jobs, newest first."""
        filters = {name: value for name, value in (("status", status), ("kind", kind)) if value is not None}
        return Jobs.of(self._transport.ask("GET", "/jobs", params=_page(page, page_size) | filters))

    def cancel(self, job_id: str) -> Job:
        """Stop a job. Raises ApiError (409, JOB_ALREADY_TERMINAL) when it has ended."""
        return Job.within(self._transport.ask("POST", job_path(job_id, "cancel")))

    def result(self, job_id: str) -> JobResult:
        """What a job that ended has made. Raises ApiError (409, JOB_NOT_COMPLETED) while it has not."""
        return JobResult.within(self._transport.ask("GET", job_path(job_id, "result")))

    def events(self, job_id: str, last_event_id: str | None = None, *, patience_s: float = 60.0) -> Iterator[JobEvent]:
        """The story of a job from its beginning, or after ``last_event_id``, as it goes on; ends with the job.

        A broken stream goes on where it broke; NoServer is raised when the server stays away for ``patience_s``.
        """
        return following.events(self._transport, job_id, last_event_id, patience_s)

    def watch(
        self,
        job_id: str,
        on_progress: OnProgress = _ignore,
        *,
        patience_s: float = 120.0,
        poll_s: float = 2.0,
    ) -> JobResult:
        """Wait for a job to end and return its result, however it ended.

        Progress comes from the event stream and, where that does not work, from asking every ``poll_s``. A server that
        restarts is waited for ``patience_s``; NoServer after that.
        """
        following.watch(self._transport, job_id, on_progress, patience_s=patience_s, poll_s=poll_s)
        answer = self._transport.ask("GET", job_path(job_id, "result"), patience_s=patience_s)
        return JobResult.within(answer)

    def download(self, job_id: str, path: Path, *, on_bytes: OnBytes = _ignore, patience_s: float = 60.0) -> Path:
        """Fetch the film of a completed job to ``path``: whole or not at all. A broken connection is taken up again
        where it broke, until ``patience_s`` bring nothing. Raises OutputError when it cannot be written.
        """
        download(self._transport, job_path(job_id, "output"), path, on_bytes, patience_s=patience_s)
        return path

    def webhooks(self, job_id: str) -> Webhook:
        """The webhook of a job with all attempts at it."""
        return Webhook.within(self._transport.ask("GET", job_path(job_id, "webhooks")))

    def redeliver(self, job_id: str) -> Webhook:
        """Have the webhook of a job sent again, under the same id."""
        return Webhook.within(self._transport.ask("POST", job_path(job_id, "webhooks", "redeliver")))

    # Styles

    def save_style(
        self, name: str, *, job_id: str | None = None, style: StyleJSON | Mapping[str, Any] | None = None
    ) -> Style:
        """Keep a style under a name: that of a job, or a StyleJSON. Raises DocumentError unless it is one of them."""
        if (job_id is None) == (style is None):
            raise DocumentError("give a job or a style, one of them", detail="style")
        source: dict[str, Any] = {"job_id": job_id}
        if style is not None:
            plain = style.model_dump(mode="json") if isinstance(style, StyleJSON) else dict(style)
            source = {"style_json": plain}
        return Style.within(self._transport.ask("POST", "/styles", json={"name": name, **source}))

    def style(self, style_id: str) -> Style:
        """A saved style."""
        return Style.within(self._transport.ask("GET", f"/styles/{_id(style_id)}"))

    def styles(self, page: int = 1, page_size: int = 10) -> Styles:
        """A page of one's styles, newest first."""
        return Styles.of(self._transport.ask("GET", "/styles", params=_page(page, page_size)))

    def delete_style(self, style_id: str) -> None:
        """Forget a style."""
        self._transport.ask("DELETE", f"/styles/{_id(style_id)}")

    def compare_styles(self, a: str, b: str) -> Comparison:
        """Two saved styles side by side."""
        return Comparison.within(self._transport.ask("GET", "/styles/compare", params={"a": a, "b": b}))


def _id(text: str) -> str:
    return quote(text, safe="")


def _page(page: int, page_size: int) -> dict[str, str | int]:
    return {"page": page, "page_size": page_size}
