"""Settings from the environment, with or without the prefix ``REELPRINT_``. Read only by ``bootstrap``."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import AliasChoices, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from reelprint.core.errors import DocumentError


def _default_data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "reelprint"


def _named(name: str) -> AliasChoices:
    return AliasChoices(f"REELPRINT_{name}", name)


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
    times: Path | None = Field(
        default=None,
        validation_alias=_named("TIMES"),
        description="File to write the seconds of every step of a command to (JSON), for benchmarks.",
    )


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
