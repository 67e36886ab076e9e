"""From a request to a job: which task, which films, which style (CONTRACT section 1, ``POST /api/v1/jobs``)."""

from __future__ import annotations

from datetime import UTC, datetime

from reelprint.adapters.net.addresses import check_target
from reelprint.api import ids
from reelprint.api.bodies import check_storable
from reelprint.api.errors import missing
from reelprint.api.schemas import JobRequest, JobRequestConfig
from reelprint.bootstrap.service import Service
from reelprint.core.errors import DocumentError, NotFound
from reelprint.core.jobs import Job, JobConfig, JobTask
from reelprint.core.style import StyleJSON
from reelprint.core.videos import Video
from reelprint.style.presets import preset


async def job_asked_for(asked: JobRequest, service: Service, *, owner: str, base_url: str, request_id: str) -> Job:
    """The queued job that a request asks for.

    Raises NotFound (a video or a style of the request), DocumentError and AddressRefused (422), ServiceError
    (MISSING_FIELD).
    """
    config = asked.config or JobRequestConfig()
    named = _named(asked, config)
    if asked.video_id is None and asked.template_video_id is None:
        raise missing("video_id", "name a video: video_id, template_video_id or both")
    footage = await _video(service, owner, asked.video_id)
    template = await _template(service, owner, asked, footage, named)
    style = await _style(service, owner, config)
    _check_length(config, footage)
    # Notices go where the job says, else where the footage says; without footage the template is the job's video.
    subject = footage or template
    webhook_url = asked.webhook_url if asked.webhook_url is not None or subject is None else subject.webhook_url
    if webhook_url is not None:
        check_target(webhook_url, service.settings.webhook_allow)
    now = datetime.now(UTC)
    return Job(
        job_id=ids.new_id("job"),
        owner=owner,
        task=_task(config, footage, template, style),
        video_id=footage and footage.video_id,
        template_video_id=template and template.video_id,
        # The style is kept as it is now, in one place: later changes to what was named do not matter.
        config=JobConfig.model_validate(config.model_dump(exclude={"style_json"})),
        style=style,
        webhook_url=webhook_url,
        base_url=base_url,
        request_id=request_id,
        created_at=now,
        updated_at=now,
    )


def _named(asked: JobRequest, config: JobRequestConfig) -> list[str]:
    """The fields of the request that name a style: at most one may."""
    choices = {
        "template_video_id": asked.template_video_id,
        "config.style_id": config.style_id,
        "config.style_json": config.style_json,
        "config.preset": config.preset,
    }
    named = [name for name, value in choices.items() if value is not None]
    if len(named) > 1:
        raise DocumentError(f"name one style, not {' and '.join(named)}", detail=", ".join(named))
    return named


async def _template(
    service: Service, owner: str, asked: JobRequest, footage: Video | None, named: list[str]
) -> Video | None:
    """The template that the job names; when it names no style, the footage's default one."""
    if asked.template_video_id is not None or footage is None or named:
        return await _video(service, owner, asked.template_video_id)
    try:
        return await _video(service, owner, footage.template_video_id)
    except NotFound as error:
        raise NotFound(
            f"the default template of {footage.video_id} was deleted; name a style for this job",
            code=error.code,
            detail=error.detail,
        ) from None


def _check_length(config: JobRequestConfig, footage: Video | None) -> None:
    """Refuse at once what planning would refuse later; the header's length may be a little off the frames'."""
    wanted_s = config.target_duration_seconds
    if wanted_s is None or footage is None:
        return
    length_s = footage.metadata.duration_seconds
    if wanted_s > 1.02 * length_s + 0.5:
        raise DocumentError(
            f"{wanted_s:g} s are asked for and the footage has {length_s:g} s", detail="config.target_duration_seconds"
        )


async def _video(service: Service, owner: str, video_id: str | None) -> Video | None:
    return None if video_id is None else await service.db.videos.get(owner, ids.video_id(video_id))


async def _style(service: Service, owner: str, config: JobRequestConfig) -> StyleJSON | None:
    if config.style_id is not None:
        return (await service.db.styles.get(owner, ids.style_id(config.style_id))).style_json
    if config.preset is not None:
        try:
            return preset(config.preset)
        except DocumentError as error:
            raise DocumentError(error.message, detail="config.preset") from None
    if config.style_json is not None:
        check_storable(config.style_json.model_dump(), "config.style_json")
    return config.style_json


def _task(config: JobRequestConfig, footage: Video | None, template: Video | None, style: StyleJSON | None) -> JobTask:
    if config.mode == "extract":
        if style is not None:
            raise DocumentError("there is nothing to extract from a style that is given", detail="config.mode")
        return "extract"
    if footage is None:
        return "extract"
    return "clean" if template is None and style is None else "apply"
