"""A job in stages: what the child process of a worker runs. Storage, no database.

``run_job`` goes through the contract's six stages. Each stores its result before it counts as done, so that another
attempt, on another machine even, goes on from the first unfinished stage.
"""

from reelprint.engine.stages.run import run_job

__all__ = ["run_job"]
