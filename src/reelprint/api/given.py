"""What endpoints are given. Coroutines: the framework would run plain functions in a thread, which takes longer than
they do.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from reelprint.api.auth import owner_of
from reelprint.api.service import service_of
from reelprint.bootstrap.service import Service


async def _owner(request: Request) -> str:
    return owner_of(request)


async def _service(request: Request) -> Service:
    return service_of(request)


Owner = Annotated[str, Depends(_owner)]
"""The owner of what a request makes and may see."""

Parts = Annotated[Service, Depends(_service)]
"""The service behind the API."""
