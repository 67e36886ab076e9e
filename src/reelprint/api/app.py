"""The application: routes, what stands before them, and what lives as long as the process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig

from reelprint.adapters.db.listening import Listener
from reelprint.api import (
    clips_files,
    clips_process,
    clips_status,
    events,
    health,
    jobs,
    metrics,
    outputs,
    styles,
    uploads,
    videos,
    webhooks,
)
from reelprint.api.auth import Guard
from reelprint.api.cors import Cors
from reelprint.api.errors import add_handlers
from reelprint.api.front import Front
from reelprint.api.health import HealthChecks
from reelprint.api.metrics import HttpFigures
from reelprint.api.openapi import describe
from reelprint.api.service import CLIPS_PREFIX, PREFIX
from reelprint.api.templates import Templates
from reelprint.api.tus import tus_router
from reelprint.bootstrap.service import Service

#: Looked through from the front for every request: the most frequent ones come first.
_STYLE_FAMILY = (
    jobs.router,
    events.router,
    outputs.router,
    webhooks.router,
    health.router,
    styles.router,
    uploads.router,
    videos.router,
)
#: The framework's own tracing, which could send to elsewhere what an environment says; we have /metrics.
_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


class Api(FastAPI):
    """An application that describes itself in our way."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = describe(self)
        return self.openapi_schema


def create_app(service: Service) -> FastAPI:
    """The API of a service, which is closed when the application ends."""
    listener = Listener(service.db.database.url)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        listener.start()
        try:
            yield
        finally:
            await listener.stop()
            await service.close()

    app = Api(
        # No pages with a viewer of the description: the framework's load theirs from a server of somebody else.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        telemetry=_NO_TELEMETRY,
        lifespan=lifespan,
    )
    tus = tus_router(service)
    # Before the videos, which would take "tus" for the id of one.
    for router in (*_STYLE_FAMILY[:-2], tus, *_STYLE_FAMILY[-2:]):
        app.include_router(router, prefix=PREFIX)
    for router in (clips_status.router, clips_process.router):
        app.include_router(router, prefix=CLIPS_PREFIX)
    app.include_router(clips_files.router)
    app.include_router(metrics.router)
    templates, figures = Templates(app.routes), HttpFigures()
    app.state.service, app.state.listener, app.state.health = service, listener, HealthChecks()
    app.state.templates, app.state.figures = templates, figures
    add_handlers(app)
    # The last one added comes first.
    app.add_middleware(Guard, service=service)
    app.add_middleware(Cors, origins=service.settings.cors_origins)
    app.add_middleware(Front, figures=figures, templates=templates)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
