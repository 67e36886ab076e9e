"""How every ending of a job is put into words and exit codes."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from reelprint.core.errors import Cancelled, DocumentError, ProcessFailed, Unavailable
from reelprint.core.jobs import JobConfig, RunFailed, RunMessage, RunSpec, StageBegan
from reelprint.core.progress import CancelToken, Stage
from reelprint.worker import undertake as child
from reelprint.worker.exits import AGAIN, CANCELLED, TOLD

MESSAGES: TypeAdapter[RunMessage] = TypeAdapter(RunMessage)
Ended = tuple[list[RunMessage], int]


@pytest.fixture
def end_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Exception], Ended]:
    """Run a job that ends with an error in its planning."""
    monkeypatch.setattr(child, "configure", lambda *_args, **_named: None)
    monkeypatch.setattr(child, "wire", lambda *_args, **_named: None)
    cancel = CancelToken()

    def end(error: Exception) -> Ended:
        def run_job(
            _spec: RunSpec, _shelf: object, _tools: object, tell: Callable[[RunMessage], None], _: object
        ) -> None:
            tell(StageBegan(stage=Stage.STYLE_APPLICATION))
            if isinstance(error, ProcessFailed) and "stopped" in error.message:
                cancel.cancel("stopped")
            raise error

        monkeypatch.setattr(child, "run_job", run_job)
        told: list[str] = []
        spec = RunSpec(job_id="job_0", attempt=1, task="clean", config=JobConfig(), scratch=str(tmp_path / "scratch"))
        code = child.undertake(spec.to_json().encode(), told.append, cancel)
        return [MESSAGES.validate_json(line) for line in told], code

    return end


def test_what_was_raised_on_purpose_keeps_its_code_and_loses_our_folders(
    end_with: Callable[[Exception], Ended], tmp_path: Path
) -> None:
    told, code = end_with(DocumentError(f"target duration is\ntoo long in {tmp_path / 'scratch'}/films/a.mp4"))
    assert code == TOLD
    assert told[1:] == [
        RunFailed(
            stage=Stage.STYLE_APPLICATION,
            code="VALIDATION_ERROR",
            message="target duration is too long in /films/a.mp4",
        )
    ]


def test_a_defect_is_told_with_its_place_and_not_with_its_words(end_with: Callable[[Exception], Ended]) -> None:
    told, code = end_with(ValueError("/secret/path"))
    assert code == TOLD
    failed = told[-1]
    assert isinstance(failed, RunFailed)
    assert failed.code == "INTERNAL_ERROR"
    assert "ValueError at test_undertake.py:" in failed.message
    assert "secret" not in failed.message


def test_a_full_disk_is_told_without_its_path(end_with: Callable[[Exception], Ended]) -> None:
    told, code = end_with(OSError(errno.ENOSPC, "No space left on device", "/data/scratch/x"))
    assert code == TOLD
    assert told[-1] == RunFailed(
        stage=Stage.STYLE_APPLICATION, code="INTERNAL_ERROR", message="No space left on device"
    )


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Cancelled("the user"), CANCELLED),
        (Unavailable("the bucket does not answer"), AGAIN),
        (ProcessFailed("ffmpeg was stopped"), CANCELLED),
    ],
)
def test_nothing_is_told_of_a_stop_or_of_a_storage_that_is_away(
    end_with: Callable[[Exception], Ended], error: Exception, expected: int
) -> None:
    told, code = end_with(error)
    assert code == expected
    assert [type(message) for message in told] == [StageBegan]
