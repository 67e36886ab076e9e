"""Exit codes of the child process of an attempt."""

from __future__ import annotations

#: The end was told: done, or failed for good.
TOLD = 0
#: Nothing was told, and another attempt may do better: the storage does not answer.
AGAIN = 75  # EX_TEMPFAIL; not 1, with which an interpreter ends that could not even import
#: Stopped on request.
CANCELLED = 3
