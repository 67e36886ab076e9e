"""Settings from the environment, with or without the prefix ``REELPRINT_``. Read only by ``bootstrap``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from reelprint.adapters.net.addresses import Network, parse_networks
from reelprint.adapters.net.signing import checked_secret
from reelprint.core.errors import DocumentError


def _default_data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "reelprint"


def _named(name: str) -> AliasChoices:
    return AliasChoices(f"REELPRINT_{name}", name)


def _networks(given: object) -> object:
    return parse_networks(given) if isinstance(given, str) else given


def _signing(secret: SecretStr) -> SecretStr:
    checked_secret(secret.get_secret_value())
    return secret


def _origins(given: object) -> object:
    return tuple(part.rstrip("/") for part in given.replace(",", " ").split()) if isinstance(given, str) else given


Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)]
SigningSecret = Annotated[SecretStr, AfterValidator(_signing)]
Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_origins)]


class Settings(BaseSettings):
    """Every setting; an empty environment is a working one."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    data_dir: Path = Field(
        default_factory=_default_data_dir,
        validation_alias=_named("DATA_DIR"),
        description="Folder of everything Reelprint keeps: analysis cache and scratch files.",
    )
    ffmpeg_path: str | None = Field(
        default=None,
        validation_alias=_named("FFMPEG_PATH"),
        description="ffmpeg program to render with; unset takes the one that comes with imageio-ffmpeg.",
    )
    workers: int = Field(
        default_factory=lambda: max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2),
        validation_alias=_named("WORKERS"),
        ge=1,
        le=64,
        description="How many chunks are encoded, and how many analyzers run, side by side; default: the cores.",
    )
    process_time_limit_s: float = Field(
        default=6 * 3600.0,
        validation_alias=_named("PROCESS_TIME_LIMIT_S"),
        gt=0,
        description="Seconds after which one ffmpeg process is ended.",
    )
    process_memory_mb: int = Field(
        default=8192,
        validation_alias=_named("PROCESS_MEMORY_MB"),
        ge=512,
        description="Address space of one ffmpeg process in MiB.",
    )
    host: str = Field(
        default="127.0.0.1",
        validation_alias=_named("HOST"),
        min_length=1,
        description="Address that `serve` listens on; any but a loopback address needs an API key first.",
    )
    port: int = Field(
        default=8000,
        validation_alias=_named("PORT"),
        ge=0,
        le=65535,
        description="Port that `serve` listens on; 0 takes a free one.",
    )
    database_url: str | None = Field(
        default=None,
        validation_alias=_named("DATABASE_URL"),
        pattern=r"^postgres(ql)?://",
        repr=False,
        description="PostgreSQL to use (`postgresql://user:password@host/name`), shared by any number of machines. "
        "Unset: `serve` runs one of its own in `database` in DATA_DIR.",
    )
    max_concurrent_jobs: int | None = Field(
        default=None,
        validation_alias=_named("MAX_CONCURRENT_JOBS"),
        ge=1,
        le=64,
        description="How many jobs one `serve` works on at the same time, each in a worker process of its own; with "
        "`--workers` given too, the smaller number counts. Default: 2.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO",
        validation_alias=_named("LOG_LEVEL"),
        description="Least that is logged, to stderr and to `log` in DATA_DIR: DEBUG, INFO, WARNING or ERROR.",
    )
    storage_url: str | None = Field(
        default=None,
        validation_alias=_named("STORAGE_URL"),
        pattern=r"^(file:///|s3://[^/?#]+(/[^?#]*)?$)",
        description="Where uploads, checkpoints and results go: `file:///folder` or `s3://bucket/prefix` (endpoint"
        " and credentials from the AWS_* variables, AWS_ENDPOINT_URL among them). Unset: `storage` in DATA_DIR, the "
        "analysis cache in `cache` beside it; a storage that is set holds the cache too, so that workers share it. "
        "Give a bucket a lifecycle rule that removes unfinished multipart uploads.",
    )
    ingest_time_limit_s: float = Field(
        default=3600.0,
        validation_alias=_named("INGEST_TIME_LIMIT_S"),
        gt=0,
        description="Seconds that fetching one film from a URL may take.",
    )
    whisper_model: str | None = Field(
        default=None,
        validation_alias=_named("WHISPER_MODEL"),
        min_length=1,
        description="Speech model: a folder with a CTranslate2 Whisper model, or a name that faster-whisper knows"
        " (`small`, `large-v3`; downloaded once). Unset: Whisper base, which comes with Reelprint.",
    )
    llm_base_url: str | None = Field(
        default=None,
        validation_alias=_named("LLM_BASE_URL"),
        pattern=r"^https?://",
        description="Language model for picks and texts of clips: base URL of any OpenAI-compatible API, `/v1`"
        " included. Unset: local picks and texts (Gemini, when a request brings X-Gemini-Key).",
    )
    llm_model: str = Field(
        default="gpt-4o-mini",
        validation_alias=_named("LLM_MODEL"),
        min_length=1,
        description="Name of the language model at LLM_BASE_URL.",
    )
    llm_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=_named("LLM_API_KEY"),
        description="Key for LLM_BASE_URL; unset for servers that need none.",
    )
    llm_timeout_s: float = Field(
        default=60.0,
        validation_alias=_named("LLM_TIMEOUT_S"),
        gt=0,
        description="Seconds that one answer of a language model may take.",
    )
    gemini_base_url: str = Field(
        default="https://generativelanguage.googleapis.com/v1beta",
        validation_alias=_named("GEMINI_BASE_URL"),
        pattern=r"^https?://",
        description="Where requests with X-Gemini-Key are sent.",
    )
    gemini_model: str = Field(
        default="gemini-2.5-flash",
        validation_alias=_named("GEMINI_MODEL"),
        min_length=1,
        description="Gemini model for requests with X-Gemini-Key.",
    )
    max_file_size_mb: int = Field(
        default=1000,
        validation_alias=_named("MAX_FILE_SIZE_MB"),
        ge=1,
        le=1_000_000,
        description="Largest upload in MiB (1,048,576 bytes), exact to the byte.",
    )
    probe_time_limit_s: float = Field(
        default=60.0,
        validation_alias=_named("PROBE_TIME_LIMIT_S"),
        gt=0,
        description="Seconds that the inspection of one upload may take; a file that needs longer is refused.",
    )
    probe_memory_mb: int = Field(
        default=4096,
        validation_alias=_named("PROBE_MEMORY_MB"),
        ge=512,
        description="Address space of the process that inspects an upload in MiB.",
    )
    unfinished_upload_hours: float = Field(
        default=24.0,
        validation_alias=_named("UNFINISHED_UPLOAD_HOURS"),
        gt=0,
        description="Hours after its last bytes for which an unfinished resumable upload can be continued.",
    )
    uploads_days: float = Field(
        default=30.0,
        validation_alias=_named("UPLOADS_DAYS"),
        gt=0,
        description="Days after which an upload is removed; one that a job used later is kept as long after that job.",
    )
    outputs_days: float = Field(
        default=30.0,
        validation_alias=_named("OUTPUTS_DAYS"),
        gt=0,
        description="Days after its end for which a job and its results are kept.",
    )
    cache_days: float = Field(
        default=90.0,
        validation_alias=_named("CACHE_DAYS"),
        gt=0,
        description="Days for which the analysis of a film is kept for the next job with the same film.",
    )
    retention_every_s: float = Field(
        default=600.0,
        validation_alias=_named("RETENTION_EVERY_S"),
        gt=0,
        description="Seconds between two rounds of the clean-up (one worker of all does it).",
    )
    webhook_secret: SigningSecret | None = Field(
        default=None,
        validation_alias=_named("WEBHOOK_SECRET"),
        description="What webhooks are signed with: `whsec_` and base64 of 24 to 64 random bytes. Unset: one is made "
        "and kept in the database.",
    )
    webhook_allow: Networks = Field(
        default=(),
        validation_alias=_named("WEBHOOK_ALLOW"),
        description="Otherwise refused addresses that webhooks may go to: CIDR blocks, separated by commas.",
    )
    ingest_allow: Networks = Field(
        default=(),
        validation_alias=_named("INGEST_ALLOW"),
        description="Otherwise refused addresses that films may be fetched from: CIDR blocks, separated by commas.",
    )
    public_url: str | None = Field(
        default=None,
        validation_alias=_named("PUBLIC_URL"),
        pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$",
        description="Where clients reach the API, for links in answers and webhooks, such as `https://films.example`. "
        "Unset: what the client that made the job called it.",
    )
    cors_origins: Origins = Field(
        default=(),
        validation_alias=_named("CORS_ORIGINS"),
        description="Web origins whose pages may call the API from a browser, separated by commas: "
        "`https://app.example`, or `*` for any.",
    )
    rate_limit_per_minute: float = Field(
        default=6000.0,
        validation_alias=_named("RATE_LIMIT_PER_MINUTE"),
        ge=0,
        description="Requests a minute that one API key may make of one API process; a sixth of them, but at least 20, "
        "may come at once. 0: no limit; without keys there is none.",
    )
    max_queued_jobs: int = Field(
        default=1000,
        validation_alias=_named("MAX_QUEUED_JOBS"),
        ge=1,
        description="How many jobs of one API key may wait; further ones are refused with 429.",
    )
    times: Path | None = Field(
        default=None,
        validation_alias=_named("TIMES"),
        description="File to write the seconds of every step of a command to (JSON), for benchmarks.",
    )

    @property
    def max_file_size_bytes(self) -> int:
        """MAX_FILE_SIZE_MB in bytes."""
        return self.max_file_size_mb * 1024 * 1024


def load_settings() -> Settings:
    """Read the environment. Raises DocumentError naming the variable that is wrong."""
    try:
        return Settings()
    except RuntimeError:
        raise DocumentError("there is no home folder to keep things in; set DATA_DIR", detail="DATA_DIR") from None
    except ValidationError as error:
        first = error.errors()[0]
        name = first["loc"][0] if first["loc"] else "environment"
        raise DocumentError(f"setting {name}: {first['msg']}", detail=str(name)) from None
