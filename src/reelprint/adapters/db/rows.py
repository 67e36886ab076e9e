"""Rows to documents."""

from __future__ import annotations

from typing import Any

from reelprint.adapters.db.tables import JOBS
from reelprint.core.jobs import Job, JobView

_JOB_FIELDS = tuple(Job.model_fields)
_VIEW_FIELDS = tuple(JobView.model_fields)

#: The columns of a JobView: without the documents that can be long.
VIEW_COLUMNS = tuple(JOBS.c[name] for name in _VIEW_FIELDS)


def job_of(row: Any) -> Job:
    """A whole row of the job table."""
    values = row._mapping
    return Job.model_validate({name: values[name] for name in _JOB_FIELDS})


def view_of(row: Any) -> JobView:
    """The part of a row that polling clients see."""
    values = row._mapping
    return JobView.model_validate({name: values[name] for name in _VIEW_FIELDS})
