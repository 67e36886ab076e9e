"""Everything that is kept in PostgreSQL, in one place."""

from __future__ import annotations

from reelprint.adapters.db.attempts import Attempts
from reelprint.adapters.db.clips import Clips
from reelprint.adapters.db.database import Database
from reelprint.adapters.db.events import Events
from reelprint.adapters.db.figures import Figures
from reelprint.adapters.db.jobs import Jobs
from reelprint.adapters.db.keys import Keys
from reelprint.adapters.db.retention import Retention
from reelprint.adapters.db.secrets import Secrets
from reelprint.adapters.db.styles import Styles
from reelprint.adapters.db.values import Values
from reelprint.adapters.db.videos import Videos
from reelprint.adapters.db.webhooks import Webhooks
from reelprint.adapters.db.workers import Workers
from reelprint.adapters.queue.hints import Queue


class Store:
    """The repositories over one pool of connections."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.database = Database(url, pool_size=pool_size)
        self.queue = Queue(url)
        self.jobs = Jobs(self.database, self.queue)
        self.attempts = Attempts(self.database, self.queue)
        self.clips = Clips(self.database)
        self.secrets = Secrets(self.database)
        self.events = Events(self.database)
        self.videos = Videos(self.database)
        self.styles = Styles(self.database)
        self.keys = Keys(self.database)
        self.webhooks = Webhooks(self.database, self.queue)
        self.values = Values(self.database)
        self.workers = Workers(self.database)
        self.figures = Figures(self.database)
        self.retention = Retention(self.database)

    async def close(self) -> None:
        """Close every connection."""
        await self.database.close()
