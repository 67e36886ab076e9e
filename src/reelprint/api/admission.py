"""What both ways of uploading share: the intake, and what a client may say about a film."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from starlette.requests import Request

from reelprint.adapters.intake.inspection import Inspector
from reelprint.adapters.intake.intake import Intake, Label
from reelprint.adapters.net.addresses import check_target
from reelprint.api import ids
from reelprint.api.service import service_of
from reelprint.bootstrap.service import Service

#: What may be said about a film beside its name.
FIELDS = ("template_video_id", "webhook_url")
#: For a file that comes without any name.
NAMELESS = "upload"


def intake_of(request: Request) -> Intake:
    """The application's intake."""
    state = request.app.state
    if not hasattr(state, "intake"):
        state.intake = _intake(service_of(request))
    return cast(Intake, state.intake)


async def check_field(service: Service, owner: str, name: str, value: str) -> None:
    """One of FIELDS. Raises NotFound (VIDEO_NOT_FOUND) or AddressRefused."""
    if name == "template_video_id":
        await service.db.videos.get(owner, ids.video_id(value))
    else:
        check_target(value, service.settings.webhook_allow, field=name)


def label(owner: str, filename: str, fields: Mapping[str, str]) -> Label:
    """What was said, of fields that are checked. Forms send fields that were left empty; those say nothing."""
    return Label(
        owner=owner,
        filename=filename or NAMELESS,
        template_video_id=fields.get("template_video_id") or None,
        webhook_url=fields.get("webhook_url") or None,
    )


def _intake(service: Service) -> Intake:
    settings = service.settings
    return Intake(
        storage=service.storage,
        scratch=settings.data_dir / "scratch",
        max_bytes=settings.max_file_size_bytes,
        inspector=Inspector(settings.probe_time_limit_s, settings.probe_memory_mb),
        record=service.db.videos.create,
        forget=service.db.videos.delete,
    )
