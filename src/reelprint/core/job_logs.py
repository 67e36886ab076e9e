"""The lines of a job's log that clients rely on, word for word (CONTRACT section 5)."""

from __future__ import annotations

from reelprint.core.jobs import Job

#: With which exit code a job is said to have failed. The processes behind it have their own.
_FAILED = 1


def queued_lines(job: Job) -> list[str]:
    """The first lines."""
    return [f"Job {job.job_id} queued."] if job.kind == "clips" else []


def started_lines(job: Job) -> list[str]:
    """What an attempt begins with: the first one of a clips job as the contract says."""
    if job.kind == "clips" and job.attempt == 1:
        return ["Job started by worker."]
    return [f"attempt {job.attempt} started on {job.worker}"]


def ended_lines(job: Job) -> list[str]:
    """The last lines of a clips job."""
    if job.kind != "clips":
        return []
    match job.status:
        case "completed":
            return ["Process finished successfully."]
        case "failed":
            reason = job.error.message if job.error is not None else "unknown"
            return [f"Process failed with exit code {_FAILED}", f"Execution error: {reason}"]
        case _:
            return ["Job cancelled."]
