"""Figures for Prometheus: this process's HTTP, and what all processes did, which the database knows."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from reelprint.adapters.db.figures import STAGE_BUCKETS_S, Snapshot
from reelprint.api.docs import file_reply
from reelprint.api.service import service_of

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_BUCKETS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)

router = APIRouter(tags=["service"])


class HttpFigures:
    """Counts of the requests to this process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "reelprint_http_requests",
            "Requests answered by this API process; status 0: the client was gone before an answer.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "reelprint_http_request_duration_seconds",
            "Time until an answer was sent whole.",
            ("method", "route"),
            buckets=_BUCKETS_S,
            registry=self.registry,
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. ``route`` is a template: values of clients never become labels."""
        known = method if method in _METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(known, route).observe(seconds)


class ServiceFigures(Collector):
    """A snapshot of the database as metrics."""

    def __init__(self, snapshot: Snapshot, workers: int) -> None:
        self._snapshot, self._workers = snapshot, workers

    def collect(self) -> Iterator[Metric]:
        """Every metric family."""
        found = self._snapshot
        jobs = GaugeMetricFamily("reelprint_jobs", "Jobs there are, by kind and status.", labels=("kind", "status"))
        for (kind, status), count in sorted(found.jobs.items()):
            jobs.add_metric((kind, status), count)
        yield jobs
        stages = HistogramMetricFamily(
            "reelprint_stage_duration_seconds", "How long finished stages took.", labels=("stage",)
        )
        for stage, (upto, total_s, count) in sorted(found.stages.items()):
            bounds = [(str(bound), float(below)) for bound, below in zip(STAGE_BUCKETS_S, upto, strict=True)]
            stages.add_metric((stage,), [*bounds, ("+Inf", float(count))], total_s)
        yield stages
        webhooks = CounterMetricFamily(
            "reelprint_webhook_attempts", "Attempts to deliver webhooks, by outcome.", labels=("outcome",)
        )
        for outcome, count in sorted(found.webhook_attempts.items()):
            webhooks.add_metric((outcome,), count)
        yield webhooks
        yield GaugeMetricFamily("reelprint_queue_depth", "Jobs that wait for a worker.", found.queue_depth)
        yield GaugeMetricFamily(
            "reelprint_queue_oldest_seconds", "How long the longest waiting job has waited.", found.oldest_queued_s
        )
        yield GaugeMetricFamily("reelprint_workers", "Worker processes that live.", self._workers)


@router.get(
    "/metrics",
    summary="Figures",
    response_class=Response,
    **file_reply(
        "Figures in one of Prometheus' formats, by `Accept`",
        {kind: {"type": "string"} for kind in ("text/plain", "application/openmetrics-text")},
    ),
)
async def metrics(request: Request) -> Response:
    """Figures in Prometheus' text format. Those of jobs, stages, queue, workers and webhooks are of the whole service,
    those of HTTP of the API process that answers.
    """
    db = service_of(request).db
    snapshot, workers = await db.figures.snapshot(), await db.workers.alive()
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    whole = CollectorRegistry()
    whole.register(_Merged(request.app.state.figures.registry))
    whole.register(ServiceFigures(snapshot, workers))
    return Response(encode(whole), headers={"Content-Type": content_type})


class _Merged(Collector):
    """A registry as a part of another: encodings end with a mark of their own, so all has to come from one."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        return iter(self._registry.collect())
