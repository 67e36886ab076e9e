"""What the logs look like, and what never gets into them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from reelprint.adapters.locks import FileLock
from reelprint.adapters.logs import LineFile
from reelprint.adapters.secrets import hide_fields, hide_in_text
from reelprint.core.errors import Cancelled
from reelprint.core.progress import CancelToken
from tests.processes import python

KEY = "rp_0123456789ab_AbC-dEf_0123456789"
START = "import logging, sys, structlog; from pathlib import Path; from reelprint.adapters.logs import configure;"


def logged(code: str, *args: object) -> list[dict[str, object]]:
    """The lines that a program writes to stderr."""
    done = subprocess.run(python(START + code, *args), capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_lines_of_structlog_and_of_the_standard_library_look_the_same(tmp_path: Path) -> None:
    code = """
configure("api", folder=Path(sys.argv[1]))
structlog.contextvars.bind_contextvars(request_id="req_1", job_id="job_2", attempt=3)
structlog.get_logger("ours").info("one", seconds=1.5, where=Path("/x"))
logging.getLogger("uvicorn.error").warning("two of %d", 2, extra={"color_message": "pretty"})
logging.getLogger("uvicorn.access").info("each request")
structlog.get_logger("ours").debug("too small")
"""
    one, two = logged(code, tmp_path)
    assert one.pop("timestamp", "").endswith("Z")  # type: ignore[attr-defined]
    assert isinstance(one.pop("pid"), int)
    bound = {"service": "api", "request_id": "req_1", "job_id": "job_2", "attempt": 3}
    assert one == {**bound, "level": "info", "event": "one", "logger": "ours", "seconds": 1.5, "where": "/x"}
    assert {name: two[name] for name in bound} == bound
    assert (two["level"], two["event"], two["logger"]) == ("warning", "two of 2", "uvicorn.error")
    assert "color_message" not in two
    assert [json.loads(line)["event"] for line in (tmp_path / "api.log").read_text().splitlines()] == [
        "one",
        "two of 2",
    ]


def test_errors_have_their_traceback_in_the_line_and_no_secret_in_it() -> None:
    code = f"""
configure("worker")
try:
    raise ValueError("postgresql://user:secret1@host/db {KEY}")
except ValueError:
    structlog.get_logger().exception("ours")
    logging.getLogger("x").exception("theirs")
raise KeyError("whsec_c2VjcmV0")
"""
    lines = logged(code)
    assert [line["event"] for line in lines] == ["ours", "theirs", "uncaught error"]
    for line in lines:
        assert "Traceback" in str(line["exception"])
        assert not any(secret in json.dumps(line) for secret in ("secret1", KEY, "c2VjcmV0"))


def test_no_secret_by_any_way() -> None:
    code = f"""
configure("api", level="DEBUG")
log = structlog.get_logger()
log.info("a {KEY}", headers={{"Authorization": "hidden1", "X-Gemini-Key": "hidden2", "Accept": "shown1"}})
log.info("b", token="hidden3", webhook_secret="hidden4", items=[{{"password": "hidden5"}}], key="shown2/outputs/x")
logging.getLogger("x").info("c %s", "Bearer hidden6.hidden6")
logging.getLogger("x").info("d", extra={{"url": "postgresql://u:hidden7@h/d?password=hidden8&x=shown3"}})
"""
    text = json.dumps(logged(code))
    assert not any(f"hidden{n}" in text for n in range(1, 9))
    assert KEY not in text
    assert all(f"shown{n}" in text for n in range(1, 4))


def test_each_process_of_one_name_has_its_own_file(tmp_path: Path) -> None:
    code = "configure('worker', folder=Path(sys.argv[1])); logging.getLogger().warning('mine'); print('');"
    holds = subprocess.Popen(
        python(START + code + "sys.stdout.flush(); sys.stdin.read()", tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with holds:
        assert holds.stdout is not None
        holds.stdout.readline()
        subprocess.run(python(START + code, tmp_path), check=True, capture_output=True)
    # Both are gone: the first name is free again.
    subprocess.run(python(START + code, tmp_path), check=True, capture_output=True)
    lines = {path.name: len(path.read_text().splitlines()) for path in tmp_path.glob("*.log")}
    assert lines == {"worker.log": 2, "worker-2.log": 1}


def test_a_line_file_turns_over_before_it_gets_too_large(tmp_path: Path) -> None:
    path = tmp_path / "new" / "postgres.log"
    file = LineFile(path)
    for n in range(120):
        file(f"{n:03d}" + "x" * 100_000)
    file("password=hidden")
    file.close()
    file("too late")
    assert path.stat().st_size < 11 * 1024 * 1024
    assert (path.with_name("postgres.log.1")).read_text().startswith("000x")
    assert path.read_text().splitlines()[-1] == "password=***"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"key {KEY}.", "key rp_***."),
        ("group warp_factor_ten job_0123456789ab", "group warp_factor_ten job_0123456789ab"),
        ("postgresql:///reelprint?host=%2Ftmp&user=a", "postgresql:///reelprint?host=%2Ftmp&user=a"),
        ("postgresql://a:p%40ss@h:5432/d", "postgresql://a:***@h:5432/d"),
        ("http://host:8000/a@b", "http://host:8000/a@b"),
        ("host=h password=abc user=u", "host=h password=*** user=u"),
        ("s3://b/x?X-Amz-Signature=abc&y=1", "s3://b/x?X-Amz-Signature=***&y=1"),
    ],
)
def test_secrets_in_text(text: str, shown: str) -> None:
    assert hide_in_text(text) == shown


def test_hiding_changes_nothing_of_the_original() -> None:
    given = {"a": [{"secret": "x"}], b"Cookie": b"y", "token": ""}
    assert hide_fields(given) == {"a": [{"secret": "***"}], b"Cookie": "***", "token": ""}
    assert given["a"] == [{"secret": "x"}]


def test_locks_of_two_holders(tmp_path: Path) -> None:
    one, two, three = (FileLock(tmp_path / "new" / "lock") for _ in range(3))
    assert one.try_lock()
    assert not two.try_lock()
    assert not two.try_lock(shared=True)
    assert not two.lock(0.1, CancelToken())
    assert two.holder().startswith("process ")
    one.unlock()
    assert two.lock(1, CancelToken(), shared=True)
    assert three.try_lock(shared=True)
    assert not one.try_lock()
    stopped = CancelToken()
    stopped.cancel("stop")
    with pytest.raises(Cancelled):
        one.lock(5, stopped)
    with pytest.raises(RuntimeError, match="held already"):
        two.try_lock()
    for lock in (one, two, three):
        lock.unlock()
