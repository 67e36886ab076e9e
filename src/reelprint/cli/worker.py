"""``reelprint worker``: one more worker for a service, on this or another machine."""

from __future__ import annotations

import asyncio

from reelprint.adapters.logs import configure
from reelprint.bootstrap.database import joined_url
from reelprint.settings import load_settings
from reelprint.worker.main import run_worker


def command() -> int:
    """Work on jobs, one at a time, until SIGTERM or Ctrl-C; what is under way then goes on elsewhere.

    Joins the service whose DATABASE_URL is set, or the one that `reelprint serve` runs on the same DATA_DIR. On another
    machine set STORAGE_URL to the service's bucket too.
    """
    settings = load_settings()
    configure("worker", level=settings.log_level, folder=settings.data_dir / "log")
    asyncio.run(run_worker(settings, joined_url(settings)))
    return 0
