"""The small parts of a staged job: what is told and when, names of files, which films are watched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelprint.core.jobs import JobConfig, RunMessage, RunSpec, Source, StageBegan, StageMoved, StageStored
from reelprint.core.progress import Stage
from reelprint.engine.stages import teller as telling
from reelprint.engine.stages.films import file_name, sources
from reelprint.engine.stages.meter import Meter, within
from reelprint.engine.stages.teller import Teller
from tests.factories import style

A, B = Source(key="videos/a", filename="a.mp4"), Source(key="videos/b", filename="b.mp4")


def _spec(task: str, **given: object) -> RunSpec:
    return RunSpec.model_validate(
        {"job_id": "job_0", "attempt": 1, "task": task, "config": JobConfig(), "scratch": "/tmp/x"} | given
    )


@pytest.mark.parametrize(
    ("spec", "roles"),
    [
        (_spec("apply", footage=A, template=B), ["template", "footage"]),
        (_spec("apply", footage=A, style=style()), ["footage"]),
        (_spec("apply", footage=A, template=B, style=style()), ["footage"]),
        (_spec("extract", template=B), ["template"]),
        (_spec("extract", footage=A, template=B), ["template"]),
        (_spec("extract", footage=A), ["footage"]),
        (_spec("extract", footage=A, style=style()), []),
        (_spec("clean", footage=A), ["footage"]),
    ],
)
def test_a_job_watches_the_films_that_it_needs(spec: RunSpec, roles: list[str]) -> None:
    assert list(sources(spec)) == roles


@given(st.text(max_size=300))
def test_any_label_becomes_one_plain_file_name(label: str) -> None:
    name = file_name(label)
    assert 1 <= len(name.encode()) <= 130
    assert name not in (".", "..")
    assert not set(name) & {"/", "\\", "\0", "\n"}
    assert file_name(name) == name


def test_a_name_keeps_what_it_can() -> None:
    assert file_name("Ferien/№ 1.mov") == "Ferien_№ 1.mov"
    assert file_name(f"{'ü' * 200}.webm").endswith("ü.webm")
    assert file_name("..") == file_name("") == file_name(" ") == "film"
    assert file_name("a\ud800b.mp4") == "a_b.mp4"


def test_shares_are_told_when_they_grow_and_not_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = [100.0]
    monkeypatch.setattr(telling.time, "monotonic", lambda: now_s[0])
    told: list[RunMessage] = []
    teller = Teller(told.append)
    teller.moved(0.5)
    assert told == [], "no stage has begun"
    teller.began(Stage.RENDERING)
    for step_s, share in ((0.2, 0.3), (0.05, 0.4), (0.06, 0.5), (1.0, 0.5), (1.0, 0.2), (1.0, 7.0)):
        now_s[0] += step_s
        teller.moved(share)
    teller.stored()
    teller.moved(0.9)
    assert told[0] == StageBegan(stage=Stage.RENDERING)
    assert [message.share for message in told if isinstance(message, StageMoved)] == [0.3, 0.5, 1.0]
    assert isinstance(told[-1], StageStored)
    assert told[-1].seconds == pytest.approx(3.31)


def test_a_meter_adds_parts_up_by_their_weights() -> None:
    shares: list[float] = []
    meter = Meter({"long": 3.0, "short": 1.0}, within(shares.append, 0.5, 0.9))
    meter.at("long", 0.5)
    meter.at("short", 1.0)
    meter.at("long", 0.2)
    meter.at("long", 1.0)
    assert shares == pytest.approx([0.65, 0.75, 0.75, 0.9])
