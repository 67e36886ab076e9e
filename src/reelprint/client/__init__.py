"""A typed client of the HTTP API: ``from reelprint.client import Client``."""

from reelprint.client.client import Client
from reelprint.client.errors import ApiError, NoServer
from reelprint.client.models import Clip, ClipsStatus, Job, JobEvent, JobResult, Style, Video

__all__ = ["ApiError", "Client", "Clip", "ClipsStatus", "Job", "JobEvent", "JobResult", "NoServer", "Style", "Video"]
